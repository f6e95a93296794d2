/** What a target tells after each reading, and its time line. Types and nothing else. */
import type { Changes } from "../memory/changes.ts";
import type { FaultRates, ProcessStatus, Totals } from "../memory/counters.ts";
import type { Kind } from "../memory/kind.ts";
import type { Problem, TargetId } from "./server.ts";
import type { StepCost } from "./stops.ts";

/**
 * Pushed after each reading, of a target that no view shows only where something is new: small, whatever the size of the
 * target.
 */
export interface Changed {
  target: TargetId;
  /** Grows with every change of the regions or their usage: views that show them ask again. */
  revision: number;
  /** What that changed of the revision before. */
  changes: ChangeNote;
  command: string;
  executable: string | null;
  limited: Problem | null;
  state: "running" | "stopped" | "ended";
  sample: Sample;
  /** The time of the sample before; `null` for the first. Who has that one need not ask for the time line. */
  sampleBefore: number | null;
  /** Since the reading before; 0 while it does not run. */
  rates: FaultRates;
  /** What `/proc/PID/status` tells. */
  status: ProcessStatus;
  /** Of the last reading of smaps or smaps_rollup; `null` before the first. */
  totals: Totals | null;
  regions: number;
  /** While it stands still what the step to this stop cost, where that is known; the RSS a little later. */
  step?: StepCost;
}

/** What became of regions, each as how many and how many bytes. */
export type ChangeNote = { [Change in keyof Changes]: { count: number; bytes: number } };

/** One moment of the time line. */
export interface Sample {
  /** Milliseconds since the epoch. */
  time: number;
  rss: number;
  /** Of it what is anonymous, of files, and shared memory; what is swapped out. `null` where the kernel does not tell. */
  rssAnon: number | null;
  rssFile: number | null;
  rssShmem: number | null;
  swap: number | null;
  vsz: number;
  minorFaults: number;
  majorFaults: number;
  threads: number;
  /** Where the numbers of the regions were read since the sample before: the PSS, and the RSS of each kind that has any. */
  pss?: number;
  kinds?: KindSums;
  /** What happened at this moment, or since the sample before: each with how often. */
  marks?: Partial<Record<MarkName, number>>;
}

/** Bytes. */
export type KindSums = Partial<Record<Kind, number>>;

/** `fork`: a new child; `threadStart`, `threadExit`: there are so many threads more or fewer than at the sample before. */
export type MarkName = "stop" | "continue" | "exec" | "exit" | "fork" | "threadStart" | "threadExit";
