import { setTimeout as sleep } from "node:timers/promises";
import type { Pace } from "../memory/target.ts";
import { TimeSlice } from "../memory/timeSlice.ts";
import { processorTime } from "./readingBudget.ts";

/** A pace that can be ended, and knows what the reading took. */
export interface MeasuredPace extends Pace {
  /** About how many milliseconds of processor time until now. */
  readonly spent: number;
  /** Ends the reading. */
  readonly signal: AbortSignal;
}

/** The pace at which a target is read that stands still: as fast as other work of this process allows. */
export class FullPace implements MeasuredPace {
  readonly isFull = true;
  readonly signal: AbortSignal;
  readonly #slice = new TimeSlice();
  readonly #before = processorTime();

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  get spent(): number {
    return processorTime() - this.#before;
  }

  async pause(): Promise<"go on" | "end"> {
    if (this.#slice.isOver) await this.#slice.next();
    return this.signal.aborted ? "end" : "go on";
  }
}

/**
 * The pace at which a running target is read. Each read of smaps keeps the target's own mmap and munmap waiting for some
 * 13 µs; reading back to back starves them. So there is a pause after a few reads: then at most one of a thousand calls
 * waits, and no longer than for these few. A pause after each read would cost this process more than the reading.
 */
export class SlowPace implements MeasuredPace {
  readonly isFull = false;
  readonly signal: AbortSignal;
  #reads = 0;
  /** When the reading went on after the last pause. */
  #resumed = performance.now();
  /** The processor's time when a part was given; `null` when the reading has gone on. */
  #given: number | null = null;
  /** When views are to get the next part. */
  #nextPart = performance.now() + PART;
  #spent = 0;

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  get spent(): number {
    return this.#spent;
  }

  async pause(): Promise<"go on" | "part" | "end"> {
    if (this.#given !== null) this.#nextPart = this.#resumed + Math.max(PART, (processorTime() - this.#given) / SHARE);
    this.#given = null;
    this.#reads++;
    if (this.#reads % READS !== 0) return "go on";
    this.#spent += performance.now() - this.#resumed + WAKING;
    // Without the signal: to listen to it costs as much as a read.
    await sleep(PAUSE);
    this.#resumed = performance.now();
    if (this.signal.aborted) return "end";
    if (this.#resumed < this.#nextPart) return "go on";
    this.#given = processorTime();
    return "part";
  }
}

/** Reads up to the next pause: some 80 regions, a third of a millisecond. */
const READS = 16;
/** Milliseconds. */
const PAUSE = 32;
/** Milliseconds of processor time that a pause costs. */
const WAKING = 0.1;
/** Milliseconds after which views get what has been read, unless that takes more than this share of the time. */
const PART = 1000;
const SHARE = 1 / 100;
