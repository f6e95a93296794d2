import type { MarkName, Sample } from "../protocol/server.ts";

/**
 * A target's counters over time, in a memory that does not grow. Kept are
 * - the last {@link IN_FULL} samples (ten minutes of one a second), every one;
 * - of older ones so many that `age` samples ago two neighbours are at most `age / 256 + 2` samples apart; beyond some
 *   500,000 samples (six days of one a second) those at the far end lie farther apart, but still evenly;
 * - the first one;
 * - the last {@link MOST_MARKED} with a stop, continuation, exec or the end, and as many of the last with other marks.
 * At most 8,400 in all.
 */
export class Timeline {
  /** Without marks: the newest in the first, each level half as dense as the one before; the oldest first in each. */
  readonly #levels: Sample[][] = Array.from({ length: LEVELS }, () => []);
  /** With a mark of the whole process; with marks of its threads and children alone. */
  readonly #marked: [process: Sample[], threads: Sample[]] = [[], []];
  #last: Sample | null = null;
  #timeBeforeLast: number | null = null;

  add(sample: Sample): void {
    this.#timeBeforeLast = this.#last?.time ?? null;
    this.#last = sample;
    const { marks } = sample;
    if (!marks) this.#addTo(0, [sample]);
    else addMarked(this.#marked[PROCESS_MARKS.some((mark) => marks[mark]) ? 0 : 1], sample);
  }

  /** What was read of the last sample's moment after it was taken. */
  amend(sums: Pick<Sample, "pss" | "kinds">): void {
    const last = this.#last;
    if (!last) return;
    this.#last = { ...last, ...sums };
    for (const samples of [...this.#levels, ...this.#marked]) {
      if (samples.at(-1) === last) samples[samples.length - 1] = this.#last;
    }
  }

  /** The samples after a time in milliseconds since the epoch, oldest first. */
  since(time: number): Sample[] {
    return [...this.#levels.toReversed(), ...this.#marked]
      .flatMap((samples) => after(samples, time))
      .sort((one, other) => one.time - other.time);
  }

  get last(): Sample | null {
    return this.#last;
  }

  /** The time of the sample before the last. */
  get timeBeforeLast(): number | null {
    return this.#timeBeforeLast;
  }

  /** Where a level is full, every other sample of its older half goes on to the next. */
  #addTo(index: number, samples: Sample[]): void {
    const level = this.#levels[index] as Sample[];
    const isLast = index === LEVELS - 1;
    const room = index === 0 ? 2 * IN_FULL : 2 * IN_A_LEVEL;
    for (const sample of samples) level.push(sample);
    while (level.length > room) {
      const thinned = everyOther(level.splice(0, isLast ? room : room / 2), level);
      if (isLast) level.unshift(...thinned);
      else this.#addTo(index + 1, thinned);
    }
  }
}

/** The sample with the sums of an earlier one that is left out, where it has none itself. */
export function withSums(sample: Sample, earlier: Sample | undefined): Sample {
  const { pss, kinds } = earlier ?? {};
  if ((pss === undefined || sample.pss !== undefined) && (kinds === undefined || sample.kinds !== undefined)) {
    return sample;
  }
  return { ...(pss !== undefined && { pss }), ...(kinds && { kinds }), ...sample };
}

/** Samples that are kept at least before they are thinned, and so many of each later level. */
export const IN_FULL = 600;
const IN_A_LEVEL = 256;
const LEVELS = 11;
/** Samples with marks, of either sort. */
export const MOST_MARKED = 1024;

/** What concerns all of a process, and is rare. */
const PROCESS_MARKS: readonly MarkName[] = ["stop", "continue", "exec", "exit"];

/**
 * Of an even number of samples the first, third …; what was read before one of the others is told by the next that
 * stays, of the last by the first of `following`.
 */
function everyOther(samples: readonly Sample[], following: Sample[]): Sample[] {
  const [next] = following;
  if (next) following[0] = withSums(next, samples.at(-1));
  return samples.flatMap((sample, at) => (at % 2 === 0 ? withSums(sample, samples[at - 1]) : []));
}

function addMarked(marked: Sample[], sample: Sample): void {
  marked.push(sample);
  if (marked.length > MOST_MARKED) marked.shift();
}

function after(samples: readonly Sample[], time: number): readonly Sample[] {
  const first = samples.findIndex((sample) => sample.time > time);
  return first < 0 ? [] : samples.slice(first);
}
