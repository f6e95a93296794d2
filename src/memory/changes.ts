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
    addMissing(after, before, (index, other) => isSame(other, index), added, grown);
    addMissing(before, after, isSame, removed, shrunk);
    addDifferent(before, after, isSame, protection, usage);
  }
  return { added, removed, grown, shrunk, protection, usage };
}

/**
 * Whether two readings say the same, to the last number; when that was does not count. Both are to be classified, or none.
 */
export function isSameSpace(a: AddressSpace, b: AddressSpace): boolean {
  if (a === b) return true;
  const { usage: usageOfA, readAt: _a, ...columnsOfA } = a.columns;
  const { usage: usageOfB, readAt: _b, ...columnsOfB } = b.columns;
  const names = Object.keys(columnsOfA) as (keyof typeof columnsOfA)[];
  return (
    a.length === b.length &&
    areSameTexts(a.paths, b.paths) &&
    areSameTexts(a.devices, b.devices) &&
    areSameTexts(a.flagSets.map(textOf), b.flagSets.map(textOf)) &&
    names.every((name) => isSameColumn(columnsOfA[name], columnsOfB[name])) &&
    USAGE_FIELDS.every((field) => isSameColumn(usageOfA[field], usageOfB[field]))
  );
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

/** Adds what `space` has and the other has not: whole regions, or what is missing `beside` what both have. */
function addMissing(space: AddressSpace, other: AddressSpace, isSame: Sameness, whole: Ranges, beside: Ranges): void {
  forEachRegion(space, other, (index, from, to) => {
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
  isSame: Sameness,
  protection: Ranges,
  usage: Ranges,
): void {
  const a = before.columns;
  const b = after.columns;
  const flagSets = indexesIn(before.flagSets.map(textOf), after.flagSets.map(textOf));
  const haveMoved = (fields: readonly UsageField[], index: number, each: number) =>
    fields.some((field) => a.usage[field][index] !== b.usage[field][each]);
  forEachRegion(before, after, (index, from, to) => {
    const start = a.start[index] as number;
    const end = a.end[index] as number;
    for (let each = from; each < to; each++) {
      if (!isSame(index, each)) continue;
      const startNow = b.start[each] as number;
      const endNow = b.end[each] as number;
      if (a.permissions[index] !== b.permissions[each]) {
        protection.add(Math.max(start, startNow), Math.min(end, endNow));
      }
      const [flags, flagsNow] = [a.flags[index] as number, b.flags[each] as number];
      const isRead = flags !== NOT_READ && flagsNow !== NOT_READ;
      if (!isRead || start !== startNow || end !== endNow) continue;
      const isWhole = flags !== PAGES_ONLY && flagsNow !== PAGES_ONLY;
      const hasMoved = isWhole
        ? flagSets[flags] !== flagsNow || haveMoved(USAGE_FIELDS, index, each)
        : haveMoved(PAGE_FIELDS, index, each);
      if (hasMoved) usage.add(start, end);
    }
  });
}

/** Calls with each region of `space` and the first and the end of those of the other that lie where it lies. */
function forEachRegion(
  space: AddressSpace,
  other: AddressSpace,
  call: (index: number, from: number, to: number) => void,
): void {
  let from = 0;
  for (let index = 0; index < space.length; index++) {
    const start = space.columns.start[index] as number;
    const end = space.columns.end[index] as number;
    while (from < other.length && (other.columns.end[from] as number) <= start) from++;
    let to = from;
    while (to < other.length && (other.columns.start[to] as number) < end) to++;
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

function areSameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

function isSameColumn(a: ArrayBufferView, b: ArrayBufferView): boolean {
  // Of any kind of column the bytes, four at a time: one loop for all kinds is fast where it sees one alone.
  const words = a.byteLength >>> 2;
  if (a.byteLength !== b.byteLength) return false;
  const wordsOfA = new Int32Array(a.buffer, a.byteOffset, words);
  const wordsOfB = new Int32Array(b.buffer, b.byteOffset, words);
  for (let index = 0; index < words; index++) if (wordsOfA[index] !== wordsOfB[index]) return false;
  const restOfA = new Uint8Array(a.buffer, a.byteOffset + 4 * words, a.byteLength - 4 * words);
  const restOfB = new Uint8Array(b.buffer, b.byteOffset + 4 * words, b.byteLength - 4 * words);
  return restOfA.every((byte, index) => byte === restOfB[index]);
}
