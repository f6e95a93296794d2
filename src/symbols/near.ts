import type { Address } from "../memory/address.ts";

/** Where in a symbol's words the halves of its value and of its size stand, and how many words it has. */
export interface SymbolFields {
  readonly words: number;
  readonly valueLow: number;
  readonly valueHigh: number;
  readonly sizeLow: number;
  readonly sizeHigh: number;
}

/**
 * Of symbols that are looked at one after the other, those that decide what is at an address: the nearest that begin
 * before it and behind it, and those that cover where the nearest one begins. The nearest is known when all were looked at:
 * until then others are taken for near too, those that are not are told by looking at them again.
 */
export class Near {
  readonly #low: number;
  readonly #high: number;
  #before = Number.POSITIVE_INFINITY;
  #behind = Number.NEGATIVE_INFINITY;

  constructor(address: Address) {
    this.#low = Number(address & 0xffff_ffffn);
    this.#high = Number(address >> 32n);
  }

  /**
   * The position, from one on, of the first symbol that may be near as far as is known by now; behind the last one where
   * none is. Nearly all symbols of a large program are passed over here, before anything was compiled: hence one loop
   * without calls.
   * @param words of the symbols, whose values are addresses
   */
  next(words: Uint32Array, from: number, fields: SymbolFields): number {
    const { words: step, valueLow, valueHigh, sizeLow, sizeHigh } = fields;
    const low = this.#low;
    const high = this.#high;
    const before = this.#before;
    const behind = this.#behind;
    const last = words.length - step;
    let at = from;
    for (; at <= last; at += step) {
      let distance = low - (words[at + valueLow] as number);
      if (words[at + valueHigh] !== high) distance += (high - (words[at + valueHigh] as number)) * HALF;
      if (distance < 0) {
        if (distance >= behind) break;
      } else if (distance <= before || (words[at + sizeLow] as number) > distance - before) break;
      else if (words[at + sizeHigh] !== 0) break;
    }
    return at;
  }

  /** Whether a symbol is near, as far as is known by now. Its address and its size in halves. */
  has(low: number, high: number, sizeLow: number, sizeHigh: number): boolean {
    const distance = (this.#high - high) * HALF + (this.#low - low);
    if (distance < 0) {
      if (distance < this.#behind) return false;
      this.#behind = distance;
    } else if (distance <= this.#before) this.#before = distance;
    else return sizeHigh * HALF + sizeLow > distance - this.#before;
    return true;
  }
}

const HALF = 2 ** 32;
