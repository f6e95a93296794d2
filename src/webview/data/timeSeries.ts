/** What the time line draws of its samples: columns as long as there are samples. */
import { KIND_LABELS, KINDS, type Kind } from "../../memory/kind.ts";
import type { Sample } from "../../protocol/server.ts";

/** Bytes, or faults a second; `null` where nothing is known. */
export type Column = (number | null)[];

/** The lines that can be shown or not. */
export const SERIES = ["rss", "pss", "swap", "minorFaults", "majorFaults"] as const;
export type SeriesName = (typeof SERIES)[number];

/** What the RSS is divided by: `kind` as the map is, known where all numbers were read; `part` as the kernel counts. */
export const DIVISIONS = ["kind", "part", "none"] as const;
export type Division = (typeof DIVISIONS)[number];

/** A part of the RSS. */
export interface Layer {
  /** The kind whose colour it has. */
  readonly kind: Kind;
  readonly label: string;
  /** Its own bytes. */
  readonly values: Column;
}

/** The columns of samples, each made when it is first asked for. */
export class TimeSeries {
  readonly samples: readonly Sample[];
  readonly #columns = new Map<SeriesName, Column>();
  readonly #layers = new Map<Division, readonly Layer[]>();

  constructor(samples: readonly Sample[]) {
    this.samples = samples;
  }

  /** Seconds since the epoch. */
  get times(): number[] {
    return this.samples.map(({ time }) => time / 1000);
  }

  /** The index of the last sample until that time, in milliseconds since the epoch; -1 before the first. */
  indexAt(time: number): number {
    return this.samples.findLastIndex((sample) => sample.time <= time);
  }

  /** When what a sample is said to have was read: the last time before, in milliseconds since the epoch. */
  readAt(what: "pss" | "kinds", index: number): number | null {
    return this.samples.findLast((sample, at) => at <= index && sample[what] !== undefined)?.time ?? null;
  }

  column(series: SeriesName): Column {
    const column = this.#columns.get(series) ?? columnOf(this.samples, series);
    this.#columns.set(series, column);
    return column;
  }

  /** The parts of the RSS that there are, the lowest first. */
  layers(division: Division): readonly Layer[] {
    const layers = this.#layers.get(division) ?? layersOf(this.samples, division);
    this.#layers.set(division, layers);
    return layers;
  }
}

/** Each layer upon those before it. */
export function stacked(layers: readonly Layer[]): Column[] {
  const columns: Column[] = [];
  for (const { values } of layers) {
    const below = columns.at(-1);
    columns.push(values.map((value, at) => (value === null ? null : value + (below?.[at] ?? 0))));
  }
  return columns;
}

/** PSS holds from its reading until the next. */
function columnOf(samples: readonly Sample[], series: SeriesName): Column {
  switch (series) {
    case "rss":
    case "swap":
      return samples.map((sample) => sample[series]);
    case "pss":
      return held(samples, ({ pss }) => pss);
    default:
      return ratesOf(samples, series);
  }
}

function layersOf(samples: readonly Sample[], division: Division): Layer[] {
  if (division === "none") return [];
  if (division === "part") {
    return PARTS.map(([field, kind, label]) => ({ kind, label, values: samples.map((sample) => sample[field]) }));
  }
  const sums = held(samples, ({ kinds }) => kinds);
  const most = Math.max(0, ...samples.map(({ rss }) => rss));
  const isLarge = (kind: Kind) => samples.some(({ kinds }) => (kinds?.[kind] ?? 0) >= most * LEAST_SHARE);
  const isThere = (kind: Kind) => samples.some(({ kinds }) => kinds?.[kind]);
  const large = KINDS.filter(isLarge);
  const small = KINDS.filter((kind) => !large.includes(kind) && isThere(kind));
  const valuesOf = (some: readonly Kind[]) =>
    sums.map((kinds) => kinds && some.reduce((sum, kind) => sum + (kinds[kind] ?? 0), 0));
  const layers = large.map((kind) => ({ kind, label: KIND_LABELS[kind], values: valuesOf([kind]) }));
  const [only] = small;
  if (only === undefined) return layers;
  const label = small.length === 1 ? KIND_LABELS[only] : `${small.length} others`;
  return [...layers, { kind: small.length === 1 ? only : "guard", label, values: valuesOf(small) }];
}

/** Of the largest RSS; kinds that never have so much share a layer, in the colour of what never has any. */
const LEAST_SHARE = 0.01;

const PARTS = [
  ["rssAnon", "anonymous", "anonymous"],
  ["rssFile", "code", "files"],
  ["rssShmem", "sharedAnonymous", "shared memory"],
] as const satisfies [keyof Sample, Kind, string][];

/** What was read holds until it is read again, though not beyond another program's start. */
function held<T>(samples: readonly Sample[], read: (sample: Sample) => T | undefined): (T | null)[] {
  let last: T | null = null;
  return samples.map((sample) => {
    if (sample.marks?.exec) last = null;
    last = read(sample) ?? last;
    return last;
  });
}

/**
 * The fault rates are those since the sample before, or since an earlier one where that is less than {@link SHORTEST_RATE}
 * away: a stop is read right after a tick, and of a millisecond no rate can be told.
 */
function ratesOf(samples: readonly Sample[], counter: "minorFaults" | "majorFaults"): Column {
  let base = 0;
  return samples.map((sample, index) => {
    const apart = (other: number) => sample.time - (samples[other] as Sample).time;
    while (base + 1 < index && apart(base + 1) >= SHORTEST_RATE) base++;
    if (apart(base) < SHORTEST_RATE) return null;
    return Math.max(0, sample[counter] - (samples[base] as Sample)[counter]) / (apart(base) / 1000);
  });
}

/** Milliseconds. */
const SHORTEST_RATE = 100;
