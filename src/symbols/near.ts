import type { Address } from "../memory/address.ts";
import { BYTES, NEAREST } from "./loops/layout.ts";
import { loops, memory } from "./loops.ts";

/**
 * Of symbols that are looked at one after the other, those that decide what is at an address: the nearest that begin
 * before it and behind it, and those that cover where the nearest one begins. The nearest is known when all were looked at:
 * until then others are taken for near too, those that are not are told by looking at them again.
 */
export class Near {
  /** The halves of the address. */
  readonly low: number;
  readonly high: number;
  #before = Number.POSITIVE_INFINITY;
  #behind = Number.NEGATIVE_INFINITY;

  constructor(address: Address) {
    this.low = Number(address & 0xffff_ffffn);
    this.high = Number(address >> 32n);
  }

  /**
   * Looks ahead for the nearest functions and objects of the section that the address is in: in a program whose symbols are
   * in the order of their addresses each one would else be nearer than the last, and none passed over.
   * @param end position behind the last symbol in what is read for the loops
   * @param names how many bytes of names there are
   */
  lookAhead(end: number, section: number, names: number): void {
    loops.findNearestSymbols(BYTES, end, this.low, this.high, section, names);
    this.#before = Math.min(this.#before, nearest[0] as number);
    this.#behind = Math.max(this.#behind, nearest[1] as number);
  }

  /**
   * The position, from one on, of the first symbol that may be near as far as is known by now; behind the last one where
   * none is. Nearly all symbols of a large program are passed over here.
   * @param from position of a 64-bit symbol, least byte first, in what is read for the loops
   * @param end position behind the last
   */
  next(from: number, end: number): number {
    return loops.nextNearSymbol(from, end, this.low, this.high, this.#before, this.#behind);
  }

  /** Whether a symbol is near, as far as is known by now. Its address and its size in halves. */
  has(low: number, high: number, sizeLow: number, sizeHigh: number): boolean {
    const distance = (this.high - high) * HALF + (this.low - low);
    if (distance < 0) {
      if (distance < this.#behind) return false;
      this.#behind = distance;
    } else if (distance <= this.#before) this.#before = distance;
    else return sizeHigh * HALF + sizeLow > distance - this.#before;
    return true;
  }
}

const nearest = new Float64Array(memory, NEAREST, 2);
const HALF = 2 ** 32;
