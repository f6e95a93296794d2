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

  /** Whether a symbol is not near, as far as is known by now. Its address and its size in halves. */
  isFar(low: number, high: number, sizeLow: number, sizeHigh: number): boolean {
    const distance = this.#distance(low, high);
    if (distance < 0) return distance < this.#behind;
    if (distance <= this.#before) return false;
    return (sizeHigh === 0 ? sizeLow : sizeHigh * HALF + sizeLow) <= distance - this.#before;
  }

  /** Whether a symbol is near. */
  has(low: number, high: number, sizeLow: number, sizeHigh: number): boolean {
    if (this.isFar(low, high, sizeLow, sizeHigh)) return false;
    const distance = this.#distance(low, high);
    if (distance < 0) this.#behind = distance;
    else if (distance < this.#before) this.#before = distance;
    return true;
  }

  /** How far the address lies behind another one. Small whole numbers where that can be: others take memory each. */
  #distance(low: number, high: number): number {
    const below = this.#low - low;
    return high === this.#high ? below : (this.#high - high) * HALF + below;
  }
}

const HALF = 2 ** 32;
