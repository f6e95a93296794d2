import type { Address } from "../memory/address.ts";

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

  /** Whether a symbol is near. Its address and its size in halves. */
  has(low: number, high: number, sizeLow: number, sizeHigh: number): boolean {
    const distance = (this.#high - high) * HALF + (this.#low - low);
    if (distance < 0) {
      if (distance < this.#behind) return false;
      this.#behind = distance;
      return true;
    }
    if (distance > this.#before) return sizeHigh * HALF + sizeLow > distance - this.#before;
    this.#before = distance;
    return true;
  }
}

const HALF = 2 ** 32;
