import { expect, test } from "vitest";
import { IN_FULL, MOST_MARKED, Timeline } from "../../../src/memory/timeline.ts";
import type { Sample } from "../../../src/protocol/server.ts";

const MOST = 8400;

const UNTOLD = { rssAnon: null, rssFile: null, rssShmem: null, swap: null };

function sample(time: number, marks?: Sample["marks"]): Sample {
  const numbers = { time, rss: time * 4096, ...UNTOLD, vsz: 0, minorFaults: time, majorFaults: 0, threads: 1 };
  return marks ? { ...numbers, marks } : numbers;
}

function filled(ticks: number, marksAt: (time: number) => Sample["marks"] = () => undefined): Timeline {
  const timeline = new Timeline();
  for (let time = 1; time <= ticks; time++) timeline.add(sample(time, marksAt(time)));
  return timeline;
}

const timesOf = (timeline: Timeline) => timeline.since(0).map(({ time }) => time);

test("gives the samples after a moment, oldest first, and the last two", () => {
  const timeline = new Timeline();
  for (const time of [10, 20, 30, 40]) timeline.add(sample(time, time === 30 ? { stop: 1 } : undefined));
  expect(timeline.since(20).map(({ time }) => time)).toEqual([30, 40]);
  expect(timeline.since(0)).toHaveLength(4);
  expect(timeline.since(40)).toEqual([]);
  expect(timeline.last?.time).toBe(40);
  expect(timeline.timeBeforeLast).toBe(30);
});

for (const [name, ticks] of [
  ["a minute", 60],
  ["ten minutes", 600],
  ["an hour", 3600],
  ["a day", 86_400],
  ["five days", 432_000],
] as const) {
  test(`after ${name} the last ten minutes are whole, older ones the coarser the older, and the first is there`, () => {
    const times = timesOf(filled(ticks));
    const full = Math.min(ticks, IN_FULL);
    expect(times.length).toBeLessThanOrEqual(MOST);
    expect(times.slice(-full)).toEqual(Array.from({ length: full }, (_, at) => ticks - full + 1 + at));
    expect(times[0]).toBe(1);
    for (let at = 1; at < times.length; at++) {
      const [before, time] = [times[at - 1] as number, times[at] as number];
      expect(time).toBeGreaterThan(before);
      expect(time - before).toBeLessThanOrEqual((ticks - before) / 256 + 2);
    }
  });
}

test("a month later there is no more of it than after a week", () => {
  const timeline = filled(2_600_000);
  const times = timesOf(timeline);
  expect(times.length).toBeLessThanOrEqual(MOST);
  expect(times[0]).toBe(1);
});

test("no mark is lost, wherever it falls, while there is room for marks", () => {
  for (const seed of [1, 7, 42]) {
    let state = seed;
    const random = () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state / 2 ** 31;
    };
    const marked = new Set(Array.from({ length: MOST_MARKED }, () => 1 + Math.floor(random() * 50_000)));
    const timeline = filled(50_000, (time) => (marked.has(time) ? { stop: 1 } : undefined));
    const kept = timeline.since(0).filter(({ marks }) => marks);
    expect(kept.map(({ time }) => time)).toEqual([...marked].sort((one, other) => one - other));
  }
});

test("threads that come and go all the time push out neither the stops nor the counters", () => {
  const marksAt = (time: number) => (time % 1000 === 0 ? { stop: 1 } : time % 2 === 0 ? { threadStart: 3 } : undefined);
  const samples = filled(86_400, marksAt).since(0);
  expect(samples.filter(({ marks }) => marks?.stop)).toHaveLength(86);
  expect(samples.filter(({ marks }) => marks?.threadStart)).toHaveLength(MOST_MARKED);
  expect(samples.length).toBeLessThanOrEqual(MOST);
  expect(samples[0]?.time).toBe(1);
});

test("stays bounded even where everything carries a mark, and keeps the newest", () => {
  const times = timesOf(filled(20_000, (time) => (time % 2 ? { stop: 1 } : { continue: 1 })));
  expect(times).toHaveLength(MOST_MARKED);
  expect(times.at(-1)).toBe(20_000);
});

test("where samples are thinned, what was read before one that goes is told by the next that stays", () => {
  const timeline = new Timeline();
  for (let time = 1; time <= 5000; time++) {
    timeline.add(time % 2 === 0 ? { ...sample(time), pss: time, kinds: { heap: time } } : sample(time));
  }
  const read = timeline.since(0).filter(({ kinds }) => kinds);
  const old = read.filter(({ time }) => time <= 5000 - 2 * IN_FULL);
  expect(old.length).toBeGreaterThan(500);
  for (const { time, pss, kinds } of old) {
    expect(kinds?.heap).toBe(pss);
    expect(time - (pss ?? 0)).toBeGreaterThanOrEqual(0);
    expect(time - (pss ?? 0)).toBeLessThanOrEqual((5000 - time) / 128 + 2);
  }
});

test("what was read of the last sample's moment is added to it, with a mark or without", () => {
  for (const marks of [undefined, { stop: 1 }, { fork: 1 }]) {
    const timeline = new Timeline();
    for (const time of [1, 2]) timeline.add(sample(time, marks));
    timeline.amend({ pss: 7, kinds: { heap: 5 } });
    expect(timeline.last).toEqual({ ...sample(2, marks), pss: 7, kinds: { heap: 5 } });
    expect(timeline.since(0)).toEqual([sample(1, marks), timeline.last]);
  }
});
