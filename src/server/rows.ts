import { type AddressSpace, permissionLetters } from "../memory/addressSpace.ts";
import { toRow } from "../memory/messages.ts";
import { regionName } from "../memory/names.ts";
import { totalsOf } from "../memory/totals.ts";
import type { RowField, RowsPage, RowsQuery } from "../protocol/server.ts";
import { filterRegions } from "./regionFilter.ts";

/**
 * The region table: sorted and filtered once for each picture of the target, so that scrolling costs the visible rows
 * alone.
 */
export class RegionRows {
  #sorted: { space: AddressSpace; key: string; indexes: Uint32Array } | null = null;

  page(space: AddressSpace, revision: number, query: RowsQuery): RowsPage {
    const indexes = this.#indexes(space, query);
    const rows = Array.from(indexes.subarray(query.offset, query.offset + query.limit), (index) => toRow(space, index));
    return {
      revision,
      total: indexes.length,
      totals: totalsOf(space, indexes) ?? { size: sizeOf(space, indexes), rss: 0, pss: 0, uss: 0, swap: 0 },
      rows,
    };
  }

  #indexes(space: AddressSpace, { filter, sort, descending }: RowsQuery): Uint32Array {
    const key = JSON.stringify([filter, sort, descending]);
    if (this.#sorted?.space !== space || this.#sorted.key !== key) {
      this.#sorted = { space, key, indexes: sorted(space, filterRegions(space, filter), sort, descending) };
    }
    return this.#sorted.indexes;
  }
}

/** Regions that are alike, or not yet read, stay in address order. */
function sorted(space: AddressSpace, indexes: Uint32Array, sort: RowField, descending: boolean): Uint32Array {
  const sign = descending ? -1 : 1;
  if (sort === "start") return descending ? indexes.reverse() : indexes;
  if (sort === "permissions" || sort === "kind" || sort === "name") {
    const texts = new Map(Array.from(indexes, (index) => [index, textOf(space, index, sort)]));
    const compare = new Intl.Collator("en", { numeric: true }).compare;
    return indexes.sort((a, b) => sign * compare(texts.get(a) as string, texts.get(b) as string) || a - b);
  }
  const numbers = new Float64Array(space.length);
  for (const index of indexes) numbers[index] = numberOf(space, index, sort) ?? -1;
  return indexes.sort((a, b) => sign * ((numbers[a] as number) - (numbers[b] as number)) || a - b);
}

function textOf(space: AddressSpace, index: number, field: "permissions" | "kind" | "name"): string {
  if (field === "kind") return space.kind(index);
  if (field === "name") return regionName(space, index);
  return permissionLetters(space.columns.permissions[index] as number);
}

function numberOf(space: AddressSpace, index: number, field: "size" | "rss" | "pss" | "dirty" | "swap"): number | null {
  if (field === "size") return space.size(index);
  if (field !== "dirty") return space.usageOf(index, field);
  const shared = space.usageOf(index, "sharedDirty");
  return shared === null ? null : shared + (space.usageOf(index, "privateDirty") ?? 0);
}

function sizeOf(space: AddressSpace, indexes: Uint32Array): number {
  return indexes.reduce((sum, index) => sum + space.size(index), 0);
}
