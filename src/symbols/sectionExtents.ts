/** Where a file's sections lie, by index, quick to ask for each of many symbols. */
export class SectionExtents {
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  readonly #size: Float64Array;

  constructor(sections: readonly { readonly address: bigint; readonly size: number }[]) {
    this.#low = new Uint32Array(sections.length);
    this.#high = new Uint32Array(sections.length);
    this.#size = new Float64Array(sections.length);
    for (const [section, { address, size }] of sections.entries()) {
      this.#low[section] = Number(address & 0xffff_ffffn);
      this.#high[section] = Number(address >> 32n);
      this.#size[section] = size;
    }
  }

  /** Whether a section holds an address, given in halves. False for what is no section's index. */
  contains(section: number, low: number, high: number): boolean {
    return this.rest(section, low, high) > 0;
  }

  /** Bytes from an address up to the end of the section that holds it; 0 where it does not. */
  rest(section: number, low: number, high: number): number {
    if (section >= this.#size.length) return 0;
    const offset = (high - (this.#high[section] as number)) * 2 ** 32 + (low - (this.#low[section] as number));
    return offset >= 0 ? Math.max(0, (this.#size[section] as number) - offset) : 0;
  }

  /** The first section that holds an address. For files with few. */
  find(low: number, high: number): number | null {
    for (let section = 0; section < this.#size.length; section++) {
      if (this.contains(section, low, high)) return section;
    }
    return null;
  }
}
