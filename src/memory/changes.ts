import { type AddressSpace, type Columns, NOT_READ, PAGE_FIELDS, PAGES_ONLY, SHARED } from "./addressSpace.ts";
import { USAGE_FIELDS, type UsageField } from "./region.ts";

/** What became of the regions of a target between two readings of it. */
export interface Changes {
  /** Where nothing was, or something else: regions that nothing was known of before. */
  readonly added: ChangedRanges;
  readonly removed: ChangedRanges;
  /** What a region has gained beside, and lost of, what it had. */
  readonly grown: ChangedRanges;
  readonly shrunk: ChangedRanges;
  /** What may be done with it now is something else, as after mprotect(2). */
  readonly protection: ChangedRanges;
  /** Regions as they were whose numbers or VmFlags moved, of those that were read both times. */
  readonly usage: ChangedRanges;
}

export interface ChangedRanges {
  readonly count: number;
  readonly bytes: number;
  /** The first {@link MOST_LISTED}, in address order: page-aligned addresses, see address.ts for why they are exact. */
  readonly first: readonly { readonly start: number; readonly end: number }[];
}

export const MOST_LISTED = 100;

/**
 * Compares two readings of one target in one pass over them. A region is the same where the same is mapped at the same
 * address: of a file the same bytes. What the kernel has split or joined meanwhile (it joins neighbours that are alike) is
 * no change.
 */
export function changesBetween(before: AddressSpace, after: AddressSpace): Changes {
  const [added, removed, grown, shrunk, protection, usage] = Array.from({ length: 6 }, () => new Ranges()) as Six;
  if (before !== after) {
    const isSame = sameness(before, after);
    const aligned = alignedIn(before, after);
    addMissing(after, before, aligned, (index, other) => isSame(other, index), added, grown);
    addMissing(before, after, aligned, isSame, removed, shrunk);
    addDifferent(before, after, aligned, isSame, protection, usage);
  }
  return { added, removed, grown, shrunk, protection, usage };
}

type Six = [Ranges, Ranges, Ranges, Ranges, Ranges, Ranges];

/** Whether two regions, by their indexes, are the same. */
export type Sameness = (index: number, other: number) => boolean;

class Ranges implements ChangedRanges {
  count = 0;
  bytes = 0;
  readonly first: { start: number; end: number }[] = [];

  add(start: number, end: number): void {
    this.count++;
    this.bytes += end - start;
    if (this.first.length < MOST_LISTED) this.first.push({ start, end });
  }
}

/** How many regions at the beginning, and how many at the end, are where and what they were: all but their numbers. */
interface Aligned {
  readonly head: number;
  readonly tail: number;
}

function alignedIn(before: AddressSpace, after: AddressSpace): Aligned {
  const a = before.columns;
  const b = after.columns;
  const devices = indexesIn(before.devices, after.devices);
  const isAligned = (index: number, other: number) =>
    a.start[index] === b.start[other] &&
    a.end[index] === b.end[other] &&
    a.permissions[index] === b.permissions[other] &&
    a.inode[index] === b.inode[other] &&
    a.fileOffset[index] === b.fileOffset[other] &&
    devices[a.device[index] as number] === b.device[other];
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && isAligned(head, head)) head++;
  let tail = 0;
  while (tail < most - head && isAligned(before.length - 1 - tail, after.length - 1 - tail)) tail++;
  return { head, tail };
}

/** Adds what `space` has and the other has not: whole regions, or what is missing `beside` what both have. */
function addMissing(
  space: AddressSpace,
  other: AddressSpace,
  aligned: Aligned,
  isSame: Sameness,
  whole: Ranges,
  beside: Ranges,
): void {
  forEachBetween(space, other, aligned, (index, from, to) => {
    const end = space.columns.end[index] as number;
    let has = false;
    for (let each = from; each < to && !has; each++) has = isSame(index, each);
    const ranges = has ? beside : whole;
    let missing = space.columns.start[index] as number;
    for (let each = from; each < to; each++) {
      if (!isSame(index, each)) continue;
      const start = other.columns.start[each] as number;
      if (start > missing) ranges.add(missing, start);
      missing = other.columns.end[each] as number;
    }
    if (missing < end) ranges.add(missing, end);
  });
}

function addDifferent(
  before: AddressSpace,
  after: AddressSpace,
  aligned: Aligned,
  isSame: Sameness,
  protection: Ranges,
  usage: Ranges,
): void {
  const a = before.columns;
  const b = after.columns;
  const haveMoved = numbersMoved(before, after);
  const addMoved = (index: number, other: number) => {
    if (haveMoved(index, other)) usage.add(a.start[index] as number, a.end[index] as number);
  };
  for (let index = 0; index < aligned.head; index++) addMoved(index, index);
  forEachBetween(before, after, aligned, (index, from, to) => {
    const start = a.start[index] as number;
    const end = a.end[index] as number;
    for (let each = from; each < to; each++) {
      if (!isSame(index, each)) continue;
      const startNow = b.start[each] as number;
      const endNow = b.end[each] as number;
      if (a.permissions[index] !== b.permissions[each]) {
        protection.add(Math.max(start, startNow), Math.min(end, endNow));
      }
      if (start === startNow && end === endNow) addMoved(index, each);
    }
  });
  const shift = after.length - before.length;
  for (let index = before.length - aligned.tail; index < before.length; index++) addMoved(index, index + shift);
}

/** What tells whether the numbers of a region, or its VmFlags, are others: as far as they were read both times. */
function numbersMoved(before: AddressSpace, after: AddressSpace): Sameness {
  const a = before.columns;
  const b = after.columns;
  const flagSets = indexesIn(before.flagSets.map(textOf), after.flagSets.map(textOf));
  const different = (fields: readonly UsageField[]) =>
    fields
      .filter((field) => a.usage[field] !== b.usage[field])
      .map((field) => [a.usage[field], b.usage[field]] as const);
  const [all, ofPages] = [different(USAGE_FIELDS), different(PAGE_FIELDS)];
  return (index, other) => {
    const [flags, flagsNow] = [a.flags[index] as number, b.flags[other] as number];
    if (flags === NOT_READ || flagsNow === NOT_READ) return false;
    const isWhole = flags !== PAGES_ONLY && flagsNow !== PAGES_ONLY;
    if (isWhole && flagSets[flags] !== flagsNow) return true;
    for (const [then, now] of isWhole ? all : ofPages) if (then[index] !== now[other]) return true;
    return false;
  };
}

/**
 * Calls with each region of `space` that is not aligned, and the first and the end of those of the other that lie where it
 * lies: they are not aligned either.
 */
function forEachBetween(
  space: AddressSpace,
  other: AddressSpace,
  { head, tail }: Aligned,
  call: (index: number, from: number, to: number) => void,
): void {
  const last = other.length - tail;
  let from = head;
  for (let index = head; index < space.length - tail; index++) {
    const start = space.columns.start[index] as number;
    const end = space.columns.end[index] as number;
    while (from < last && (other.columns.end[from] as number) <= start) from++;
    let to = from;
    while (to < last && (other.columns.start[to] as number) < end) to++;
    call(index, from, to);
  }
}

/**
 * What tells whether a region of `before` is the same as one of `after`. Names do not count: a file that was renamed or
 * deleted is the same, and memory keeps what it has when it gets a name.
 */
export function sameness(before: AddressSpace, after: AddressSpace): Sameness {
  const devices = indexesIn(before.devices, after.devices);
  const a = before.columns;
  const b = after.columns;
  return (index, other) =>
    a.inode[index] === b.inode[other] &&
    devices[a.device[index] as number] === b.device[other] &&
    ((a.permissions[index] as number) & SHARED) === ((b.permissions[other] as number) & SHARED) &&
    (a.inode[index] === 0 || fileStart(a, index) === fileStart(b, other));
}

/** The address at which the beginning of the file would lie: a multiple of a page, so it is exact. */
function fileStart({ start, fileOffset }: Columns, index: number): number {
  return (start[index] as number) - (fileOffset[index] as number);
}

/** Where each text is among the others; -1 where it is not. */
function indexesIn(texts: readonly string[], others: readonly string[]): number[] {
  const indexes = new Map(others.map((text, index) => [text, index]));
  return texts.map((text) => indexes.get(text) ?? -1);
}

function textOf(codes: readonly string[]): string {
  return codes.join(" ");
}
