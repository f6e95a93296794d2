import { Intervals } from "./intervals.ts";
import type { LineRows, LineState } from "./lineProgram.ts";

/** Where the rows of each part of a line number program lie, and the state to run it from, in columns. */
export class Stretches {
  readonly #intervals: Intervals;
  readonly #at: Uint32Array;
  readonly #end: Uint32Array;
  readonly #address: Float64Array;
  readonly #file: Uint32Array;
  readonly #line: Uint32Array;
  readonly #column: Uint32Array;
  readonly #isStatement: Uint8Array;

  constructor(columns: Columns) {
    this.#intervals = new Intervals(new Float64Array(columns.low), new Float64Array(columns.high));
    this.#at = new Uint32Array(columns.at);
    this.#end = new Uint32Array(columns.end);
    this.#address = new Float64Array(columns.address);
    this.#file = new Uint32Array(columns.file);
    this.#line = new Uint32Array(columns.line);
    this.#column = new Uint32Array(columns.column);
    this.#isStatement = new Uint8Array(columns.isStatement);
  }

  get length(): number {
    return this.#at.length;
  }

  /** The stretch whose rows say what is at an address; -1 for none. */
  find(address: number): number {
    return this.#intervals.find(address);
  }

  /** The state to run a stretch from, and where its instructions end. */
  part(stretch: number): { readonly state: LineState; readonly end: number } {
    const state = {
      at: this.#at[stretch] as number,
      address: this.#address[stretch] as number,
      file: this.#file[stretch] as number,
      line: this.#line[stretch] as number,
      column: this.#column[stretch] as number,
      isStatement: this.#isStatement[stretch] === 1,
    };
    return { state, end: this.#end[stretch] as number };
  }
}

/** Collects the stretches as a program is run for the first time. */
export class StretchesBuilder {
  readonly #columns: Columns = {
    low: [],
    high: [],
    at: [],
    end: [],
    address: [],
    file: [],
    line: [],
    column: [],
    isStatement: [],
  };
  /** The first stretch of the sequence. */
  #first = 0;

  /**
   * Adds the rows of a stretch, the state that it is run from, and where its instructions end. A sequence of code that the
   * linker left out is forgotten.
   */
  add(rows: LineRows, state: LineState, end: number, isDiscarded: boolean): void {
    const columns = this.#columns;
    columns.at.push(state.at);
    columns.address.push(state.address);
    columns.file.push(state.file);
    columns.line.push(state.line);
    columns.column.push(state.column);
    columns.isStatement.push(state.isStatement ? 1 : 0);
    columns.end.push(end);
    // A stretch reaches up to the next one of its sequence.
    if (columns.low.length > this.#first) columns.high.push(rows.address[0] as number);
    columns.low.push(rows.address[0] as number);
    if (!rows.isEnd) return;
    columns.high.push(rows.address[rows.length - 1] as number);
    if (isDiscarded) this.#truncate(this.#first);
    this.#first = columns.low.length;
  }

  /** A sequence without an end has no size, so it is none. */
  finish(): Stretches {
    this.#truncate(this.#first);
    return new Stretches(this.#columns);
  }

  #truncate(length: number): void {
    for (const column of Object.values(this.#columns)) column.length = length;
  }
}

interface Columns {
  readonly low: number[];
  readonly high: number[];
  /** Position of the first instruction in the program, and of what follows the last. */
  readonly at: number[];
  readonly end: number[];
  readonly address: number[];
  readonly file: number[];
  readonly line: number[];
  readonly column: number[];
  readonly isStatement: number[];
}
