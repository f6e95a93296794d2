import { expect, test } from "vitest";
import { type AddressSpace, READ, WRITE } from "../../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../../src/memory/addressSpaceBuilder.ts";
import { totalsOf } from "../../../src/memory/totals.ts";
import { withPagesOnly, withUsageOf } from "../../../src/memory/usage.ts";

interface Plain {
  start: number;
  pages?: number;
  permissions?: number;
  path?: string;
  /** KiB; not read where it is left out. */
  rss?: number;
  flags?: string;
}

function space(regions: readonly Plain[], time = 0) {
  const builder = new AddressSpaceBuilder();
  for (const { start, pages = 1, permissions = READ, path = null, rss, flags = "rd" } of regions) {
    builder.add(start, start + pages * 4096, permissions, 0, "00:00", 0, path);
    if (rss === undefined) continue;
    builder.setUsage("rss", rss);
    builder.setFlags(flags);
  }
  const built = builder.finish();
  for (const [index, { rss }] of regions.entries()) if (rss !== undefined) built.columns.readAt[index] = time;
  return built;
}

const rss = (of: ReturnType<typeof space>) => [...of.regions()].map(({ usage }) => usage && usage.rss / 1024);

test("regions that are the same get the numbers, with their flags and their age", () => {
  const read = space(
    [
      { start: 4096, rss: 4, flags: "rd mr" },
      { start: 16_384, rss: 8, flags: "rd ht" },
    ],
    77,
  );
  const merged = withUsageOf(read, space([{ start: 4096 }, { start: 8192 }, { start: 16_384 }]));
  expect(rss(merged)).toEqual([4, null, 8]);
  expect([...merged.regions()].map(({ usage }) => usage?.flags)).toEqual([["rd", "mr"], undefined, ["rd", "ht"]]);
  expect([...merged.regions()].map(({ readAt }) => readAt)).toEqual([77, null, 77]);
});

test.each<[string, Plain]>([
  ["ends elsewhere", { start: 4096, pages: 2 }],
  ["begins elsewhere", { start: 8192 }],
  ["has other permissions", { start: 4096, permissions: READ | WRITE }],
  ["has another name", { start: 4096, path: "[heap]" }],
])("a region that %s is another one", (_, region) => {
  expect(rss(withUsageOf(space([{ start: 4096, rss: 4 }]), space([region])))).toEqual([null]);
});

test("what a part does not have keeps its numbers and its age", () => {
  const before = space(
    [
      { start: 4096, rss: 4, flags: "a" },
      { start: 8192, rss: 8, flags: "b" },
    ],
    1,
  );
  const merged = withUsageOf(space([{ start: 8192, rss: 12, flags: "c" }], 2), before);
  expect(rss(merged)).toEqual([4, 12]);
  expect([...merged.regions()].map(({ usage }) => usage?.flags)).toEqual([["a"], ["c"]]);
  expect([...merged.regions()].map(({ readAt }) => readAt)).toEqual([1, 2]);
  expect(rss(before)).toEqual([4, 8]);
});

test("regions without numbers take none away", () => {
  const before = space([{ start: 4096, rss: 4 }], 1);
  expect(withUsageOf(space([{ start: 4096 }]), before)).toBe(before);
});

test("where the numbers are the same it is the same space, but younger", () => {
  const before = space(
    [
      { start: 4096, rss: 4 },
      { start: 8192, rss: 8 },
    ],
    1,
  );
  const merged = withUsageOf(space([{ start: 8192, rss: 8 }], 2), before);
  expect(merged).toBe(before);
  expect([...merged.regions()].map(({ readAt }) => readAt)).toEqual([1, 2]);
});

const counted = (of: AddressSpace, ...kib: number[]) =>
  withPagesOnly(
    of,
    { rss: Uint32Array.from(kib), anonymous: Uint32Array.from(kib), swap: new Uint32Array(kib.length) },
    9,
  );

test("where pages were counted, what that tells is known, and nothing else", () => {
  const space_ = space([{ start: 4096 }, { start: 8192 }]);
  const merged = withUsageOf(counted(space_, 4, 0), space_);
  expect(merged.usageOf(0, "rss")).toBe(4096);
  expect(merged.usageOf(1, "swap")).toBe(0);
  expect([merged.usageOf(0, "pss"), merged.usage(0), merged.region(0).readAt]).toEqual([null, null, 9]);
  expect(totalsOf(merged)).toEqual({ size: 8192, rss: 4096, pss: null, uss: null, swap: 0 });
});

test("where all numbers are known and counting finds as many pages, they stay, and are as old as they are", () => {
  const before = space(
    [
      { start: 4096, rss: 4 },
      { start: 8192, rss: 8 },
    ],
    1,
  );
  before.columns.usage.anonymous.set([4, 8]);
  const merged = withUsageOf(counted(before, 4, 12), before);
  expect(merged.usage(0)?.rss).toBe(4096);
  expect(merged.usage(1)).toBeNull();
  expect(merged.usageOf(1, "rss")).toBe(12 * 1024);
  expect([...merged.regions()].map(({ readAt }) => readAt)).toEqual([1, 9]);
});
