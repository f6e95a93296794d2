import type { SourceLocation } from "../../memory/module.ts";
import { type Bytes, Window } from "../bytes.ts";
import { readForLoops, scratch } from "../loops.ts";
import type { DwarfFile } from "./dwarfFile.ts";
import { FileNames } from "./fileNames.ts";
import { type LineParameters, type LineState, lineParameters, rows, runLineProgram } from "./lineProgram.ts";
import { Reader } from "./reader.ts";
import { type Stretches, StretchesBuilder } from "./stretches.ts";
import type { Unit } from "./unit.ts";
import { readInitialLength } from "./unitHeader.ts";

/**
 * The line number table of a unit. The rows themselves are not kept: the program is run once to learn where its sequences
 * lie, with a state to resume from every hundred rows, and from there again at each question.
 * @see DWARF 5 §6.2
 */
export class LineTable {
  /** Offset in `.debug_line`. */
  readonly offset: number;
  /** Bytes, with the header. */
  readonly size: number;
  readonly #file: DwarfFile;
  readonly #parameters: LineParameters;
  readonly #startsAsStatement: boolean;
  readonly #program: Bytes;
  readonly #files: FileNames;
  #stretches: Stretches | null = null;
  #isAsked = false;

  private constructor(
    file: DwarfFile,
    offset: number,
    size: number,
    parameters: LineParameters,
    startsAsStatement: boolean,
    program: Bytes,
    files: FileNames,
  ) {
    this.offset = offset;
    this.size = size;
    this.#file = file;
    this.#parameters = parameters;
    this.#startsAsStatement = startsAsStatement;
    this.#program = program;
    this.#files = files;
  }

  /** Reads the header at an offset of `.debug_line`; `null` where there is none of a known version. */
  static read(unit: Unit, offset: number): LineTable | null {
    const { file } = unit;
    const section = file.sections.get(".debug_line");
    const start = new Reader(section.read(offset, LONGEST_START), file.littleEndian);
    const { length, offsetSize } = readInitialLength(start);
    const end = offset + start.at + length;
    if (!(length > 0) || end > section.size) return null;
    const version = start.u16();
    if (version < 2 || version > 5) return null;
    let { addressSize } = unit.encoding;
    if (version >= 5) {
      addressSize = start.u8();
      start.u8();
    }
    const encoding = { version, offsetSize, addressSize };
    const headerLength = start.offset(offsetSize);
    const program = offset + start.at + headerLength;
    if (start.isBeyondEnd || !(headerLength >= 0) || program > end) return null;
    const reader = new Reader(section.read(offset + start.at, headerLength), file.littleEndian);
    const minimumInstructionLength = reader.u8();
    if (version >= 4) reader.u8();
    const startsAsStatement = reader.u8() !== 0;
    const lineBase = reader.i8();
    const lineRange = Math.max(1, reader.u8());
    const opcodeBase = Math.max(1, reader.u8());
    const operandCounts = new Uint8Array(256);
    for (let opcode = 1; opcode < opcodeBase; opcode++) operandCounts[opcode] = reader.u8();
    if (reader.isBeyondEnd) return null;
    const files = version >= 5 ? FileNames.read5(unit, reader, encoding) : FileNames.readBefore5(unit, reader);
    const parameters = lineParameters({
      opcodeBase,
      lineBase,
      lineRange,
      minimumInstructionLength,
      operandCounts,
      startsAsStatement,
    });
    const instructions = new Window(section, program, end - program);
    return new LineTable(file, offset, end - offset, parameters, startsAsStatement, instructions, files);
  }

  /** The path of a file by its number in this table; `null` where there is none. */
  path(file: number): string | null {
    return this.#files.path(file);
  }

  /** Whether it has one of the files, whose paths are without `.` and `..`. */
  hasOneOf(paths: ReadonlySet<string>): boolean {
    return this.#files.hasOneOf(paths);
  }

  /**
   * Where the code of a line of a file begins, or of the nearest line behind it that has some: an address for each row
   * that begins a statement there and does not continue the row before it.
   * @param file a path or its last components
   * @param before lines from this one on are none, but for the line itself
   */
  startsOf(file: string, line: number, before: number): { readonly line: number; readonly address: number }[] {
    const isWanted = this.#files.matching(file);
    if (isWanted.size === 0) return [];
    let nearest = before;
    let starts: { readonly line: number; readonly address: number }[] = [];
    let previous = 0;
    this.#run((isDiscarded) => {
      for (let row = 0; row < rows.length; row++) {
        const here = rows.line[row] as number;
        const isOfFile = isWanted.has(rows.file[row] as number) && !(rows.isEnd && row === rows.length - 1);
        const isStart = isOfFile && here !== previous && rows.isStatement[row] === 1;
        previous = isOfFile ? here : 0;
        if (!isStart || here < line || here > nearest || isDiscarded) continue;
        if (here < nearest) starts = [];
        nearest = here;
        starts.push({ line: here, address: rows.address[row] as number });
      }
    });
    return starts;
  }

  /** Tells how many questions follow: of more than one the way to the rows is noted at the first. */
  expect(questions: number): void {
    if (questions > 1) this.#isAsked = true;
  }

  /** The row that stands for an address: the last that does not begin behind it. `null` outside of all sequences. */
  at(address: number): SourceLocation | null {
    if (!this.#isAsked) {
      // For one address alone to look for it as the rows come is quicker than to note where they are.
      this.#isAsked = true;
      this.#seek(address, this.#start, this.#program.size);
      return rows.isFound ? this.#location() : null;
    }
    this.#stretches ??= this.#readStretches();
    const stretch = this.#stretches.find(address);
    if (stretch < 0) return null;
    const { state, end } = this.#stretches.part(stretch);
    this.#seek(address, state, end);
    // The last row of a stretch stands for all up to the next one.
    return rows.length > 0 ? this.#location() : null;
  }

  /** Runs the program from a state up to a position, or to where it has found the row that stands for an address. */
  #seek(address: number, state: LineState, end: number): void {
    rows.length = 0;
    while (state.at < end) {
      const part = this.#read(state.at, end);
      if (part.end <= 0) return;
      runLineProgram(part.reader, part.end, this.#parameters, state, address);
      if (!rows.isFound) continue;
      if (!this.#file.isDiscarded(rows.start)) return;
      rows.isFound = false;
      rows.length = 0;
    }
  }

  /** What is found in the first of the rows. */
  #location(): SourceLocation | null {
    const path = this.#files.path(rows.file[0] as number);
    return path === null ? null : { file: path, line: rows.line[0] as number, column: rows.column[0] as number };
  }

  #readStretches(): Stretches {
    const stretches = new StretchesBuilder();
    this.#run((isDiscarded, state, end) => {
      stretches.add(rows, state, end, isDiscarded);
    });
    return stretches.finish();
  }

  /**
   * Runs the whole program, some rows at a time; tells of each time whether their sequence is of code that the linker left
   * out, the state before them, and where their instructions end.
   */
  #run(take: (isDiscarded: boolean, state: LineState, end: number) => void): void {
    const state = this.#start;
    const before = { ...state };
    const { size } = this.#program;
    let isFirst = true;
    let isDiscarded = false;
    while (state.at < size) {
      const { reader, end } = this.#read(state.at, size);
      // Of a file that was cut nothing follows.
      if (end <= 0) return;
      while (state.at < reader.base + end) {
        copyState(state, before);
        runLineProgram(reader, end, this.#parameters, state);
        if (rows.length === 0) break;
        if (isFirst) isDiscarded = this.#file.isDiscarded(rows.address[0] as number);
        take(isDiscarded, before, state.at);
        isFirst = rows.isEnd;
      }
    }
  }

  /** The state that a sequence begins with. */
  get #start(): LineState {
    return { at: 0, address: 0, file: 1, line: 1, column: 0, isStatement: this.#startsAsStatement };
  }

  /** Reads a part of what lies between two positions, and tells where no instruction of it may begin any more. */
  #read(from: number, to: number): { readonly reader: Reader; readonly end: number } {
    const bytes = readForLoops(this.#program, from, Math.min(scratch.length, to - from));
    const isLast = from + bytes.length >= to;
    const end = isLast ? bytes.length : bytes.length - LONG_INSTRUCTION;
    return { reader: new Reader(bytes, this.#file.littleEndian, from), end };
  }
}

function copyState(from: LineState, to: LineState): void {
  to.at = from.at;
  to.address = from.address;
  to.file = from.file;
  to.line = from.line;
  to.column = from.column;
  to.isStatement = from.isStatement;
}

/** Bytes up to and with the length of the header. */
const LONGEST_START = 24;
/** Bytes: only damaged ones are longer. Operands of extended ones that are not known count for nothing. */
const LONG_INSTRUCTION = 4096;
