import { expect, test } from "vitest";
import type { PagesQuery } from "../../../src/protocol/server.ts";
import { PageGrid } from "../../../src/webview/data/pageGrid.ts";
import { CannedPages } from "./cannedPages.ts";

const PAGE = 4096;
const START = 0x7f0000000000n;

function region(pages: number) {
  return {
    start: `0x${START.toString(16)}`,
    end: `0x${(START + BigInt(pages * PAGE)).toString(16)}`,
    name: "heap",
  } as const;
}

/** A grid of 101 cells, of which one is kept free, and what it asked. */
function grid() {
  const canned = new CannedPages();
  const asked: { first: number; last: number; cells: number }[] = [];
  const pages = new PageGrid(async (method, params) => {
    if (method === "page") return canned.page((params as { address: string }).address) as never;
    const query = params as PagesQuery;
    const page = (address: string) => Number((BigInt(address) - START) / BigInt(PAGE));
    asked.push({ first: page(query.start), last: page(query.end), cells: query.cells });
    return canned.answer(query) as never;
  });
  pages.resize(101);
  pages.isVisible = true;
  return { pages, asked };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("the whole region is asked for, and only what is in view after zooming in", async () => {
  const { pages, asked } = grid();
  pages.show("1:1", region(1000));
  expect(asked).toEqual([{ first: 0, last: 1000, cells: 101 }]);
  expect(pages.pagesPerCell).toBe(16);
  await settled();
  expect(pages.answer?.present).toHaveLength(63);
  pages.zoomTo(500);
  await settled();
  expect(asked.at(-1)).toEqual({ first: 450, last: 550, cells: 101 });
  expect(pages.answer?.pagesPerCell).toBe(1);
  pages.showWhole();
  await settled();
  expect(asked.at(-1)).toEqual({ first: 0, last: 1000, cells: 101 });
});

test("zooming keeps the page where it is, and ends at single pages and at the whole", async () => {
  const { pages, asked } = grid();
  pages.show("1:1", region(100_000));
  const whole = pages.pagesPerCell;
  pages.zoomBy(1, 50_000);
  await settled();
  const before = asked.at(-1) ?? { first: 0 };
  const place = Math.floor((50_000 - before.first) / pages.pagesPerCell);
  pages.zoomBy(1, 50_000);
  await settled();
  const after = asked.at(-1) ?? { first: 0 };
  expect(pages.pagesPerCell).toBe(whole / 4);
  expect(Math.floor((50_000 - after.first) / pages.pagesPerCell)).toBe(place);
  for (let step = 0; step < 30; step++) pages.zoomBy(1, 50_000);
  expect(pages.pagesPerCell).toBe(1);
  for (let step = 0; step < 30; step++) pages.zoomBy(-1, 50_000);
  expect(pages.isWhole).toBe(true);
  await settled();
  expect(asked.at(-1)).toMatchObject({ first: 0, last: 100_000 });
});

test("a view never leaves the region, wherever it is moved", async () => {
  const { pages, asked } = grid();
  pages.show("1:1", region(5000));
  pages.zoomTo(4999);
  await settled();
  expect(asked.at(-1)).toMatchObject({ first: 4900, last: 5000 });
  pages.panBy(50);
  await settled();
  expect(asked.at(-1)).toMatchObject({ first: 4900, last: 5000 });
  pages.panBy(-1_000_000);
  await settled();
  expect(asked.at(-1)).toMatchObject({ first: 0, last: 100 });
});

test("the cursor takes the view along, by whole rows", async () => {
  const { pages, asked } = grid();
  pages.show("1:1", region(5000));
  pages.zoomTo(50);
  pages.moveTo(95);
  pages.moveBy(20, 20);
  await settled();
  expect(pages.cursor).toBe(115);
  expect(asked.at(-1)).toMatchObject({ first: 20, last: 120 });
  for (let step = 0; step < 10; step++) pages.moveBy(-20, 20);
  await settled();
  expect(pages.cursor).toBe(0);
  expect(asked.at(-1)).toMatchObject({ first: 0, last: 100 });
});

test("a region that grows keeps the view, another one is shown whole", async () => {
  const { pages, asked } = grid();
  pages.show("1:1", region(5000));
  pages.zoomTo(2000);
  pages.choose(2000);
  await settled();
  pages.show("1:1", region(6000));
  await settled();
  expect(asked.at(-1)).toMatchObject({ first: 1950, last: 2050 });
  expect(pages.details?.address).toBe(`0x${(START + 2000n * 4096n).toString(16)}`);
  const other = { start: "0x1000", end: "0x3000", name: "other" } as const;
  pages.show("1:1", other);
  expect(pages.details).toBeNull();
  expect(pages.answer).toBeNull();
  expect(pages.isWhole).toBe(true);
});

test("terabytes are a grid like any other", async () => {
  const { pages } = grid();
  const asked: PagesQuery[] = [];
  const large = new PageGrid(async (_method, params) => {
    asked.push(params as PagesQuery);
    throw new Error("not now");
  });
  large.resize(101);
  large.isVisible = true;
  large.show("1:1", { start: "0x10000000000", end: "0x6f0000000000", name: "reserved" });
  expect(Math.log2(large.pagesPerCell) % 1).toBe(0);
  expect(asked[0]).toMatchObject({ start: "0x10000000000", end: "0x6f0000000000" });
  await settled();
  expect(large.problem).toBe("not now");
  expect(pages.problem).toBeNull();
});

test("out of sight nothing is asked", async () => {
  const { pages, asked } = grid();
  pages.isVisible = false;
  pages.show("1:1", region(10));
  pages.refresh();
  expect(asked).toEqual([]);
  pages.isVisible = true;
  expect(asked).toHaveLength(1);
});

test("what was in view, and the page in detail, are shown again where it is the same region", async () => {
  const before = grid();
  before.pages.show("1:1", region(1000));
  before.pages.zoomTo(500);
  before.pages.choose(510);
  const kept = before.pages.zoom;
  expect(kept).toEqual({ start: "0x7f0000000000", pagesPerCell: 1, first: 450, chosen: 510 });
  const after = grid();
  after.pages.restore(kept);
  expect(after.pages.zoom).toEqual(kept);
  after.pages.show("1:1", region(1000));
  await settled();
  expect(after.asked.at(-1)).toEqual({ first: 450, last: 550, cells: 101 });
  expect(after.pages.details?.address).toBe(`0x${(START + 510n * BigInt(PAGE)).toString(16)}`);
  expect(after.pages.zoom).toEqual(kept);
});

test("another region than the one that was kept is shown whole, and so is that one later", async () => {
  const { pages, asked } = grid();
  pages.restore({ start: "0x7e0000000000", pagesPerCell: 1, first: 450, chosen: null });
  pages.show("1:1", region(1000));
  await settled();
  expect(asked.at(-1)).toMatchObject({ first: 0, last: 1000 });
  pages.show("1:1", { name: "stack", start: "0x7e0000000000", end: "0x7e0000400000" });
  await settled();
  expect(pages.isWhole).toBe(true);
});

test("a view stays as it is while there is no room for it", () => {
  const { pages } = grid();
  pages.show("1:1", region(1000));
  pages.zoomTo(500);
  const { zoom } = pages;
  pages.resize(0);
  pages.show("1:1", region(1001));
  pages.resize(101);
  expect(pages.zoom).toEqual(zoom);
});

test("a region that is shown again after none was is as it was left", async () => {
  const { pages } = grid();
  pages.show("1:1", region(1000));
  pages.zoomTo(500);
  const { zoom } = pages;
  pages.show("1:1", null);
  pages.show("1:1", region(1000));
  expect(pages.zoom).toEqual(zoom);
  pages.show("2:2", null);
  pages.show("2:2", region(1000));
  expect(pages.isWhole).toBe(true);
});
