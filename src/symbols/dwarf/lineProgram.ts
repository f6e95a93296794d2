import {
  ENDED,
  FOUND,
  LINE_ADDRESS_ADVANCE,
  LINE_ADDRESSES,
  LINE_HEADER,
  LINE_LINE_ADVANCE,
  LINE_OPERAND_COUNTS,
  LINE_PARAMETERS,
  LINE_PARAMETERS_SIZE,
  LINE_REGISTERS,
  ROW_ADDRESS,
  ROW_COLUMN,
  ROW_FILE,
  ROW_IS_STATEMENT,
  ROW_LINE,
  ROWS,
} from "../loops/layout.ts";
import { loops, memory } from "../loops.ts";
import type { Reader } from "./reader.ts";

/** The registers of the line number machine, and where its next instruction stands. @see DWARF 5 §6.2.2 */
export interface LineState {
  /** Position in the program. */
  at: number;
  address: number;
  file: number;
  line: number;
  column: number;
  isStatement: boolean;
}

/** What a line number program's header says of its instructions. @see DWARF 5 §6.2.4 */
export interface LineHeader {
  readonly opcodeBase: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly minimumInstructionLength: number;
  /** Operands of each standard opcode, by its number. */
  readonly operandCounts: Uint8Array;
  readonly startsAsStatement: boolean;
}

/** A header as the loop wants it. */
export type LineParameters = Uint8Array;

/** Works out what the special opcodes do. @see DWARF 5 §6.2.5.1 */
export function lineParameters(header: LineHeader): LineParameters {
  const { opcodeBase, lineBase, lineRange, minimumInstructionLength, operandCounts, startsAsStatement } = header;
  const parameters = new Uint8Array(LINE_PARAMETERS_SIZE);
  const addressAdvance = new Uint16Array(parameters.buffer, LINE_ADDRESS_ADVANCE - LINE_PARAMETERS, 256);
  const lineAdvance = new Int16Array(parameters.buffer, LINE_LINE_ADVANCE - LINE_PARAMETERS, 256);
  for (let opcode = opcodeBase; opcode < 256; opcode++) {
    const adjusted = opcode - opcodeBase;
    addressAdvance[opcode] = Math.floor(adjusted / lineRange) * minimumInstructionLength;
    lineAdvance[opcode] = lineBase + (adjusted % lineRange);
  }
  parameters.set(operandCounts, LINE_OPERAND_COUNTS - LINE_PARAMETERS);
  const fields = [opcodeBase, minimumInstructionLength, startsAsStatement ? 1 : 0];
  parameters.set(fields, LINE_HEADER - LINE_PARAMETERS);
  return parameters;
}

/** The rows of the last run, in columns. */
export const rows = {
  address: new Float64Array(memory, ROW_ADDRESS, ROWS),
  file: new Uint32Array(memory, ROW_FILE, ROWS),
  line: new Uint32Array(memory, ROW_LINE, ROWS),
  column: new Uint32Array(memory, ROW_COLUMN, ROWS),
  isStatement: new Uint8Array(memory, ROW_IS_STATEMENT, ROWS),
  length: 0,
  /** Whether the last row is the end of a sequence: its address is behind the last instruction. */
  isEnd: false,
  /** Whether the one row stands for the address that was sought, and the address that its sequence begins with. */
  isFound: false,
  start: 0,
};

/**
 * Runs a program from a state on, and leaves the state for what follows: until the rows are full or a sequence has ended;
 * of an address that is sought, until the row that stands for it is found in this sequence or another. Of one that is not
 * found yet, the row before is kept for the next run.
 * @param reader of bytes of the program that are read for the loops, whose base is a position in it
 * @param end position in the reader's bytes from which on no instruction is begun
 */
export function runLineProgram(
  { bytes, base, littleEndian }: Reader,
  end: number,
  parameters: LineParameters,
  state: LineState,
  sought = Number.NaN,
): void {
  parametersInUse.set(parameters);
  addresses[0] = state.address;
  registers[0] = state.at - base;
  registers[1] = state.file;
  registers[2] = state.line;
  registers[3] = state.column;
  registers[4] = state.isStatement ? 1 : 0;
  registers[5] = Number.isNaN(sought) ? 0 : rows.length;
  const outcome = loops.runLineProgram(end, bytes.length, littleEndian ? 0 : 1, sought);
  state.address = addresses[0];
  state.at = (registers[0] as number) + base;
  state.file = registers[1] as number;
  state.line = registers[2] as number;
  state.column = registers[3] as number;
  state.isStatement = registers[4] === 1;
  rows.length = registers[5] as number;
  rows.isEnd = outcome === ENDED;
  rows.isFound = outcome === FOUND;
  rows.start = addresses[1] as number;
}

const parametersInUse = new Uint8Array(memory, LINE_PARAMETERS, LINE_PARAMETERS_SIZE);
const addresses = new Float64Array(memory, LINE_ADDRESSES, 2);
const registers = new Int32Array(memory, LINE_REGISTERS, 6);
