import { expect, test } from "vitest";
import { toHex } from "../../../src/memory/address.ts";
import { EXECUTE, PAGES_ONLY, READ, WRITE } from "../../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../../src/memory/addressSpaceBuilder.ts";
import { regionName } from "../../../src/memory/names.ts";
import { USAGE_FIELDS } from "../../../src/memory/region.ts";
import type { RowsQuery } from "../../../src/protocol/server.ts";
import { Revision } from "../../../src/server/revision.ts";
import { stop } from "../linux/programs.ts";
import { imageOf, startPlaces } from "../memory/images.ts";
import { classified, pagesAt } from "./spaces.ts";

/** Regions as a small program has them, the last two not yet read in detail. */
function someRegions() {
  const builder = new AddressSpaceBuilder();
  const add = (start: number, pages: number, permissions: number, path: string | null, rss: number | null) => {
    builder.add(start, start + pages * 4096, permissions, 0, "08:01", path?.startsWith("/") ? 7 : 0, path);
    if (rss === null) return;
    builder.setUsage("rss", rss);
    builder.setUsage("privateDirty", rss / 2);
    builder.setFlags("rd");
  };
  add(0x400000, 4, READ, "/data/Notes.txt", 16);
  add(0x1000000, 33, READ | WRITE, "[heap]", 40);
  add(0x7f0000000000, 2, READ | EXECUTE, null, 8);
  add(0x7f0000100000, 100, READ | WRITE, null, null);
  add(0x7ffc00000000, 33, READ | WRITE, "[stack]", 12);
  add(0xffffffffff600000, 1, EXECUTE, "[vsyscall]", null);
  return classified(builder);
}

const ALL: RowsQuery = { target: "", filter: "", sort: "start", descending: false, offset: 0, limit: 100 };

function names(query: Partial<RowsQuery>): string[] {
  return new Revision(1, someRegions()).rows({ ...ALL, ...query }, null).rows.map(({ name }) => name);
}

test("rows come in the order of every field, either way", () => {
  const address = ["Notes.txt", "[heap]", "generated code", "anonymous", "[stack]", "[vsyscall]"];
  expect(names({ sort: "start" })).toEqual(address);
  expect(names({ sort: "start", descending: true })).toEqual([...address].reverse());
  expect(names({ sort: "size", descending: true })).toEqual([
    "anonymous",
    "[heap]",
    "[stack]",
    "Notes.txt",
    "generated code",
    "[vsyscall]",
  ]);
  expect(names({ sort: "rss", descending: true }).slice(0, 4)).toEqual([
    "[heap]",
    "Notes.txt",
    "[stack]",
    "generated code",
  ]);
  expect(names({ sort: "dirty", descending: true })[0]).toBe("[heap]");
  expect(names({ sort: "name" })).toEqual([
    "[heap]",
    "[stack]",
    "[vsyscall]",
    "anonymous",
    "generated code",
    "Notes.txt",
  ]);
  expect(names({ sort: "kind" })[0]).toBe("anonymous");
  expect(names({ sort: "permissions" })[0]).toBe("[vsyscall]");
});

test("what was not read counts as less than nothing, and says so in its row", () => {
  const { rows } = new Revision(1, someRegions()).rows({ ...ALL, sort: "rss" }, null);
  expect(rows.slice(0, 3).map(({ name, rss }) => [name, rss])).toEqual([
    ["anonymous", null],
    ["[vsyscall]", null],
    ["generated code", 8192],
  ]);
});

test("a row carries addresses as text, exact up to the last page", () => {
  const { rows } = new Revision(1, someRegions()).rows({ ...ALL, offset: 5 }, null);
  expect(rows).toMatchObject([
    { start: "0xffffffffff600000", end: "0xffffffffff601000", size: 4096, permissions: "--xp", kind: "vsyscall" },
  ]);
});

test("filters find text in name, path, kind, permissions and address, in any case", () => {
  const expected: Record<string, string[]> = {
    NOTES: ["Notes.txt"],
    "/data": ["Notes.txt"],
    "rw-p": ["[heap]", "anonymous", "[stack]"],
    jit: ["generated code"],
    Generated: ["generated code"],
    "main stack": ["[stack]"],
    "7f0000": ["generated code", "anonymous"],
    "0x7f0000": ["generated code", "anonymous"],
    "0x7f0000163fff": ["anonymous"],
    "0x7f0000164000": [],
    "0x10": ["[heap]"],
    "1000000-1021000": ["[heap]"],
    "0x1000000-0x1021000": ["[heap]"],
    "0xffffffffff600123": ["[vsyscall]"],
    "  [heap]  ": ["[heap]"],
    "nothing like it": [],
  };
  for (const [filter, found] of Object.entries(expected)) expect([filter, names({ filter })]).toEqual([filter, found]);
});

test("totals are those of the rows that pass the filter", () => {
  const revision = new Revision(1, someRegions());
  const heap = revision.rows({ ...ALL, filter: "heap" }, null);
  expect(heap).toMatchObject({ total: 1, totals: { size: 33 * 4096, rss: 40 * 1024, uss: 20 * 1024 } });
  expect(revision.rows({ ...ALL, filter: "vsyscall" }, null).totals).toMatchObject({ size: 4096, rss: null });
  expect(revision.rows({ ...ALL, filter: "no such" }, null)).toMatchObject({ total: 0, totals: { size: 0 }, rows: [] });
});

test("the selected address is found in the order that is shown", () => {
  const revision = new Revision(1, someRegions());
  const byRss: RowsQuery = { ...ALL, sort: "rss", descending: true };
  expect(revision.rows(byRss, 0x1000abcn).selected).toBe(0);
  expect(revision.rows(byRss, 0x7f0000000000n).selected).toBe(3);
  expect(revision.rows({ ...byRss, filter: "stack" }, 0x1000abcn).selected).toBeNull();
  expect(revision.rows(byRss, 0x10n).selected).toBeNull();
  expect(revision.rows(byRss, null).selected).toBeNull();
});

test("pages of 60,000 rows put together are all rows, sorted", () => {
  const revision = new Revision(3, pagesAt(Array.from({ length: 60_000 }, (_, i) => 0x7f00_0000_0000 + i * 8192)));
  const seen: string[] = [];
  let last = Number.POSITIVE_INFINITY;
  for (let offset = 0; offset < 60_000; offset += 5000) {
    const page = revision.rows({ ...ALL, sort: "rss", descending: true, offset, limit: 5000 }, null);
    expect(page).toMatchObject({ revision: 3, total: 60_000 });
    expect(page.rows.filter(({ rss }, i) => (rss ?? -1) > (page.rows[i - 1]?.rss ?? last))).toEqual([]);
    last = page.rows.at(-1)?.rss ?? -1;
    seen.push(...page.rows.map(({ start }) => start));
  }
  expect(new Set(seen).size).toBe(60_000);
});

test("a page beyond the end, or asked for in nonsense, is empty", () => {
  const revision = new Revision(1, someRegions());
  for (const nonsense of [{ offset: 99 }, { limit: 0 }, { limit: -5 }, { offset: Number.NaN, limit: Number.NaN }]) {
    expect(revision.rows({ ...ALL, ...nonsense }, null)).toMatchObject({ total: 6, rows: [] });
  }
});

test("a reading that says the same is known as the same, one that differs in a number is not", () => {
  const addresses = [0x1000, 0x2000, 0x5000];
  const revision = new Revision(1, pagesAt(addresses));
  expect(revision.isSame(pagesAt(addresses))).toBe(true);
  expect(revision.isSame(pagesAt([0x1000, 0x2000]))).toBe(false);
  const other = pagesAt(addresses);
  other.columns.usage.swap[1] = 4;
  expect(revision.isSame(other)).toBe(false);
});

test("a row says what the region says", async () => {
  const { pid } = await startPlaces();
  await stop(pid);
  const space = await imageOf(pid).read("smaps");
  const { rows } = new Revision(1, space).rows(ALL, null);
  for (const [index, region] of [...space.regions()].entries()) {
    const usage = region.usage ?? expect.fail("Its numbers were not read.");
    expect(rows[index]).toEqual({
      start: toHex(region.start),
      end: toHex(region.end),
      size: region.size,
      ...Object.fromEntries(USAGE_FIELDS.map((field) => [field, usage[field]])),
      uss: usage.privateClean + usage.privateDirty + usage.privateHugetlb,
      dirty: usage.sharedDirty + usage.privateDirty,
      age: expect.any(Number),
      permissions: region.permissions,
      kind: region.kind,
      name: regionName(space, index),
      path: region.path,
      fileOffset: region.fileOffset,
      device: region.device,
      inode: region.inode,
      flags: usage.flags.join(" "),
      thpEligible: usage.thpEligible,
    });
  }
});

test("the row of a region that was not read in detail has no numbers but its size", async () => {
  const { pid } = await startPlaces();
  const { rows } = new Revision(1, await imageOf(pid).read("maps")).rows(ALL, null);
  const none = { size: 4096, rss: null, pss: null, uss: null, dirty: null, swap: null, age: null, flags: null };
  expect(rows[0]).toMatchObject(none);
});

test("of a region of which pages were counted nothing else is told", () => {
  const space = someRegions();
  space.columns.flags[1] = PAGES_ONLY;
  const page = new Revision(1, space).rows({ ...ALL, filter: "heap" }, null);
  expect(page.rows[0]).toMatchObject({ rss: 40 * 1024, pss: null, uss: null, dirty: null });
  expect(page.totals).toMatchObject({ rss: 40 * 1024, pss: null, uss: null, dirty: null });
  expect(page.unread).toBe(0);
});
