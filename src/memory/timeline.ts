import type { Sample } from "../protocol/server.ts";

/**
 * A target's counters over time in bounded memory: every sample of the last minutes, older ones thinned to every second,
 * fourth, … of them. Samples with a mark are kept, until there is room for little else: then the oldest go.
 */
export class Timeline {
  readonly #capacity: number;
  #samples: Sample[] = [];

  /** `capacity`: how many samples are kept at the most. */
  constructor(capacity = 4096) {
    this.#capacity = capacity;
  }

  add(sample: Sample): void {
    this.#samples.push(sample);
    if (this.#samples.length > this.#capacity) this.#thin();
  }

  /** The samples after a time in milliseconds since the epoch, oldest first. */
  since(time: number): Sample[] {
    return this.#samples.filter((sample) => sample.time > time);
  }

  get last(): Sample | null {
    return this.#samples.at(-1) ?? null;
  }

  /** The time of the sample before the last. */
  get timeBeforeLast(): number | null {
    return this.#samples.at(-2)?.time ?? null;
  }

  /** Halves the older half. Each time around older samples lose again, so that they lie the farther apart the older. */
  #thin(): void {
    const half = this.#samples.length >>> 1;
    const older = this.#samples.slice(0, half);
    const thinned = older.filter((sample, index) => index % 2 === 0 || sample.mark);
    const kept = thinned.length > half * MOST_MARKED ? older.slice(half >>> 1) : thinned;
    this.#samples = [...kept, ...this.#samples.slice(half)];
  }
}

/** The share of old samples that may stay for their marks. */
const MOST_MARKED = 0.75;
