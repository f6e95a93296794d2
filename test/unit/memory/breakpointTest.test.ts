import { expect, test } from "vitest";
import { type AddressSpace, EXECUTE, READ, WRITE } from "../../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../../src/memory/addressSpaceBuilder.ts";
import { BreakpointTest, type TestedReading } from "../../../src/memory/breakpointTest.ts";
import type { MemoryCondition } from "../../../src/protocol/breakpoints.ts";
import type { Sample } from "../../../src/protocol/server.ts";
import { classified } from "../server/spaces.ts";

const MIB = 2 ** 20;

/** Readings a second apart, of which each says what is different from the one before. */
function readings(...changes: (Partial<Sample> & Partial<Omit<TestedReading, "sample">>)[]): TestedReading[] {
  let sample: Sample = {
    ...{ time: 0, rss: 0, rssAnon: null, rssFile: null, rssShmem: null, swap: null, vsz: 0 },
    ...{ minorFaults: 0, majorFaults: 0, threads: 1 },
  };
  return changes.map(({ space = null, isStopped = false, mark = null, ...change }) => {
    sample = { ...sample, time: sample.time + 1000, ...change };
    return { sample, space, isStopped, mark };
  });
}

function hits(condition: MemoryCondition, isFirst: boolean, ...tested: TestedReading[]): (string | null)[] {
  const breakpoint = new BreakpointTest(condition, isFirst);
  return tested.map((reading) => breakpoint.test(reading));
}

/** Anonymous memory from 0x10000 on, a letter a page: `w` may be written, `r` read, `x` executed, and `.` is nothing. */
function pages(letters: string): AddressSpace {
  const builder = new AddressSpaceBuilder();
  for (const { 0: run, index } of letters.matchAll(/w+|r+|x+/g)) {
    const permissions = run.startsWith("w") ? READ | WRITE : run.startsWith("r") ? READ : READ | EXECUTE;
    const start = 0x10000 + index * 4096;
    builder.add(start, start + run.length * 4096, permissions, 0, "00:00", 0, null);
  }
  return classified(builder);
}

test("a limit is passed from at or below it, not from above", () => {
  const condition = { when: "passes", what: "rss", bytes: MIB } as const;
  const values = [MIB, MIB + 1, 2 * MIB, MIB, 3 * MIB].map((rss) => ({ rss }));
  const passed = (now: string) => `Resident memory passed 1 MiB: it is ${now}.`;
  expect(hits(condition, true, ...readings(...values))).toEqual([
    null,
    passed("1 B more"),
    null,
    null,
    passed("3 MiB"),
  ]);
  expect(hits(condition, true, ...readings({ rss: 2 * MIB }))).toEqual([passed("2 MiB")]);
  expect(hits(condition, false, ...readings({ rss: 2 * MIB }, { rss: 3 * MIB }))).toEqual([null, null]);
});

test("what is not known passes nothing", () => {
  const unknown = readings({ rssAnon: null }, { rssAnon: null });
  expect(hits({ when: "passes", what: "rssAnon", bytes: 0 }, true, ...unknown)).toEqual([null, null]);
  expect(hits({ when: "passes", what: "anonymous", bytes: 0 }, true, ...unknown)).toEqual([null, null]);
});

test("growth counts from the stop, whatever was told before it", () => {
  const values = readings(
    { vsz: 10 * MIB },
    { vsz: 15 * MIB },
    { vsz: 30 * MIB },
    { vsz: 31 * MIB, isStopped: true, mark: "stop" },
    { vsz: 35 * MIB, mark: "continue" },
    { vsz: 36 * MIB, isStopped: true, mark: "stop" },
    { vsz: 40 * MIB, mark: "continue" },
  );
  const grown = (by: string, since: string, now: string) =>
    `Virtual memory grew by ${by} since ${since}: it is ${now}.`;
  expect(hits({ when: "grows", what: "vsz", bytes: 5 * MIB }, false, ...values)).toEqual([
    null,
    grown("5 MiB", "the breakpoint was set", "15 MiB"),
    null,
    null,
    null,
    grown("5 MiB", "the last stop", "36 MiB"),
    null,
  ]);
});

test("growth since a stop at which the regions were not read counts from the next reading of them", () => {
  const values = readings(
    { space: pages("w") },
    { isStopped: true, mark: "stop" },
    { space: pages("wwwwwwww"), mark: "continue" },
    { space: pages("wwwwwwwww") },
    { space: pages("wwwwwwwwwwww") },
  );
  expect(hits({ when: "grows", what: "anonymous", bytes: 4 * 4096 }, false, ...values)).toEqual([
    ...[null, null, null, null],
    "Size of anonymous grew by 16 KiB since the last stop: it is 48 KiB.",
  ]);
});

test("a rate is that of running: time and faults of a stop do not count", () => {
  const values = readings(
    { minorFaults: 0 },
    { minorFaults: 500 },
    { minorFaults: 9000, isStopped: true, mark: "stop" },
    { minorFaults: 9000, isStopped: true },
    { minorFaults: 20_000, mark: "continue" },
    { minorFaults: 20_500 },
    { minorFaults: 22_500, majorFaults: 1 },
    { minorFaults: 24_500 },
  );
  const limit = { when: "faults", what: "all", rate: 1000 } as const;
  const told = "Page faults passed 1,000 a second: there were 2,001 a second.";
  expect(hits(limit, false, ...values)).toEqual([null, null, null, null, null, null, told, null]);
  const major = hits({ when: "faults", what: "major", rate: 0 }, true, ...values);
  expect(major.filter((sentence) => sentence !== null)).toEqual([
    "Major page faults passed 0 a second: there were 1 a second.",
  ]);
});

test("readings that follow at once make no rate", () => {
  const values = readings({ time: 1000 }, { time: 1001, minorFaults: 100 }, { time: 2000, minorFaults: 200 });
  expect(hits({ when: "faults", what: "all", rate: 1000 }, true, ...values)).toEqual([null, null, null]);
});

test.each([
  ["....", "ww..", "0x10000-0x12000 was mapped: anonymous rw-p.", null, null],
  ["ww..", "....", null, "0x10000-0x12000 was unmapped: it was anonymous rw-p.", null],
  ["wwww", "wrrw", null, null, "0x11000-0x13000 changed its protection: anonymous was rw-p and is r--p."],
  ["wrrw", "wwww", null, null, "0x11000-0x13000 changed its protection: anonymous was r--p and is rw-p."],
  ["w..w", "w.ww", "0x12000-0x13000 was mapped: anonymous rw-p.", null, null],
  ["wwww", "w..w", null, "0x11000-0x13000 was unmapped: it was anonymous rw-p.", null],
  [
    "r..x",
    "w.x.",
    "0x12000-0x13000 was mapped: generated code r-xp.",
    "0x13000-0x14000 was unmapped: it was generated code r-xp.",
    "0x10000-0x11000 changed its protection: anonymous was r--p and is rw-p.",
  ],
  ["w.w.", "w.w.", null, null, null],
  ["....w", "....r", null, null, null],
])("from %s to %s in four pages", (before, after, mapped, unmapped, changed) => {
  const range = { start: "0x10000", end: "0x14000" } as const;
  const tested = readings({ space: pages(before) }, { space: null }, { space: pages(after) });
  const last = (when: "mapped" | "unmapped" | "protected") => hits({ when, ...range }, false, ...tested)[2];
  expect([last("mapped"), last("unmapped"), last("protected")]).toEqual([mapped, unmapped, changed]);
});

test("a range that lies in no region, between them and beyond all", () => {
  const tested = readings({ space: pages("w....w") }, { space: pages("w...ww") });
  const mapped = (start: `0x${string}`, end: `0x${string}`) => hits({ when: "mapped", start, end }, true, ...tested)[1];
  expect(mapped("0x11000", "0x14000")).toBeNull();
  expect(mapped("0x20000", "0x30000")).toBeNull();
  expect(mapped("0x0", "0x10000")).toBeNull();
  expect(mapped("0x13000", "0x15000")).toBe("0x14000-0x15000 was mapped: anonymous rw-p.");
});
