/** Messages about the table of regions. Types and nothing else. */
import type { HexAddress } from "../memory/address.ts";
import type { AmountField, Amounts, Sums } from "../memory/amounts.ts";
import type { Kind } from "../memory/kind.ts";
import type { TargetId } from "./server.ts";

/** What the region table has columns of, and can be sorted by. */
export type RowField =
  | AmountField
  | "start"
  | "permissions"
  | "fileOffset"
  | "device"
  | "inode"
  | "size"
  | "age"
  | "flags"
  | "thpEligible"
  | "kind"
  | "name"
  | "path";

/** What the table shows, in which order. */
export interface RowsOrder {
  target: TargetId;
  /** As it was at that time, in milliseconds since the epoch; `null` or absent: as it is. */
  at?: number | null;
  /** In the language of memory/filter.ts. */
  filter: string;
  sort: RowField;
  descending: boolean;
  /** `null` or absent: every region for itself. */
  grouping?: RowGrouping | null;
}

/** Regions of one module, file or kind stand together below a row of their own. */
export interface RowGrouping {
  by: "module" | "kind";
  /** Whether groups are folded, but for those of {@link except}; of those it is the other way round. */
  isFolded: boolean;
  /** Their {@link GroupRow.id}. */
  except: string[];
}

export interface RowsQuery extends RowsOrder {
  offset: number;
  limit: number;
  /** Asks for {@link RowsPage.selected}. */
  selected?: HexAddress | null;
  /** Asks for {@link RowsPage.spans}. */
  spans?: RowSpan[];
}

/** From one row to another, both included, in whichever order: {@link Row.start} or {@link GroupRow.id}. */
export type RowSpan = [from: string, to: string];

export interface RowsPage {
  revision: number;
  /** Of a moment of the past: when it was read, in milliseconds since the epoch; ages count up to then. */
  time?: number | null;
  /** Rows that there are, those of groups too. */
  total: number;
  /** Regions that pass the filter. */
  regions: number;
  /** Over those regions. */
  totals: Sums;
  /** Of how many of them the numbers have not been read. */
  unread: number;
  rows: (RegionRow | GroupRow)[];
  /** Which of the `total` rows holds the address that was asked for, or is of the folded group that does; or `null`. */
  selected?: number | null;
  /** For each span that was asked for its first and last row; `null` where one of them is no more. */
  spans?: ([first: number, last: number] | null)[];
}

/** What is known of a region, in short; `null` where smaps has not been read. */
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

/** A row of the region table. */
export interface RegionRow extends Row, Amounts {
  swap: number | null;
  fileOffset: number;
  /** `major:minor` in hexadecimal, as in maps. */
  device: string;
  inode: number;
  /** The codes of VmFlags: `rd mr mw me`. */
  flags: string | null;
  /** Whether it may get transparent huge pages. */
  thpEligible: boolean | null;
}

/** The row of a group. */
export interface GroupRow extends Sums {
  /** Stays the same from reading to reading. */
  id: string;
  name: string;
  /** Of regions of one kind. */
  kind: Kind | null;
  /** Of a module or file. */
  path: string | null;
  /** Where its first region starts and its last one ends; there are others between them. */
  start: HexAddress;
  end: HexAddress;
  /** Of its oldest numbers. */
  age: number | null;
  regions: number;
  isFolded: boolean;
}

/** The rows as a text for the clipboard. */
export interface RowsTextQuery extends RowsOrder {
  /** `text`: columns of characters; CSV as in RFC 4180, sizes in bytes. */
  format: "text" | "csv" | "markdown";
  columns: RowField[];
  /** Only those rows; `null`: all. */
  spans: RowSpan[] | null;
}

export interface RowsText {
  text: string;
  /** How many rows are in it. */
  rows: number;
}
