import { closeSync, constants, openSync, readdirSync } from "node:fs";
import { errorCode, ProcFile, readSmall } from "./procFile.ts";
import { mainThreadEnded, parseStat, type Stat } from "./stat.ts";

/**
 * The directory /proc/PID, held open: nothing found through it ever belongs to a later process with the same pid.
 * Everything throws what the kernel says; ESRCH or ENOENT where the process has ended.
 */
export class ProcessDirectory {
  readonly #descriptor: number;
  readonly #stat = new ProcFile();
  #open = true;

  constructor(pid: number) {
    this.#descriptor = openSync(`/proc/${pid}`, constants.O_RDONLY | constants.O_DIRECTORY);
  }

  /** Where a file of the directory is found. */
  path(name: string): string {
    if (!this.#open) throw ended("It is no longer looked at.");
    return `/proc/self/fd/${this.#descriptor}/${name}`;
  }

  stat(): Stat {
    if (!this.#stat.isOpen) this.#stat.open(this.path("stat"));
    const text = this.#stat.text();
    if (text === "") throw ended("It has ended.");
    return parseStat(text);
  }

  threads(): number[] {
    return readdirSync(this.path("task")).map(Number);
  }

  /** A small file of each thread's directory; threads that have ended or may not be read are left out. */
  *readOfThreads(name: string): Generator<[tid: number, text: string]> {
    for (const tid of this.threads()) {
      try {
        yield [tid, readSmall(this.path(`task/${tid}/${name}`))];
      } catch (error) {
        if (!["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(errorCode(error))) throw error;
      }
    }
  }

  /**
   * The directories, as prefixes, that show the process's memory: its own or, when its main thread has ended, those of
   * the other threads.
   */
  *memoryPlaces(): Generator<string> {
    yield "";
    if (mainThreadEnded(this.stat())) for (const tid of this.threads()) yield `task/${tid}/`;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#stat.close();
    closeSync(this.#descriptor);
  }
}

function ended(message: string): Error {
  return Object.assign(new Error(message), { code: "ESRCH" });
}
