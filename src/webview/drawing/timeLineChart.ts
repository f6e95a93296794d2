/** How uPlot draws the time line: RSS as an area on the left scale, faults a second as lines on the right one. */
import uPlot from "uplot";
import { formatBytes } from "../../memory/size.ts";
import type { Marked } from "../data/history.ts";
import { drawMarks } from "./marks.ts";
import type { Palette } from "./palette.ts";

export function timeLineOptions(palette: Palette, marked: () => Marked[]): Omit<uPlot.Options, "width" | "height"> {
  const font = `10px ${palette.font}`;
  const axis: uPlot.Axis = {
    stroke: palette.muted,
    font,
    ticks: { show: false },
    grid: { stroke: palette.grid, width: 1 },
  };
  // A rate holds for the whole time since the sample before.
  const paths = uPlot.paths.stepped?.({ align: -1 });
  const rate: uPlot.Series = { scale: "faults", width: 1.25, points: { show: false }, ...(paths && { paths }) };
  return {
    padding: [10, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: true, range: (_chart, least, most) => [Math.min(least, most - SHORTEST), most] },
      bytes: { range: (_chart, _least, most) => [0, Math.max(most * 1.1, 1 << 20)] },
      faults: { range: (_chart, _least, most) => [0, Math.max(most * 1.1, 10)] },
    },
    series: [
      {},
      { scale: "bytes", stroke: palette.rss, fill: palette.rssArea, width: 1.5, points: { show: false } },
      { ...rate, stroke: palette.minorFaults },
      { ...rate, stroke: palette.majorFaults, dash: [4, 3] },
    ],
    axes: [
      { ...axis, size: 22, gap: 6, space: 80, values: (_chart, values) => values.map(clock) },
      {
        ...axis,
        scale: "bytes",
        size: 58,
        gap: 4,
        space: 28,
        splits: byteSplits,
        values: (_chart, values) => values.map(formatBytes),
      },
      {
        ...axis,
        scale: "faults",
        side: 1,
        size: 48,
        gap: 4,
        space: 28,
        grid: { show: false },
        values: (_chart, values) => values.map(rateLabel),
      },
    ],
    hooks: { draw: [(chart) => drawMarks(chart, palette, marked())] },
  };
}

/** Seconds that the time line is long at least. */
const SHORTEST = 20;

/** Powers of two, or halves and quarters of them, so that the labels are round in KiB and MiB. */
function byteSplits(_chart: uPlot, _axis: number, _least: number, most: number): number[] {
  const step = 2 ** Math.ceil(Math.log2(most / 4));
  const splits: number[] = [];
  for (let value = 0; value <= most; value += step) splits.push(value);
  return splits;
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString();
}

function rateLabel(value: number): string {
  return value >= 10_000 ? `${Math.round(value / 1000)}k/s` : `${value}/s`;
}
