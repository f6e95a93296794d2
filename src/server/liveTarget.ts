import { zombie } from "../linux/problem.ts";
import { openProcess, type Process } from "../linux/process.ts";
import type { AddressSpace } from "../memory/addressSpace.ts";
import { type Counters, type FaultRates, faultRates, type Totals } from "../memory/counters.ts";
import { TargetImage } from "../memory/image.ts";
import { TargetError } from "../memory/target.ts";
import { Timeline } from "../memory/timeline.ts";
import { totalsOf } from "../memory/totals.ts";
import type { Changed, Problem, Sample, TargetId, TargetInfo, ThreadRates } from "../protocol/server.ts";
import { openElf } from "../symbols/elfFile.ts";
import { problemOf } from "./problems.ts";

/**
 * A live process that is looked at: its picture, its counters over time, and how it stands. What was read last stays to
 * be asked for when it has ended.
 */
export class LiveTarget {
  readonly id: TargetId;
  readonly image: TargetImage;
  readonly timeline = new Timeline();
  readonly #process: Process;
  #state: Changed["state"] = "running";
  #limited: Problem | null = null;
  #counters: Counters;
  #rates: FaultRates = { minor: 0, major: 0 };
  #totals: Totals | null = null;
  #revision = 0;
  /** The counters at the last reading of smaps: while they stay the same, so do the numbers of private memory. */
  #countersAtUsage: Counters | null = null;
  /** When smaps was read last and when it may be read again, by performance.now(). */
  #usageRead = 0;
  #nextUsage = 0;
  #hasExecuted = false;
  #threads = new Map<number, ThreadRates & { time: number }>();

  /** Throws a {@link TargetError} where there is nothing to look at. */
  constructor(pid: number) {
    this.#process = openProcess(pid);
    const { startTime } = this.#process.identity;
    this.id = `${pid}:${startTime}`;
    this.image = new TargetImage(this.#process, openElf);
    this.image.executable = this.#process.readExecutable();
    this.#counters = this.#process.readCounters();
  }

  get state(): Changed["state"] {
    return this.#state;
  }

  get revision(): number {
    return this.#revision;
  }

  get info(): TargetInfo {
    const { pid, startTime } = this.#process.identity;
    return {
      target: this.id,
      pid,
      startTime,
      command: this.#command,
      executable: this.image.executable,
      limited: this.#limited,
    };
  }

  get changed(): Changed {
    return {
      target: this.id,
      revision: this.#revision,
      command: this.#command,
      executable: this.image.executable,
      limited: this.#limited,
      state: this.#state,
      sample: this.timeline.last ?? this.#sample(),
      rates: this.#rates,
      totals: this.#totals,
      regions: this.image.space?.length ?? 0,
    };
  }

  /** The regions as they were read last; reads them where they never were. Throws a {@link TargetError}. */
  async space(): Promise<AddressSpace> {
    if (!this.image.space && this.#state !== "ended") await this.#readRegions("smaps");
    if (this.image.space) return this.image.space;
    if (this.#limited) throw new TargetError(this.#limited.problem, this.#limited.message);
    throw new TargetError("gone", `${this.#command} ended before its regions were read.`);
  }

  /** The first reading: which regions there are, and whether they may be read. Throws a {@link TargetError}. */
  async open(): Promise<void> {
    await this.#readRegions("maps");
  }

  /**
   * One reading: the counters always, the regions where somebody looks at them. `smaps` is read only where its numbers
   * can have changed, and for no more than a fiftieth of the time: the target's own mmap waits meanwhile.
   * Throws a {@link TargetError} when the process has ended.
   */
  async tick(watched: boolean): Promise<void> {
    this.#readCounters();
    if (!watched) return;
    const now = performance.now();
    const due = now >= this.#nextUsage && this.#usageMayDiffer(now);
    await this.#readRegions(due ? "smaps" : "maps");
  }

  /** Every thread stands still: reads everything, once. */
  async stop(): Promise<void> {
    this.#state = "stopped";
    this.#readCounters("stop");
    await this.#readRegions("smaps");
  }

  continue(): void {
    if (this.#state !== "stopped") return;
    this.#state = "running";
    this.#readCounters("continue");
  }

  async refresh(): Promise<void> {
    this.#readCounters();
    await this.#readRegions("smaps");
  }

  /** The process is no more: what was read stays. */
  end(): void {
    this.#state = "ended";
    this.#rates = { minor: 0, major: 0 };
    this.timeline.add({ ...this.#sample(), time: Date.now(), mark: "exit" });
  }

  /** Each thread's faults, with the rates since it was asked last. */
  threads(): ThreadRates[] {
    if (this.#state === "ended") return [...this.#threads.values()];
    const time = performance.now();
    const threads = this.#process.readThreads().map((thread) => {
      const before = this.#threads.get(thread.tid);
      const seconds = before ? (time - before.time) / 1000 : 0;
      const rate = (now: number, then: number) => (seconds > 0 ? Math.max(0, now - then) / seconds : 0);
      return {
        ...thread,
        minorRate: rate(thread.minorFaults, before?.minorFaults ?? 0),
        majorRate: rate(thread.majorFaults, before?.majorFaults ?? 0),
        time,
      };
    });
    this.#threads = new Map(threads.map((thread) => [thread.tid, thread]));
    return threads;
  }

  close(): void {
    this.image.close();
  }

  get #command(): string {
    const { executable } = this.image;
    const { command } = this.#process.identity;
    if (!this.#hasExecuted || !executable) return command;
    return executable.slice(executable.lastIndexOf("/") + 1);
  }

  #readCounters(mark?: Sample["mark"]): void {
    const counters = this.#process.readCounters();
    // A main thread that has ended before the others looks like a zombie, too.
    if (counters.state === "Z" && counters.threads <= 1) throw zombie(this.#process.identity);
    this.#rates = faultRates(this.#counters, counters);
    this.#counters = counters;
    this.timeline.add(mark ? { ...this.#sample(), mark } : this.#sample());
  }

  async #readRegions(depth: "maps" | "smaps"): Promise<void> {
    const before = this.image.space;
    const executable = this.image.executable;
    const started = performance.now();
    let space: AddressSpace;
    try {
      space = await this.image.read(depth);
      this.#limited = null;
    } catch (error) {
      const problem = problemOf(error);
      if (problem.problem === "gone" || problem.problem === "zombie") throw error;
      this.#limited = problem;
      return;
    } finally {
      if (depth === "smaps") {
        const now = performance.now();
        this.#nextUsage = now + (now - started) * PAUSE;
        this.#usageRead = now;
        this.#countersAtUsage = this.#counters;
      }
    }
    if (space === before) return;
    this.#revision++;
    this.#totals = totalsOf(space) ?? this.#totals ?? this.#process.readRollup();
    if (executable !== null && this.image.executable !== executable) {
      this.#hasExecuted = true;
      this.timeline.add({ ...this.#sample(), mark: "exec" });
    }
  }

  /** Private memory changes with a fault or a system call that the counters show; what others share changes anyway. */
  #usageMayDiffer(now: number): boolean {
    const then = this.#countersAtUsage;
    if (!then || now - this.#usageRead > OLDEST_USAGE) return true;
    const { minorFaults, majorFaults, rss, vsz } = this.#counters;
    return minorFaults !== then.minorFaults || majorFaults !== then.majorFaults || rss !== then.rss || vsz !== then.vsz;
  }

  #sample(): Sample {
    const { time, rss, vsz, minorFaults, majorFaults, threads } = this.#counters;
    return { time, rss, vsz, minorFaults, majorFaults, threads };
  }
}

/** How long smaps is left alone, in times of what its last reading took. */
const PAUSE = 50;
/** Milliseconds after which smaps is read though the counters stayed the same. */
const OLDEST_USAGE = 10_000;
