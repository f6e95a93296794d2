/** A process's counters at one moment, from `/proc/PID/stat` and `statm`. Sizes in bytes. @see proc_pid_stat(5) */
export interface Counters {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** `comm`, at most 15 bytes: another one after an exec, or when the process names itself. */
  readonly command: string;
  /** `R` running, `S` sleeping, `D` disk sleep, `T` stopped, `t` tracing stop, `Z` zombie, `X` dead, `I` idle. */
  readonly state: string;
  /** Page faults that needed no I/O, since the process started, all threads (dead ones too). */
  readonly minorFaults: number;
  /** Page faults that loaded from a device. */
  readonly majorFaults: number;
  /** Those of children that were waited for. */
  readonly childMinorFaults: number;
  readonly childMajorFaults: number;
  readonly threads: number;
  readonly vsz: number;
  readonly rss: number;
  /** Resident pages that are file or shared memory (statm's third field). */
  readonly shared: number;
}

/** One thread's faults, from `/proc/PID/task/TID/stat`. */
export interface ThreadCounters {
  readonly tid: number;
  readonly name: string;
  readonly state: string;
  readonly minorFaults: number;
  readonly majorFaults: number;
}

/** Sums over all regions, in bytes. USS is Private_Clean + Private_Dirty (+ Private_Hugetlb). */
export interface Totals {
  readonly size: number;
  readonly rss: number;
  readonly pss: number;
  readonly uss: number;
  readonly swap: number;
}

/** Faults a second between two readings of one process. */
export interface FaultRates {
  readonly minor: number;
  readonly major: number;
}

/** Zero where the readings are not apart in time. */
export function faultRates(before: Counters, after: Counters): FaultRates {
  const seconds = (after.time - before.time) / 1000;
  if (seconds <= 0) return { minor: 0, major: 0 };
  return {
    minor: Math.max(0, after.minorFaults - before.minorFaults) / seconds,
    major: Math.max(0, after.majorFaults - before.majorFaults) / seconds,
  };
}
