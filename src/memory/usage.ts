import { AddressSpace, type Columns, NOT_READ, PAGE_FIELDS, PAGES_ONLY } from "./addressSpace.ts";
import type { Kind } from "./kind.ts";
import { USAGE_FIELDS, type UsageField } from "./region.ts";

/**
 * The regions of `space` with the numbers of `read` for those that are the same in both; the others keep what they have,
 * as do those of which pages were counted that are as many as before. Gives `space` itself where nothing but the age of its
 * numbers changes.
 */
export function withUsageOf(read: AddressSpace, space: AddressSpace): AddressSpace {
  const pairs = samePairs(read, space);
  const flagSets = new FlagSets(space, read);
  const { columns } = space;
  const readAt = withOf(pairs, columns.readAt, read.columns.readAt);
  const flags = withOf(pairs, columns.flags, read.columns.flags, (index) => flagSets.of(index));
  const usage = Object.fromEntries(
    USAGE_FIELDS.map((field) => [field, withOf(pairs, columns.usage[field], read.columns.usage[field])]),
  ) as Columns["usage"];
  if (flags === columns.flags && USAGE_FIELDS.every((field) => usage[field] === columns.usage[field])) {
    columns.readAt.set(readAt);
    return space;
  }
  const merged = new AddressSpace(
    space.length,
    { ...columns, flags, readAt, usage },
    space.paths,
    space.devices,
    flagSets.all,
  );
  merged.modules = space.modules;
  return merged;
}

/**
 * The regions of `space` with what counting their pages tells, in KiB, and nothing else. Pages of devices and of the kernel's
 * own regions do not count as the process's (VM_PFNMAP and the like): of these nothing is told.
 * @param only the indexes of those that were counted; all unless given
 */
export function withPagesOnly(
  space: AddressSpace,
  counted: Readonly<Record<(typeof PAGE_FIELDS)[number], Uint32Array>>,
  time: number,
  only: Iterable<number> = counted.rss.keys(),
): AddressSpace {
  const none = new Uint32Array(space.length);
  const unknown = Object.fromEntries(USAGE_FIELDS.map((field) => [field, none])) as Record<UsageField, Uint32Array>;
  const flags = new Uint16Array(space.length).fill(NOT_READ);
  for (const index of only) if (!UNCOUNTED.has(space.kind(index))) flags[index] = PAGES_ONLY;
  const columns: Columns = {
    ...space.columns,
    usage: { ...unknown, ...counted },
    flags,
    readAt: new Float64Array(space.length).fill(time),
  };
  return new AddressSpace(space.length, columns, space.paths, space.devices, []);
}

const UNCOUNTED: ReadonlySet<Kind> = new Set<Kind>(["vdso", "vvar", "vsyscall", "device"]);

/** Indexes of regions that take numbers, and for each that of the region whose numbers it takes. */
interface Pairs {
  readonly to: Int32Array;
  readonly from: Int32Array;
}

/** Regions of `space`, each with the one of `read` that is the same and has numbers. */
function samePairs(read: AddressSpace, space: AddressSpace): Pairs {
  const most = Math.min(read.length, space.length);
  const pairs = { to: new Int32Array(most), from: new Int32Array(most) };
  const from = read.columns;
  const to = space.columns;
  let count = 0;
  for (let index = 0, old = 0; index < space.length && old < read.length; index++) {
    while (old < read.length && (from.start[old] as number) < (to.start[index] as number)) old++;
    const isSame =
      old < read.length &&
      from.flags[old] !== NOT_READ &&
      from.start[old] === to.start[index] &&
      from.end[old] === to.end[index] &&
      from.permissions[old] === to.permissions[index] &&
      from.inode[old] === to.inode[index] &&
      read.path(old) === space.path(index);
    if (!isSame || knowsMore(space, index, read, old)) continue;
    pairs.to[count] = index;
    pairs.from[count] = old;
    count++;
  }
  return { to: pairs.to.subarray(0, count), from: pairs.from.subarray(0, count) };
}

/** Whether all numbers are known of a region, and counting its pages finds nothing new. */
function knowsMore(space: AddressSpace, index: number, read: AddressSpace, from: number): boolean {
  return (
    read.columns.flags[from] === PAGES_ONLY &&
    (space.columns.flags[index] as number) < PAGES_ONLY &&
    PAGE_FIELDS.every((field) => space.columns.usage[field][index] === read.columns.usage[field][from])
  );
}

/** A column with the other's numbers where there are pairs: itself where these are the same. */
function withOf<Column extends Uint16Array | Uint32Array | Float64Array>(
  { to, from }: Pairs,
  column: Column,
  other: Column,
  translated = (value: number) => value,
): Column {
  let result = column;
  for (let pair = 0; pair < to.length; pair++) {
    const index = to[pair] as number;
    const value = translated(other[from[pair] as number] as number);
    if (column[index] === value) continue;
    if (result === column) result = column.slice() as Column;
    result[index] = value;
  }
  return result;
}

/** The sets of VmFlags of two spaces, each once: those of the first keep their indexes. */
class FlagSets {
  readonly all: (readonly string[])[];
  /** For each of the second one's where it is now. */
  readonly #indexes: Uint16Array;

  constructor(first: AddressSpace, second: AddressSpace) {
    this.all = [...first.flagSets];
    const known = new Map(this.all.map((codes, index) => [codes.join(" "), index]));
    this.#indexes = Uint16Array.from(second.flagSets, (codes) => {
      const index = known.get(codes.join(" ")) ?? this.all.push(codes) - 1;
      known.set(codes.join(" "), index);
      return index;
    });
  }

  /** Where a set of the second space is. */
  of(flags: number): number {
    return flags >= PAGES_ONLY ? flags : (this.#indexes[flags] as number);
  }
}
