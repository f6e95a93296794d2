import type { AddressSpace } from "./addressSpace.ts";
import { sameness } from "./changes.ts";

/** What became of a range between two readings; the first place of each sort, or `null` where there is none. */
export interface RangeChanges {
  readonly mapped: PlaceInRange | null;
  readonly unmapped: PlaceInRange | null;
  readonly protected: PlaceInRange | null;
}

/** Page-aligned addresses, see address.ts for why they are exact; the regions that hold its start, -1 for none. */
export interface PlaceInRange {
  readonly start: number;
  readonly end: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Compares what lies from `start` to before `end`, as changesBetween does: memory in whose place there is other memory is
 * unmapped, and the other is mapped.
 */
export function rangeChanges(before: AddressSpace, after: AddressSpace, start: number, end: number): RangeChanges {
  const isSame = sameness(before, after);
  const changes: { -readonly [Sort in keyof RangeChanges]: RangeChanges[Sort] } = {
    mapped: null,
    unmapped: null,
    protected: null,
  };
  let old = firstEndingAfter(before, start);
  let now = firstEndingAfter(after, start);
  // From one boundary of either to the next: between two the same regions hold all of it, or nothing does.
  for (let at = start; at < end; ) {
    while (endOf(before, old) <= at) old++;
    while (endOf(after, now) <= at) now++;
    const was = startOf(before, old) <= at ? old : -1;
    const is = startOf(after, now) <= at ? now : -1;
    const next = Math.min(
      end,
      was < 0 ? startOf(before, old) : endOf(before, old),
      is < 0 ? startOf(after, now) : endOf(after, now),
    );
    const stayed = was >= 0 && is >= 0 && isSame(was, is);
    const place = { start: at, end: next, before: was, after: is };
    if (is >= 0 && !stayed) changes.mapped = joined(changes.mapped, place, "after");
    if (was >= 0 && !stayed) changes.unmapped = joined(changes.unmapped, place, "before");
    if (stayed && before.columns.permissions[was] !== after.columns.permissions[is]) {
      changes.protected = joined(changes.protected, place, "after");
    }
    at = next;
  }
  return changes;
}

/** The first place, with what goes on behind it in the same region. */
function joined(first: PlaceInRange | null, next: PlaceInRange, region: "before" | "after"): PlaceInRange {
  if (first === null) return next;
  return first.end === next.start && first[region] === next[region] ? { ...first, end: next.end } : first;
}

/** By bisection: a range is small beside 60,000 regions. */
function firstEndingAfter({ columns, length }: AddressSpace, address: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((columns.end[middle] as number) <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Beyond the last region there is none. */
function startOf({ columns }: AddressSpace, index: number): number {
  return columns.start[index] ?? Number.POSITIVE_INFINITY;
}

function endOf({ columns }: AddressSpace, index: number): number {
  return columns.end[index] ?? Number.POSITIVE_INFINITY;
}
