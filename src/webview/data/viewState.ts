/** What of the panel survives being hidden and the window's reload. The target's data is asked for anew. */
import { type HexAddress, parseAddress, toHex } from "../../memory/address.ts";
import type { RowField, TargetId } from "../../protocol/server.ts";
import type { RowOrder } from "./regionRows.ts";
import type { View } from "./view.ts";

export interface ViewState {
  readonly shown: TargetId | null;
  readonly selected: HexAddress | null;
  /** `null`: the whole address space. */
  readonly zoom: View | null;
  readonly filter: string;
  readonly order: RowOrder;
  /** The first row in view. */
  readonly row: number;
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
  const { shown, selected, zoom, filter, order, row } = properties(saved);
  const { sort, descending } = properties(order);
  const address = typeof selected === "string" ? parseAddress(selected) : undefined;
  return {
    shown: typeof shown === "string" ? shown : null,
    selected: address === undefined ? null : toHex(address),
    zoom: readZoom(zoom),
    filter: typeof filter === "string" ? filter : "",
    order: { sort: ROW_FIELDS.find((field) => field === sort) ?? "start", descending: descending === true },
    row: typeof row === "number" && Number.isSafeInteger(row) && row >= 0 ? row : 0,
  };
}

function readZoom(saved: unknown): View | null {
  const { from, to } = properties(saved);
  const valid = typeof from === "number" && typeof to === "number" && from >= 0 && to > from && Number.isFinite(to);
  return valid ? { from, to } : null;
}

function properties(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
