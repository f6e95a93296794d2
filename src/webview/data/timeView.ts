/** How the time line is looked at: which lines, which stretch of time, and the moment that is pointed at. */
import type { History } from "./history.ts";
import { Observed } from "./observed.ts";
import { samplesInView } from "./samplesInView.ts";
import { type Division, type SeriesName, TimeSeries } from "./timeSeries.ts";
import type { View } from "./view.ts";

/** As it is saved. */
export interface TimeViewState {
  readonly division: Division;
  readonly hidden: readonly SeriesName[];
  /** Seconds since the epoch; `null`: all there is. */
  readonly range: View | null;
  /** Whether the range goes on with the time: its end is the newest sample. */
  readonly isFollowing: boolean;
}

export class TimeView extends Observed {
  readonly #history: History;
  #division: Division;
  #hidden: readonly SeriesName[];
  #range: View | null = null;
  #isFollowing = false;
  #pointed: number | null = null;
  #pixels = 1;
  #series = new TimeSeries([]);
  /** What the series were made of. */
  #made: readonly unknown[] = [];

  constructor(history: History, { division, hidden }: TimeViewState) {
    super();
    this.#history = history;
    this.#division = division;
    this.#hidden = hidden;
  }

  get state(): TimeViewState {
    return {
      division: this.#division,
      hidden: this.#hidden,
      range: this.#range && this.range,
      isFollowing: this.#isFollowing,
    };
  }

  get division(): Division {
    return this.#division;
  }

  set division(division: Division) {
    this.#division = division;
    this.changed();
  }

  /** Without the RSS it is not divided either. */
  get shownDivision(): Division {
    return this.isShown("rss") ? this.#division : "none";
  }

  isShown(series: SeriesName): boolean {
    return !this.#hidden.includes(series);
  }

  toggle(series: SeriesName): void {
    this.#hidden = this.isShown(series)
      ? [...this.#hidden, series]
      : this.#hidden.filter((hidden) => hidden !== series);
    this.changed();
  }

  get isWhole(): boolean {
    return this.#range === null;
  }

  get isClosest(): boolean {
    return this.range.to - this.range.from <= NARROWEST;
  }

  /** The stretch of time in view, in seconds since the epoch. */
  get range(): View {
    const whole = this.#whole;
    if (!this.#range) return whole;
    const { from, to } = this.#range;
    return this.#isFollowing ? { from: whole.to - (to - from), to: whole.to } : this.#range;
  }

  /** What is drawn: no more samples than there is room for. */
  get series(): TimeSeries {
    const { samples } = this.#history;
    const { from, to } = this.range;
    const parts = [samples, from, to, this.#pixels];
    if (parts.some((part, at) => part !== this.#made[at])) {
      this.#made = parts;
      this.#series = new TimeSeries(samplesInView(samples, { from, to }, this.#pixels / PIXELS_OF_A_SAMPLE));
    }
    return this.#series;
  }

  /** The chart is so many CSS pixels wide. */
  resize(pixels: number): void {
    if (pixels === this.#pixels) return;
    this.#pixels = pixels;
    this.changed();
  }

  /** The time of the sample that is pointed at, in milliseconds since the epoch. */
  get pointed(): number | null {
    return this.#pointed;
  }

  set pointed(time: number | null) {
    if (time === this.#pointed) return;
    this.#pointed = time;
    this.changed();
  }

  /** Shows what lies between two times, in seconds since the epoch; all there is where they are farther apart. */
  show(from: number, to: number): void {
    const whole = this.#whole;
    const span = Math.max(to - from, NARROWEST);
    const start = Math.min(Math.max((from + to - span) / 2, whole.from), whole.to - span);
    this.#range = span >= whole.to - whole.from ? null : { from: start, to: start + span };
    this.#isFollowing = start + span >= whole.to;
    this.changed();
  }

  showWhole(): void {
    this.#range = null;
    this.changed();
  }

  /** Zooms by a factor (> 1: closer) around the pointed sample, or the newest while it is in view, or else the middle. */
  zoomBy(factor: number): void {
    const { from, to } = this.range;
    const end = to === this.#whole.to ? to : (from + to) / 2;
    const at = this.#pointed === null ? end : this.#pointed / 1000;
    this.show(at - (at - from) / factor, at + (to - at) / factor);
  }

  /** Moves the view no more than it takes to see the time, in seconds since the epoch. */
  reveal(time: number): void {
    const { from, to } = this.range;
    const distance = Math.min(time - from, 0) + Math.max(time - to, 0);
    if (distance !== 0) this.show(from + distance, to + distance);
  }

  /** Another target is shown, as it was left, or from its beginning until now. */
  look(kept: TimeViewState | null): void {
    this.#pointed = null;
    this.#range = kept?.range ?? null;
    this.#isFollowing = kept?.isFollowing ?? false;
    this.changed();
  }

  get #whole(): View {
    const { samples } = this.#history;
    const to = (samples.at(-1)?.time ?? Date.now()) / 1000;
    return { from: Math.min((samples[0]?.time ?? 0) / 1000 || to, to - SHORTEST), to };
  }
}

/** Seconds that the time line is long at least, and that a view of it is. */
const SHORTEST = 20;
const NARROWEST = 2;
/** CSS pixels. */
const PIXELS_OF_A_SAMPLE = 2;
