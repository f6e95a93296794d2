import { expect, test } from "vitest";
import type { PagesQuery } from "../../../src/protocol/server.ts";
import { cellText, detailSentences } from "../../../src/webview/components/pageWords.ts";
import { capacityOf, cellAt, countsOf, extentOf, layoutOf, sumOf } from "../../../src/webview/data/pageCells.ts";
import { CannedPages } from "./cannedPages.ts";

const PAGE = 4096;
const ROOM = { width: 600, height: 132 };
const region = { start: "0x7f0000003000", end: "0x7f0000103000" } as const;

function answerFor(range: { start: PagesQuery["start"]; end: PagesQuery["end"] }, cells: number, isMarked = true) {
  const pages = new CannedPages();
  pages.isMarked = isMarked;
  return pages.answer({ target: "1:1", ...range, cells });
}

test("as many cells as fit are shown, and fewer are larger, but never so large that one is left out", () => {
  const most = capacityOf(ROOM);
  for (let cells = 1; cells <= most; cells++) {
    const { columns, rows, size } = layoutOf(ROOM, cells);
    expect(columns * size).toBeLessThanOrEqual(ROOM.width);
    expect(rows * size).toBeLessThanOrEqual(ROOM.height);
    expect(columns * rows).toBeGreaterThanOrEqual(cells);
    expect(size).toBeLessThanOrEqual(layoutOf(ROOM, Math.max(1, cells - 1)).size);
  }
});

test("every page of the region lies in one cell and is one thing, however many a cell has", () => {
  for (const cells of [300, 100, 33, 5]) {
    const answer = answerFor(region, cells);
    let pages = 0;
    for (let cell = 0; cell < answer.present.length; cell++) {
      const counts = countsOf(answer, region, cell);
      const { from, to } = extentOf(answer, region, cell);
      expect(counts.pages).toBe((to - from) / PAGE);
      expect(counts.file + counts.anonymous + counts.zero + counts.swapped + counts.absent).toBe(counts.pages);
      expect(cellAt(answer, region, from)).toBe(cell);
      expect(cellAt(answer, region, to - 1)).toBe(cell);
      pages += counts.pages;
    }
    expect(pages).toBe(256);
    expect(sumOf(answer, region)).toEqual({
      pages: 256,
      file: 32,
      anonymous: 112,
      zero: 16,
      swapped: 32,
      absent: 64,
      shared: 48,
      huge: 32,
      written: 32,
    });
  }
});

test("what cannot be told is not counted", () => {
  expect(sumOf(answerFor(region, 300, false), region).written).toBeNull();
  expect(sumOf({ ...answerFor(region, 300), huge: null }, region).huge).toBeNull();
});

test("addresses at the top of all are exact", () => {
  const vsyscall = { start: "0xffffffffff600000", end: "0xffffffffff601000" } as const;
  const answer = answerFor(vsyscall, 100);
  expect(extentOf(answer, vsyscall, 0)).toEqual({ from: 0, to: PAGE });
});

test("a cell is told in words", () => {
  const single = answerFor(region, 300);
  const words = Array.from({ length: 16 }, (_, cell) => cellText(countsOf(single, region, cell)));
  // The region begins with a page whose number ends in 3.
  expect(words.slice(0, 14)).toEqual([
    "Not in memory.",
    "Swapped out.",
    "Swapped out.",
    "Of a file or shared memory, mapped elsewhere too.",
    "Of a file or shared memory, mapped elsewhere too.",
    "The page of zeros.",
    "Anonymous, in a huge page.",
    "Anonymous, in a huge page.",
    "Anonymous, written since the mark.",
    "Anonymous, written since the mark.",
    "Anonymous.",
    "Anonymous.",
    "Anonymous, mapped elsewhere too.",
    "Not in memory.",
  ]);
  const several = answerFor(region, 20);
  expect(cellText(countsOf(several, region, 1))).toBe(
    "10 of 16 pages in memory: 7 anonymous, 2 of files or shared memory, 1 the page of zeros; 2 swapped out; " +
      "3 mapped elsewhere too; 2 in huge pages; 2 written since the mark.",
  );
});

test("a page is told in sentences, with what is known of it and no more", () => {
  const pages = new CannedPages();
  const told = (number: number) => detailSentences(pages.page(`0x${(number * PAGE).toString(16)}`));
  expect(told(16)[0]).toBe("Not in memory.");
  expect(told(20)[0]).toBe("Swapped out, anonymous.");
  expect(told(22)[0]).toBe("In memory, of a file or of shared memory, mapped elsewhere too.");
  expect(told(24)[0]).toBe("In memory, the kernel's page of zeros.");
  pages.isMarked = true;
  expect(told(25)).toEqual([
    "In memory, anonymous, mapped here and nowhere else, in a huge page; not written since the mark.",
    "Page frame 0x1a2b3c, mapped once, with the kernel's flags uptodate, lru, anon.",
    "The CPU finds it by the tables' entries PGD 170, PTE 25; offset in the page 0.",
    "Pages of the region by NUMA node: 33 on 0.",
  ]);
  expect(told(27)[0]).toBe("In memory, anonymous, mapped here and nowhere else; written since the mark.");
  const bare = { ...pages.page("0x19000"), frame: null, tables: [], nodes: [], notes: ["No more can be told."] };
  expect(detailSentences(bare).slice(1)).toEqual(["No more can be told."]);
});
