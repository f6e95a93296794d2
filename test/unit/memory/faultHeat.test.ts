import { expect, test } from "vitest";
import { type AddressSpace, READ, WRITE } from "../../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../../src/memory/addressSpaceBuilder.ts";
import { FaultHeat } from "../../../src/memory/faultHeat.ts";
import { measured } from "../../../src/memory/measure.ts";

const MIB = 2 ** 20;

/** Regions of anonymous memory with their resident KiB, read at that time; `null`: not read. */
function read(time: number, regions: readonly [start: number, end: number, rss: number | null][]): AddressSpace {
  const builder = new AddressSpaceBuilder();
  for (const [start, end, rss] of regions) {
    builder.add(start, end, READ | WRITE, 0, "00:00", 0, null);
    if (rss === null) continue;
    builder.setUsage("rss", rss);
    builder.setUsage("sharedDirty", 4);
    builder.setUsage("privateDirty", 8);
    builder.setFlags("rd wr");
  }
  const space = builder.finish();
  for (const [index, [, , rss]] of regions.entries()) space.columns.readAt[index] = rss === null ? 0 : time;
  return space;
}

test("heat is what became resident a second between the last two readings", () => {
  const before = read(1000, [
    [0x1000, 0x9000, 4],
    [0x20000, 0x30000, 64],
  ]);
  const heat = new FaultHeat(before, null);
  expect([...heat.rates]).toEqual([Number.NaN, Number.NaN]);
  const space = read(3000, [
    [0x1000, 0x9000, 24],
    [0x20000, 0x30000, 32],
  ]);
  const now = new FaultHeat(space, { space: before, heat });
  expect([...now.rates]).toEqual([10 * 1024, 0]);
  expect(measured(space, 0, "heat", now.rates)).toBe(10 * 1024);
});

test("it stays while a region has not been read again, and is none where the numbers are the same", () => {
  const first = read(1000, [[0x1000, 0x9000, 4]]);
  const second = read(2000, [[0x1000, 0x9000, 8]]);
  const third = read(2000, [
    [0x1000, 0x9000, 8],
    [0x20000, 0x21000, null],
  ]);
  const heat = new FaultHeat(first, null);
  const grown = new FaultHeat(second, { space: first, heat });
  const kept = new FaultHeat(third, { space: second, heat: grown });
  expect([...kept.rates]).toEqual([4096, Number.NaN]);
  third.columns.readAt[0] = 4000;
  kept.readAgain(third);
  expect([...kept.rates]).toEqual([0, Number.NaN]);
});

test("regions that grow at one end are the same, those of other places are not", () => {
  const before = read(1000, [
    [0x10000, 0x20000, 4],
    [0x7ff0000, 0x8000000, 4],
    [0x9000000, 0x9001000, 4],
  ]);
  const space = read(2000, [
    [0x10000, 0x30000, 12],
    [0x7fe0000, 0x8000000, 8],
    [0xa000000, 0xa001000, 4],
  ]);
  const heat = new FaultHeat(space, { space: before, heat: new FaultHeat(before, null) });
  expect([...heat.rates]).toEqual([8192, 4096, Number.NaN]);
});

test("a region is measured in bytes, and what was not read is not known", () => {
  const space = read(1000, [
    [0x100000, 0x200000, 4],
    [0x300000, 0x400000, null],
  ]);
  expect(measured(space, 0, "size", null)).toBe(MIB);
  expect(measured(space, 0, "dirty", null)).toBe(12 * 1024);
  for (const measure of ["rss", "pss", "dirty", "swap", "heat"] as const) {
    expect(measured(space, 1, measure, null)).toBeNull();
  }
});
