/** What of the panel survives being hidden and the window's reload. The target's data is asked for anew. */
import { type HexAddress, parseAddress, toHex } from "../../memory/address.ts";
import type { RowField, TargetId } from "../../protocol/server.ts";
import type { PageZoom } from "./pageGrid.ts";
import type { RowOrder } from "./regionRows.ts";
import type { View } from "./view.ts";

export interface ViewState {
  readonly shown: TargetId | null;
  /** The panel stays with this target; the extension reads it after the window's reload. */
  readonly pinned: boolean;
  readonly selected: HexAddress | null;
  /** `null`: the whole address space. */
  readonly zoom: View | null;
  readonly filter: string;
  readonly order: RowOrder;
  /** The first row in view. */
  readonly row: number;
  /** What of the chosen region's pages is in view; `null`: all. */
  readonly pages: PageZoom | null;
  /** Whether the header tells all counters. */
  readonly counters: boolean;
}

export const ROW_FIELDS = [
  "start",
  "size",
  "rss",
  "pss",
  "dirty",
  "swap",
  "permissions",
  "kind",
  "name",
] as const satisfies RowField[];

/** Reads what was saved, perhaps by another version: what does not fit is left out. */
export function readViewState(saved: unknown): ViewState {
  const { shown, pinned, selected, zoom, filter, order, row, pages, counters } = properties(saved);
  const { sort, descending } = properties(order);
  const address = typeof selected === "string" ? parseAddress(selected) : undefined;
  return {
    shown: typeof shown === "string" ? shown : null,
    pinned: pinned === true,
    selected: address === undefined ? null : toHex(address),
    zoom: readZoom(zoom),
    filter: typeof filter === "string" ? filter : "",
    order: { sort: ROW_FIELDS.find((field) => field === sort) ?? "start", descending: descending === true },
    row: isCount(row) ? row : 0,
    pages: readPageZoom(pages),
    counters: counters === true,
  };
}

function readZoom(saved: unknown): View | null {
  const { from, to } = properties(saved);
  const valid = typeof from === "number" && typeof to === "number" && from >= 0 && to > from && Number.isFinite(to);
  return valid ? { from, to } : null;
}

function readPageZoom(saved: unknown): PageZoom | null {
  const { start, pagesPerCell, first, chosen } = properties(saved);
  const address = typeof start === "string" ? parseAddress(start) : undefined;
  if (address === undefined || !isCount(first)) return null;
  return {
    start: toHex(address),
    pagesPerCell: isCount(pagesPerCell) && Number.isInteger(Math.log2(pagesPerCell)) ? pagesPerCell : null,
    first,
    chosen: isCount(chosen) ? chosen : null,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function properties(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
