/**
 * Notices when tables of a section overlap. They do not, but in a damaged file each of many units can have a table that
 * begins a byte later than that of the last one, and reading them all would have no end.
 */
export class Overlap {
  /** Offsets of the tables that were read. */
  readonly #known = new Set<number>();
  readonly #sectionSize: number;
  /** Bytes of these tables together. */
  #size = 0;

  /** @param sectionSize in bytes */
  constructor(sectionSize: number) {
    this.#sectionSize = sectionSize;
  }

  /** Whether the table at an offset may be read: those of a sound file are together no longer than their section. */
  allows(offset: number): boolean {
    return this.#known.has(offset) || this.#size <= this.#sectionSize;
  }

  /** Notes that a table was read, and its bytes. */
  add(offset: number, size: number): void {
    if (this.#known.has(offset)) return;
    this.#known.add(offset);
    this.#size += size;
  }
}
