import type { Counters, ProcessStatus, Totals } from "../memory/counters.ts";
import type { Sample } from "../protocol/server.ts";

/** What the time line keeps of a reading. */
export function sampleOf(counters: Counters, { rssAnon, rssFile, rssShmem, swap }: ProcessStatus): Sample {
  const { time, rss, vsz, minorFaults, majorFaults, threads } = counters;
  return { time, rss, rssAnon, rssFile, rssShmem, swap, vsz, minorFaults, majorFaults, threads };
}

/** Nothing where it is not known. */
export function pssOf(totals: Totals | null): Pick<Sample, "pss"> {
  return totals === null || totals.pss === null ? {} : { pss: totals.pss };
}

/** What happened between two readings. Of threads that came and went between the two nothing is seen. */
export function marksBetween(before: Counters, after: Counters, forks: number): NonNullable<Sample["marks"]> {
  const threads = after.threads - before.threads;
  return {
    ...(forks > 0 && { fork: forks }),
    ...(threads > 0 && { threadStart: threads }),
    ...(threads < 0 && { threadExit: -threads }),
  };
}
