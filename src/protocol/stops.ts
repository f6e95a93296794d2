/** Messages about what happens in a target's memory from one stop of the debugger to the next. Types and nothing else. */
import type { SourceLocation } from "../memory/module.ts";
import type { ChangeNote, KindSums, TargetId } from "./server.ts";

/** Bytes; what could not be read at both stops is `null`. */
export interface StepCost {
  /** Which of the target's stops this is, from 1. */
  stop: number;
  /** The stop from which it is counted: the one before, or an earlier one where that could not be read in time. */
  since: number;
  /** When it was read, and when that one, in milliseconds since the epoch. */
  time: number;
  sinceTime: number;
  /** Of all threads. */
  minorFaults: number;
  majorFaults: number;
  /** By how much the RSS grew, or shrank, and that of each kind where it did. */
  rss: number | null;
  kinds: KindSums | null;
  /** The same of the size of the heap. */
  heap: number | null;
  /** What became of mappings; of those that came and went between the two stops nothing is seen. */
  changes: Omit<ChangeNote, "usage"> | null;
  /** How many threads ran besides one. */
  otherThreads: number | null;
}

/** A cost with where the program stood. */
export interface PlacedStep extends StepCost {
  place: SourceLocation | null;
}

/** The newest first, or what cost most. */
export type StopOrder = "stop" | "minorFaults" | "majorFaults" | "rss" | "heap" | "mapped" | "unmapped";

export interface StopsQuery {
  target: TargetId;
  sort: StopOrder;
  limit: number;
}

export interface Stops<Step = StepCost> {
  /** As many as were asked for, at the most. */
  stops: Step[];
  /** How many are kept. */
  total: number;
}
