/** What of the panel survives being hidden and the window's reload. The target's data is asked for anew. */
import { type HexAddress, parseAddress, toHex } from "../../memory/address.ts";
import { MEASURES } from "../../memory/measure.ts";
import { ROW_FIELDS } from "../../memory/rowFields.ts";
import { STOP_ORDERS } from "../../memory/stepCost.ts";
import type { Measure, RowField, RowGrouping, StopOrder, TargetId } from "../../protocol/server.ts";
import type { PageZoom } from "./pageGrid.ts";
import type { RowOrder } from "./regionRows.ts";
import { DIVISIONS, SERIES } from "./timeSeries.ts";
import type { TimeViewState } from "./timeView.ts";
import { WHOLE } from "./treemap.ts";
import type { View } from "./view.ts";

export const LAYOUTS = ["address", "treemap"] as const;
/** How the map of the memory is laid out. */
export type Layout = (typeof LAYOUTS)[number];

export interface ViewState {
  readonly shown: TargetId | null;
  /** The panel stays with this target; the extension reads it after the window's reload. */
  readonly pinned: boolean;
  readonly selected: HexAddress | null;
  /** `null`: the whole address space. */
  readonly zoom: View | null;
  readonly layout: Layout;
  /** What the map's heights and areas stand for. */
  readonly measure: Measure;
  /** The id of the box that fills the treemap. */
  readonly box: string;
  readonly filter: string;
  readonly order: RowOrder;
  /** The table's, as `RegionRows` has them. */
  readonly columns: readonly RowField[] | null;
  readonly grouping: RowGrouping | null;
  /** The first row in view. */
  readonly row: number;
  /** What of the chosen region's pages is in view; `null`: all. */
  readonly pages: PageZoom | null;
  /** Whether the header tells all counters. */
  readonly counters: boolean;
  /** How the time line is looked at. */
  readonly time: TimeViewState;
  /** How the list of steps is sorted; `null`: it is closed. */
  readonly stops: StopOrder | null;
  /** The past moment that is shown. */
  readonly moment: number | null;
}

/** Reads what was saved, perhaps by another version: what does not fit is left out. */
export function readViewState(saved: unknown): ViewState {
  const {
    shown,
    pinned,
    selected,
    zoom,
    layout,
    measure,
    box,
    filter,
    order,
    columns,
    grouping,
    row,
    pages,
    counters,
    time,
    stops,
    moment,
  } = properties(saved);
  const { sort, descending } = properties(order);
  const address = typeof selected === "string" ? parseAddress(selected) : undefined;
  return {
    shown: typeof shown === "string" ? shown : null,
    pinned: pinned === true,
    selected: address === undefined ? null : toHex(address),
    zoom: readZoom(zoom),
    layout: LAYOUTS.find((known) => known === layout) ?? "address",
    measure: MEASURES.find((known) => known === measure) ?? "rss",
    box: typeof box === "string" ? box : WHOLE,
    filter: typeof filter === "string" ? filter : "",
    order: { sort: ROW_FIELDS.find((field) => field === sort) ?? "start", descending: descending === true },
    columns: Array.isArray(columns) ? ROW_FIELDS.filter((field) => columns.includes(field)) : null,
    grouping: readGrouping(grouping),
    row: isCount(row) ? row : 0,
    pages: readPageZoom(pages),
    counters: counters === true,
    time: readTimeView(time),
    stops: STOP_ORDERS.find((known) => known === stops) ?? null,
    moment: typeof moment === "number" && moment > 0 ? moment : null,
  };
}

function readZoom(saved: unknown): View | null {
  const { from, to } = properties(saved);
  const valid = typeof from === "number" && typeof to === "number" && from >= 0 && to > from && Number.isFinite(to);
  return valid ? { from, to } : null;
}

function readGrouping(saved: unknown): RowGrouping | null {
  const { by, isFolded, except } = properties(saved);
  if (by !== "module" && by !== "kind") return null;
  const ids = Array.isArray(except) ? except.filter((id) => typeof id === "string") : [];
  return { by, isFolded: isFolded === true, except: ids };
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

function readTimeView(saved: unknown): TimeViewState {
  const { division, hidden, range, isFollowing } = properties(saved);
  return {
    division: DIVISIONS.find((known) => known === division) ?? "kind",
    hidden: SERIES.filter((series) => Array.isArray(hidden) && hidden.includes(series)),
    range: readZoom(range),
    isFollowing: isFollowing === true,
  };
}

function properties(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
