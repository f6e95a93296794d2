import type { Address } from "./address.ts";
import { AddressSpace, type Columns } from "./addressSpace.ts";
import { regionName } from "./names.ts";
import { type Region, USAGE_FIELDS } from "./region.ts";

/** When a target was read. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** At which of the target's stops that was, from 1; `null` while it ran. */
  readonly stop: number | null;
}

/** What was mapped last at an address where nothing is mapped any more. */
export interface Gone {
  /** The whole region as it was read last, with its numbers where they were known. */
  readonly region: Region;
  readonly name: string;
  /** The last reading that had it at the address, and the first that had not: between the two it was unmapped. */
  readonly lastSeen: Moment;
  readonly firstMissed: Moment;
}

/**
 * The regions that have been unmapped, wholly or in part: the last {@link MOST_GONE}, or all that went between two
 * readings. What came and went between two readings is not among them.
 */
export class GoneRegions {
  /** Oldest first. */
  readonly #readings: Departed[] = [];
  #count = 0;

  /** Compares two readings of the regions, one after the other. */
  add(before: AddressSpace, lastSeen: Moment, after: AddressSpace, firstMissed: Moment): void {
    const indexes = uncovered(before, after);
    if (indexes.length === 0) return;
    const space = picked(before, indexes);
    this.#readings.push({ space, low: lowest(space), high: highest(space), lastSeen, firstMissed });
    this.#count += space.length;
    while (this.#readings.length > MOST_READINGS || (this.#count > MOST_GONE && this.#readings.length > 1)) {
      this.#count -= this.#readings.shift()?.space.length ?? 0;
    }
  }

  /** What had gone there last at a time; `null` where nothing is known to have been. */
  lastAt(address: Address, time: number): Gone | null {
    const near = Number(address);
    const reading = this.#readings.findLast(
      // A double may be off by half a page at most: the comparison with both ends stays on the safe side.
      ({ space, low, high, firstMissed }) =>
        near >= low && near <= high && firstMissed.time <= time && space.indexOf(address) >= 0,
    );
    if (!reading) return null;
    const { space, lastSeen, firstMissed } = reading;
    const index = space.indexOf(address);
    return { region: space.region(index), name: regionName(space, index), lastSeen, firstMissed };
  }
}

/** Regions that are kept after they are gone: some 130 bytes each. */
export const MOST_GONE = 16_384;
/** Readings that missed some. */
const MOST_READINGS = 1024;

/** The regions that one reading missed. */
interface Departed {
  readonly space: AddressSpace;
  readonly low: number;
  readonly high: number;
  readonly lastSeen: Moment;
  readonly firstMissed: Moment;
}

/** The regions of `before` where `after` has nothing, at least in part. */
function uncovered(before: AddressSpace, after: AddressSpace): number[] {
  const indexes: number[] = [];
  // Readings of numbers alone keep the boundaries.
  if (before.columns.start === after.columns.start) return indexes;
  let other = 0;
  for (let index = 0; index < before.length; index++) {
    const end = before.columns.end[index] as number;
    let covered = before.columns.start[index] as number;
    while (other < after.length && (after.columns.end[other] as number) <= covered) other++;
    for (let each = other; each < after.length && covered < end; each++) {
      if ((after.columns.start[each] as number) > covered) break;
      covered = after.columns.end[each] as number;
    }
    if (covered < end) indexes.push(index);
  }
  return indexes;
}

/** Some of a space's regions. */
function picked(space: AddressSpace, indexes: readonly number[]): AddressSpace {
  if (indexes.length === space.length) return space;
  const pick = <Column extends NumberColumn>(column: Column): Column => {
    const some = column.slice(0, indexes.length) as Column;
    for (let i = 0; i < indexes.length; i++) some[i] = column[indexes[i] as number] as number;
    return some;
  };
  // The same once more: a loop that sees a single kind of column is ten times as fast, and these are the most.
  const pickAmounts = (column: Uint32Array): Uint32Array => {
    const some = new Uint32Array(indexes.length);
    for (let i = 0; i < indexes.length; i++) some[i] = column[indexes[i] as number] as number;
    return some;
  };
  const { columns } = space;
  const usage = { ...columns.usage };
  for (const field of USAGE_FIELDS) usage[field] = pickAmounts(columns.usage[field]);
  const some: Columns = {
    start: pick(columns.start),
    end: pick(columns.end),
    permissions: pick(columns.permissions),
    fileOffset: pick(columns.fileOffset),
    device: pick(columns.device),
    inode: pick(columns.inode),
    path: pick(columns.path),
    kind: pick(columns.kind),
    module: pick(columns.module),
    thread: pick(columns.thread),
    usage,
    flags: pick(columns.flags),
    readAt: pick(columns.readAt),
  };
  const part = new AddressSpace(indexes.length, some, space.paths, space.devices, space.flagSets);
  part.modules = space.modules;
  return part;
}

type NumberColumn = Columns["start"] | Columns["permissions"] | Columns["device"] | Columns["path"];

function lowest({ columns }: AddressSpace): number {
  return columns.start[0] as number;
}

function highest({ columns, length }: AddressSpace): number {
  return columns.end[length - 1] as number;
}
