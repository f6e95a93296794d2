import type { TimeSlice } from "../memory/timeSlice.ts";

/**
 * Sorts indexes in place by unsigned 32-bit keys, the most significant key last; equal ones stay in their order. A radix
 * sort, 8 or 16 bits at a time: a few linear passes that can be interrupted, where a comparison sort of a big program's
 * symbols would take a tenth of a second in one piece.
 * @param keys columns that are indexed by what is sorted
 */
export async function sortByKeys(order: Uint32Array, keys: readonly Uint32Array[], slice: TimeSlice): Promise<void> {
  if (order.length < VERY_FEW) {
    order.sort((a, b) => {
      for (let key = keys.length - 1; key >= 0; key--) {
        const column = keys[key] as Uint32Array;
        if (column[a] !== column[b]) return (column[a] as number) - (column[b] as number);
      }
      return 0;
    });
    return;
  }
  const bits = order.length < FEW ? 8 : 16;
  let from = order;
  let to: Uint32Array = new Uint32Array(order.length);
  for (const key of keys) {
    for (let shift = 0; shift < 32; shift += bits) {
      if (isConstant(from, key, shift, bits)) continue;
      const starts = await digitStarts(from, key, shift, bits, slice);
      for (let start = 0; start < from.length; start += STEPS) {
        moveByDigit(from, to, key, shift, bits, starts, start);
        if (slice.isOver) await slice.next();
      }
      [from, to] = [to, from];
    }
  }
  if (from !== order) order.set(from);
}

/** Whether all have the same digit, as the high ones of addresses do. */
function isConstant(order: Uint32Array, key: Uint32Array, shift: number, bits: number): boolean {
  const digit = order.length > 0 ? digitOf(key, order[0] as number, shift, bits) : 0;
  for (let i = 0; i < order.length; i++) if (digitOf(key, order[i] as number, shift, bits) !== digit) return false;
  return true;
}

/** Where each digit's elements begin in the sorted order. */
async function digitStarts(
  order: Uint32Array,
  key: Uint32Array,
  shift: number,
  bits: number,
  slice: TimeSlice,
): Promise<Uint32Array> {
  const starts = new Uint32Array(1 << bits);
  for (let start = 0; start < order.length; start += STEPS) {
    countDigits(order, key, shift, bits, starts, start);
    if (slice.isOver) await slice.next();
  }
  let total = 0;
  for (let digit = 0; digit < starts.length; digit++) {
    const count = starts[digit] as number;
    starts[digit] = total;
    total += count;
  }
  return starts;
}

function countDigits(
  order: Uint32Array,
  key: Uint32Array,
  shift: number,
  bits: number,
  counts: Uint32Array,
  start: number,
): void {
  const stop = Math.min(start + STEPS, order.length);
  for (let i = start; i < stop; i++) {
    const digit = digitOf(key, order[i] as number, shift, bits);
    counts[digit] = (counts[digit] as number) + 1;
  }
}

function moveByDigit(
  from: Uint32Array,
  to: Uint32Array,
  key: Uint32Array,
  shift: number,
  bits: number,
  starts: Uint32Array,
  start: number,
): void {
  const stop = Math.min(start + STEPS, from.length);
  for (let i = start; i < stop; i++) {
    const element = from[i] as number;
    const digit = digitOf(key, element, shift, bits);
    const position = starts[digit] as number;
    to[position] = element;
    starts[digit] = position + 1;
  }
}

function digitOf(key: Uint32Array, element: number, shift: number, bits: number): number {
  return ((key[element] as number) >>> shift) & ((1 << bits) - 1);
}

/** Of a few hundred a comparison sort is done at once. */
const VERY_FEW = 512;
/** Where elements are so few, counting 65,536 digits would take longer than twice as many passes. */
const FEW = 1 << 14;
/** Elements between looks at the clock: well under a millisecond, also before the code is compiled. */
const STEPS = 1 << 13;
