import { sumOf } from "../memory/axis.ts";
import { MEASURES } from "../memory/measure.ts";
import { extentOf } from "../memory/module.ts";
import { linkAddress, sectionAt, sectionsInMemory } from "../memory/modules.ts";
import { printable } from "../memory/names.ts";
import { type ElfOf, moduleAt } from "../memory/placeInModule.ts";
import type { Measure, StretchDetails, StretchQuery } from "../protocol/picture.ts";
import type { Revision } from "./revision.ts";

/** What the picture tells of the stretch under the pointer: all measures of it, and what is at the address. */
export async function stretchDetails(
  { space, heat, time }: Revision,
  query: StretchQuery,
  elfOf: ElfOf,
): Promise<StretchDetails> {
  const { start, end, address } = {
    start: BigInt(query.start),
    end: BigInt(query.end),
    address: BigInt(query.address),
  };
  const first = space.indexAtOrBelow(start - 1n) + 1;
  const last = space.indexAtOrBelow(end - 1n);
  const isMapped = first <= last;
  const value = (measure: Measure) => (isMapped ? sumOf(space, first, last, measure, heat.rates) : null);
  const module = moduleAt(space, address);
  const link = module && linkAddress(module, address);
  const section = module && link !== null ? sectionAt(sectionsInMemory(module.layout), link) : null;
  // Without symbols the rest is told all the same.
  const symbol =
    module && link !== null
      ? await elfOf(module)
          ?.symbolAt(link)
          .catch(() => null)
      : null;
  return {
    measures: Object.fromEntries(MEASURES.map((measure) => [measure, value(measure)])) as StretchDetails["measures"],
    age: isMapped ? ageOf(space.columns.readAt.subarray(first, last + 1), time ?? Date.now()) : null,
    section: section && printable(section.name),
    symbol: symbol
      ? { name: printable(symbol.name), offset: Number((link ?? 0n) - symbol.address), size: extentOf(symbol) }
      : null,
  };
}

/** Of the numbers that were read longest ago; `null` where none were. */
function ageOf(times: Float64Array, now: number): number | null {
  const read = times.filter((time) => time > 0);
  return read.length === 0 ? null : Math.max(0, now - read.reduce((oldest, time) => Math.min(oldest, time)));
}
