import { expect, test } from "vitest";
import type { AddressSpace } from "../../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../../src/memory/addressSpaceBuilder.ts";
import { SameRegions } from "../../../src/memory/sameRegions.ts";

const PAGE = 4096;

/** Regions of a page each that follow each other, with so many KiB of RSS. */
function spaceOf(first: number, residents: readonly number[]): AddressSpace {
  const builder = new AddressSpaceBuilder();
  for (const [index, rss] of residents.entries()) {
    const start = (first + index) * PAGE;
    builder.add(start, start + PAGE, index % 4, 0, "00:00", 0, null);
    builder.setUsage("rss", rss);
    builder.setFlags("rd");
  }
  return builder.finish();
}

test("regions are the same wherever they stand among the others", () => {
  const before = spaceOf(8, [4, 8, 12, 16, 20]);
  const after = spaceOf(4, [4, 4, 4, 4, 4, 8, 12, 16, 24]);
  const same = new SameRegions(before, after);
  expect(same.has(0, 4, 4)).toBe(true);
  expect(same.has(0, 4, 5)).toBe(false);
  expect(same.has(0, 0, 1)).toBe(false);
});

test("a space has at each place its own regions alone", () => {
  const space = spaceOf(8, [4, 4, 4, 4, 4]);
  const same = new SameRegions(space, space);
  expect(same.has(0, 0, 5)).toBe(true);
  expect(same.has(0, 1, 4)).toBe(false);
});

test("columns beside count too, and what is no number is the same as itself", () => {
  const space = spaceOf(8, [4, 4]);
  const [one, other] = [Float64Array.of(Number.NaN, 1), Float64Array.of(Number.NaN, 2)];
  const same = new SameRegions(space, spaceOf(8, [4, 4]), [[one, other]]);
  expect(same.has(0, 0, 1)).toBe(true);
  expect(same.has(0, 0, 2)).toBe(false);
});
