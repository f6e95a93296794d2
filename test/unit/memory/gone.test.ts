import { expect, test } from "vitest";
import { type AddressSpace, READ, WRITE } from "../../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../../src/memory/addressSpaceBuilder.ts";
import { MOST_GONE } from "../../../src/memory/gone.ts";
import { Past } from "../../../src/memory/past.ts";

const PAGE = 4096;

/** Regions in pages, with what is mapped there. */
type Regions = readonly (readonly [start: number, end: number, path?: string])[];

function spaceOf(regions: Regions): AddressSpace {
  const builder = new AddressSpaceBuilder();
  for (const [start, end, path] of regions) {
    builder.add(start * PAGE, end * PAGE, READ | WRITE, 0, "00:00", 0, path ?? null);
    builder.setUsage("rss", start);
    builder.setFlags("rd wr");
  }
  return builder.finish();
}

/** A revision of this number. */
function read(number: number, space: AddressSpace) {
  return { number, space, heat: { rates: new Float64Array(space.length).fill(Number.NaN) } };
}

/** A past with these readings, ten milliseconds apart. */
function pastOf(...readings: Regions[]): Past {
  const past = new Past();
  for (const [number, regions] of readings.entries()) {
    past.add(read(number, spaceOf(regions)), { time: 10 * number, stop: number % 2 ? (number + 1) / 2 : null });
  }
  return past;
}

/** What was there last: its first page, its path, and when it was last seen and first missed. */
function lastAt(past: Past, page: number): unknown {
  const gone = past.lastAt(BigInt(page * PAGE + 7));
  return gone && [Number(gone.region.start) / PAGE, gone.region.path, gone.lastSeen.time, gone.firstMissed.time];
}

test("tells what was unmapped, and between which readings", () => {
  const past = pastOf(
    [
      [1, 3],
      [5, 9, "[heap]"],
    ],
    [
      [1, 3],
      [5, 9, "[heap]"],
    ],
    [[1, 3]],
    [[1, 3]],
  );
  expect(lastAt(past, 5)).toEqual([5, "[heap]", 10, 20]);
  expect(lastAt(past, 8)).toEqual([5, "[heap]", 10, 20]);
  const gone = past.lastAt(BigInt(6 * PAGE));
  expect(gone?.region.usage?.rss).toBe(5 * 1024);
  expect(gone?.name).toBe("[heap]");
  expect(gone?.lastSeen).toEqual({ time: 10, stop: 1 });
  expect(gone?.firstMissed).toEqual({ time: 20, stop: null });
});

test("tells nothing of what is mapped, and of what never was", () => {
  const past = pastOf(
    [
      [1, 3],
      [5, 9],
    ],
    [[5, 9]],
    [
      [1, 2],
      [5, 9],
    ],
  );
  expect(lastAt(past, 1)).toBeNull();
  expect(lastAt(past, 6)).toBeNull();
  expect(lastAt(past, 4)).toBeNull();
  expect(lastAt(past, 9)).toBeNull();
  expect(lastAt(new Past(), 1)).toBeNull();
  expect(past.lastAt(0xffff_ffff_ffff_ffffn)).toBeNull();
});

test("tells the whole region where a part of it is gone: its end, its middle, its beginning", () => {
  const past = pastOf(
    [
      [10, 20],
      [30, 40],
    ],
    [
      [10, 15],
      [30, 33],
      [36, 40],
    ],
    [
      [12, 15],
      [30, 33],
      [36, 40],
    ],
  );
  expect([15, 19].map((page) => lastAt(past, page))).toEqual([
    [10, null, 0, 10],
    [10, null, 0, 10],
  ]);
  expect(lastAt(past, 34)).toEqual([30, null, 0, 10]);
  expect(lastAt(past, 11)).toEqual([10, null, 10, 20]);
  expect(lastAt(past, 12)).toBeNull();
});

test("of several that were there one after the other it tells the last", () => {
  const past = pastOf([[1, 9, "/old"]], [], [[4, 6, "/new"]], [[4, 6, "/new"]], []);
  expect(lastAt(past, 4)).toEqual([4, "/new", 30, 40]);
  expect(lastAt(past, 2)).toEqual([1, "/old", 0, 10]);
});

test("tells of a moment of the past what had gone by then", () => {
  const past = pastOf([[1, 9, "/old"]], [], [[4, 6, "/new"]], []);
  const goneBy = (time: number) => past.goneBy(time, BigInt(4 * PAGE))?.region.path ?? null;
  expect([5, 10, 15, 30].map(goneBy)).toEqual([null, "/old", "/old", "/new"]);
});

test("what took another's place and went is what was there last", () => {
  expect(lastAt(pastOf([[1, 9, "/old"]], [[1, 9, "/new"]], []), 4)).toEqual([1, "/new", 10, 20]);
});

test("a reading of numbers alone does not count as having seen the region", () => {
  const past = new Past();
  const space = spaceOf([[1, 3]]);
  past.add(read(1, space), { time: 10, stop: null });
  past.addNumbers(read(2, space), { time: 20, stop: null });
  past.add(read(3, spaceOf([])), { time: 30, stop: null });
  expect(lastAt(past, 1)).toEqual([1, null, 10, 30]);
});

test("finds the highest region there can be", () => {
  const vsyscall = 0xffff_ffff_ff60_0000;
  const past = pastOf([[vsyscall / PAGE, vsyscall / PAGE + 1, "[vsyscall]"]], []);
  expect(past.lastAt(0xffff_ffff_ff60_0123n)?.region.path).toBe("[vsyscall]");
  expect(past.lastAt(0xffff_ffff_ff60_1000n)).toBeNull();
});

test("where too many are gone the oldest are forgotten", () => {
  const past = new Past();
  const many = (from: number) =>
    spaceOf(Array.from({ length: MOST_GONE / 2 }, (_, i): [number, number] => [from + 2 * i, from + 2 * i + 1]));
  for (let reading = 0; reading < 4; reading++) {
    past.add(read(reading, many(reading * MOST_GONE)), { time: reading, stop: null });
  }
  expect(lastAt(past, 2 * MOST_GONE)).toEqual([2 * MOST_GONE, null, 2, 3]);
  expect(lastAt(past, MOST_GONE)).toEqual([MOST_GONE, null, 1, 2]);
  expect(lastAt(past, 0)).toBeNull();
});
