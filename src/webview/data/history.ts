/** The time line's samples, and what is drawn of them. */
import type { Changed, MarkName, Sample, TargetId } from "../../protocol/server.ts";
import { Observed } from "./observed.ts";
import { type Ask, Question } from "./question.ts";

/** Columns of equal length: seconds since the epoch, bytes, faults a second (`null` where nothing is known). */
export type HistoryColumns = [times: number[], rss: number[], minor: (number | null)[], major: (number | null)[]];

/** A sample with marks. */
export interface Marked {
  /** Seconds since the epoch. */
  readonly time: number;
  /** Each with how often, the rare ones first. */
  readonly marks: readonly [mark: MarkName, times: number][];
}

export class History extends Observed {
  readonly #question: Question<{ target: TargetId; since: number }, { samples: Sample[] }>;
  #target: TargetId | null = null;
  #samples: Sample[] = [];
  #problem: string | null = null;

  constructor(ask: Ask) {
    super();
    this.#question = new Question(
      (query) => ask("timeline", query),
      ({ samples }, { since }) => {
        this.#samples = since === 0 ? joined(samples, this.#samples) : joined(this.#samples, samples);
        this.#problem = null;
        this.changed();
      },
      (message) => {
        this.#problem = message;
        this.changed();
      },
    );
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Why there is nothing newer, in words. */
  get problem(): string | null {
    return this.#problem;
  }

  look(target: TargetId | null): void {
    this.#target = target;
    this.#samples = [];
    this.#problem = null;
    this.#question.forget();
    this.changed();
    this.#refresh();
  }

  /** A reading was told. Samples that were missed are asked for, such as those while the panel was hidden. */
  receive({ sample, sampleBefore }: Changed): void {
    const last = this.#samples.at(-1)?.time;
    if (last === sample.time) return;
    if (last === undefined || last !== sampleBefore) {
      this.#refresh();
      return;
    }
    this.#samples = joined(this.#samples, [sample]);
    this.#problem = null;
    this.changed();
    if (this.#samples.length > MOST_SAMPLES) this.#refresh();
  }

  /** Where there are too many, all are asked for anew: the server thins them. */
  #refresh(): void {
    const last = this.#samples.length > MOST_SAMPLES ? undefined : this.#samples.at(-1);
    if (this.#target !== null) this.#question.ask({ target: this.#target, since: last?.time ?? 0 });
  }
}

/** The samples and those that are newer. */
export function joined(samples: Sample[], more: readonly Sample[]): Sample[] {
  const last = samples.at(-1)?.time ?? Number.NEGATIVE_INFINITY;
  return [...samples, ...more.filter(({ time }) => time > last)];
}

/**
 * The fault rates are those since the sample before, or since an earlier one where that is less than {@link SHORTEST_RATE}
 * away: a stop is read right after a tick, and of a millisecond no rate can be told.
 */
export function columns(samples: readonly Sample[]): HistoryColumns {
  const result: HistoryColumns = [[], [], [], []];
  let base = 0;
  for (const [index, sample] of samples.entries()) {
    const apart = (other: number) => sample.time - (samples[other] as Sample).time;
    while (base + 1 < index && apart(base + 1) >= SHORTEST_RATE) base++;
    const before = apart(base) >= SHORTEST_RATE ? (samples[base] as Sample) : null;
    result[0].push(sample.time / 1000);
    result[1].push(sample.rss);
    result[2].push(before && rate(before, sample, "minorFaults"));
    result[3].push(before && rate(before, sample, "majorFaults"));
  }
  return result;
}

export function marked(samples: readonly Sample[]): Marked[] {
  return samples.flatMap(({ time, marks }) => (marks ? [{ time: time / 1000, marks: inOrder(marks) }] : []));
}

/** The marks of a sample with how often each, the rare ones first. */
export function inOrder(marks: NonNullable<Sample["marks"]>): [mark: MarkName, times: number][] {
  return MARKS.flatMap((mark) => (marks[mark] ? [[mark, marks[mark]] as [MarkName, number]] : []));
}

export const MARKS: readonly MarkName[] = ["exit", "exec", "stop", "continue", "fork", "threadStart", "threadExit"];

/** Milliseconds. */
const SHORTEST_RATE = 100;

/** More than the server keeps. */
export const MOST_SAMPLES = 10_000;

function rate(before: Sample, after: Sample, counter: "minorFaults" | "majorFaults"): number {
  return Math.max(0, after[counter] - before[counter]) / ((after.time - before.time) / 1000);
}
