import type { ThreadRun } from "../memory/threadRuns.ts";
import type { ProcessDirectory } from "./processDirectory.ts";
import { parseStat } from "./stat.ts";

/**
 * What the threads have done so far; `null` of more than {@link MOST_THREADS}. Throws what the kernel says where the process
 * has ended. Source: proc_pid_stat(5), proc_pid_syscall(5), Linux Documentation/scheduler/sched-stats.rst (schedstat:
 * nanoseconds on a processor first).
 */
export function readThreadRuns(directory: ProcessDirectory): ThreadRun[] | null {
  if (directory.threads().length > MOST_THREADS) return null;
  const times = new Map(directory.readOfThreads("schedstat"));
  const places = new Map(directory.readOfThreads("syscall"));
  return [...directory.readOfThreads("stat")].map(([tid, text]) => {
    const { minorFaults, majorFaults } = parseStat(text);
    const time = times.get(tid);
    const faults = minorFaults + majorFaults;
    return { tid, faults, cpuTime: time ? Number.parseInt(time, 10) : null, at: places.get(tid) ?? null };
  });
}

/** Reading what three files tell of each takes some 30 µs. */
const MOST_THREADS = 1000;
