import type { Bytes } from "./bytes.ts";
import type { Elf } from "./elf.ts";
import { SHT_NOBITS } from "./sectionHeaders.ts";

/** The debug sections of an ELF file, by their names. */
export class DebugSections {
  readonly #elf: Elf;
  readonly #known = new Map<string, Bytes>();

  constructor(elf: Elf) {
    this.#elf = elf;
  }

  /** The contents of a section; of size 0 where it is absent. The same object each time. */
  get(name: string): Bytes {
    let bytes = this.#known.get(name);
    if (bytes === undefined) {
      const section = this.#elf.sections.find((each) => each.name === name && each.type !== SHT_NOBITS);
      bytes = new Window(this.#elf.bytes, section?.offset ?? 0, section?.size ?? 0);
      this.#known.set(name, bytes);
    }
    return bytes;
  }
}

/** A part of a file. */
class Window implements Bytes {
  readonly #bytes: Bytes;
  readonly #start: number;
  readonly size: number;

  constructor(bytes: Bytes, start: number, size: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.size = Math.max(0, Math.min(size, bytes.size - start));
  }

  read(offset: number, length: number): Buffer {
    return offset >= 0 ? this.#bytes.read(this.#start + offset, Math.min(length, this.size - offset)) : Buffer.alloc(0);
  }

  close(): void {}
}
