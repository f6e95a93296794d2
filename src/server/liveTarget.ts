import type { PageReader } from "../linux/pageReader.ts";
import { openProcess, type Process } from "../linux/process.ts";
import type { Address } from "../memory/address.ts";
import { type AddressSpace, NOT_READ } from "../memory/addressSpace.ts";
import { isStillAt } from "../memory/bounds.ts";
import { type Counters, faultRates, NO_FAULTS, type ProcessStatus, type Totals } from "../memory/counters.ts";
import { explain, withSource } from "../memory/explain.ts";
import type { Explanation } from "../memory/explanation.ts";
import type { Moment } from "../memory/gone.ts";
import { TargetImage } from "../memory/image.ts";
import type { ElfSource, Module, Work } from "../memory/module.ts";
import { Past } from "../memory/past.ts";
import { type OpenElf, TargetError, type TargetMemory } from "../memory/target.ts";
import { ThreadFaults } from "../memory/threadFaults.ts";
import { stackMessage, type ThreadStack } from "../memory/threadStacks.ts";
import { Timeline } from "../memory/timeline.ts";
import { rssByKind, totalsOf } from "../memory/totals.ts";
import type { Changed, Problem, Sample, TargetId, TargetInfo, ThreadRates } from "../protocol/server.ts";
import { lockTimeOfRollup, lockTimeOfSmaps, UNNOTICED } from "./lockTime.ts";
import type { MeasuredPace } from "./pace.ts";
import { hasEnded, problemOf } from "./problems.ts";
import { ReadingBudget } from "./readingBudget.ts";
import { Recent } from "./recent.ts";
import { NOTHING_READ, Revision } from "./revision.ts";
import { marksBetween, pssOf, sampleOf } from "./sample.ts";
import { StopCosts } from "./stops.ts";

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
  /** What its regions were. */
  readonly past = new Past();
  /** What its steps cost. */
  readonly stops = new StopCosts();
  readonly #process: Process;
  readonly #image: TargetImage;
  readonly #maps = new ReadingBudget({ share: 1 / 20, longest: 5000 });
  readonly #numbers = new ReadingBudget({ share: 1 / 100, longest: 30_000 });
  readonly #rollup = new ReadingBudget({ share: 1 / 1000, longest: 30_000 });
  #state: Changed["state"] = "running";
  #ended: Problem | null = null;
  #limited: Problem | null = null;
  #revision = NOTHING_READ;
  /** Unpacked: those that two views look at. */
  readonly #pastRevisions = new Recent<Promise<Revision>>(2);
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
  readonly #threadFaults = new ThreadFaults();
  #threads: ThreadRates[] = [];

  /** Throws a {@link TargetError} where there is nothing to look at. */
  constructor(pid: number, openElf: OpenElf) {
    this.#process = openProcess(pid);
    const { startTime } = this.#process.identity;
    this.id = `${pid}:${startTime}`;
    this.#image = new TargetImage(this.#process, openElf);
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
    return this.#revision;
  }

  /** Addresses of regions that a view shows: where it takes long to read the numbers of all, theirs come first. */
  set inView(addresses: readonly Address[]) {
    this.#inView = addresses;
  }

  /**
   * As it was at a time in milliseconds since the epoch: the last reading until then that is kept, or else the first.
   * Without a time, and before anything was read, as it is.
   */
  async revisionAt(time: number | null | undefined): Promise<Revision> {
    const reading = typeof time === "number" ? await this.past.at(time) : null;
    if (!reading) return this.#revision;
    const { revision, moment } = reading;
    return this.#pastRevisions.get(`${revision} ${moment.time}`, async () => {
      const { space, heat } = await reading.unpack();
      const then = new Revision(revision, space, null, moment.time);
      then.heat.rates.set(heat.rates);
      return then;
    });
  }

  /** What is asked about single addresses. */
  get memory(): TargetMemory {
    return this.#process;
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
      revision: this.#revision.number,
      changes: this.#revision.changes,
      command: this.#counters.command,
      executable: this.#executable,
      limited: this.#limited,
      state: this.#state,
      sample: this.timeline.last ?? sampleOf(this.#counters, this.#status),
      sampleBefore: this.timeline.timeBeforeLast,
      rates: this.#state === "running" ? this.#rates : NO_FAULTS,
      status: this.#status,
      totals: this.#totals,
      regions: this.#revision.space.length,
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
        this.#showNumbers(space, Date.now());
        yield;
      }
      if (pace.signal.aborted) return;
      this.#sumUp(this.#revision.space);
      yield;
    } finally {
      this.#numbersRead(counters, pace.spent, pace.signal);
    }
  }

  /** Whether a region is so large that reading its record of smaps would keep the target waiting for long. */
  get #wouldNotice(): boolean {
    return lockTimeOfSmaps(this.#revision.space, this.#counters.rss) > UNNOTICED;
  }

  /** Whether a slow reading of all numbers has so many parts that regions in view should not wait for theirs. */
  get #takesLong(): boolean {
    return this.#state === "running" && this.#revision.space.length > MANY;
  }

  /** Counts pages in place of reading smaps. Answers whether there is something new: not where that would take long. */
  async #countPages(signal: AbortSignal): Promise<boolean> {
    const counters = this.#counters;
    const started = performance.now();
    try {
      const space = await this.#image.readPagesOnly({ signal });
      if (space === null) return false;
      this.#showNumbers(space, Date.now());
      this.#sumUp(space);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    } finally {
      this.#numbersRead(counters, performance.now() - started, signal);
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
    const space = this.#limited ? null : this.#revision.space;
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
    const stacks = await this.stacks();
    if (this.#ended) return this.#threads;
    const stackOf = new Map(stacks.map((stack) => [stack.thread, stackMessage(stack)]));
    const threads = this.#threadFaults.add(this.#process.readThreads(), performance.now());
    this.#threads = threads.map((thread) => ({ ...thread, stack: stackOf.get(thread.tid) ?? null }));
    return this.#threads;
  }

  /** The threads' stacks; of a process that has ended none. */
  async stacks(): Promise<ThreadStack[]> {
    if (this.#ended) return [];
    try {
      return await this.#process.readThreadStacks(this.#revision.space);
    } catch (error) {
      if (problemOf(error).problem !== "permission" && !hasEnded(problemOf(error))) throw error;
      return [];
    }
  }

  /**
   * Without what debug information tells. Throws a {@link TargetError} where the regions could not be read.
   * @param at as it was at that time, see {@link revisionAt}
   */
  async explain(address: Address, at: number | null = null): Promise<Explanation> {
    const elfOf = (module: Module) => this.elf(module);
    const target = this.#process;
    if (at !== null) {
      const { space, time } = await this.revisionAt(at);
      const goneAt = (each: Address) => this.past.goneBy(time ?? at, each);
      return explain(space, address, elfOf, { target, isNow: false, goneAt });
    }
    if (this.#state === "running") await this.#readIfChangedAt(address);
    const { space } = this.#revision;
    const problem = this.#limited ?? this.#ended;
    if (space.length === 0 && problem) throw new TargetError(problem.problem, problem.message);
    const goneAt = (each: Address) => this.past.lastAt(each);
    return explain(space, address, elfOf, { target, isNow: this.#ended === null, goneAt });
  }

  /** An explanation with what debug information tells; `at` as it was explained. */
  async withSource(explanation: Explanation, work?: Work, at: number | null = null): Promise<Explanation> {
    const { space } = await this.revisionAt(at);
    return withSource(explanation, space, (module) => this.elf(module), work);
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
    this.#addSample({ exec: 1 });
    return true;
  }

  async #readRegions(depth: Depth): Promise<void> {
    const counters = this.#counters;
    const started = performance.now();
    if (depth === "changes" && !this.needsRegions && !this.#maps.allows(counters, started)) return;
    try {
      this.#showRegions(await this.#image.read("maps"), counters.time);
      this.#limited = null;
      if (depth === "changes" && this.#takesLong) await this.#countFirst();
    } finally {
      const now = performance.now();
      this.#maps.spent(counters, now - started, now);
    }
  }

  /** Counts the pages of regions in view, and of new ones: each tick, though the numbers of all take many. */
  async #countFirst(): Promise<void> {
    const space = await this.#image.readPagesOnly({}, (now) => firstOf(now, this.#inView));
    if (space) this.#showNumbers(space, this.#counters.time);
  }

  /** Reads the regions where the kernel has another one at the address than the last reading. */
  async #readIfChangedAt(address: Address): Promise<void> {
    try {
      const now = this.#process.regionAt(address);
      if (now === undefined || isStillAt(this.#revision.space, address, now)) return;
      this.#showRegions(await this.#image.read("maps"), Date.now());
    } catch {
      // The next tick says what is wrong: until then the last reading answers.
    }
  }

  /** @param time when they were read; of the sample that was taken with them, so that both tell of one moment */
  #showRegions(space: AddressSpace, time: number): void {
    this.#show(space);
    this.past.add(this.#revision, this.#momentAt(time));
  }

  #showNumbers(space: AddressSpace, time: number): void {
    this.#show(space);
    this.past.addNumbers(this.#revision, this.#momentAt(time));
  }

  #momentAt(time: number): Moment {
    return { time, stop: this.#state === "stopped" ? this.#stops : null };
  }

  #show(space: AddressSpace): void {
    const before = this.#revision;
    if (!before.isSame(space)) this.#revision = new Revision(before.number + 1, space, before);
  }

  #readSums(): void {
    const counters = this.#counters;
    const started = performance.now();
    const lockTime = lockTimeOfRollup(this.#revision.space, counters.rss);
    if (lockTime > UNNOTICED || !this.#rollup.allows(counters, started)) return;
    try {
      const totals = this.#process.readRollup();
      this.#totals = totals ?? this.#totals;
      this.#sums = { ...this.#sums, ...pssOf(totals) };
      this.#limited = null;
    } finally {
      const now = performance.now();
      this.#rollup.spent(counters, now - started, now);
    }
  }
}

/** Regions that a slow reading reads in a second. */
const MANY = 5000;
/** New regions whose pages are counted at once. */
const MOST_NEW = 1000;

/** The indexes of the regions at the addresses, and of the first of those that nothing is known of. */
function firstOf(space: AddressSpace, addresses: readonly Address[]): Uint32Array {
  const first = new Set(addresses.map((address) => space.indexOf(address)));
  first.delete(-1);
  const { flags } = space.columns;
  for (let index = 0, left = MOST_NEW; index < space.length && left > 0; index++) {
    if (flags[index] !== NOT_READ) continue;
    first.add(index);
    left--;
  }
  return Uint32Array.from(first).sort();
}
