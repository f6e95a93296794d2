/** The time line's samples, and their marks. */
import type { Changed, MarkName, Sample, TargetId } from "../../protocol/server.ts";
import { Observed } from "./observed.ts";
import { type Ask, Question } from "./question.ts";

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
        this.#show(since === 0 ? joined(samples, this.#samples) : joined(this.#samples, samples));
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
    const last = this.#samples.at(-1);
    if (last?.time === sample.time) {
      if (sample.kinds && !last.kinds) this.#show([...this.#samples.slice(0, -1), sample]);
      return;
    }
    if (last === undefined || last.time !== sampleBefore) {
      this.#refresh();
      return;
    }
    this.#show(joined(this.#samples, [sample]));
    if (this.#samples.length > MOST_SAMPLES) this.#refresh();
  }

  #show(samples: Sample[]): void {
    this.#samples = samples;
    this.#problem = null;
    this.changed();
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

export function marked(samples: readonly Sample[]): Marked[] {
  return samples.flatMap(({ time, marks }) => (marks ? [{ time: time / 1000, marks: inOrder(marks) }] : []));
}

/** The marks of a sample with how often each, the rare ones first. */
export function inOrder(marks: NonNullable<Sample["marks"]>): [mark: MarkName, times: number][] {
  return MARKS.flatMap((mark) => (marks[mark] ? [[mark, marks[mark]] as [MarkName, number]] : []));
}

export const MARKS: readonly MarkName[] = ["exit", "exec", "stop", "continue", "fork", "threadStart", "threadExit"];

/** More than the server keeps. */
export const MOST_SAMPLES = 10_000;
