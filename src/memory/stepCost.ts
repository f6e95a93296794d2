import type { KindSums } from "../protocol/server.ts";
import type { StepCost, StopOrder } from "../protocol/stops.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { changesBetween } from "./changes.ts";
import type { Counters } from "./counters.ts";
import { KINDS } from "./kind.ts";
import { type ThreadRun, threadsThatRan } from "./threadRuns.ts";

/** What was read of a target while all its threads stood still. */
export interface StopReading {
  /** Which of its stops that was, from 1. */
  readonly stop: number;
  readonly counters: Counters;
  /** `null` where there are too many. */
  readonly threads: readonly ThreadRun[] | null;
  /** `null` where its regions may not be read. */
  readonly space: AddressSpace | null;
  /** The RSS of each kind that has any; `null` before it was read. */
  readonly kinds: KindSums | null;
}

/** What became of the target's memory between two readings. */
export function stepCost(before: StopReading, after: StopReading): StepCost {
  return {
    stop: after.stop,
    since: before.stop,
    time: after.counters.time,
    sinceTime: before.counters.time,
    minorFaults: after.counters.minorFaults - before.counters.minorFaults,
    majorFaults: after.counters.majorFaults - before.counters.majorFaults,
    ...residentCost(before, after),
    ...regionsCost(before.space, after.space),
    otherThreads: otherThreads(before.threads, after.threads),
  };
}

/** The part of it that is read last: the resident memory. */
export function residentCost(before: StopReading, after: StopReading): Pick<StepCost, "rss" | "kinds"> {
  if (!before.kinds || !after.kinds) return { rss: null, kinds: null };
  const kinds: KindSums = {};
  let rss = 0;
  for (const kind of KINDS) {
    const grown = (after.kinds[kind] ?? 0) - (before.kinds[kind] ?? 0);
    if (grown !== 0) kinds[kind] = grown;
    rss += grown;
  }
  return { rss, kinds };
}

export const STOP_ORDERS = [
  "stop",
  "minorFaults",
  "majorFaults",
  "rss",
  "heap",
  "mapped",
  "unmapped",
] as const satisfies StopOrder[];

/** The most expensive steps by one of their numbers, those of which it is not known last; or the newest. */
export function costliest(steps: readonly StepCost[], order: StopOrder, limit: number): StepCost[] {
  const key = (step: StepCost) => amountOf(step, order) ?? Number.NEGATIVE_INFINITY;
  // Of equals the newest first.
  return [...steps].sort((a, b) => key(b) - key(a) || b.stop - a.stop).slice(0, limit);
}

function amountOf(step: StepCost, order: StopOrder): number | null {
  const { changes } = step;
  if (order === "mapped") return changes && changes.added.bytes + changes.grown.bytes;
  if (order === "unmapped") return changes && changes.removed.bytes + changes.shrunk.bytes;
  return step[order];
}

function otherThreads(before: StopReading["threads"], after: StopReading["threads"]): number | null {
  return before && after && Math.max(0, threadsThatRan(before, after) - 1);
}

function regionsCost(before: AddressSpace | null, after: AddressSpace | null): Pick<StepCost, "heap" | "changes"> {
  if (!before || !after) return { heap: null, changes: null };
  const { usage: _, ...changes } = changesBetween(before, after);
  const notes = Object.entries(changes).map(([name, { count, bytes }]) => [name, { count, bytes }]);
  return { heap: heapOf(after) - heapOf(before), changes: Object.fromEntries(notes) as StepCost["changes"] };
}

/** The size of the heap. */
function heapOf(space: AddressSpace): number {
  let size = 0;
  for (let index = 0; index < space.length; index++) if (space.kind(index) === "heap") size += space.size(index);
  return size;
}
