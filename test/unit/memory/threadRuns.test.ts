import { expect, test } from "vitest";
import { type ThreadRun, threadsThatRan } from "../../../src/memory/threadRuns.ts";

const WAITING = "202 0x7f5c8080 0x80 0x2 0x0 0x0 0x0 0x7ffff7dcfe98 0x7ffff7e5a12b";
const SPINNING = "-1 0x7ffff65cced0 0x5555555551c9";

const thread = (tid: number, at: string | null, cpuTime: number | null, faults = 7): ThreadRun => ({
  tid,
  at,
  cpuTime,
  faults,
});

test("a thread that was stopped and continued where it waits did not run", () => {
  // As gdb 13 steps: 12 µs of a thread in futex(2), 9 µs of one in pause(2).
  const before = [thread(1, SPINNING, 0), thread(2, WAITING, 60_000), thread(3, WAITING, 50_000)];
  const after = [
    thread(1, "-1 0x7ffff65cced0 0x5555555551d4", 148_030),
    thread(2, WAITING, 72_159),
    thread(3, WAITING, 59_550),
  ];
  expect(threadsThatRan(before, after)).toBe(1);
});

test("a thread ran where it is elsewhere, faulted, waits there again after a while, or spins on", () => {
  const before = [thread(1, WAITING, 0), thread(2, WAITING, 0), thread(3, WAITING, 0), thread(4, SPINNING, 0)];
  expect(threadsThatRan(before, [thread(1, SPINNING, 900)])).toBe(1);
  expect(threadsThatRan(before, [thread(2, WAITING, 900, 8)])).toBe(1);
  expect(threadsThatRan(before, [thread(3, WAITING, 114_627)])).toBe(1);
  expect(threadsThatRan(before, [thread(4, SPINNING, 1813)])).toBe(1);
  expect(threadsThatRan(before, before)).toBe(0);
});

test("a new thread ran, and of one that nothing tells of only its faults count", () => {
  expect(threadsThatRan([], [thread(1, null, null)])).toBe(1);
  expect(threadsThatRan([thread(1, null, null)], [thread(1, null, null)])).toBe(0);
  expect(threadsThatRan([thread(1, null, null)], [thread(1, null, null, 8)])).toBe(1);
});
