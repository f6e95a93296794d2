import type { SectionHeader } from "./sectionHeaders.ts";

/** Where a file's sections lie, by index, quick to ask for each of many symbols. */
export class SectionExtents {
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  readonly #size: Float64Array;

  constructor(sections: readonly SectionHeader[]) {
    this.#low = Uint32Array.from(sections, ({ address }) => Number(address & 0xffff_ffffn));
    this.#high = Uint32Array.from(sections, ({ address }) => Number(address >> 32n));
    this.#size = Float64Array.from(sections, ({ size }) => size);
  }

  /** Whether a section holds an address, given in halves. */
  contains(section: number, low: number, high: number): boolean {
    const offset = (high - (this.#high[section] as number)) * 2 ** 32 + (low - (this.#low[section] as number));
    return offset >= 0 && offset < (this.#size[section] as number);
  }
}
