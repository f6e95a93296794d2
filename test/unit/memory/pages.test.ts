import { expect, test } from "vitest";
import { READ } from "../../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../../src/memory/addressSpaceBuilder.ts";
import { extentsOf } from "../../../src/memory/pageExtents.ts";
import { toPageDetails, toPagesAnswer } from "../../../src/memory/pageMessages.ts";
import { EXCLUSIVE, FILE, GUARD, HUGE, PageCells, PRESENT, SWAPPED, WRITTEN, ZERO } from "../../../src/memory/pages.ts";
import { X86_64 } from "../../../src/memory/virtualAddress.ts";

const PAGE = 4096;

test("cells have the smallest power of two of pages that makes them few enough", () => {
  const sizeOf = (pages: number, most: number) => {
    const { pagesPerCell, length } = new PageCells(0, pages * PAGE, PAGE, most);
    return [pagesPerCell, length];
  };
  expect(sizeOf(64, 64)).toEqual([1, 64]);
  expect(sizeOf(65, 64)).toEqual([2, 33]);
  expect(sizeOf(1, 1)).toEqual([1, 1]);
  expect(sizeOf(1000, 1)).toEqual([1024, 1]);
  expect(sizeOf(2 ** 35, 4096)).toEqual([2 ** 23, 4096]);
});

test("a run of pages is shared out among the cells that it reaches into", () => {
  const cells = new PageCells(PAGE, 17 * PAGE, PAGE, 4);
  cells.add(3 * PAGE, 7, PRESENT | FILE);
  cells.add(16 * PAGE, 1, SWAPPED | WRITTEN);
  expect(Array.from(cells.column(PRESENT))).toEqual([2, 4, 1, 0]);
  expect(Array.from(cells.column(FILE))).toEqual([2, 4, 1, 0]);
  expect(Array.from(cells.column(SWAPPED))).toEqual([0, 0, 0, 1]);
  expect(Array.from(cells.column(WRITTEN))).toEqual([0, 0, 0, 1]);
  for (const state of [EXCLUSIVE, HUGE, ZERO, GUARD]) expect(cells.total(state)).toBe(0);
  expect(cells.total(PRESENT)).toBe(7);
});

test("what cannot be told is null, and the last cell may reach beyond the range, not beyond all addresses", () => {
  const cells = new PageCells(2 ** 64 - 3 * PAGE, 2 ** 64 - PAGE, PAGE, 1);
  cells.add(cells.start, 1, PRESENT | ZERO);
  const answer = toPagesAnswer({ cells, time: 1, told: PRESENT | ZERO, isWhole: true, notes: ["so"] });
  expect(answer).toMatchObject({
    start: "0xffffffffffffd000",
    end: "0xfffffffffffff000",
    pagesPerCell: 2,
    present: [1],
    zero: [1],
    huge: null,
    written: null,
    notes: ["so"],
  });
  const wide = toPagesAnswer({
    cells: new PageCells(0, 3 * PAGE, PAGE, 2),
    time: 1,
    told: 0,
    isWhole: true,
    notes: [],
  });
  expect([wide.end, wide.present]).toEqual(["0x4000", [0, 0]]);
});

test("a page is taken apart where the machine's way is known, and an address that is none is said to be that", () => {
  const page = { address: 0x8000_0000_0123n, state: 0, told: HUGE, frame: null, nodes: [], notes: ["first"] };
  const details = toPageDetails(page, X86_64);
  expect(details).toMatchObject({ exclusive: null, huge: false, zero: null, written: null, offset: 0x123 });
  expect(details.tables[0]).toEqual({ name: "PGD", index: 256 });
  expect(details.notes).toEqual(["first", expect.stringMatching(/not canonical/)]);
  expect(toPageDetails(page, null)).toMatchObject({ tables: [], notes: ["first"] });
});

test("of the regions of a range those are read that may have pages, within a limit", () => {
  const GIB = 2 ** 30;
  const builder = new AddressSpaceBuilder();
  const add = (from: number, to: number, rss: number | null) => {
    builder.add(from * GIB, to * GIB, READ, 0, "00:00", 0, null);
    if (rss === null) return;
    builder.setUsage("rss", rss);
    builder.setFlags("rd mr");
  };
  add(1, 2, 0);
  add(2, 3, 4);
  add(4, 100, 0);
  add(100, 110, 4);
  add(200, 300, null);
  const space = builder.finish();
  const extents = (from: number, to: number, most: number) => extentsOf(space, from * GIB, to * GIB, most * GIB);
  expect(extents(0, 1000, 1000)).toEqual({
    extents: [
      { start: GIB, end: 3 * GIB },
      { start: 100 * GIB, end: 110 * GIB },
      { start: 200 * GIB, end: 300 * GIB },
    ],
    empty: 96 * GIB,
    refused: 0,
  });
  expect(extents(2.5, 105, 1000)).toMatchObject({
    extents: [
      { start: 2.5 * GIB, end: 3 * GIB },
      { start: 100 * GIB, end: 105 * GIB },
    ],
  });
  expect(extents(0, 1000, 50)).toMatchObject({ refused: 100 * GIB, empty: 96 * GIB });
  expect(extents(110, 200, 50)).toEqual({ extents: [], empty: 0, refused: 0 });
});
