import { expect, test } from "vitest";
import type { Counters } from "../../../src/memory/counters.ts";
import { ReadingBudget } from "../../../src/server/readingBudget.ts";

const IDLE: Counters = {
  time: 0,
  command: "demo",
  state: "S",
  minorFaults: 100,
  majorFaults: 1,
  childMinorFaults: 0,
  childMajorFaults: 0,
  cpuTime: 7,
  threads: 1,
  vsz: 8192,
  rss: 4096,
  shared: 0,
};

/** Counters of a process that goes on faulting. */
function busy(now: number): Counters {
  return { ...IDLE, minorFaults: now };
}

const FIFTIETH = { share: 1 / 50, longest: 10_000 };

test("the first reading is allowed at once", () => {
  expect(new ReadingBudget(FIFTIETH).allows(IDLE, 0)).toBe(true);
});

test("a busy target is read for the share of the time that is given", () => {
  const budget = new ReadingBudget(FIFTIETH);
  let reading = 0;
  for (let now = 0; now < 100_000; now++) {
    if (!budget.allows(busy(now), now)) continue;
    reading += 20;
    now += 20;
    budget.spent(busy(now - 20), 20, now);
  }
  expect(reading / 100_000).toBeLessThanOrEqual(0.02);
  expect(reading / 100_000).toBeGreaterThan(0.018);
});

test("an idle target is read after the longest time", () => {
  const budget = new ReadingBudget(FIFTIETH);
  const readings: number[] = [];
  for (let now = 0; now < 35_000; now += 1000) {
    if (!budget.allows(IDLE, now)) continue;
    budget.spent(IDLE, 3, now + 3);
    readings.push(now);
  }
  expect(readings).toEqual([0, 11_000, 22_000, 33_000]);
});

test("what the target does shows in faults, memory, the size of its address space or the time it ran", () => {
  const moves = [
    { minorFaults: 101 },
    { majorFaults: 2 },
    { rss: 0 },
    { vsz: 12_288 },
    { shared: 4096 },
    { cpuTime: 8 },
  ];
  for (const moved of moves) {
    const budget = new ReadingBudget(FIFTIETH);
    budget.spent(IDLE, 1, 1);
    expect(budget.allows({ ...IDLE, ...moved }, 60), JSON.stringify(moved)).toBe(true);
  }
  const budget = new ReadingBudget(FIFTIETH);
  budget.spent(IDLE, 1, 1);
  expect(budget.allows({ ...IDLE, time: 60, state: "R" }, 60)).toBe(false);
});

test("after an exec it is read whatever was read before", () => {
  const budget = new ReadingBudget({ share: 1 / 5000, longest: 10_000 });
  budget.spent(IDLE, 1, 1);
  budget.reset();
  expect(budget.allows(IDLE, 2)).toBe(true);
});

test("what costs much is read at the latest after the longest time", () => {
  const budget = new ReadingBudget(FIFTIETH);
  budget.spent(busy(0), 5000, 0);
  expect(budget.allows(busy(9999), 9999)).toBe(false);
  expect(budget.allows(busy(10_000), 10_000)).toBe(true);
});
