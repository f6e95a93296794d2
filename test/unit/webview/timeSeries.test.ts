import { expect, test } from "vitest";
import type { Sample } from "../../../src/protocol/server.ts";
import { stacked, TimeSeries } from "../../../src/webview/data/timeSeries.ts";

const sample = (time: number, minorFaults = 0, majorFaults = 0): Sample => ({
  time,
  rss: time,
  rssAnon: 3,
  rssFile: 2,
  rssShmem: null,
  swap: null,
  vsz: 0,
  minorFaults,
  majorFaults,
  threads: 1,
});

test("fault rates are those since the sample before", () => {
  const series = new TimeSeries([sample(1000, 10, 1), sample(2000, 110, 1), sample(2500, 160, 3)]);
  expect(series.times).toEqual([1, 2, 2.5]);
  expect(series.column("rss")).toEqual([1000, 2000, 2500]);
  expect(series.column("swap")).toEqual([null, null, null]);
  expect(series.column("minorFaults")).toEqual([null, 100, 100]);
  expect(series.column("majorFaults")).toEqual([null, 0, 4]);
});

test("a reading right after another does not make a rate of a millisecond", () => {
  const close = [sample(1000, 0), sample(2000, 100), sample(2001, 110), sample(2001, 110)];
  const minor = new TimeSeries(close).column("minorFaults");
  expect(minor[2]).toBeCloseTo(110 / 1.001, 5);
  expect(minor[3]).toBeCloseTo(110 / 1.001, 5);
  expect(new TimeSeries([sample(5, 1), sample(5, 2)]).column("minorFaults")).toEqual([null, null]);
});

test("PSS and kinds hold from their reading to the next, but not for another program", () => {
  const series = new TimeSeries([
    sample(1),
    { ...sample(2), pss: 20, kinds: { heap: 5, code: 7 } },
    sample(3),
    { ...sample(4), pss: 30, kinds: { code: 8 } },
    { ...sample(5), marks: { exec: 1 } },
  ]);
  expect(series.column("pss")).toEqual([null, 20, 20, 30, null]);
  const layers = series.layers("kind");
  expect(layers.map(({ kind, values }) => [kind, values])).toEqual([
    ["code", [null, 7, 7, 8, null]],
    ["heap", [null, 5, 5, 0, null]],
  ]);
  expect(stacked(layers)).toEqual([
    [null, 7, 7, 8, null],
    [null, 12, 12, 8, null],
  ]);
  expect([0, 1, 2, 3].map((index) => series.readAt("kinds", index))).toEqual([null, 2, 2, 4]);
});

test("kinds that never have a hundredth of the RSS share a layer", () => {
  const read = { ...sample(1000), rss: 1000 };
  const layersOf = (kinds: Sample["kinds"]) => {
    const layers = new TimeSeries([{ ...read, ...(kinds && { kinds }) }]).layers("kind");
    return layers.map(({ label, values }) => [label, ...values]);
  };
  expect(layersOf({ heap: 900, code: 9, jit: 8, vdso: 1 })).toEqual([
    ["heap", 900],
    ["3 others", 18],
  ]);
  expect(layersOf({ heap: 900, jit: 8 })).toEqual([
    ["heap", 900],
    ["generated code", 8],
  ]);
});

test("the kernel's parts are known of each sample, where the kernel tells them", () => {
  const layers = new TimeSeries([sample(1), sample(2)]).layers("part");
  expect(layers.map(({ label, values }) => [label, values])).toEqual([
    ["anonymous", [3, 3]],
    ["files", [2, 2]],
    ["shared memory", [null, null]],
  ]);
  expect(new TimeSeries([sample(1)]).layers("none")).toEqual([]);
});
