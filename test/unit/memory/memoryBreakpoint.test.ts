import { expect, test } from "vitest";
import { amountOf, conditionInWords, parseRange, withAmount } from "../../../src/memory/memoryBreakpoint.ts";
import type { MemoryCondition } from "../../../src/protocol/breakpoints.ts";

const RSS: MemoryCondition = { when: "passes", what: "rss", bytes: 0 };
const HEAP: MemoryCondition = { when: "grows", what: "heap", bytes: 1 };
const FAULTS: MemoryCondition = { when: "faults", what: "major", rate: 1 };
const RANGE: MemoryCondition = { when: "protected", start: "0x1000", end: "0x2000" };

test.each([
  [RSS, "200M", "Resident memory passes 200 MiB", "200 MiB"],
  [RSS, "5000", "Resident memory passes 4.88 KiB", "5000"],
  [RSS, "1.5 GiB", "Resident memory passes 1.50 GiB", "1536 MiB"],
  [RSS, "0", "Resident memory passes 0 B", "0"],
  [HEAP, "64k", "Size of heap grows by 64 KiB", "64 KiB"],
  [FAULTS, "1,000", "Major page faults pass 1,000/s", "1000"],
  [RANGE, "0x7f00+8K", "0x7000-0xa000 changes protection", "0x7000-0xa000"],
])("%j with the amount %s is: %s", (condition, text, words, amount) => {
  const read = withAmount(condition, text);
  if (read === null) throw new Error("It was refused.");
  expect(conditionInWords(read)).toBe(words);
  expect(amountOf(read)).toBe(amount);
  expect(withAmount(condition, amount)).toEqual(read);
});

test.each([
  [RSS, "much"],
  [RSS, ""],
  [RSS, "-1"],
  [HEAP, "0"],
  [FAULTS, ""],
  [FAULTS, "10M"],
  [RANGE, "heap"],
  [RANGE, ""],
])("for %j “%s” is no amount", (condition, text) => {
  expect(withAmount(condition, text)).toBeNull();
});

test.each([
  ["0x1234", { start: "0x1000", end: "0x2000" }],
  ["0x1000-0x1001", { start: "0x1000", end: "0x2000" }],
  [" 0x1fff - 0x3000 ", { start: "0x1000", end: "0x3000" }],
  ["0x1000+1.5K", { start: "0x1000", end: "0x2000" }],
  ["8192+0x1000", { start: "0x2000", end: "0x3000" }],
  ["0xffffffffff600000+4K", { start: "0xffffffffff600000", end: "0xffffffffff601000" }],
  ["0x2000-0x1000", null],
  ["0x2000+0", null],
  ["0x2000+", null],
  ["0xffffffffffffffff", null],
  ["0x10000000000000000", null],
])("the range %s", (text, range) => {
  expect(parseRange(text)).toEqual(range);
});
