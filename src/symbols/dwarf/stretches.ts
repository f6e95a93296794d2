import { Intervals } from "./intervals.ts";
import type { LineState, rows } from "./lineProgram.ts";

/** Where the rows of each part of a line number program lie, and the state to run it from. */
export class Stretches {
  readonly #intervals: Intervals;
  /** {@link FIELDS} numbers of each: together, since they are read together, far from those of the question before. */
  readonly #parts: Float64Array;

  constructor(low: readonly number[], high: readonly number[], parts: readonly number[]) {
    this.#intervals = new Intervals(new Float64Array(low), new Float64Array(high));
    this.#parts = new Float64Array(parts);
  }

  /** The stretch whose rows say what is at an address; -1 for none. */
  find(address: number): number {
    return this.#intervals.find(address);
  }

  /** The state to run a stretch from, and where its instructions end. */
  part(stretch: number): { readonly state: LineState; readonly end: number } {
    const parts = this.#parts;
    const first = stretch * FIELDS;
    // Whole numbers, which V8 does not know of an array of doubles.
    const state = {
      at: (parts[first] as number) >>> 0,
      address: parts[first + 2] as number,
      file: (parts[first + 3] as number) >>> 0,
      line: (parts[first + 4] as number) >>> 0,
      column: (parts[first + 5] as number) >>> 0,
      isStatement: parts[first + 6] === 1,
    };
    return { state, end: (parts[first + 1] as number) >>> 0 };
  }
}

/** Collects the stretches as a program is run for the first time. */
export class StretchesBuilder {
  readonly #low: number[] = [];
  readonly #high: number[] = [];
  readonly #parts: number[] = [];
  /** The first stretch of the sequence. */
  #first = 0;
  readonly #starts = new Set<number>();

  /**
   * Adds the rows of a stretch, the state that it is run from, and where its instructions end. A sequence of code that the
   * linker left out is forgotten, and so is one that begins where another did: of functions with the same code that linkers
   * folded into one, the first is the one that stayed.
   */
  add({ address, length, isEnd }: typeof rows, state: LineState, end: number, isDiscarded: boolean): void {
    this.#parts.push(state.at, end, state.address, state.file, state.line, state.column, state.isStatement ? 1 : 0);
    // A stretch reaches up to the next one of its sequence.
    if (this.#low.length > this.#first) this.#high.push(address[0] as number);
    this.#low.push(address[0] as number);
    if (!isEnd) return;
    const last = address[length - 1] as number;
    const start = this.#low[this.#first] as number;
    this.#high.push(last);
    if (isDiscarded || this.#starts.has(start)) this.#truncate(this.#first);
    else if (last > start) this.#starts.add(start);
    this.#first = this.#low.length;
  }

  /** A sequence without an end has no size, so it is none. */
  finish(): Stretches {
    this.#truncate(this.#first);
    return new Stretches(this.#low, this.#high, this.#parts);
  }

  #truncate(length: number): void {
    this.#low.length = length;
    this.#high.length = length;
    this.#parts.length = length * FIELDS;
  }
}

/** Positions of the first instruction and of what follows the last, then the registers. */
const FIELDS = 7;
