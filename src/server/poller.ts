import { TargetError } from "../memory/target.ts";
import type { BreakpointsHit, Changed, MemoryBreakpoint, Problem, TargetId } from "../protocol/server.ts";
import { TargetBreakpoints } from "./breakpoints.ts";
import type { Depth, LiveTarget } from "./liveTarget.ts";
import { FullPace, type MeasuredPace, SlowPace } from "./pace.ts";
import { hasEnded, problemOf } from "./problems.ts";

/** What a target tells: after each reading, and when it has ended. */
export interface TargetEvents {
  changed(changed: Changed): void;
  ended(target: TargetId, problem: Problem): void;
  /** A reading meets conditions at which the user wants it to be paused. */
  hit(notice: BreakpointsHit): void;
  /** Something went wrong that no question asked for. */
  failed(error: unknown): void;
}

export interface PollerSettings {
  /** Milliseconds between readings; 0 reads at stops only. */
  readonly interval: number;
  readonly isWatched: boolean;
  readonly breakpoints: readonly MemoryBreakpoint[];
}

/**
 * When a target is read, and how much of it: its counters every interval, while a view shows them its regions too and
 * beside that, slowly, their numbers; all at each stop, and then nothing until it continues. A reading that fails is tried
 * again after ever longer pauses.
 */
export class Poller {
  readonly target: LiveTarget;
  readonly #events: TargetEvents;
  readonly #breakpoints: TargetBreakpoints;
  #interval: number;
  #isWatched: boolean;
  #isStopped = false;
  #timer: NodeJS.Timeout | null = null;
  /** Readings come one after the other: this is the last. It never fails. */
  #reading: Promise<void> = Promise.resolve();
  #opening: Promise<void> | null = null;
  /** The slow reading of the numbers under way. It never fails. */
  #numbers: { readonly end: AbortController; readonly read: Promise<void> } | null = null;
  /** What was told last, see {@link newsIn}. */
  #told = "";
  /** Counts stops and continuations. */
  #turns = 0;
  #failures = 0;
  #isClosed = false;

  constructor(target: LiveTarget, { interval, isWatched, breakpoints }: PollerSettings, events: TargetEvents) {
    this.target = target;
    this.#interval = interval;
    this.#isWatched = isWatched;
    this.#breakpoints = new TargetBreakpoints(breakpoints);
    this.#events = events;
    target.needsRegions = this.#breakpoints.needRegions;
  }

  /**
   * The first reading: which regions there are, and whether they may be read. What it found is told after whoever asked
   * has its answer. Throws a {@link TargetError} when the process ended meanwhile.
   */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Milliseconds between readings; 0 reads at stops only. */
  set interval(interval: number) {
    this.#interval = interval;
    this.#schedule();
  }

  /** Whether some view shows it in detail. Whoever begins to look does not wait for the interval. */
  set isWatched(isWatched: boolean) {
    if (isWatched === this.#isWatched) return;
    this.#isWatched = isWatched;
    if (!isWatched) this.#numbers?.end.abort();
    else if (!this.#isStopped) void this.#readAndTell(() => "changes");
  }

  /** Tested with each reading; after new ones that is at once, so that what changes from now on is seen. */
  set breakpoints(breakpoints: readonly MemoryBreakpoint[]) {
    const areNew = this.#breakpoints.replace(breakpoints);
    this.target.needsRegions = this.#breakpoints.needRegions;
    if (areNew) void this.#readAndTell(() => (this.target.needsRegions ? "regions" : "counters"));
  }

  /** Every thread stands still. */
  stop(): void {
    this.#isStopped = true;
    this.#numbers?.end.abort();
    void this.#readStopped(++this.#turns);
  }

  continue(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#turns++;
    this.#numbers?.end.abort();
    void this.#readAndTell(() => "counters", "continue");
  }

  /** Reads everything now; the numbers of a running target as slowly as ever. Throws a {@link TargetError}. */
  async refresh(): Promise<void> {
    await this.#readAndTell(() => "regions");
    this.#throwIfEnded();
    await this.#readNumbers(true);
    this.#throwIfEnded();
  }

  /** When the readings under way are done: that of a stop of which was told before is among them. */
  settled(): Promise<void> {
    return this.#reading;
  }

  close(): void {
    this.#isClosed = true;
    this.#numbers?.end.abort();
    this.#schedule();
    this.target.close();
  }

  async #open(): Promise<void> {
    await this.#read(() => "regions");
    this.#throwIfEnded();
    setImmediate(() => this.#tell());
    if (this.#isWatched) setImmediate(() => void this.#readAndTell(() => "changes"));
  }

  #throwIfEnded(): void {
    const problem = this.target.ended;
    if (problem) throw new TargetError(problem.problem, problem.message);
  }

  async #readAndTell(depth: () => Depth, mark?: "stop" | "continue"): Promise<void> {
    if (await this.#read(depth, mark)) this.#tellAndGoOn();
  }

  #tellAndGoOn(): void {
    this.#tell();
    if (this.#isWatched && !this.#isStopped && this.target.wantsNumbers) void this.#readNumbers();
  }

  /** Of what is in no view nothing is told where nothing is new. */
  async #tick(): Promise<void> {
    const isTold = () => this.#isWatched || this.#breakpoints.areHit || newsIn(this.target.changed) !== this.#told;
    if ((await this.#read(() => this.#depth)) && isTold()) this.#tellAndGoOn();
  }

  async #readStopped(turn: number): Promise<void> {
    // Who steps fast has continued before a reading's turn comes: then the mark is all that is wanted of it.
    await this.#readAndTell(() => (turn === this.#turns ? "regions" : "counters"), "stop");
    if (turn === this.#turns) await this.#readNumbers();
  }

  /** Reads the numbers beside the ticks, unless that is under way. */
  #readNumbers(isAsked = false): Promise<void> {
    const before = this.#numbers;
    if (before && !before.end.signal.aborted) return before.read;
    const end = new AbortController();
    const pace = this.#isStopped ? new FullPace(end.signal) : new SlowPace(end.signal);
    const read = (before?.read ?? Promise.resolve())
      .then(() => this.#tellNumbers(pace, isAsked))
      .finally(() => {
        if (this.#numbers?.end === end) this.#numbers = null;
      });
    this.#numbers = { end, read };
    return read;
  }

  async #tellNumbers(pace: MeasuredPace, isAsked: boolean): Promise<void> {
    if (this.#isClosed || this.target.ended || this.target.isLimited) return;
    try {
      for await (const _ of this.target.readNumbers(pace, isAsked)) this.#tell();
    } catch (error) {
      // The next reading of the counters meets what is wrong with the target, too.
      if (!(error instanceof TargetError)) this.#events.failed(error);
    }
  }

  /** Reads when the readings under way are done. Answers whether it did; it doesn't where there is nothing to read. */
  #read(depth: () => Depth, mark?: "stop" | "continue"): Promise<boolean> {
    const reading = this.#reading.then(async () => {
      if (this.#isClosed || this.target.ended) return false;
      try {
        const read = depth();
        await this.target.read(read, mark);
        this.#breakpoints.test(this.target, read !== "counters", mark ?? null);
        this.#failures = 0;
      } catch (error) {
        this.#fail(error);
      }
      this.#schedule();
      return !this.#isClosed;
    });
    this.#reading = reading.then(() => undefined);
    return reading;
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    const problem = problemOf(error);
    if (hasEnded(problem)) {
      this.target.end(problem);
      return;
    }
    this.#failures++;
    this.#events.failed(error);
  }

  #tell(): void {
    if (this.#isClosed) return;
    const { changed } = this.target;
    this.#events.changed(changed);
    if (!this.#isWatched) this.#told = newsIn(changed);
    const hits = this.#breakpoints.take();
    if (hits.length > 0) this.#events.hit({ target: this.target.id, hits });
    if (this.target.ended) this.#events.ended(this.target.id, this.target.ended);
  }

  #schedule(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#isClosed || this.#isStopped || this.#interval === 0 || this.target.ended) return;
    const wait = Math.min(this.#interval * 2 ** this.#failures, Math.max(this.#interval, LONGEST_WAIT));
    this.#timer = setTimeout(() => void this.#tick(), wait);
  }

  /** Of a tick. */
  get #depth(): Depth {
    if (this.#isWatched) return "changes";
    return this.target.needsRegions ? "regions" : "counters";
  }
}

/** What is the same as long as nothing happens: all but when it was read. */
function newsIn({ sample, sampleBefore, ...rest }: Changed): string {
  return JSON.stringify([rest, { ...sample, time: 0 }]);
}

/** Milliseconds between two attempts to read what cannot be read. */
const LONGEST_WAIT = 60_000;
