/** The cells of the page grid: where they lie in their room, and what is in each. */
import type { HexAddress } from "../../memory/address.ts";
import type { PagesAnswer } from "../../protocol/server.ts";

/** CSS pixels. */
export interface Room {
  readonly width: number;
  readonly height: number;
}

/** Cells in rows, from left to right; their edge in CSS pixels. */
export interface Layout {
  readonly columns: number;
  readonly rows: number;
  readonly size: number;
}

/** The most cells that are shown in the room. */
export function capacityOf({ width, height }: Room): number {
  return Math.floor(width / SMALLEST) * Math.floor(height / SMALLEST);
}

/** So many cells as large as the room allows, in no more rows than they fill. */
export function layoutOf({ width, height }: Room, cells: number): Layout {
  let size = LARGEST;
  while (size > SMALLEST && Math.floor(width / size) * Math.floor(height / size) < cells) size--;
  const columns = Math.max(1, Math.floor(width / size));
  return { columns, rows: Math.max(1, Math.ceil(cells / columns)), size };
}

const SMALLEST = 9;
const LARGEST = 22;

export interface Range {
  readonly start: HexAddress;
  readonly end: HexAddress;
}

/** Pages by what they are. `file`, `anonymous`, `zero`, `swapped` and `absent` are all of them. */
export interface PageCounts {
  readonly pages: number;
  /** In memory: of files or shared memory. */
  readonly file: number;
  readonly anonymous: number;
  readonly zero: number;
  readonly swapped: number;
  readonly absent: number;
  /** Of those in memory: mapped elsewhere too. */
  readonly shared: number;
  /** `null` where it cannot be told. */
  readonly huge: number | null;
  /** `null` without a mark. */
  readonly written: number | null;
}

/** Offset of a cell's first byte from the region's start; negative where the region begins within it. */
export function offsetOf(answer: PagesAnswer, region: Range, cell: number): number {
  return Number(BigInt(answer.start) - BigInt(region.start)) + cell * answer.pagesPerCell * answer.pageSize;
}

/** The cell that holds the byte at this offset from the region's start; none of the answer's where that is elsewhere. */
export function cellAt(answer: PagesAnswer, region: Range, offset: number): number {
  return Math.floor((offset - offsetOf(answer, region, 0)) / (answer.pagesPerCell * answer.pageSize));
}

/** The part of the region, in bytes from its start, that a cell stands for. */
export function extentOf(answer: PagesAnswer, region: Range, cell: number): { from: number; to: number } {
  const size = Number(BigInt(region.end) - BigInt(region.start));
  const start = offsetOf(answer, region, cell);
  return { from: Math.max(0, start), to: Math.min(size, start + answer.pagesPerCell * answer.pageSize) };
}

/** What is in a cell; its pages outside the region are not counted. */
export function countsOf(answer: PagesAnswer, region: Range, cell: number): PageCounts {
  const { from, to } = extentOf(answer, region, cell);
  const pages = Math.max(0, Math.ceil((to - from) / answer.pageSize));
  const present = answer.present[cell] ?? 0;
  const swapped = answer.swapped[cell] ?? 0;
  const file = Math.min(present, answer.file[cell] ?? 0);
  const zero = Math.min(present - file, answer.zero?.[cell] ?? 0);
  return {
    pages,
    file,
    anonymous: present - file - zero,
    zero,
    swapped,
    absent: Math.max(0, pages - present - swapped),
    shared: Math.max(0, present - zero - (answer.exclusive[cell] ?? 0)),
    huge: answer.huge && (answer.huge[cell] ?? 0),
    written: answer.written && (answer.written[cell] ?? 0),
  };
}

/** Sums over all cells of the answer. */
export function sumOf(answer: PagesAnswer, region: Range): PageCounts {
  const sum = { pages: 0, file: 0, anonymous: 0, zero: 0, swapped: 0, absent: 0, shared: 0, huge: 0, written: 0 };
  for (let cell = 0; cell < answer.present.length; cell++) {
    const counts = countsOf(answer, region, cell);
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += counts[key] ?? 0;
  }
  return { ...sum, huge: answer.huge && sum.huge, written: answer.written && sum.written };
}
