/** Messages about single pages of a target. Types and nothing else. */
import type { HexAddress } from "../memory/address.ts";
import type { TargetId } from "./server.ts";

/** Asks for the pages of a range, put together so that they fit into so many cells. */
export interface PagesQuery {
  target: TargetId;
  /** Rounded to whole pages. */
  start: HexAddress;
  end: HexAddress;
  /** The most cells that are wanted. A cell has a power of two of pages. */
  cells: number;
}

/** What is known of the pages of a range: for each cell of the grid how many of its pages are in a state. */
export interface PagesAnswer {
  /** As asked, rounded to whole cells; the last cell may reach beyond the range. */
  start: HexAddress;
  end: HexAddress;
  /** Bytes. */
  pageSize: number;
  pagesPerCell: number;
  /** Milliseconds since the epoch, when it was read. */
  time: number;
  /** Pages in memory. */
  present: number[];
  swapped: number[];
  /** Of those in memory or swapped: of a file or of shared memory, rather than anonymous. */
  file: number[];
  /** Of those in memory: mapped here and nowhere else. */
  exclusive: number[];
  /** In a huge page; `null` where this kernel or this user cannot tell. */
  huge: number[] | null;
  /** The kernel's page of zeros; `null` where it cannot be told. */
  zero: number[] | null;
  /** Written since the mark; `null` without a mark. */
  written: number[] | null;
  /** What cannot be told here, and why: sentences. */
  notes: string[];
}

/** All that is known of one page. */
export interface PageDetails {
  /** As asked for: somewhere in the page. */
  address: HexAddress;
  present: boolean;
  swapped: boolean;
  /** Of a file or of shared memory. */
  file: boolean;
  /** Mapped here and nowhere else; `null` where the page is not in memory. */
  exclusive: boolean | null;
  /** In a huge page; `null` where that cannot be told. */
  huge: boolean | null;
  /** The kernel's page of zeros; `null` where that cannot be told. */
  zero: boolean | null;
  /** Since the mark; `null` without a mark. */
  written: boolean | null;
  /** The frame's number and, of it, the kernel's flags (`kpageflags`) by name and the number of mappings (`kpagecount`). */
  frame: { number: number; flags: string[]; mappings: number | null } | null;
  /** NUMA nodes that have pages of the region, with how many; empty where that is not told. */
  nodes: { node: number; pages: number }[];
  /** The address as the CPU takes it apart: the index into each table from the top, and the offset in the page. */
  tables: { name: string; index: number }[];
  offset: number;
  notes: string[];
}
