import { Malloc } from "../heap/malloc.ts";
import type { PageReader } from "../linux/pageReader.ts";
import { openProcess, type Process } from "../linux/process.ts";
import type { Address } from "../memory/address.ts";
import type { AddressSpace } from "../memory/addressSpace.ts";
import type { BlockAt } from "../memory/block.ts";
import { isStillAt } from "../memory/bounds.ts";
import { type Counters, faultRates, NO_FAULTS, type ProcessStatus, type Totals } from "../memory/counters.ts";
import type { Moment } from "../memory/gone.ts";
import { TargetImage } from "../memory/image.ts";
import type { ElfSource, Module } from "../memory/module.ts";
import type { OpenElf, TargetError, TargetMemory } from "../memory/target.ts";
import type { ThreadStack } from "../memory/threadStacks.ts";
import { Timeline } from "../memory/timeline.ts";
import { rssByKind, totalsOf } from "../memory/totals.ts";
import type { Changed, Problem, Sample, TargetId, TargetInfo, ThreadRates } from "../protocol/server.ts";
import { firstRegions, MANY } from "./firstRegions.ts";
import { lockTimeOfRollup, lockTimeOfSmaps, UNNOTICED } from "./lockTime.ts";
import type { MeasuredPace } from "./pace.ts";
import { hasEnded, problemOf } from "./problems.ts";
import { processorTime, ReadingBudget } from "./readingBudget.ts";
import type { Revision } from "./revision.ts";
import { Revisions } from "./revisions.ts";
import { marksBetween, pssOf, sampleOf } from "./sample.ts";
import { StopCosts } from "./stops.ts";
import { TargetThreads } from "./targetThreads.ts";

/**
 * How much is read of each tick. `counters`: stat and statm, and the sums now and then; `changes`: maps too where it can
 * have changed; `regions`: maps.
 */
export type Depth = "counters" | "changes" | "regions";

/**
 * A live process that is looked at: its regions, its counters over time, and how it stands. What was read last stays to
 * be asked for when it has ended.
 */
export class LiveTarget {
  readonly id: TargetId;
  readonly timeline = new Timeline();
  /** Whether each tick reads the regions, though they cannot have changed by the counters: breakpoints are tested. */
  needsRegions = false;
  /** What its regions are and were. */
  readonly revisions = new Revisions();
  /** What its steps cost. */
  readonly stops = new StopCosts();
  readonly #process: Process;
  readonly #image: TargetImage;
  readonly #maps = new ReadingBudget({ share: 1 / 100, longest: 5000 });
  readonly #numbers = new ReadingBudget({ share: 1 / 100, longest: 30_000 });
  readonly #rollup = new ReadingBudget({ share: 1 / 1000, longest: 30_000 });
  #state: Changed["state"] = "running";
  #ended: Problem | null = null;
  #limited: Problem | null = null;
  /** How often it was stopped. */
  #stops = 0;
  #executable: string | null;
  #counters: Counters;
  #status: ProcessStatus;
  #rates = NO_FAULTS;
  #totals: Totals | null = null;
  #inView: readonly Address[] = [];
  /** What was read since the last sample, for the next. */
  #sums: Pick<Sample, "pss" | "kinds"> = {};
  readonly #threads: TargetThreads;

  /** Throws a {@link TargetError} where there is nothing to look at. */
  constructor(pid: number, openElf: OpenElf) {
    this.#process = openProcess(pid);
    const { startTime } = this.#process.identity;
    this.id = `${pid}:${startTime}`;
    this.#image = new TargetImage(this.#process, openElf, new Malloc(this.#process).blockAt);
    this.#threads = new TargetThreads(this.#process);
    try {
      this.#executable = this.#process.readExecutable();
      this.#counters = this.#process.readCounters();
      this.#status = this.#process.readStatus();
    } catch (error) {
      this.close();
      throw error;
    }
    this.#addSample();
  }

  /** Why it can no longer be read; `null` while it can. */
  get ended(): Problem | null {
    return this.#ended;
  }

  /** Without regions before the first reading. */
  get revision(): Revision {
    return this.revisions.now;
  }

  /** Addresses of regions that a view shows: where it takes long to read the numbers of all, theirs come first. */
  set inView(addresses: readonly Address[]) {
    this.#inView = addresses;
  }

  /** What is asked about single addresses. */
  get memory(): TargetMemory {
    return this.#process;
  }

  /** The blocks of its allocators. */
  get blockAt(): BlockAt {
    return this.#image.blockAt;
  }

  /** Its single pages. */
  get pages(): PageReader {
    return this.#process.pages;
  }

  get info(): TargetInfo {
    const { pid, startTime } = this.#process.identity;
    const { command } = this.#counters;
    return { target: this.id, pid, startTime, command, executable: this.#executable, limited: this.#limited };
  }

  get changed(): Changed {
    const step = this.#state === "stopped" ? this.stops.at(this.#stops) : null;
    return {
      target: this.id,
      revision: this.revision.number,
      changes: this.revision.changes,
      command: this.#counters.command,
      executable: this.#executable,
      limited: this.#limited,
      state: this.#state,
      sample: this.timeline.last ?? sampleOf(this.#counters, this.#status),
      sampleBefore: this.timeline.timeBeforeLast,
      rates: this.#state === "running" ? this.#rates : NO_FAULTS,
      status: this.#status,
      totals: this.#totals,
      regions: this.revision.space.length,
      ...(step && { step }),
    };
  }

  /**
   * One reading; with a mark the first since all threads stand still, or since they continue. Throws a
   * {@link TargetError} `gone` or `zombie` when the process has ended, and what else goes wrong. That the memory may not
   * be read is no failure: it is said in `limited`, and the counters are read all the same.
   */
  async read(depth: Depth, mark?: "stop" | "continue"): Promise<void> {
    if (mark) this.#state = mark === "stop" ? "stopped" : "running";
    if (mark === "stop") this.#stops++;
    this.#readCounters(mark);
    const executed = this.#readExecutable();
    try {
      if (depth === "counters" && !executed) this.#readSums();
      else await this.#readRegions(depth);
      // Also so that the file is open already, should the process let nobody look any more.
      if (this.#totals === null) this.#readSums();
    } catch (error) {
      const problem = problemOf(error);
      if (!hasEnded(problem)) this.#limited = problem;
      if (problem.problem !== "permission") throw error;
    }
    if (mark === "stop" && depth === "regions") this.#addStop();
  }

  /** Whether only the counters may be read. */
  get isLimited(): boolean {
    return this.#limited !== null;
  }

  /** Whether the numbers of the regions can have changed, and to read them does not cost too much. */
  get wantsNumbers(): boolean {
    return this.#numbers.allows(this.#counters, performance.now());
  }

  /**
   * Reads the numbers of all regions at a pace, and comes back after each part. Throws a {@link TargetError}.
   * @param isAsked by the user: then smaps is read though the target may notice
   */
  async *readNumbers(pace: MeasuredPace, isAsked: boolean): AsyncGenerator<void> {
    const isSpared = !isAsked && this.#state === "running" && this.#wouldNotice;
    if ((isSpared || this.#takesLong) && (await this.#countPages(pace.signal))) yield;
    // Where pages cannot be counted quickly, once it has to be.
    if (!isSpared || this.#totals === null) yield* this.#readSmaps(pace);
  }

  async *#readSmaps(pace: MeasuredPace): AsyncGenerator<void> {
    const counters = this.#counters;
    try {
      for await (const space of this.#image.readNumbers(pace)) {
        this.revisions.addNumbers(space, this.#momentAt(Date.now()));
        yield;
      }
      if (pace.signal.aborted) return;
      this.#sumUp(this.revision.space);
      yield;
    } finally {
      this.#numbersRead(counters, pace.spent, pace.signal);
    }
  }

  /** Whether a region is so large that reading its record of smaps would keep the target waiting for long. */
  get #wouldNotice(): boolean {
    return lockTimeOfSmaps(this.revision.space, this.#counters.rss) > UNNOTICED;
  }

  /** Whether a slow reading of all numbers has so many parts that regions in view should not wait for theirs. */
  get #takesLong(): boolean {
    return this.#state === "running" && this.revision.space.length > MANY;
  }

  /** Counts pages in place of reading smaps. Answers whether there is something new: not where that would take long. */
  async #countPages(signal: AbortSignal): Promise<boolean> {
    const counters = this.#counters;
    const before = processorTime();
    try {
      const space = await this.#image.readPagesOnly({ signal });
      if (space === null) return false;
      this.revisions.addNumbers(space, this.#momentAt(Date.now()));
      this.#sumUp(space);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    } finally {
      this.#numbersRead(counters, processorTime() - before, signal);
    }
  }

  /** All numbers have been read. While it stands still they are those of the last sample: no other will come. */
  #sumUp(space: AddressSpace): void {
    const totals = totalsOf(space);
    // Sums of pages that were counted do not take the place of those that tell more where these will soon be read again.
    if (totals?.pss !== null || this.#wouldNotice) this.#totals = totals;
    this.#sums = { ...pssOf(totals), kinds: rssByKind(space) };
    if (this.#state !== "stopped") return;
    this.timeline.amend(this.#sums);
    this.stops.addKinds(this.#stops, this.#sums.kinds ?? {}, this.#process.readCounters());
    this.#sums = {};
  }

  #addStop(): void {
    const space = this.#limited ? null : this.revision.space;
    const threads = this.#process.readThreadRuns();
    const reading = { stop: this.#stops, counters: this.#counters, threads, space, kinds: null };
    this.stops.add(reading, this.#process.readCounters());
  }

  #numbersRead(counters: Counters, cost: number, { aborted }: AbortSignal): void {
    if (aborted) this.#numbers.reset();
    else this.#numbers.spent(counters, cost, performance.now());
  }

  /** The process is no more: what was read stays. */
  end(problem: Problem): void {
    this.#state = "ended";
    this.#ended = problem;
    this.#limited = null;
    this.timeline.add({ ...sampleOf(this.#counters, this.#status), time: Date.now(), marks: { exit: 1 } });
  }

  /**
   * Each thread's faults, with the rates since they were asked last, and its stack; when the process has ended, what was
   * said last.
   */
  async threads(): Promise<ThreadRates[]> {
    return this.#ended ? this.#threads.last : this.#threads.read(this.revision.space);
  }

  /** The threads' stacks; of a process that has ended none. */
  async stacks(): Promise<ThreadStack[]> {
    return this.#ended ? [] : this.#threads.stacks(this.revision.space);
  }

  /**
   * Reads the regions where the kernel has another one at the address than the last reading: also of a process that stands
   * still, whose stack grows under a debugger's look below it, and which a debugger may run for an expression.
   */
  async readIfChangedAt(address: Address): Promise<void> {
    if (this.#state === "ended") return;
    try {
      const now = this.#process.regionAt(address);
      if (now === undefined || isStillAt(this.revision.space, address, now)) return;
      const space = await this.#image.read(this.#state === "stopped" ? "smaps" : "maps");
      this.revisions.add(space, this.#momentAt(Date.now()));
    } catch {
      // The next tick says what is wrong: until then the last reading answers.
    }
  }

  /** The open file of a module of the current revision. */
  elf(module: Module): ElfSource | null {
    return this.#image.elf(module);
  }

  close(): void {
    this.#image.close();
  }

  #readCounters(mark?: "stop" | "continue"): void {
    const counters = this.#process.readCounters();
    this.#status = this.#process.readStatus();
    const marks = {
      ...(mark && { [mark]: 1 }),
      ...marksBetween(this.#counters, counters, this.#process.readForks(counters.threads)),
    };
    this.#rates = faultRates(this.#counters, counters);
    this.#counters = counters;
    this.#addSample(marks);
  }

  #addSample(marks: NonNullable<Sample["marks"]> = {}): void {
    const sample = { ...sampleOf(this.#counters, this.#status), ...this.#sums };
    this.#sums = {};
    this.timeline.add(Object.keys(marks).length > 0 ? { ...sample, marks } : sample);
  }

  /** Whether it executes another program than before. */
  #readExecutable(): boolean {
    const before = this.#executable;
    const executable = this.#process.readExecutable();
    if (executable === null || executable === before) return false;
    this.#executable = executable;
    // A program that is compiled anew while it runs becomes " (deleted)".
    if (before === null || executable === `${before} (deleted)`) return false;
    this.#maps.reset();
    this.#numbers.reset();
    this.#rollup.reset();
    this.#sums = {};
    // They may have been the old program's when they were read.
    this.#counters = this.#process.readCounters();
    this.#status = this.#process.readStatus();
    this.#addSample({ exec: 1 });
    return true;
  }

  async #readRegions(depth: Depth): Promise<void> {
    const counters = this.#counters;
    if (depth === "changes" && !this.needsRegions && !this.#maps.allows(counters, performance.now())) return;
    const before = processorTime();
    // Which opens files, and for which code is compiled: the next ones do not cost that.
    const isFirst = this.revision.number === 0;
    try {
      this.revisions.add(await this.#image.read("maps"), this.#momentAt(counters.time));
      this.#limited = null;
      if (depth === "changes" && this.#takesLong) await this.#countFirst();
    } finally {
      this.#maps.spent(counters, isFirst ? 0 : processorTime() - before, performance.now());
    }
  }

  /** Counts the pages of regions in view, and of new ones: each tick, though the numbers of all take many. */
  async #countFirst(): Promise<void> {
    const space = await this.#image.readPagesOnly({}, (now) => firstRegions(now, this.#inView));
    if (space) this.revisions.addNumbers(space, this.#momentAt(this.#counters.time));
  }

  /** @param time when it was read; of the sample that was taken with it, so that both tell of one moment */
  #momentAt(time: number): Moment {
    return { time, stop: this.#state === "stopped" ? this.#stops : null };
  }

  #readSums(): void {
    const counters = this.#counters;
    const lockTime = lockTimeOfRollup(this.revision.space, counters.rss);
    if (lockTime > UNNOTICED || !this.#rollup.allows(counters, performance.now())) return;
    const before = processorTime();
    try {
      const totals = this.#process.readRollup();
      this.#totals = totals ?? this.#totals;
      this.#sums = { ...this.#sums, ...pssOf(totals) };
      this.#limited = null;
    } finally {
      this.#rollup.spent(counters, processorTime() - before, performance.now());
    }
  }
}
