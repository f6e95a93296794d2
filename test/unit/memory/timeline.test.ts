import { expect, test } from "vitest";
import { Timeline } from "../../../src/memory/timeline.ts";
import type { Sample } from "../../../src/protocol/server.ts";

function sample(time: number, mark?: Sample["mark"]): Sample {
  const numbers = { time, rss: time * 4096, vsz: 0, minorFaults: time, majorFaults: 0, threads: 1 };
  return mark ? { ...numbers, mark } : numbers;
}

test("gives the samples after a moment, oldest first", () => {
  const timeline = new Timeline();
  for (const time of [10, 20, 30, 40]) timeline.add(sample(time));
  expect(timeline.since(20).map(({ time }) => time)).toEqual([30, 40]);
  expect(timeline.since(0)).toHaveLength(4);
  expect(timeline.since(40)).toEqual([]);
});

test("stays bounded, with the last minutes in full and the rest the thinner the older", () => {
  const timeline = new Timeline(1000);
  for (let time = 1; time <= 100_000; time++) timeline.add(sample(time));
  const times = timeline.since(0).map(({ time }) => time);
  expect(times.length).toBeLessThanOrEqual(1000);
  expect(times.slice(-400)).toEqual(Array.from({ length: 400 }, (_, i) => 99_601 + i));
  expect(times[0]).toBe(1);
  const distances = times.slice(1).map((time, i) => time - (times[i] as number));
  expect(distances.every((distance, i) => i === 0 || distance <= (distances[i - 1] as number))).toBe(true);
});

test("keeps what carries a mark when it is thinned", () => {
  const timeline = new Timeline(1000);
  const marked = [1, 500, 501, 502, 7001];
  for (let time = 1; time <= 20_000; time++) timeline.add(sample(time, marked.includes(time) ? "stop" : undefined));
  const marks = timeline.since(0).filter(({ mark }) => mark);
  expect(marks.map(({ time }) => time)).toEqual(marked);
});

test("stays bounded even where everything carries a mark", () => {
  const timeline = new Timeline(1000);
  for (let time = 1; time <= 20_000; time++) timeline.add(sample(time, time % 2 ? "stop" : "continue"));
  const times = timeline.since(0).map(({ time }) => time);
  expect(times.length).toBeLessThanOrEqual(1000);
  expect(times.at(-1)).toBe(20_000);
});
