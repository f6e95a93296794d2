import { expect, test } from "vitest";
import type { AddressSpace } from "../../../src/memory/addressSpace.ts";
import { Past } from "../../../src/memory/past.ts";
import { imageOf, startPlaces } from "./images.ts";

/** The regions in words that do not depend on how the space keeps them. */
function regionsOf(space: AddressSpace): unknown[] {
  return Array.from(space.regions(), (region, index) => ({ ...region, module: space.module(index) }));
}

test("gives back what was read of a real process, to the last number", async () => {
  const { pid } = await startPlaces();
  const image = imageOf(pid);
  const past = new Past();
  past.add(1, await image.read("maps"), { time: 1000, stop: null });
  const space = await image.read("smaps");
  past.addNumbers(2, space, { time: 2000, stop: null });
  const reading = await past.at(2000);
  const then = await reading?.space();
  if (!then) throw new Error("Nothing was kept.");
  expect(reading?.revision).toBe(2);
  expect(regionsOf(then)).toEqual(regionsOf(space));
  expect(space.length).toBeGreaterThan(20);
});
