/** `/proc/PID/stat` and `/proc/PID/task/TID/stat`: one line of fields. Source: proc_pid_stat(5). */
export interface Stat {
  readonly command: string;
  readonly state: string;
  readonly kernelThread: boolean;
  readonly minorFaults: number;
  readonly childMinorFaults: number;
  readonly majorFaults: number;
  readonly childMajorFaults: number;
  /** Threads that are there, the ended main thread among them. */
  readonly threads: number;
  /** Clock ticks after boot. */
  readonly startTime: number;
}

/** The command may hold spaces and parentheses: it ends at the last one. */
export function parseStat(text: string): Stat {
  const commandEnd = text.lastIndexOf(")");
  const fields = text.slice(commandEnd + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return {
    command: text.slice(text.indexOf("(") + 1, commandEnd),
    state: fields[0] ?? "",
    kernelThread: (field(9) & PF_KTHREAD) !== 0,
    minorFaults: field(10),
    childMinorFaults: field(11),
    majorFaults: field(12),
    childMajorFaults: field(13),
    threads: field(20),
    startTime: field(22),
  };
}

/** Whether the main thread has ended. Others may be left: then `/proc/PID/maps` is empty, but theirs are not. */
export function mainThreadEnded(stat: Stat): boolean {
  return stat.state === "Z" || stat.state === "X";
}

/** Whether all threads have ended, and only the exit status is left for the parent to ask. */
export function isZombie(stat: Stat): boolean {
  return mainThreadEnded(stat) && stat.threads <= 1;
}

/** Linux include/linux/sched.h. */
const PF_KTHREAD = 0x0020_0000;
