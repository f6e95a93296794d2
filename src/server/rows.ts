import { type AddressSpace, permissionLetters } from "../memory/addressSpace.ts";
import type { Totals } from "../memory/counters.ts";
import { KIND_LABELS } from "../memory/kind.ts";
import { toRow } from "../memory/messages.ts";
import { regionName } from "../memory/names.ts";
import { totalsOf } from "../memory/totals.ts";
import type { Row, RowField, RowsQuery } from "../protocol/server.ts";
import { Recent } from "./recent.ts";

export interface Rows {
  /** Rows that pass the filter. */
  readonly total: number;
  /** Over those rows. */
  readonly totals: Totals;
  readonly rows: Row[];
  /** Which of the `total` rows is of the region `selected`; `null` where none is. */
  readonly selected: number | null;
}

/**
 * The table of a target's regions: filtered and sorted once, so that scrolling costs the rows that are visible and no
 * others.
 */
export class RegionRows {
  readonly #space: AddressSpace;
  readonly #filtered: (filter: string) => Uint32Array;
  readonly #totals = new Recent<Totals>(FILTERS_KEPT);
  readonly #sorted = new Recent<Uint32Array>(ORDERS_KEPT);

  /** `filtered` answers the indexes of the regions that a filter lets through, in address order. */
  constructor(space: AddressSpace, filtered: (filter: string) => Uint32Array) {
    this.#space = space;
    this.#filtered = filtered;
  }

  /** `selected` is the index of a region, or -1. */
  page({ filter, sort, descending, offset, limit }: RowsQuery, selected: number): Rows {
    const indexes = this.#sorted.get(`${sort} ${descending} ${filter}`, () => {
      return sortRegions(this.#space, this.#filtered(filter), sort, descending);
    });
    const from = Math.max(0, Math.floor(offset));
    const page = indexes.subarray(from, from + Math.min(Math.max(0, Math.floor(limit)), MOST_ROWS));
    const place = selected < 0 ? -1 : indexes.indexOf(selected);
    return {
      total: indexes.length,
      totals: this.#totals.get(filter, () => sumOf(this.#space, indexes)),
      rows: Array.from(page, (index) => toRow(this.#space, index)),
      selected: place < 0 ? null : place,
    };
  }
}

const FILTERS_KEPT = 4;
const ORDERS_KEPT = 4;
/** Of a page: more than any window shows. */
const MOST_ROWS = 10_000;

/** A copy of the indexes, sorted. Regions that are alike stay in address order; those not yet read count as less than 0. */
function sortRegions(space: AddressSpace, indexes: Uint32Array, field: RowField, descending: boolean): Uint32Array {
  const keys = new Float64Array(space.length);
  const text = TEXTS[field];
  if (text) {
    const texts = Array.from(indexes, (index) => text(space, index));
    const ranks = new Map([...new Set(texts)].sort(COLLATOR.compare).map((each, rank) => [each, rank]));
    for (const [at, index] of indexes.entries()) keys[index] = ranks.get(texts[at] as string) as number;
  } else {
    for (const index of indexes) keys[index] = numberOf(space, index, field);
  }
  const sign = descending ? -1 : 1;
  return indexes.slice().sort((a, b) => sign * ((keys[a] as number) - (keys[b] as number)) || a - b);
}

const COLLATOR = new Intl.Collator("en", { numeric: true });

const TEXTS: Partial<Record<RowField, (space: AddressSpace, index: number) => string>> = {
  permissions: (space, index) => permissionLetters(space.columns.permissions[index] as number),
  kind: (space, index) => KIND_LABELS[space.kind(index)],
  name: regionName,
};

function numberOf(space: AddressSpace, index: number, field: RowField): number {
  switch (field) {
    case "size":
      return space.size(index);
    case "dirty": {
      const shared = space.usageOf(index, "sharedDirty");
      return shared === null ? -1 : shared + (space.usageOf(index, "privateDirty") ?? 0);
    }
    case "rss":
    case "pss":
    case "swap":
      return space.usageOf(index, field) ?? -1;
    default:
      return space.columns.start[index] as number;
  }
}

function sumOf(space: AddressSpace, indexes: Uint32Array): Totals {
  const size = () => indexes.reduce((sum, index) => sum + space.size(index), 0);
  return totalsOf(space, indexes) ?? { size: size(), rss: 0, pss: 0, uss: 0, swap: 0 };
}
