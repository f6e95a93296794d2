import { expect, test } from "vitest";
import { costliest } from "../../../src/memory/stepCost.ts";
import { stepParts } from "../../../src/memory/stepWords.ts";
import type { StepCost } from "../../../src/protocol/stops.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const NONE = { count: 0, bytes: 0 };
const SAME = { added: NONE, removed: NONE, grown: NONE, shrunk: NONE, protection: NONE };

function step(cost: Partial<StepCost> = {}): StepCost {
  return {
    ...{ stop: 2, since: 1, time: 2000, sinceTime: 1000, minorFaults: 0, majorFaults: 0 },
    ...{ rss: 0, kinds: {}, heap: 0, changes: SAME, otherThreads: 0 },
    ...cost,
  };
}

test("a step that cost nothing, or of which nothing is known, is not spoken of", () => {
  expect(stepParts(step())).toEqual([]);
  expect(stepParts(step({ otherThreads: 2, since: 0 }))).toEqual([]);
  expect(stepParts(step({ rss: null, kinds: null, heap: null, changes: null, otherThreads: null }))).toEqual([]);
});

test("what it cost is said in words, each sum with its sign", () => {
  const added = { count: 1, bytes: 4 * MIB };
  expect(
    stepParts(
      step({
        minorFaults: 1204,
        majorFaults: 1,
        rss: MIB,
        kinds: { heap: MIB },
        heap: 132 * KIB,
        changes: { ...SAME, added },
      }),
    ),
  ).toEqual([
    "+1,204 minor faults",
    "+1 major fault",
    "RSS +1 MiB (heap)",
    "heap +132 KiB in size",
    "1 mapping made (4 MiB)",
  ]);
  const changes = { ...SAME, removed: { count: 2, bytes: 8 * KIB }, protection: { count: 1, bytes: 4 * KIB } };
  expect(stepParts(step({ rss: -4 * KIB, kinds: { anonymous: -4 * KIB }, changes }))).toEqual([
    "RSS -4 KiB (anonymous)",
    "2 mappings removed (8 KiB)",
    "protection changed of 4 KiB",
  ]);
});

test("of several kinds those are named of which most came or went", () => {
  const kinds = { heap: 8 * KIB, anonymous: -64 * KIB, stack: 4 * KIB, code: 16 * KIB };
  const cost = step({ rss: -36 * KIB, kinds });
  expect(stepParts(cost, 2)).toEqual(["RSS -36 KiB (anonymous -64 KiB, code +16 KiB, 2 kinds more)"]);
  expect(stepParts(cost)).toEqual(["RSS -36 KiB (anonymous -64 KiB, code +16 KiB, heap +8 KiB, main stack +4 KiB)"]);
});

test("growth of the heap is not told twice, that of others is", () => {
  const grown = { count: 2, bytes: 132 * KIB + 4 * KIB };
  expect(stepParts(step({ heap: 132 * KIB, changes: { ...SAME, grown } }))).toEqual([
    "heap +132 KiB in size",
    "mappings grown by 4 KiB",
  ]);
  const shrunk = { count: 1, bytes: 64 * KIB };
  expect(stepParts(step({ heap: -64 * KIB, changes: { ...SAME, shrunk } }))).toEqual(["heap -64 KiB in size"]);
});

test("that others ran, and that it was more than one step, is said", () => {
  expect(stepParts(step({ minorFaults: 1, otherThreads: 1 }))).toEqual(["+1 minor fault", "1 other thread ran too"]);
  expect(stepParts(step({ minorFaults: 1, stop: 9, since: 6 }))).toEqual(["+1 minor fault", "over 3 steps"]);
});

test("the costliest come first, of equals the newest, and those of which it is not known last", () => {
  const steps = [
    step({ stop: 2, rss: 4096, minorFaults: 3 }),
    step({ stop: 3, rss: null, minorFaults: 1, changes: null }),
    step({ stop: 4, rss: -4096, minorFaults: 3, changes: { ...SAME, added: { count: 1, bytes: 4096 } } }),
  ];
  const stops = (...[order, limit = 9]: [Parameters<typeof costliest>[1], number?]) =>
    costliest(steps, order, limit).map(({ stop }) => stop);
  expect(stops("rss")).toEqual([2, 4, 3]);
  expect(stops("minorFaults")).toEqual([4, 2, 3]);
  expect(stops("mapped")).toEqual([4, 2, 3]);
  expect(stops("stop", 2)).toEqual([4, 3]);
  expect(steps.map(({ stop }) => stop)).toEqual([2, 3, 4]);
});
