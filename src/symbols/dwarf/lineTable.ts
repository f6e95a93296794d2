import type { SourceLocation } from "../../memory/module.ts";
import { type Bytes, Window } from "../bytes.ts";
import type { DwarfFile } from "./dwarfFile.ts";
import { FileNames } from "./fileNames.ts";
import { type LineParameters, LineRows, type LineState, runLineProgram, specialOpcodes } from "./lineProgram.ts";
import { Reader } from "./reader.ts";
import { scratch } from "./scratch.ts";
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
  readonly #rows = new LineRows();
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
    const special = specialOpcodes(opcodeBase, lineBase, lineRange, minimumInstructionLength);
    const parameters = { opcodeBase, ...special, minimumInstructionLength, operandCounts };
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
    this.#run((rows, isDiscarded) => {
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
      return false;
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
      this.#isAsked = true;
      return this.#scan(address);
    }
    this.#stretches ??= this.#readStretches();
    const stretch = this.#stretches.find(address);
    if (stretch < 0) return null;
    const { state, end } = this.#stretches.part(stretch);
    const reader = this.#reader(state.at, end - state.at);
    const rows = this.#rows;
    runLineProgram(reader, reader.bytes.length, this.#parameters, state, rows, address);
    const row = lastRowBefore(rows, address);
    return row < 0 ? null : this.#location(copyOf(rows, row));
  }

  /** Looks for an address as the rows come: quicker than to note where they are, for one alone. */
  #scan(address: number): SourceLocation | null {
    let found: LineRow | null = null;
    this.#run((rows, isDiscarded) => {
      if (isDiscarded) return false;
      // The row before these stands for all up to them.
      if (found !== null && (rows.address[0] as number) > address) return true;
      const row = lastRowBefore(rows, address);
      found = row < 0 ? null : copyOf(rows, row);
      return found !== null && row < rows.length - 1;
    });
    return found && this.#location(found);
  }

  #location({ file, line, column }: LineRow): SourceLocation | null {
    const path = this.#files.path(file);
    return path === null ? null : { file: path, line, column };
  }

  #readStretches(): Stretches {
    const stretches = new StretchesBuilder();
    this.#run((rows, isDiscarded, state, end) => {
      stretches.add(rows, state, end, isDiscarded);
      return false;
    });
    return stretches.finish();
  }

  /**
   * Runs the whole program, some rows at a time; hands them out with whether their sequence is of code that the linker
   * left out, the state before them, and where their instructions end; until it is told that this is enough.
   */
  #run(take: (rows: LineRows, isDiscarded: boolean, state: LineState, end: number) => boolean): void {
    const rows = this.#rows;
    const initial = { address: 0, file: 1, line: 1, column: 0, isStatement: this.#startsAsStatement };
    const state: LineState = { at: 0, ...initial };
    const before = { ...state };
    const { size } = this.#program;
    let isFirst = true;
    let isDiscarded = false;
    while (state.at < size) {
      const reader = this.#reader(state.at, scratch.length);
      const { length } = reader.bytes;
      const end = reader.base + length < size ? length - LONG_INSTRUCTION : length;
      // Of a file that was cut nothing follows.
      if (end <= 0) return;
      while (state.at < reader.base + end) {
        copyState(state, before);
        runLineProgram(reader, end, this.#parameters, state, rows);
        if (rows.length === 0) break;
        if (isFirst) isDiscarded = this.#file.isDiscarded(rows.address[0] as number);
        if (take(rows, isDiscarded, before, state.at)) return;
        isFirst = rows.isEnd;
        if (rows.isEnd) copyState({ ...initial, at: state.at }, state);
      }
    }
  }

  #reader(at: number, length: number): Reader {
    return new Reader(this.#program.read(at, length, scratch), this.#file.littleEndian, at);
  }
}

/** The last row that does not begin behind an address; -1 where all do, and where the sequence ends before it. */
function lastRowBefore({ address: addresses, length, isEnd }: LineRows, address: number): number {
  // Most sequences lie before it.
  if ((addresses[length - 1] as number) <= address) return isEnd ? -1 : length - 1;
  let row = -1;
  while (row + 1 < length && (addresses[row + 1] as number) <= address) row++;
  return row;
}

/** A row that is kept while others take its place. */
interface LineRow {
  /** Its number in the table. */
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

function copyOf({ file, line, column }: LineRows, row: number): LineRow {
  return { file: file[row] as number, line: line[row] as number, column: column[row] as number };
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
