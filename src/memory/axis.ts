import type { Measure, Stretch } from "../protocol/picture.ts";
import { type Address, toHex } from "./address.ts";
import { type AddressSpace, permissionLetters } from "./addressSpace.ts";
import { KINDS, type Kind } from "./kind.ts";
import { measured } from "./measure.ts";
import { regionName } from "./names.ts";

const PAGE = 4096;
const GAP = 1;

/** A part of the axis. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

/**
 * The address space laid out on a line that people can see: regions in address order, each 1 + log₂(pages) long, so that
 * one of 4 KiB can be seen beside one of 4 TiB; the empty stretches between folded to one unit. Within a region positions
 * are linear in the address. Positions are monotonic, from 0 to {@link length}.
 */
export class FoldedAxis {
  readonly #space: AddressSpace;
  /** Where each region begins. */
  readonly #from: Float64Array;
  /** Where each region ends: the next begins there, or after a gap. */
  readonly #to: Float64Array;

  constructor(space: AddressSpace) {
    this.#space = space;
    this.#from = new Float64Array(space.length);
    this.#to = new Float64Array(space.length);
    const { start, end } = space.columns;
    let position = 0;
    for (let index = 0; index < space.length; index++) {
      if (index > 0 && end[index - 1] !== start[index]) position += GAP;
      this.#from[index] = position;
      position += 1 + Math.log2(space.size(index) / PAGE);
      this.#to[index] = position;
    }
  }

  get length(): number {
    return this.#to.at(-1) ?? 0;
  }

  /** Where a region lies. */
  extentOf(index: number): Extent {
    return { from: this.#from[index] as number, to: this.#to[index] as number };
  }

  /** Where the gap lies that holds an address outside all regions; of one beyond them nothing of length. */
  gapAt(address: Address): Extent {
    const below = this.#space.indexAtOrBelow(address);
    const from = below < 0 ? 0 : (this.#to[below] as number);
    return { from, to: below < 0 ? 0 : (this.#from[below + 1] ?? from) };
  }

  /** An address in a gap is in proportion within its unit; one outside all regions is at the end that is nearer. */
  position(address: Address): number {
    const index = this.#space.indexAtOrBelow(address);
    if (index < 0) return 0;
    const { start, end } = this.#space.columns;
    const from = start[index] as number;
    const to = end[index] as number;
    if (address < BigInt(to)) {
      return between(
        this.#from[index] as number,
        this.#to[index] as number,
        Number(address - BigInt(from)) / (to - from),
      );
    }
    if (index + 1 === this.#space.length) return this.length;
    const gap = (start[index + 1] as number) - to;
    return between(this.#to[index] as number, this.#from[index + 1] as number, Number(address - BigInt(to)) / gap);
  }

  /** The address at a position, which is limited to 0 … {@link length}. */
  address(position: number): Address {
    const { start, end } = this.#space.columns;
    const count = this.#space.length;
    if (count === 0) return 0n;
    const index = Math.max(0, this.indexAt(position));
    const from = this.#from[index] as number;
    const to = this.#to[index] as number;
    if (position < to) {
      const share = Math.max(0, (position - from) / (to - from));
      return BigInt(start[index] as number) + BigInt(Math.floor(share * this.#space.size(index)));
    }
    const last = end[index] as number;
    if (index + 1 === count) return BigInt(last);
    const share = (position - to) / ((this.#from[index + 1] as number) - to);
    return BigInt(last) + BigInt(Math.floor(share * ((start[index + 1] as number) - last)));
  }

  /**
   * What is to be drawn between two positions at so many pixels: a stretch for each region and gap, those that would be
   * narrower than a pixel put together, so that there are at most two stretches a pixel.
   * @param heat see {@link measured}
   */
  stretches(
    from: number,
    to: number,
    pixels: number,
    measure: Measure = "rss",
    heat: Float64Array | null = null,
  ): Stretch[] {
    const stretches: Stretch[] = [];
    const pixel = (to - from) / Math.max(1, pixels);
    const space = this.#space;
    let index = Math.max(0, this.indexAt(from));
    if (index < space.length && (this.#to[index] as number) <= from) {
      if (this.#gapAbove(index) > 0) stretches.push(this.#gap(index));
      index++;
    }
    while (index < space.length && (this.#from[index] as number) < to) {
      let last = index;
      const limit = (this.#from[index] as number) + pixel;
      while (last + 1 < space.length && (this.#to[last + 1] as number) <= limit) last++;
      stretches.push(this.#stretch(index, last, measure, heat));
      if (this.#gapAbove(last) > 0 && (this.#to[last] as number) < to) stretches.push(this.#gap(last));
      index = last + 1;
    }
    return stretches;
  }

  /** The last region that begins at or before the position, or -1. */
  indexAt(position: number): number {
    let low = 0;
    let high = this.#from.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#from[middle] as number) <= position) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Length of the gap between a region and the next. */
  #gapAbove(index: number): number {
    return index + 1 < this.#from.length ? (this.#from[index + 1] as number) - (this.#to[index] as number) : 0;
  }

  #stretch(first: number, last: number, measure: Measure, heat: Float64Array | null): Stretch {
    const space = this.#space;
    const { start, end, permissions } = space.columns;
    let size = 0;
    let isUniform = true;
    for (let index = first; index <= last; index++) {
      size += space.size(index);
      isUniform &&= permissions[index] === permissions[first];
    }
    const rss = sumOf(space, first, last, "rss", null);
    return {
      from: this.#from[first] as number,
      to: this.#to[last] as number,
      start: toHex(BigInt(start[first] as number)),
      end: toHex(BigInt(end[last] as number)),
      kind: first === last ? space.kind(first) : this.#mostOf(first, last),
      name: first === last ? regionName(space, first) : null,
      permissions: isUniform ? permissionLetters(permissions[first] as number) : null,
      regions: last - first + 1,
      size,
      rss,
      value: measure === "rss" ? rss : sumOf(space, first, last, measure, heat),
    };
  }

  /** The kind with most of the axis from one region to another. */
  #mostOf(first: number, last: number): Kind {
    const weights = new Float64Array(KINDS.length);
    for (let index = first; index <= last; index++) {
      const kind = this.#space.columns.kind[index] as number;
      weights[kind] = (weights[kind] as number) + (this.#to[index] as number) - (this.#from[index] as number);
    }
    return KINDS[weights.indexOf(Math.max(...weights))] as Kind;
  }

  #gap(below: number): Stretch {
    const { start, end } = this.#space.columns;
    const from = end[below] as number;
    const to = start[below + 1] as number;
    return {
      from: this.#to[below] as number,
      to: this.#from[below + 1] as number,
      start: toHex(BigInt(from)),
      end: toHex(BigInt(to)),
      kind: null,
      name: null,
      regions: 0,
      size: to - from,
      rss: null,
      value: null,
    };
  }
}

/**
 * The regions from one to another by a measure; `null` where one of them has not been read. Of heat, which is the least
 * that is known, `null` only where nothing is.
 */
export function sumOf(
  space: AddressSpace,
  first: number,
  last: number,
  measure: Measure,
  heat: Float64Array | null,
): number | null {
  let sum: number | null = null;
  for (let index = first; index <= last; index++) {
    const value = measured(space, index, measure, heat);
    if (value === null && measure !== "heat") return null;
    if (value !== null) sum = (sum ?? 0) + value;
  }
  return sum;
}

function between(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
