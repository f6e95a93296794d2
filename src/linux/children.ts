import { uptime } from "node:os";
import type { ProcessDirectory } from "./processDirectory.ts";
import { errorCode, ProcFile, readSmall } from "./procFile.ts";
import { parseStat } from "./stat.ts";

/**
 * Whether a process has new children, from `/proc/PID/task/TID/children` (`CONFIG_PROC_CHILDREN`): of its first
 * {@link THREADS} threads, and of their first 600 or so children. A child that ended before it was looked for is not seen.
 * @see proc_pid_task_tid_children(5)
 */
export class Children {
  readonly #directory: ProcessDirectory;
  #files: ProcFile[] = [];
  /** How many threads there were when the files were opened. */
  #threads = 0;
  #known: ReadonlySet<string> | null = null;
  /** Seconds, by `performance.now`. */
  #looked = 0;

  constructor(directory: ProcessDirectory) {
    this.#directory = directory;
  }

  /**
   * How many children it has that began since it was asked last; 0 the first time, and where the kernel does not tell.
   * `threads`: how many threads it has now.
   */
  begun(threads: number): number {
    const now = performance.now() / 1000;
    const children = new Set(this.#texts(threads).flatMap(pidsIn));
    const known = this.#known;
    const since = now - this.#looked;
    this.#known = children;
    this.#looked = now;
    if (!known) return 0;
    // An orphan that it took over is no child that it forked.
    return [...children].filter((pid) => !known.has(pid) && ageOf(pid) <= since + PRECISION).length;
  }

  close(): void {
    for (const file of this.#files) file.close();
    this.#files = [];
  }

  #texts(threads: number): string[] {
    if (threads !== this.#threads) {
      this.#threads = threads;
      this.#open();
    }
    return this.#files.map((file) => file.text());
  }

  #open(): void {
    this.close();
    for (const tid of this.#directory.threads().slice(0, THREADS)) {
      const file = new ProcFile();
      try {
        file.open(this.#directory.path(`task/${tid}/children`));
        this.#files.push(file);
      } catch (error) {
        // The thread has ended, or the kernel has no such file.
        if (!UNTOLD.includes(errorCode(error))) throw error;
      }
    }
  }
}

/** So few that looking costs no more than reading the counters. */
const THREADS = 4;
/** Seconds: the kernel tells starts by the hundredth. */
const PRECISION = 0.02;
const UNTOLD = ["ENOENT", "ESRCH", "EACCES", "EPERM"];

function pidsIn(text: string): string[] {
  // A pid that the text's end may have cut is left out.
  return text.split(" ").slice(0, -1);
}

/** Seconds since the process started; infinite where it has ended. */
function ageOf(pid: string): number {
  try {
    return uptime() - parseStat(readSmall(`/proc/${pid}/stat`)).startTime / TICKS_A_SECOND;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** `USER_HZ`, which the kernel has told by on every architecture since Linux 2.6. */
const TICKS_A_SECOND = 100;
