import { expect, test } from "vitest";
import type { Sample } from "../../../src/protocol/server.ts";
import { samplesInView } from "../../../src/webview/data/samplesInView.ts";

const sample = (second: number, more: Partial<Sample> = {}) => ({ time: second * 1000, ...more }) as Sample;
const seconds = (samples: readonly Sample[]) => samples.map(({ time }) => time / 1000);
const hour = (more: (second: number) => Partial<Sample> = () => ({})) =>
  Array.from({ length: 3600 }, (_, second) => sample(second, more(second)));

test("the samples in view are drawn with one on either side", () => {
  expect(seconds(samplesInView(hour(), { from: 10.5, to: 13.5 }, 100))).toEqual([10, 11, 12, 13, 14]);
  expect(seconds(samplesInView(hour(), { from: -20, to: 2 }, 100))).toEqual([0, 1, 2]);
  expect(seconds(samplesInView(hour(), { from: 3598, to: 3700 }, 100))).toEqual([3598, 3599]);
  expect(samplesInView([], { from: 0, to: 20 }, 100)).toEqual([]);
});

test("what each kind had before the view begins is known in it", () => {
  const read = hour((second) => (second % 30 === 0 ? { kinds: { heap: second } } : {}));
  const shown = samplesInView(read, { from: 100, to: 105 }, 100);
  expect(shown[0]?.kinds).toEqual({ heap: 90 });
  expect(seconds(shown).at(-1)).toBe(105);
});

test("there are no more samples than room, those with marks besides; the same stay as time goes on", () => {
  const marked = hour((second) => (second === 1801 ? { marks: { stop: 1 } } : {}));
  const shown = seconds(samplesInView(marked, { from: 0, to: 3599 }, 100));
  expect(shown.length).toBeGreaterThan(50);
  expect(shown.length).toBeLessThanOrEqual(102);
  expect(shown).toContain(1801);
  expect(shown.at(-1)).toBe(3599);
  const later = seconds(samplesInView([...marked, sample(3600)], { from: 0, to: 3600 }, 100));
  expect(later.slice(0, -1)).toEqual(shown.slice(0, later.length - 1));
});

test("what was read before a sample that is left out is told by the next one", () => {
  const read = hour((second) => (second % 7 === 0 ? { pss: second, kinds: { heap: second } } : {}));
  for (const { time, pss } of samplesInView(read, { from: 0, to: 3599 }, 100)) {
    expect(time / 1000 - (pss ?? Number.NaN)).toBeLessThan(7);
  }
});
