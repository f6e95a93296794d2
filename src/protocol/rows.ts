/** Messages about the table of regions. Types and nothing else. */
import type { HexAddress } from "../memory/address.ts";
import type { Totals } from "../memory/counters.ts";
import type { Kind } from "../memory/kind.ts";
import type { TargetId } from "./server.ts";

/** What the region table can be sorted by. */
export type RowField = "start" | "size" | "rss" | "pss" | "dirty" | "swap" | "permissions" | "kind" | "name";

export interface RowsQuery {
  target: TargetId;
  /** As it was at that time, in milliseconds since the epoch; `null` or absent: as it is. */
  at?: number | null;
  /** Case-insensitive text found in address, permissions, kind or path. */
  filter: string;
  sort: RowField;
  descending: boolean;
  offset: number;
  limit: number;
  /** Asks for {@link RowsPage.selected}. */
  selected?: HexAddress | null;
}

export interface RowsPage {
  revision: number;
  /** Rows that pass the filter. */
  total: number;
  /** Over those rows. */
  totals: Totals;
  rows: Row[];
  /** Which of the `total` rows holds the address that was asked for; `null` where none of them does. */
  selected?: number | null;
}

/** A row of the region table; `null` where smaps has not been read. */
export interface Row {
  start: HexAddress;
  end: HexAddress;
  size: number;
  rss: number | null;
  pss: number | null;
  dirty: number | null;
  swap: number | null;
  /** Milliseconds since the numbers were read. */
  age: number | null;
  permissions: string;
  kind: Kind;
  /** What it is called in the tree: module and section names, pseudo-path, file. */
  name: string;
  path: string | null;
}
