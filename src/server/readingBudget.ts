import type { Counters } from "../memory/counters.ts";

/**
 * Says when a costly reading of a running target may be made again: when its numbers can have changed, which faults, system
 * calls and the time it ran show in the counters, and for no more than a share of the processor. After a longest time it may
 * be made in any case: the counters do not show everything, and views should not wait for ever.
 */
export class ReadingBudget {
  readonly #share: number;
  readonly #longest: number;
  #counters: Counters | null = null;
  #ended = 0;
  #next = 0;

  /**
   * @param share of a processor's time, at most
   * @param longest milliseconds after which is read in any case: though the counters stay the same, and whatever it costs
   */
  constructor({ share, longest }: { share: number; longest: number }) {
    this.#share = share;
    this.#longest = longest;
  }

  /** Whether to read now, in milliseconds of any steady clock. */
  allows(counters: Counters, now: number): boolean {
    if (!this.#counters) return true;
    return now >= this.#next && (now >= this.#ended + this.#longest || haveMoved(this.#counters, counters));
  }

  /**
   * A reading was made, successful or not.
   * @param counters those from right before it
   * @param cost milliseconds of {@link processorTime}
   */
  spent(counters: Counters, cost: number, now: number): void {
    this.#counters = counters;
    this.#ended = now;
    this.#next = now + Math.min(cost / this.#share, this.#longest);
  }

  /** The next reading is needed, whatever the counters say. */
  reset(): void {
    this.#counters = null;
  }
}

/** Milliseconds of a processor that this process has taken: what waits for a busy machine costs nothing. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function haveMoved(before: Counters, after: Counters): boolean {
  return MOVING.some((field) => before[field] !== after[field]);
}

const MOVING = ["minorFaults", "majorFaults", "rss", "vsz", "shared", "cpuTime"] as const;
