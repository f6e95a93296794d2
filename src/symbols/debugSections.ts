import { type Bytes, MemoryBytes, Window } from "./bytes.ts";
import {
  type CompressedSection,
  decompress,
  LONGEST_COMPRESSION_HEADER,
  readCompressedSection,
  readOldCompressedSection,
} from "./compressedSection.ts";
import type { Elf } from "./elf.ts";
import { ET_REL } from "./elfHeader.ts";
import { Relocations } from "./relocations.ts";
import { type SectionHeader, SHF_ALLOC, SHF_COMPRESSED, SHT_NOBITS } from "./sectionHeaders.ts";

/** The sections of a debug file as its readers want them: decompressed and, in a file that is not linked, relocated. */
export class DebugSections {
  readonly #elf: Elf;
  /** In a file that is not linked. */
  readonly #relocations: Relocations | null;
  /** Indexes of those with contents. */
  readonly #byName = new Map<string, number[]>();
  readonly #known = new Map<string, Bytes>();
  /** Where each section begins in what {@link get} gives for its name. */
  #starts: Float64Array | null = null;
  /** Bytes that sections may yet take of the memory: what a file claims is no reason to give it more. */
  #room: number;

  constructor(elf: Elf) {
    this.#elf = elf;
    this.#relocations = elf.header.type === ET_REL ? new Relocations(elf, (section) => this.#start(section)) : null;
    this.#room = MOST_EXPANSION * elf.bytes.size + ALWAYS_ROOM;
    for (const [index, section] of elf.sections.entries()) {
      if (section.type === SHT_NOBITS) continue;
      const name = usualName(section);
      const others = this.#byName.get(name);
      if (others) others.push(index);
      else this.#byName.set(name, [index]);
    }
  }

  /**
   * The contents of a section; of size 0 where it is absent or damaged. The same object each time. A file that is not
   * linked may have several of a name, for each type its own: they are given one after the other.
   */
  get(name: string): Bytes {
    let bytes = this.#known.get(name);
    if (bytes === undefined) {
      bytes = this.#read(name);
      this.#known.set(name, bytes);
    }
    return bytes;
  }

  #read(name: string): Bytes {
    const { bytes, sections } = this.#elf;
    const all = this.#byName.get(name) ?? [];
    const wanted = this.#relocations === null ? all.slice(0, 1) : all;
    const [only] = wanted;
    if (only === undefined) return new MemoryBytes(NOTHING);
    const { offset, size } = sections[only] as SectionHeader;
    const isPlain = wanted.length === 1 && !this.#compression(only) && !this.#relocations?.has(only);
    return isPlain ? new Window(bytes, offset, size) : new MemoryBytes(this.#load(wanted));
  }

  /** Reads sections into memory, one after the other; nothing where they are larger than there is room for. */
  #load(sections: readonly number[]): Buffer {
    const size = sections.reduce((sum, section) => sum + this.#size(section), 0);
    if (size > this.#room) return NOTHING;
    this.#room -= size;
    const parts = sections.map((section) => this.#contents(section));
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return only;
    const whole = Buffer.alloc(size);
    let start = 0;
    for (const [index, part] of parts.entries()) {
      part.copy(whole, start);
      start += this.#size(sections[index] as number);
    }
    return whole;
  }

  #contents(index: number): Buffer {
    const { offset, size } = this.#elf.sections[index] as SectionHeader;
    const compression = this.#compression(index);
    const raw = this.#elf.bytes.read(offset, size);
    const contents = compression === null ? raw : decompress(compression, raw);
    this.#relocations?.apply(index, contents);
    return contents;
  }

  /** Bytes that a section has, or claims to have, decompressed. */
  #size(index: number): number {
    const { offset, size } = this.#elf.sections[index] as SectionHeader;
    return this.#compression(index)?.size ?? Math.max(0, Math.min(size, this.#elf.bytes.size - offset));
  }

  #compression(index: number): CompressedSection | null {
    const { bytes, header, sections } = this.#elf;
    const { name, flags, offset, size } = sections[index] as SectionHeader;
    const isOld = name.startsWith(OLD_PREFIX);
    if (!isOld && (flags & SHF_COMPRESSED) === 0) return null;
    const start = bytes.read(offset, Math.min(size, LONGEST_COMPRESSION_HEADER));
    return isOld ? readOldCompressedSection(start) : readCompressedSection(start, header.format);
  }

  #start(section: number): number {
    if (this.#starts === null) {
      const { sections } = this.#elf;
      const sizes = new Map<string, number>();
      this.#starts = new Float64Array(sections.length);
      for (const [index, header] of sections.entries()) {
        if ((header.flags & SHF_ALLOC) !== 0 || header.type === SHT_NOBITS) continue;
        const name = usualName(header);
        const start = sizes.get(name) ?? 0;
        this.#starts[index] = start;
        sizes.set(name, start + this.#size(index));
      }
    }
    return this.#starts[section] ?? 0;
  }
}

/** A section's name as it was before compression. */
function usualName({ name }: SectionHeader): string {
  return name.startsWith(OLD_PREFIX) ? `.${name.slice(2)}` : name;
}

const OLD_PREFIX = ".zdebug_";
const NOTHING = Buffer.alloc(0);
/** Debug information is compressed to about a third. */
const MOST_EXPANSION = 4;
const ALWAYS_ROOM = 1 << 24;
