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
  /** In user and kernel mode, in clock ticks: what it ran for. */
  readonly cpuTime: number;
  readonly threads: number;
  readonly vsz: number;
  readonly rss: number;
  /** Resident pages that are file or shared memory (statm's third field). */
  readonly shared: number;
}

/** One thread's faults and switches, from `/proc/PID/task/TID/stat` and `status`. */
export interface ThreadCounters {
  readonly tid: number;
  readonly name: string;
  readonly state: string;
  readonly minorFaults: number;
  readonly majorFaults: number;
  /** As {@link ProcessStatus} has those of the main thread. */
  readonly voluntarySwitches: number | null;
  readonly involuntarySwitches: number | null;
}

/**
 * What `/proc/PID/status` adds to the counters. Sizes in bytes; `null` for what this kernel does not tell, or where the
 * process has no memory any more. Newer kernels sum the resident pages per processor: they may be some pages off.
 * @see proc_pid_status(5)
 */
export interface ProcessStatus {
  /** The most virtual and resident memory there has been: VmPeak, VmHWM. */
  readonly peakVsz: number | null;
  readonly peakRss: number | null;
  /** Resident anonymous, file and shared memory (System V, POSIX, memfd, shared anonymous). Linux 4.5. */
  readonly rssAnon: number | null;
  readonly rssFile: number | null;
  readonly rssShmem: number | null;
  /** Anonymous memory that is swapped out; of shared memory only smaps tells. Linux 2.6.34. */
  readonly swap: number | null;
  /** By mlock(2): it is not swapped out. */
  readonly locked: number | null;
  /** Pinned for devices: it is not even moved. Linux 3.2. */
  readonly pinned: number | null;
  /** Virtual memory that is private and writable, without stacks; stacks; the program's code; the libraries' code. */
  readonly data: number | null;
  readonly stack: number | null;
  readonly code: number | null;
  readonly libraries: number | null;
  /** The kernel's page tables for it, of all levels: VmPTE, before Linux 4.15 VmPTE and VmPMD. */
  readonly pageTables: number | null;
  /** In huge pages of hugetlbfs, which are not in the RSS. Linux 4.4. */
  readonly hugetlb: number | null;
  /** Whether the kernel writes a core file of it right now. Linux 4.15. */
  readonly coreDumping: boolean | null;
  /** Whether it may have transparent huge pages, see prctl(2). Linux 5.0. */
  readonly thpEnabled: boolean | null;
  /** Those that have not ended. */
  readonly threads: number | null;
  /** How often the main thread gave the processor up, and how often it was taken away. */
  readonly voluntarySwitches: number | null;
  readonly involuntarySwitches: number | null;
}

/** Sums over all regions, in bytes. USS is Private_Clean + Private_Dirty (+ Private_Hugetlb). */
export interface Totals {
  readonly size: number;
  readonly rss: number;
  /** `null` as `uss` where it has not been read of every region: see PAGES_ONLY. */
  readonly pss: number | null;
  readonly uss: number | null;
  readonly swap: number;
}

/** Sums that smaps_rollup has besides, in bytes; `null` for what this kernel does not tell. @see proc_pid_smaps(5) */
export interface DetailedTotals extends Totals {
  /** In transparent huge pages: anonymous, shared memory (Linux 4.8), files (Linux 5.4). */
  readonly anonHugePages: number | null;
  readonly shmemPmdMapped: number | null;
  readonly filePmdMapped: number | null;
  /** In huge pages of hugetlbfs. */
  readonly sharedHugetlb: number | null;
  readonly privateHugetlb: number | null;
  /** The part of the PSS that is locked. */
  readonly locked: number | null;
}

/** Faults a second between two readings of one process. */
export interface FaultRates {
  readonly minor: number;
  readonly major: number;
  /** Of children: all of a child's count when it is waited for. */
  readonly childMinor: number;
  readonly childMajor: number;
}

/** Of a process that does not run, and before the second reading. */
export const NO_FAULTS: FaultRates = { minor: 0, major: 0, childMinor: 0, childMajor: 0 };

/** Zero where the readings are not apart in time. */
export function faultRates(before: Counters, after: Counters): FaultRates {
  const seconds = (after.time - before.time) / 1000;
  return {
    minor: rate(before.minorFaults, after.minorFaults, seconds),
    major: rate(before.majorFaults, after.majorFaults, seconds),
    childMinor: rate(before.childMinorFaults, after.childMinorFaults, seconds),
    childMajor: rate(before.childMajorFaults, after.childMajorFaults, seconds),
  };
}

/** What a counter grows by in a second; 0 where no time has passed. */
export function rate(before: number, after: number, seconds: number): number {
  return seconds > 0 ? Math.max(0, after - before) / seconds : 0;
}
