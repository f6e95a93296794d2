/** How uPlot draws the time line: RSS in layers and other bytes, and below them faults a second. */
import uPlot from "uplot";
import type { Kind } from "../../memory/kind.ts";
import { formatBytes } from "../../memory/size.ts";
import type { Marked } from "../data/history.ts";
import type { Layer, SeriesName } from "../data/timeSeries.ts";
import type { View } from "../data/view.ts";
import { drawMarks, drawMoment } from "./marks.ts";
import type { Palette } from "./palette.ts";

/** What is drawn; that which changes is asked for with each drawing. */
export interface Drawing {
  /** From the highest to the lowest: each is drawn over those before it. */
  readonly layers: readonly Layer[];
  readonly lines: readonly SeriesName[];
  readonly range: () => View;
  readonly marked: () => Marked[];
  /** Seconds since the epoch. */
  readonly moment: () => number | null;
}

/** The series are the layers, then the lines. Faults have the lower part of the chart, where no layer covers them. */
export function timeLineOptions(palette: Palette, drawing: Drawing): Omit<uPlot.Options, "width" | "height"> {
  const hasFaults = drawing.lines.some(isFaults);
  const axis: uPlot.Axis = {
    stroke: palette.muted,
    font: `10px ${palette.font}`,
    ticks: { show: false },
    grid: { stroke: palette.grid, width: 1 },
  };
  return {
    padding: [10, 0, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, click: () => {} },
      points: { show: false },
      bind: { dblclick: () => null },
    },
    scales: {
      x: { time: true, range: () => timesInView(drawing.range()) },
      bytes: { range: (_chart, _least, most) => bytesRange(most ?? 0, hasFaults) },
      faults: { range: (_chart, _least, most) => [0, Math.max((most ?? 0) * 1.1, 10) / FAULTS_SHARE] },
    },
    series: [
      {},
      ...drawing.layers.map(({ kind }) => layer(palette, kind)),
      ...drawing.lines.map((name) => line(palette, name, drawing.layers.length === 0)),
    ],
    axes: [
      { ...axis, size: 22, gap: 6, space: 80, incrs: CLOCK_STEPS, values: (_chart, values) => values.map(clock) },
      {
        ...axis,
        scale: "bytes",
        size: 58,
        gap: 4,
        splits: (_chart, _axis, _least, most) => splits(most, 2 ** Math.ceil(Math.log2(most / 4))),
        values: (_chart, values) => values.map(formatBytes),
      },
      {
        ...axis,
        show: hasFaults,
        scale: "faults",
        side: 1,
        size: 48,
        gap: 4,
        splits: (_chart, _axis, _least, most) => splits(most * FAULTS_SHARE, rounded((most * FAULTS_SHARE) / 2)),
        values: (_chart, values) => values.map(rateLabel),
      },
    ],
    hooks: {
      draw: [
        (chart) => {
          drawMarks(chart, palette, drawing.marked());
          drawMoment(chart, palette, drawing.moment());
        },
      ],
    },
  };
}

/** Of the chart's height, that faults have, and that they and the room above them do. */
const FAULTS_SHARE = 0.26;
const BELOW_BYTES = 0.33;

function isFaults(name: SeriesName): name is "minorFaults" | "majorFaults" {
  return name === "minorFaults" || name === "majorFaults";
}

/** One kind's part of the RSS, which the layers after it are drawn upon. */
function layer(palette: Palette, kind: Kind): uPlot.Series {
  return { scale: "bytes", fill: palette.kinds[kind], stroke: palette.background, width: 0.5, points: { show: false } };
}

/** Lines of bytes have the colour of text, so that they are seen upon every layer. */
function line(palette: Palette, name: SeriesName, hasArea: boolean): uPlot.Series {
  if (!isFaults(name)) {
    const series: uPlot.Series = { scale: "bytes", stroke: palette.foreground, width: 1.5, points: { show: false } };
    if (name === "rss") return hasArea ? { ...series, fill: palette.rssArea } : series;
    return { ...series, dash: name === "pss" ? [6, 4] : [2, 3] };
  }
  // A rate holds for the whole time since the sample before.
  const paths = uPlot.paths.stepped?.({ align: -1 });
  const series = { scale: "faults", width: 1.25, points: { show: false }, ...(paths && { paths }) };
  if (name === "minorFaults") return { ...series, stroke: palette.minorFaults };
  return { ...series, stroke: palette.majorFaults, dash: [4, 3] };
}

function timesInView({ from, to }: View): [number, number] {
  return [from, to];
}

function bytesRange(most: number, hasFaults: boolean): [number, number] {
  const top = Math.max(most * 1.1, 1 << 20);
  return [hasFaults ? (-top * BELOW_BYTES) / (1 - BELOW_BYTES) : 0, top];
}

function splits(most: number, step: number): number[] {
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, at) => at * step);
}

/** The next of 1, 2, 5, 10, 20, 50 … */
function rounded(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((factor) => factor * power >= value) ?? 10);
}

/** Seconds from one time on the axis to the next: those that a clock without fractions tells apart. */
const CLOCK_STEPS = [
  ...[1, 60].flatMap((unit) => [1, 2, 5, 10, 15, 30].map((step) => step * unit)),
  ...[1, 2, 3, 6, 12, 24, 48, 168].map((hours) => hours * 3600),
];

function clock(seconds: number): string {
  return times.format(seconds * 1000);
}

const times = new Intl.DateTimeFormat("en", { timeStyle: "medium", hourCycle: "h23" });

function rateLabel(value: number): string {
  return value >= 10_000 ? `${Math.round(value / 1000)}k/s` : `${value}/s`;
}
