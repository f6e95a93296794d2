import type { Elf } from "./elf.ts";
import { Fields } from "./fields.ts";
import { type RelocationKind, relocationKind } from "./relocationKinds.ts";
import { type SectionHeader, SHF_TLS, SHT_SYMTAB, SHT_SYMTAB_SHNDX, sectionOfType } from "./sectionHeaders.ts";

/** Applies the relocations of a file that is not linked (ET_REL) to its debug sections. @see elf(5), "Relocation entries" */
export class Relocations {
  readonly #elf: Elf;
  /** Where a section that has no address begins among those of its name. */
  readonly #startOf: (section: number) => number;
  /** Where the thread-local template begins. */
  readonly #template: number;
  /** Bytes of relocations that are yet read: no file has more of them than bytes, unless sections overlap. */
  #room: number;
  /** The values of the symbols: addresses, and in debug sections offsets in what {@link DebugSections.get} gives. */
  #values: Float64Array | null = null;

  constructor(elf: Elf, startOf: (section: number) => number) {
    this.#elf = elf;
    this.#startOf = startOf;
    this.#room = elf.bytes.size;
    this.#template = elf.sections
      .filter(({ flags }) => (flags & SHF_TLS) !== 0)
      .reduce((lowest, { address }, index) => (index === 0 ? Number(address) : Math.min(lowest, Number(address))), 0);
  }

  /** Whether a section has relocations. */
  has(section: number): boolean {
    return this.#elf.sections.some((other) => isRelocationOf(other, section));
  }

  /** Changes the contents of a section as its relocations say; those that can't be applied are left out. */
  apply(section: number, contents: Buffer): void {
    for (const relocations of this.#elf.sections) {
      if (isRelocationOf(relocations, section)) this.#applyAll(relocations, contents);
    }
  }

  #applyAll({ type, offset, size }: SectionHeader, contents: Buffer): void {
    const { bytes, header } = this.#elf;
    const { format, machine } = header;
    const hasAddend = type === SHT_RELA;
    const word = format.wide ? 8 : 4;
    const entrySize = hasAddend ? 3 * word : 2 * word;
    const fields = new Fields(bytes.read(offset, Math.min(size, this.#room)), format);
    this.#room -= fields.length;
    this.#values ??= this.#readValues();
    const place = new Place(contents, format.littleEndian);
    for (let at = 0; at + entrySize <= fields.length; at += entrySize) {
      const info = fields.flags(at + word);
      const kind = relocationKind(machine, format.wide ? info : info & 0xff);
      const where = fields.size(at);
      if (kind === undefined || !place.isAt(where, kind.size)) continue;
      const symbol = format.wide ? Number(fields.address(at + word) >> 32n) : info >>> 8;
      const addend = hasAddend ? fields.signed(at + 2 * word) : place.read(where, kind.size);
      const base = kind.operation === "offset" ? this.#template : 0;
      place.change(where, kind, (this.#values[symbol] ?? 0) + addend - base);
    }
  }

  #readValues(): Float64Array {
    const { bytes, header, sections } = this.#elf;
    const { wide } = header.format;
    const table = sections.findIndex(({ type }) => type === SHT_SYMTAB);
    const extended = sectionOfType(sections, SHT_SYMTAB_SHNDX, table);
    const fields = new Fields(bytes.read(sections[table]?.offset ?? 0, sections[table]?.size ?? 0), header.format);
    const indexes = new Fields(bytes.read(extended?.offset ?? 0, extended?.size ?? 0), header.format);
    const entrySize = wide ? 24 : 16;
    const values = new Float64Array(Math.floor(fields.length / entrySize));
    for (const index of values.keys()) {
      const at = index * entrySize;
      let section = fields.u16(at + (wide ? 6 : 14));
      if (section === SHN_XINDEX && index * 4 + 4 <= indexes.length) section = indexes.u32(index * 4);
      const start = Number(sections[section]?.address ?? 0n) || this.#startOf(section);
      values[index] = start + fields.size(at + (wide ? 8 : 4));
    }
    return values;
  }
}

/** Bytes that relocations change. */
class Place {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #littleEndian: boolean;

  constructor(bytes: Buffer, littleEndian: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#littleEndian = littleEndian;
  }

  isAt(offset: number, size: RelocationKind["size"]): boolean {
    return offset + (typeof size === "number" ? size : 1) <= this.#bytes.length;
  }

  /** The number there, signed; of eight bytes rounded beyond 2⁵³. */
  read(offset: number, size: RelocationKind["size"]): number {
    switch (size) {
      case 1:
        return this.#view.getInt8(offset);
      case 2:
        return this.#view.getInt16(offset, this.#littleEndian);
      case 4:
        return this.#view.getInt32(offset, this.#littleEndian);
      case 8:
        return Number(this.#view.getBigInt64(offset, this.#littleEndian));
      case "six bits":
        return this.#view.getUint8(offset) & 63;
      case "leb128":
        return this.#readLeb(offset);
    }
  }

  change(offset: number, { operation, size }: RelocationKind, value: number): void {
    if (operation === "add") this.#write(offset, size, this.read(offset, size) + value);
    else if (operation === "subtract") this.#write(offset, size, this.read(offset, size) - value);
    else this.#write(offset, size, value);
  }

  #write(offset: number, size: RelocationKind["size"], value: number): void {
    switch (size) {
      case 1:
        this.#view.setInt8(offset, value);
        break;
      case 2:
        this.#view.setInt16(offset, value, this.#littleEndian);
        break;
      case 4:
        this.#view.setInt32(offset, value, this.#littleEndian);
        break;
      case 8:
        this.#view.setBigInt64(offset, BigInt(Math.trunc(value)), this.#littleEndian);
        break;
      case "six bits":
        this.#view.setUint8(offset, (this.#view.getUint8(offset) & 0xc0) | (value & 63));
        break;
      case "leb128":
        this.#writeLeb(offset, value);
    }
  }

  #readLeb(offset: number): number {
    let value = 0;
    for (let [at, scale] = [offset, 1]; scale < LARGEST_LEB; at++, scale *= 128) {
      const byte = this.#bytes[at] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    return value;
  }

  /** As many bytes as are there. */
  #writeLeb(offset: number, value: number): void {
    for (let at = offset, rest = value; at < this.#bytes.length; at++) {
      const isLast = (this.#bytes[at] as number) < 128;
      this.#bytes[at] = (rest & 127) | (isLast ? 0 : 128);
      if (isLast) break;
      rest = Math.floor(rest / 128);
    }
  }
}

function isRelocationOf({ type, info }: SectionHeader, section: number): boolean {
  return (type === SHT_RELA || type === SHT_REL) && info === section;
}

const SHT_RELA = 4;
const SHT_REL = 9;
const SHN_XINDEX = 0xffff;
const LARGEST_LEB = 2 ** 63;
