import { type Bytes, Window } from "./bytes.ts";
import type { Elf } from "./elf.ts";
import { SHT_NOBITS } from "./sectionHeaders.ts";

/** The sections of a debug file as its readers want them, by their names. */
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
      bytes = this.#read(name);
      this.#known.set(name, bytes);
    }
    return bytes;
  }

  #read(name: string): Bytes {
    const { bytes, sections } = this.#elf;
    const section = sections.find((section) => section.name === name && section.type !== SHT_NOBITS);
    return new Window(bytes, section?.offset ?? 0, section?.size ?? 0);
  }
}
