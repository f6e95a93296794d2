import type { AddressSpace } from "./addressSpace.ts";

/** What of a range is to be read where only reading each page's entry tells which pages there are. */
export interface PageExtents {
  /** In address order, not touching each other. */
  readonly extents: readonly { readonly start: number; readonly end: number }[];
  /** Bytes of large regions that had no pages when their numbers were read. */
  readonly empty: number;
  /** Bytes that would take too long to read. */
  readonly refused: number;
}

/** The regions of [start, end), at most so many bytes of them. */
export function extentsOf(space: AddressSpace, start: number, end: number, most: number): PageExtents {
  const extents: { start: number; end: number }[] = [];
  let empty = 0;
  let refused = 0;
  let left = most;
  const first = Math.max(0, space.indexAtOrBelow(BigInt(start)));
  for (let index = first; index < space.length && (space.columns.start[index] as number) < end; index++) {
    const from = Math.max(start, space.columns.start[index] as number);
    const to = Math.min(end, space.columns.end[index] as number);
    if (to <= from) continue;
    const size = to - from;
    if (size > SMALL && space.usageOf(index, "rss") === 0 && space.usageOf(index, "swap") === 0) {
      empty += size;
    } else if (size > left) {
      refused += size;
    } else {
      left -= size;
      const last = extents.at(-1);
      if (last?.end === from) last.end = to;
      else extents.push({ start: from, end: to });
    }
  }
  return { extents, empty, refused };
}

/** Bytes: reading the entries of so much takes a millisecond, and then nothing depends on how old the numbers are. */
const SMALL = 1 << 30;
