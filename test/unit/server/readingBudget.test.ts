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
  threads: 1,
  vsz: 8192,
  rss: 4096,
  shared: 0,
};

/** Counters of a process that goes on faulting. */
function busy(now: number): Counters {
  return { ...IDLE, minorFaults: now };
}

test("the first reading is allowed at once", () => {
  expect(new ReadingBudget().allows(IDLE, 0)).toBe(true);
});

test("a busy target is read for a fiftieth of the time", () => {
  const budget = new ReadingBudget();
  let reading = 0;
  for (let now = 0; now < 100_000; now++) {
    if (!budget.allows(busy(now), now)) continue;
    budget.spent(busy(now), now, now + 20);
    reading += 20;
    now += 20;
  }
  expect(reading / 100_000).toBeLessThanOrEqual(0.02);
  expect(reading / 100_000).toBeGreaterThan(0.018);
});

test("an idle target is read every ten seconds", () => {
  const budget = new ReadingBudget();
  const readings: number[] = [];
  for (let now = 0; now < 35_000; now += 1000) {
    if (!budget.allows(IDLE, now)) continue;
    budget.spent(IDLE, now, now + 3);
    readings.push(now);
  }
  expect(readings).toEqual([0, 11_000, 22_000, 33_000]);
});

test("what the target does shows in faults, resident memory or the size of its address space", () => {
  for (const moved of [{ minorFaults: 101 }, { majorFaults: 2 }, { rss: 0 }, { vsz: 12_288 }, { shared: 4096 }]) {
    const budget = new ReadingBudget();
    budget.spent(IDLE, 0, 1);
    expect(budget.allows({ ...IDLE, ...moved }, 60), JSON.stringify(moved)).toBe(true);
  }
  const budget = new ReadingBudget();
  budget.spent(IDLE, 0, 1);
  expect(budget.allows({ ...IDLE, time: 60, state: "R" }, 60)).toBe(false);
});

test("a longer pause can be asked for", () => {
  const budget = new ReadingBudget(5000);
  budget.spent(busy(0), 0, 1);
  expect(budget.allows(busy(1), 5000)).toBe(false);
  expect(budget.allows(busy(1), 5001)).toBe(true);
});

test("after an exec it is read whatever was read before", () => {
  const budget = new ReadingBudget(5000);
  budget.spent(IDLE, 0, 1);
  budget.reset();
  expect(budget.allows(IDLE, 2)).toBe(true);
});
