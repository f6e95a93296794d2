import { expect, test } from "vitest";
import type { Sample } from "../../../src/protocol/server.ts";
import { columns, joined, MOST_SAMPLES, marks } from "../../../src/webview/data/history.ts";

const sample = (time: number, minorFaults = 0, majorFaults = 0): Sample => ({
  time,
  rss: time,
  vsz: 0,
  minorFaults,
  majorFaults,
  threads: 1,
});

test("fault rates are those since the sample before", () => {
  const [times, rss, minor, major] = columns([sample(1000, 10, 1), sample(2000, 110, 1), sample(2500, 160, 3)]);
  expect(times).toEqual([1, 2, 2.5]);
  expect(rss).toEqual([1000, 2000, 2500]);
  expect(minor).toEqual([null, 100, 100]);
  expect(major).toEqual([null, 0, 4]);
});

test("a reading right after another does not make a rate of a millisecond", () => {
  const [, , minor] = columns([sample(1000, 0), sample(2000, 100), sample(2001, 110), sample(2001, 110)]);
  expect(minor[2]).toBeCloseTo(110 / 1.001, 5);
  expect(minor[3]).toBeCloseTo(110 / 1.001, 5);
  expect(columns([sample(5, 1), sample(5, 2)])[2]).toEqual([null, null]);
});

test("samples that are told twice are kept once, and the oldest go when there are too many", () => {
  const first = joined([], [sample(1), sample(2)]);
  expect(joined(first, [sample(2), sample(3)]).map(({ time }) => time)).toEqual([1, 2, 3]);
  const many = Array.from({ length: MOST_SAMPLES }, (_, index) => sample(10 + index));
  expect(joined(first, many)).toHaveLength(MOST_SAMPLES);
  expect(joined(first, many)[0]?.time).toBe(10);
});

test("every stop and continue has its mark", () => {
  const samples: Sample[] = [sample(1000), { ...sample(2000), mark: "stop" }, { ...sample(3000), mark: "exit" }];
  expect(marks(samples)).toEqual([
    { time: 2, mark: "stop" },
    { time: 3, mark: "exit" },
  ]);
});
