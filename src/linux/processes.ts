/** All processes of the machine (or of the container that this one runs in). */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { errorCode, readSmall } from "./procFile.ts";
import { isZombie, parseStat } from "./stat.ts";

export interface ProcessSummary {
  readonly pid: number;
  readonly command: string;
  /** The arguments, with spaces between; empty where the process emptied them. */
  readonly commandLine: string;
  /** The effective user's name, or its number where the machine knows no name. */
  readonly user: string;
  /** Whether its memory may be read by us, and not only its counters. */
  readonly readable: boolean;
  /** Clock ticks after boot. */
  readonly startTime: number;
}

/** The processes that have, or had, memory: no kernel threads. The readable ones come first, then the newest. */
export function listProcesses(): ProcessSummary[] {
  const users = readUsers();
  const summaries = pids().flatMap((pid) => ifThere(() => summarise(pid, users)) ?? []);
  return summaries.sort(
    (a, b) => Number(b.readable) - Number(a.readable) || b.startTime - a.startTime || b.pid - a.pid,
  );
}

/**
 * The processes that a ptrace-based debugger below the process `ancestor` holds, without those `taken`. Where `program`
 * (a path) is given and some of them run it, only those. Where no debugger is below `ancestor`, those that run `program`
 * under any debugger. @see TracerPid in proc_pid_status(5)
 */
export function findDebuggees(ancestor: number, program: string | null, taken: readonly number[]): number[] {
  const traced = pids().flatMap((pid) => {
    const tracer = taken.includes(pid) ? 0 : (ifThere(() => statusNumber(readStatus(pid), "TracerPid")) ?? 0);
    return tracer === 0 ? [] : [{ pid, tracer }];
  });
  const ours = traced.filter(({ tracer }) => descends(tracer, ancestor)).map(({ pid }) => pid);
  const candidates = ours.length > 0 ? ours : traced.map(({ pid }) => pid);
  const running = program === null ? [] : candidates.filter((pid) => runs(pid, program));
  return running.length > 0 ? running : ours;
}

/** The processes' numbers; threads have theirs only below /proc/PID/task. */
export function pids(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
}

function summarise(pid: number, users: ReadonlyMap<number, string>): ProcessSummary | null {
  const stat = parseStat(readSmall(`/proc/${pid}/stat`));
  if (stat.kernelThread) return null;
  return {
    pid,
    command: stat.command,
    commandLine: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ").trim(),
    user: userOf(pid, users),
    readable: !isZombie(stat) && canReadMaps(pid),
    startTime: stat.startTime,
  };
}

/** The effective user's name, or its number where the machine knows no name. Throws what the kernel says. */
export function userOf(pid: number, users: ReadonlyMap<number, string>): string {
  const user = statusNumber(readStatus(pid), "Uid");
  return users.get(user) ?? String(user);
}

/** The kernel checks the right to read a process's memory map when it is opened. */
function canReadMaps(pid: number): boolean {
  try {
    closeSync(openSync(`/proc/${pid}/maps`, "r"));
    return true;
  } catch {
    return false;
  }
}

/** Their names by their numbers. @see passwd(5) */
export function readUsers(): Map<number, string> {
  const lines = (ifThere(() => readFileSync("/etc/passwd", "utf8")) ?? "").split("\n");
  return new Map(lines.map((line) => line.split(":")).map(([name = "", , uid]) => [Number(uid), name]));
}

/** Also that of a thread: debuggers trace from one of their threads, and TracerPid is its number. */
function readStatus(pid: number): string {
  return readSmall(`/proc/${pid}/status`);
}

/** The number after a name; of several (`Uid`: real, effective, …) the second. */
function statusNumber(status: string, name: string): number {
  const match = new RegExp(`^${name}:\t(\\d+)(?:\t(\\d+))?`, "m").exec(status);
  return Number(match?.[2] ?? match?.[1] ?? 0);
}

/** Whether the process (or thread) is `ancestor` or was started by it, or by one that was, and so on. */
function descends(pid: number, ancestor: number): boolean {
  const seen = new Set<number>();
  for (let current = pid; current > 0 && !seen.has(current); ) {
    seen.add(current);
    const status = ifThere(() => readStatus(current));
    if (status === null) return false;
    if (statusNumber(status, "Tgid") === ancestor) return true;
    current = statusNumber(status, "PPid");
  }
  return false;
}

/** Whether the process runs the file, be it by this name or another, or the file that had this name when it started. */
function runs(pid: number, program: string): boolean {
  return (
    ifThere(() => {
      const link = `/proc/${pid}/exe`;
      const executable = statSync(link);
      const file = statSync(program);
      const same = executable.dev === file.dev && executable.ino === file.ino;
      return same || readlinkSync(link).replace(/ \(deleted\)$/, "") === realpathSync(program);
    }) ?? false
  );
}

/** `null` where the process or file has gone meanwhile or isn't ours to look at. */
function ifThere<Result>(look: () => Result): Result | null {
  try {
    return look();
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR"].includes(errorCode(error))) return null;
    throw error;
  }
}
