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
export interface LineParameters {
  readonly opcodeBase: number;
  /** What each special opcode adds to the address and to the line. */
  readonly addressAdvance: Uint16Array;
  readonly lineAdvance: Int16Array;
  readonly minimumInstructionLength: number;
  /** Operands of each standard opcode, by its number. */
  readonly operandCounts: Uint8Array;
}

/** What the special opcodes do. @see DWARF 5 §6.2.5.1 */
export function specialOpcodes(
  opcodeBase: number,
  lineBase: number,
  lineRange: number,
  minimumInstructionLength: number,
): Pick<LineParameters, "addressAdvance" | "lineAdvance"> {
  const addressAdvance = new Uint16Array(256);
  const lineAdvance = new Int16Array(256);
  for (let opcode = opcodeBase; opcode < 256; opcode++) {
    const adjusted = opcode - opcodeBase;
    addressAdvance[opcode] = Math.floor(adjusted / lineRange) * minimumInstructionLength;
    lineAdvance[opcode] = lineBase + (adjusted % lineRange);
  }
  return { addressAdvance, lineAdvance };
}

/** Rows of the line number table in columns. */
export class LineRows {
  readonly address = new Float64Array(ROWS);
  readonly file = new Uint32Array(ROWS);
  readonly line = new Uint32Array(ROWS);
  readonly column = new Uint32Array(ROWS);
  readonly isStatement = new Uint8Array(ROWS);
  length = 0;
  /** Whether the last row is the end of a sequence: its address is behind the last instruction. */
  isEnd = false;
}

/** Rows that are decoded at once. */
const ROWS = 96;

/**
 * Runs a program from a state on until the rows are full or a sequence has ended, and leaves the state for what follows.
 * The op_index of VLIW machines is not regarded: Linux has no debuggers for such.
 * @see DWARF 5 §6.2.5
 * @param reader of bytes of the program, whose base is a position in it
 * @param end position in the reader's bytes from which on no instruction is begun
 * @param until address behind which no rows but the first are wanted
 */
export function runLineProgram(
  reader: Reader,
  end: number,
  parameters: LineParameters,
  state: LineState,
  rows: LineRows,
  until = Number.POSITIVE_INFINITY,
): void {
  const { opcodeBase, addressAdvance, lineAdvance, minimumInstructionLength, operandCounts } = parameters;
  const { bytes, base } = reader;
  let at = state.at - base;
  let { address, file, line, column, isStatement } = state;
  let length = 0;
  rows.isEnd = false;
  while (at < end) {
    const opcode = bytes[at++] as number;
    if (opcode >= opcodeBase) {
      address += addressAdvance[opcode] as number;
      line += lineAdvance[opcode] as number;
    } else if (opcode === DW_LNS_negate_stmt) {
      isStatement = !isStatement;
      continue;
    } else if (opcode !== DW_LNS_copy) {
      const operand = bytes[at] as number;
      // Nearly all have one of one byte, which is read without a call: the first run comes before anything is compiled.
      if (operand < 0x80 && opcode > DW_LNS_copy && opcode <= DW_LNS_set_column) {
        at++;
        if (opcode === DW_LNS_set_column) column = operand;
        else if (opcode === DW_LNS_advance_line) line += (operand << 25) >> 25;
        else if (opcode === DW_LNS_set_file) file = operand;
        else address += operand * minimumInstructionLength;
        continue;
      }
      reader.at = at;
      switch (opcode) {
        case 0: {
          const size = reader.uleb();
          const next = reader.at + size;
          const kind = size > 0 ? reader.u8() : 0;
          if (kind === DW_LNE_set_address) address = reader.address(size - 1);
          reader.at = next;
          if (kind !== DW_LNE_end_sequence) break;
          rows.address[length] = address;
          rows.line[length] = 0;
          rows.length = length + 1;
          rows.isEnd = true;
          state.at = base + next;
          return;
        }
        case DW_LNS_advance_pc:
          address += reader.uleb() * minimumInstructionLength;
          break;
        case DW_LNS_advance_line:
          line += reader.sleb();
          break;
        case DW_LNS_set_file:
          file = reader.uleb();
          break;
        case DW_LNS_set_column:
          column = reader.uleb();
          break;
        case DW_LNS_const_add_pc:
          address += addressAdvance[255] as number;
          break;
        case DW_LNS_fixed_advance_pc:
          address += reader.u16();
          break;
        default:
          for (let operands = operandCounts[opcode] as number; operands > 0; operands--) reader.skipLeb();
      }
      at = reader.at;
      continue;
    }
    rows.address[length] = address;
    rows.file[length] = file;
    rows.line[length] = line;
    rows.column[length] = column;
    rows.isStatement[length] = isStatement ? 1 : 0;
    length++;
    // One is left for the end of the sequence.
    if (length === ROWS - 1 || address > until) break;
  }
  rows.length = length;
  state.at = base + at;
  state.address = address;
  state.file = file;
  state.line = line;
  state.column = column;
  state.isStatement = isStatement;
}

const DW_LNS_copy = 1;
const DW_LNS_advance_pc = 2;
const DW_LNS_advance_line = 3;
const DW_LNS_set_file = 4;
const DW_LNS_set_column = 5;
const DW_LNS_negate_stmt = 6;
const DW_LNS_const_add_pc = 8;
const DW_LNS_fixed_advance_pc = 9;
const DW_LNE_end_sequence = 1;
const DW_LNE_set_address = 2;
