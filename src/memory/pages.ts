/** What single pages of memory are like, and many of them put together. Addresses are doubles, see address.ts. */
import type { Address } from "./address.ts";

/** Bits of a page's state. */
export const PRESENT = 1 << 0;
export const SWAPPED = 1 << 1;
/** Of a file or of shared memory, rather than anonymous. */
export const FILE = 1 << 2;
/** Mapped by this process and no other: after a fork the pages that are still shared are not. */
export const EXCLUSIVE = 1 << 3;
/** Written since the mark. */
export const WRITTEN = 1 << 4;
export const HUGE = 1 << 5;
/** The kernel's page of zeros: it was read and never written. */
export const ZERO = 1 << 6;
/** Whoever touches it is ended: madvise(2), MADV_GUARD_INSTALL. */
export const GUARD = 1 << 7;

/**
 * The pages of a range, put together in cells of equal size: for each the number of its pages in a state. It needs memory
 * for its cells, however many pages there are.
 */
export class PageCells {
  /** Whole pages. */
  readonly start: number;
  /** The last cell may reach beyond it. */
  readonly end: number;
  /** Bytes. */
  readonly pageSize: number;
  /** A power of two. */
  readonly pagesPerCell: number;
  readonly length: number;
  /** By the number of the bit. */
  readonly #columns: readonly Float64Array[];

  /** @param most cells, from 1; as many as fit are used, each with the same power of two of pages */
  constructor(start: number, end: number, pageSize: number, most: number) {
    const pages = (end - start) / pageSize;
    let pagesPerCell = 1;
    while (Math.ceil(pages / pagesPerCell) > most) pagesPerCell *= 2;
    const length = Math.ceil(pages / pagesPerCell);
    this.start = start;
    this.end = end;
    this.pageSize = pageSize;
    this.pagesPerCell = pagesPerCell;
    this.length = length;
    this.#columns = Array.from({ length: STATES }, () => new Float64Array(length));
  }

  /** Adds so many pages of the range from the address on, all in the same state. */
  add(start: number, pages: number, state: number): void {
    let page = (start - this.start) / this.pageSize;
    const end = page + pages;
    while (page < end) {
      const cell = Math.floor(page / this.pagesPerCell);
      const next = Math.min((cell + 1) * this.pagesPerCell, end);
      for (let bit = 0, rest = state; rest !== 0; bit++, rest >>>= 1) {
        if (!(rest & 1)) continue;
        const column = this.#columns[bit] as Float64Array;
        column[cell] = (column[cell] as number) + next - page;
      }
      page = next;
    }
  }

  /** For each cell how many of its pages are in the state, which is one bit. */
  column(state: number): Float64Array {
    return this.#columns[31 - Math.clz32(state)] as Float64Array;
  }

  total(state: number): number {
    return this.column(state).reduce((sum, pages) => sum + pages, 0);
  }
}

/** The pages of a range as they were read. */
export interface PagesReading {
  readonly cells: PageCells;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Which states this kernel and this user can tell. */
  readonly told: number;
  /** Whether all of the range was looked at: where that takes long, some of it is not. */
  readonly isWhole: boolean;
  /** What cannot be told, and why: sentences. */
  readonly notes: readonly string[];
}

/** All that is known of one page; what cannot be told is `null`. */
export interface Page {
  /** As asked for: somewhere in the page. */
  readonly address: Address;
  readonly state: number;
  readonly told: number;
  readonly frame: PageFrame | null;
  /** NUMA nodes that have pages of the region, with how many. */
  readonly nodes: readonly { readonly node: number; readonly pages: number }[];
  readonly notes: readonly string[];
}

/** The piece of physical memory that a page is in. */
export interface PageFrame {
  readonly number: number;
  /** As the kernel names them, without `KPF_`. */
  readonly flags: readonly string[];
  /** How often it is mapped, by all processes. */
  readonly mappings: number | null;
}

const STATES = 8;
