import type { Slices } from "./slices.ts";

/**
 * Sorts indexes in place by unsigned keys of up to 32 bits each, the most significant key last; equal ones stay in
 * their order. A radix sort, 16 bits at a time: a few linear passes, where a comparison sort of a big program's symbols
 * would take a tenth of a second in one piece.
 * @param keys columns that are indexed by what is sorted
 */
export async function sortByKeys(order: Uint32Array, keys: readonly Keys[], slices: Slices): Promise<void> {
  let from = order;
  let to: Uint32Array = new Uint32Array(order.length);
  for (const key of keys) {
    for (let shift = 0; shift < 8 * key.BYTES_PER_ELEMENT; shift += DIGIT_BITS) {
      const ends = await countDigits(from, key, shift, slices);
      if (ends === null) continue;
      for (let start = 0; start < from.length; start += STEPS) {
        scatter(from, to, key, shift, ends, start);
        if (slices.over) await slices.next();
      }
      [from, to] = [to, from];
    }
  }
  if (from !== order) order.set(from);
}

export type Keys = Uint32Array | Uint8Array;

/** Where each digit's elements begin in the sorted order; `null` where all have the same digit. */
async function countDigits(order: Uint32Array, key: Keys, shift: number, slices: Slices): Promise<Uint32Array | null> {
  const counts = new Uint32Array(DIGITS);
  for (let start = 0; start < order.length; start += STEPS) {
    const stop = Math.min(start + STEPS, order.length);
    for (let i = start; i < stop; i++) {
      const digit = digitOf(key, order[i] as number, shift);
      counts[digit] = (counts[digit] as number) + 1;
    }
    if (slices.over) await slices.next();
  }
  if (order.length === 0 || counts[digitOf(key, order[0] as number, shift)] === order.length) return null;
  let total = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = counts[digit] as number;
    counts[digit] = total;
    total += count;
  }
  return counts;
}

function scatter(from: Uint32Array, to: Uint32Array, key: Keys, shift: number, ends: Uint32Array, start: number): void {
  const stop = Math.min(start + STEPS, from.length);
  for (let i = start; i < stop; i++) {
    const element = from[i] as number;
    const digit = digitOf(key, element, shift);
    const position = ends[digit] as number;
    to[position] = element;
    ends[digit] = position + 1;
  }
}

function digitOf(key: Keys, element: number, shift: number): number {
  return ((key[element] as number) >>> shift) & (DIGITS - 1);
}

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;
/** Elements between looks at the clock: well under a millisecond. */
const STEPS = 1 << 15;
