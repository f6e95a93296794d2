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

/**
 * How long the threads have been on a processor, in nanoseconds, together; `null` while one of them runs or is about to, of
 * more than {@link FEW_THREADS}, and where the kernel does not tell. Throws what the kernel says where the process has
 * ended. Source: as above; a thread's time is not brought up to date while it runs.
 */
export function readRunTime(directory: ProcessDirectory): number | null {
  if (directory.threads().length > FEW_THREADS) return null;
  for (const [, text] of directory.readOfThreads("stat")) if (parseStat(text).state === "R") return null;
  let sum = 0;
  for (const [, text] of directory.readOfThreads("schedstat")) sum += Number.parseInt(text, 10);
  return sum > 0 ? sum : null;
}

/** Reading two files of each takes some 20 µs. */
const FEW_THREADS = 200;
/** Reading what three files tell of each takes some 30 µs. */
const MOST_THREADS = 1000;
