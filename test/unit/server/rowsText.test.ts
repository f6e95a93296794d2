import { expect, test } from "vitest";
import { EXECUTE, READ, WRITE } from "../../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../../src/memory/addressSpaceBuilder.ts";
import type { GroupRow, RowsOrder, RowsTextQuery } from "../../../src/protocol/server.ts";
import { Revision } from "../../../src/server/revision.ts";
import { rowsText } from "../../../src/server/rowsText.ts";
import { classified, pagesAt } from "./spaces.ts";

function someRegions() {
  const builder = new AddressSpaceBuilder();
  const add = (start: number, pages: number, permissions: number, path: string | null, rss: number | null) => {
    builder.add(start, start + pages * 4096, permissions, 0, "08:01", path?.startsWith("/") ? 7 : 0, path);
    if (rss === null) return;
    builder.setUsage("rss", rss);
    builder.setFlags("rd mr");
  };
  add(0x10000, 1, READ, '/data/=1+"a",b|c.txt', 4);
  add(0x400000, 4, READ, "/data/Notes.txt", 16);
  add(0x500000, 2, READ | WRITE, "/data/Notes.txt", 8);
  add(0x1000000, 33, READ | WRITE, "[heap]", 40);
  add(0x7f0000000000, 2, READ | EXECUTE, null, 8);
  add(0x7f0000100000, 100, READ | WRITE, null, null);
  add(0x7ffc00000000, 33, READ | WRITE, "[stack]", 12);
  return classified(builder);
}

const ORDER: RowsOrder = { target: "", filter: "", sort: "start", descending: false };
const BY_MODULE = { by: "module", isFolded: true, except: [] as string[] } as const;

function page(order: Partial<RowsOrder>, more: object = {}) {
  return new Revision(1, someRegions()).rows({ ...ORDER, ...order, offset: 0, limit: 100, ...more }, null);
}

function textOf(order: Partial<RowsOrder>, query: Partial<RowsTextQuery>) {
  const lines = new Revision(1, someRegions()).rowLines({ ...ORDER, ...order });
  return rowsText(lines, { format: "text", columns: ["start", "size", "rss", "name"], spans: null, ...query }, {});
}

test("groups carry the sums of their regions, and fold", () => {
  const folded = page({ grouping: BY_MODULE });
  expect(folded).toMatchObject({ total: 5, regions: 7 });
  expect(folded.rows.map((row) => [row.name, (row as GroupRow).regions, row.size / 4096, row.rss])).toEqual([
    ['=1+"a",b|c.txt', 1, 1, 4096],
    ["Notes.txt", 2, 6, 24 * 1024],
    ["Heap", 1, 33, 40 * 1024],
    ["Anonymous", 2, 102, 8 * 1024],
    ["Stacks", 1, 33, 12 * 1024],
  ]);
  const notes = folded.rows[1] as GroupRow;
  const open = page({ grouping: { ...BY_MODULE, except: [notes.id] } });
  expect(open.rows.map(({ start }) => start).slice(1, 4)).toEqual(["0x400000", "0x400000", "0x500000"]);
  expect(open.total).toBe(7);
  expect(page({ grouping: { ...BY_MODULE, isFolded: false } }).total).toBe(12);
});

test("groups and the regions in them are sorted, by sums and by number", () => {
  const { rows } = page({ grouping: { ...BY_MODULE, isFolded: false }, sort: "rss", descending: true });
  expect(rows.map(({ rss }) => rss && rss / 1024)).toEqual([40, 40, 24, 16, 8, 12, 12, 8, 8, null, 4, 4]);
});

test("the selected address is at its row, or at that of its folded group", () => {
  const revision = new Revision(1, someRegions());
  const place = (except: string[]) =>
    revision.rows({ ...ORDER, grouping: { ...BY_MODULE, except }, offset: 0, limit: 0 }, 0x500010n).selected;
  expect(place([])).toBe(1);
  expect(place(["file:/data/Notes.txt"])).toBe(3);
});

test("spans are found again in another order, and not where one of their rows is hidden", () => {
  const spans = [["0x1000000", "0x400000"] as [string, string]];
  expect(page({}, { spans }).spans).toEqual([[1, 3]]);
  expect(page({ sort: "rss", descending: true }, { spans }).spans).toEqual([[0, 1]]);
  expect(page({ filter: "heap" }, { spans }).spans).toEqual([null]);
  expect(page({ grouping: BY_MODULE }, { spans: [["group:heap", "group:stacks"]] }).spans).toEqual([[2, 4]]);
  expect(page({ grouping: BY_MODULE }, { spans }).spans).toEqual([null]);
});

test("totals are those of the filter, and tell of how many regions nothing is known", () => {
  expect(page({ filter: "kind:anonymous|stack" })).toMatchObject({
    regions: 2,
    unread: 1,
    totals: { size: 133 * 4096, rss: 12 * 1024 },
  });
  expect(page({ filter: "kind:anonymous" }).totals.rss).toBeNull();
});

test("as text the rows stand in columns, with sizes in words", async () => {
  const { text, rows } = await textOf({ filter: "Notes|kind:anonymous" }, {});
  expect(rows).toBe(3);
  expect(text.split("\n")).toEqual([
    "Address                           Size     RSS  Name",
    "0x400000-0x404000               16 KiB  16 KiB  Notes.txt",
    "0x500000-0x502000                8 KiB   8 KiB  Notes.txt",
    "0x7f0000100000-0x7f0000164000  400 KiB       –  anonymous",
    "",
  ]);
});

test("as CSV the rows are numbers and quoted texts, and no formula", async () => {
  const { text } = await textOf({ filter: "addr:0x10000" }, { format: "csv" });
  expect(text).toBe(`start,end,size,rss,name\r\n0x10000,0x11000,4096,4096,"'=1+""a"",b|c.txt"\r\n`);
  const unread = await textOf({ filter: "kind:anonymous" }, { format: "csv" });
  expect(unread.text.split("\r\n")[1]).toBe("0x7f0000100000,0x7f0000164000,409600,,anonymous");
});

test("as Markdown the rows are a table in which names stay as they are", async () => {
  const { text } = await textOf({ filter: "addr:0x10000" }, { format: "markdown" });
  expect(text).toBe(
    '| Address | Size | RSS | Name |\n| --- | ---: | ---: | --- |\n| 0x10000-0x11000 | 4 KiB | 4 KiB | =1+"a",b\\|c.txt |\n',
  );
});

test("only selected rows are copied, and groups as they are shown", async () => {
  const spans: [string, string][] = [
    ["0x400000", "0x500000"],
    ["0x7ffc00000000", "0x7ffc00000000"],
    ["0x1", "0x1"],
  ];
  expect((await textOf({}, { spans })).rows).toBe(3);
  const groups = await textOf({ grouping: BY_MODULE }, { format: "csv", spans: [["group:heap", "group:stacks"]] });
  expect(groups.text.split("\r\n").slice(1, -1)).toEqual([
    ",,135168,40960,Heap (1)",
    ",,417792,8192,Anonymous (2)",
    ",,135168,12288,Stacks (1)",
  ]);
});

test("60,000 rows are a text, made piece by piece", async () => {
  const lines = new Revision(
    1,
    pagesAt(Array.from({ length: 60_000 }, (_, i) => 0x7f00_0000_0000 + i * 8192)),
  ).rowLines(ORDER);
  let turns = 0;
  const others = setInterval(() => turns++, 1);
  const { text, rows } = await rowsText(lines, { format: "csv", columns: ["start", "rss"], spans: null }, {});
  clearInterval(others);
  expect(rows).toBe(60_000);
  expect(text.split("\r\n").length).toBe(60_002);
  expect(turns).toBeGreaterThan(3);
});
