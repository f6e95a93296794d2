/** What shows of a thread whether it ran between two moments at which it stood still. */
export interface ThreadRun {
  readonly tid: number;
  readonly faults: number;
  /** Nanoseconds on a processor; `null` where this kernel does not tell. */
  readonly cpuTime: number | null;
  /** `/proc/PID/task/TID/syscall`: the system call it is in, -1 for none, and where; `null` where that may not be read. */
  readonly at: string | null;
}

/**
 * How many threads ran from one moment to the other, of those that are left; among them new ones. One that the debugger
 * stopped and continued in the middle of a system call, and that went on to wait there, did not.
 */
export function threadsThatRan(before: readonly ThreadRun[], after: readonly ThreadRun[]): number {
  const known = new Map(before.map((thread) => [thread.tid, thread]));
  return after.filter((thread) => hasRun(known.get(thread.tid), thread)).length;
}

function hasRun(before: ThreadRun | undefined, after: ThreadRun): boolean {
  if (!before || before.faults !== after.faults || before.at !== after.at) return true;
  if (before.cpuTime === null || after.cpuTime === null) return false;
  const spent = after.cpuTime - before.cpuTime;
  return spent > (after.at?.startsWith("-1 ") ? 0 : WOKEN);
}

/** What it costs a waiting thread to be stopped and continued: 4 to 15 µs under gdb 13 and lldb 19. */
const WOKEN = 50_000;
