/** What heights and areas of pictures stand for, of one region. */
import type { Measure } from "../protocol/picture.ts";
import type { AddressSpace } from "./addressSpace.ts";

export const MEASURES = ["size", "rss", "pss", "dirty", "swap", "heat"] as const satisfies Measure[];

/**
 * A region by a measure, in bytes; `null` where it has not been read. Dirty is Shared_Dirty + Private_Dirty.
 * @param heat bytes a second of each region, NaN where not known (memory/faultHeat.ts)
 */
export function measured(
  space: AddressSpace,
  index: number,
  measure: Measure,
  heat: Float64Array | null,
): number | null {
  switch (measure) {
    case "size":
      return space.size(index);
    case "dirty": {
      const shared = space.usageOf(index, "sharedDirty");
      return shared === null ? null : shared + (space.usageOf(index, "privateDirty") ?? 0);
    }
    case "heat": {
      const rate = heat?.[index] ?? Number.NaN;
      return Number.isNaN(rate) ? null : rate;
    }
    default:
      return space.usageOf(index, measure);
  }
}
