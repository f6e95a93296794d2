/** What the time line says in words. */

import type { Sample } from "../../protocol/server.ts";
import { inOrder, MARKS } from "../data/history.ts";
import { SERIES, type SeriesName } from "../data/timeSeries.ts";
import type { TimeView } from "../data/timeView.ts";
import { bytes, markText, perSecond, timeText } from "./words.ts";

export const SERIES_LABELS: Readonly<Record<SeriesName, string>> = {
  rss: "RSS",
  pss: "PSS",
  swap: "swap",
  minorFaults: "minor faults",
  majorFaults: "major faults",
};

/** A value of a series, or a dash where it is not known. */
export function valueText(series: SeriesName, value: number | null | undefined): string {
  if (series !== "minorFaults" && series !== "majorFaults") return bytes(value);
  return value === null || value === undefined ? "–" : perSecond(value);
}

/** What happened at a sample. */
export function marksAt(sample: Sample | undefined): string {
  return sample?.marks ? inOrder(sample.marks).map(markText).join(", ") : "";
}

/** From when to when, between what the RSS was, and all marks with how often. */
export function summaryOf(samples: readonly Sample[]): string {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return "Time line: nothing has been read yet.";
  const sums = new Map<string, number>();
  for (const { marks } of samples) {
    for (const [mark, times] of marks ? inOrder(marks) : []) sums.set(mark, (sums.get(mark) ?? 0) + times);
  }
  const sizes = samples.map(({ rss }) => rss);
  const between = `RSS between ${bytes(Math.min(...sizes))} and ${bytes(Math.max(...sizes))}, ${bytes(last.rss)} at the end`;
  const happened = MARKS.flatMap((mark) => (sums.has(mark) ? markText([mark, sums.get(mark) ?? 0]) : []));
  return `Time line from ${timeText(first.time)} to ${timeText(last.time)}: ${[between, ...happened].join(", ")}.`;
}

/** A sample as it is read out: the lines that are shown, and of the RSS the largest parts. */
export function heardAt(view: TimeView, time: number): string {
  const { series } = view;
  const index = series.indexAt(time);
  const sample = series.samples[index];
  if (!sample) return "";
  const lines = SERIES.filter((name) => view.isShown(name)).map(
    (name) => `${SERIES_LABELS[name]} ${valueText(name, series.column(name)[index])}`,
  );
  const parts = series
    .layers(view.shownDivision)
    .map(({ label, values }) => ({ label, value: values[index] ?? 0 }))
    .sort((one, other) => other.value - one.value)
    .slice(0, MOST_PARTS)
    .flatMap(({ label, value }) => (value > 0 ? `${label} ${bytes(value)}` : []));
  return [timeText(sample.time), marksAt(sample), ...lines, ...parts].filter((text) => text !== "").join(", ");
}

/** As many as one listens to. */
const MOST_PARTS = 3;
