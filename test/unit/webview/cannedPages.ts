/** Pages as the memory server tells them, of a process that has every kind: what a page is follows from its number. */
import { toHex } from "../../../src/memory/address.ts";
import type { PageDetails, PagesAnswer, PagesQuery } from "../../../src/protocol/server.ts";

const PAGE = 4096;

interface CannedPage {
  present: boolean;
  swapped: boolean;
  file: boolean;
  exclusive: boolean;
  huge: boolean;
  zero: boolean;
  written: boolean;
}

/** Of 16 pages: 4 absent, 2 swapped, 2 of files (both shared), 1 of zeros, 7 anonymous (2 huge, 1 shared, 2 written). */
export function cannedPage(number: number): CannedPage {
  const at = number % 16;
  const present = at >= 6;
  return {
    present,
    swapped: at >= 4 && at < 6,
    file: at >= 6 && at < 8,
    exclusive: at >= 9 && at !== 15,
    huge: at === 9 || at === 10,
    zero: at === 8,
    written: at === 11 || at === 12,
  };
}

export class CannedPages {
  isMarked = false;

  answer({ start, end, cells }: PagesQuery): PagesAnswer {
    const first = Number(BigInt(start) / BigInt(PAGE));
    const last = Number((BigInt(end) - 1n) / BigInt(PAGE));
    let pagesPerCell = 1;
    const cellOf = (page: number) => Math.floor(page / pagesPerCell);
    while (cellOf(last) - cellOf(first) + 1 > cells) pagesPerCell *= 2;
    const from = cellOf(first);
    const length = cellOf(last) - from + 1;
    const columns = {
      present: zeros(length),
      swapped: zeros(length),
      file: zeros(length),
      exclusive: zeros(length),
      huge: zeros(length),
      zero: zeros(length),
      written: zeros(length),
    };
    for (let page = first; page <= last; page++) {
      const states = cannedPage(page);
      const cell = cellOf(page) - from;
      for (const name of Object.keys(columns) as (keyof typeof columns)[]) {
        if (states[name]) columns[name][cell] = (columns[name][cell] ?? 0) + 1;
      }
    }
    const address = (cell: number) => toHex(BigInt(cell) * BigInt(pagesPerCell * PAGE));
    return {
      start: address(from),
      end: address(from + length),
      pageSize: PAGE,
      pagesPerCell,
      time: Date.now(),
      ...columns,
      written: this.isMarked ? columns.written : null,
      notes: this.isMarked ? [] : ["Nothing has been marked yet."],
    };
  }

  page(address: string): PageDetails {
    const number = Number(BigInt(address) / BigInt(PAGE));
    const { present, swapped, file, exclusive, huge, zero, written } = cannedPage(number);
    return {
      address: toHex(BigInt(number) * BigInt(PAGE)),
      present,
      swapped,
      file,
      exclusive: present ? exclusive : null,
      huge: present ? huge : null,
      zero: present ? zero : null,
      written: this.isMarked ? written : null,
      frame: present ? { number: 0x1a2b3c, flags: ["uptodate", "lru", "anon"], mappings: 1 } : null,
      nodes: [{ node: 0, pages: 33 }],
      tables: [
        { name: "PGD", index: 170 },
        { name: "PTE", index: number % 512 },
      ],
      offset: 0,
      notes: [],
    };
  }
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}
