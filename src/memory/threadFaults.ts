import { rate, type ThreadCounters } from "./counters.ts";

/** A thread's faults, and how many a second since the reading before. */
export interface ThreadFaultRates extends ThreadCounters {
  readonly minorRate: number;
  readonly majorRate: number;
}

/** The faults of a process's threads from reading to reading. */
export class ThreadFaults {
  #time = 0;
  #last: readonly ThreadFaultRates[] = [];

  /** What the last reading gave. */
  get last(): readonly ThreadFaultRates[] {
    return this.#last;
  }

  /** Takes a reading, in milliseconds of any steady clock. The rates of a thread that is new are 0. */
  add(threads: readonly ThreadCounters[], time: number): readonly ThreadFaultRates[] {
    const seconds = (time - this.#time) / 1000;
    const before = new Map(this.#last.map((thread) => [thread.tid, thread]));
    this.#time = time;
    this.#last = threads.map((thread) => {
      const { minorFaults, majorFaults } = before.get(thread.tid) ?? thread;
      return {
        ...thread,
        minorRate: rate(minorFaults, thread.minorFaults, seconds),
        majorRate: rate(majorFaults, thread.majorFaults, seconds),
      };
    });
    return this.#last;
  }
}
