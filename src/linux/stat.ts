/** `/proc/PID/stat` and `/proc/PID/task/TID/stat`: one line of fields. Source: proc_pid_stat(5). */
export interface Stat {
  readonly command: string;
  readonly state: string;
  /** Pids: of the process that started it (or took it over), of its group's and its session's leader. */
  readonly parent: number;
  readonly processGroup: number;
  readonly session: number;
  readonly kernelThread: boolean;
  readonly minorFaults: number;
  readonly childMinorFaults: number;
  readonly majorFaults: number;
  readonly childMajorFaults: number;
  /** In user and kernel mode, all threads, in clock ticks (of 10 ms nearly everywhere). */
  readonly cpuTime: number;
  /** Threads that are there, the ended main thread among them. */
  readonly threads: number;
  /** Clock ticks after boot. */
  readonly startTime: number;
  /** Where its stack begins, the same after a fork; 0 where it may not be read. */
  readonly stackStart: number;
}

/** The command may hold spaces and parentheses: it ends at the last one. */
export function parseStat(text: string): Stat {
  const commandEnd = text.lastIndexOf(")");
  const fields = text.slice(commandEnd + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return {
    command: text.slice(text.indexOf("(") + 1, commandEnd),
    state: fields[0] ?? "",
    parent: field(4),
    processGroup: field(5),
    session: field(6),
    kernelThread: (field(9) & PF_KTHREAD) !== 0,
    minorFaults: field(10),
    childMinorFaults: field(11),
    majorFaults: field(12),
    childMajorFaults: field(13),
    cpuTime: field(14) + field(15),
    threads: field(20),
    startTime: field(22),
    stackStart: field(28),
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
