import type { Counters } from "../memory/counters.ts";

/**
 * Says when a costly reading of a running target may be made again. While smaps or smaps_rollup is read, the target's own
 * mmap and munmap wait, so a reading may take a fiftieth of the time at most. And it is needed only where its numbers can
 * have changed: those of private memory change with a fault or a system call that the counters show; those that other
 * processes can change are looked at every ten seconds.
 */
export class ReadingBudget {
  readonly #shortest: number;
  #counters: Counters | null = null;
  #ended = 0;
  #next = 0;

  /** `shortest`: milliseconds between two readings at the least. */
  constructor(shortest = 0) {
    this.#shortest = shortest;
  }

  /** Whether to read now, in milliseconds of any steady clock. */
  allows(counters: Counters, now: number): boolean {
    if (!this.#counters) return true;
    return now >= this.#next && (now >= this.#ended + LONGEST || haveMoved(this.#counters, counters));
  }

  /** A reading was made, successful or not. `counters` are those from right before it. */
  spent(counters: Counters, started: number, ended: number): void {
    this.#counters = counters;
    this.#ended = ended;
    this.#next = ended + Math.max(this.#shortest, (ended - started) * PAUSE);
  }

  /** The next reading is needed, whatever the counters say. */
  reset(): void {
    this.#counters = null;
  }
}

/** Pause after a reading, in times of what it took. */
const PAUSE = 50;
/** Milliseconds after which is read though the counters stay the same. */
const LONGEST = 10_000;

function haveMoved(before: Counters, after: Counters): boolean {
  return MOVING.some((field) => before[field] !== after[field]);
}

const MOVING = ["minorFaults", "majorFaults", "rss", "vsz", "shared"] as const;
