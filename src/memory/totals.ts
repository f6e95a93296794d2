import type { KindSums } from "../protocol/server.ts";
import { type AddressSpace, PAGES_ONLY } from "./addressSpace.ts";
import type { Totals } from "./counters.ts";
import { USAGE_FIELDS } from "./region.ts";

/**
 * Sums over all regions, or those of `indexes`; `null` where none has been read in detail. Regions that appeared since
 * the last reading of smaps count with their size alone; where pages were counted, PSS and USS are not known. vsyscall counts, which the kernel leaves out of VmSize.
 */
export function totalsOf(space: AddressSpace, indexes?: ArrayLike<number>): Totals | null {
  const totals = { size: 0, rss: 0, pss: 0, uss: 0, swap: 0 };
  let read = 0;
  let isPartly = false;
  const count = indexes ? indexes.length : space.length;
  const { usage } = space.columns;
  for (let i = 0; i < count; i++) {
    const index = indexes ? (indexes[i] as number) : i;
    totals.size += space.size(index);
    if (space.usageOf(index, "rss") === null) continue;
    read++;
    if (space.columns.flags[index] === PAGES_ONLY) isPartly = true;
    totals.rss += (usage.rss[index] as number) * 1024;
    totals.pss += (usage.pss[index] as number) * 1024;
    totals.swap += (usage.swap[index] as number) * 1024;
    for (const field of UNIQUE) totals.uss += (usage[field][index] as number) * 1024;
  }
  if (read === 0 && count > 0) return null;
  return isPartly ? { ...totals, pss: null, uss: null } : totals;
}

/** The RSS of each kind that has any, in bytes; of regions that have not been read nothing counts. */
export function rssByKind(space: AddressSpace): KindSums {
  const sums: KindSums = {};
  for (let index = 0; index < space.length; index++) {
    const rss = space.usageOf(index, "rss");
    if (rss) sums[space.kind(index)] = (sums[space.kind(index)] ?? 0) + rss;
  }
  return sums;
}

const UNIQUE = USAGE_FIELDS.filter((field) => field.startsWith("private"));
