import {
  ENDED,
  FOUND,
  LINE_ADDRESS_ADVANCE,
  LINE_ADDRESSES,
  LINE_HEADER,
  LINE_LINE_ADVANCE,
  LINE_OPERAND_COUNTS,
  LINE_REGISTERS,
  PAUSED,
  ROW_ADDRESS,
  ROW_COLUMN,
  ROW_FILE,
  ROW_IS_STATEMENT,
  ROW_LINE,
  ROWS,
} from "./layout";
import { cursor, fixed, moveTo, sleb, uleb } from "./numbers";

/**
 * Runs a line number program from where its registers stand, and leaves them for what follows. The op_index of VLIW
 * machines is not regarded: Linux has no debuggers for such.
 *
 * Without an address that is sought it collects rows until they are all used (PAUSED), or a sequence ends, whose last row
 * is then its end (ENDED). Of a sought one it keeps only the row before, goes on through all sequences, and stops when that
 * row stands for the address (FOUND).
 * @see DWARF 5 §6.2.5
 * @param end where no instruction is begun any more
 * @param limit end of the bytes
 * @param sought an address; NaN for none
 */
export function runLineProgram(end: i32, limit: i32, isBig: bool, sought: f64): i32 {
  const opcodeBase = <i32>load<u8>(LINE_HEADER);
  const minimumInstructionLength = <f64>load<u8>(LINE_HEADER + 1);
  const isSeeking = !isNaN(sought);
  let at = load<i32>(LINE_REGISTERS);
  let file = load<i32>(LINE_REGISTERS + 4);
  let line = load<i32>(LINE_REGISTERS + 8);
  let column = load<i32>(LINE_REGISTERS + 12);
  let isStatement = load<i32>(LINE_REGISTERS + 16);
  let length = load<i32>(LINE_REGISTERS + 20);
  let address = load<f64>(LINE_ADDRESSES);
  let outcome = PAUSED;
  while (outcome === PAUSED && at < end) {
    const opcode = <i32>load<u8>(at++);
    if (opcode >= opcodeBase) {
      address += <f64>load<u16>(LINE_ADDRESS_ADVANCE + 2 * opcode);
      line += <i32>load<i16>(LINE_LINE_ADVANCE + 2 * opcode);
    } else if (opcode !== DW_LNS_copy) {
      const operand = <i32>load<u8>(at);
      // Nearly all have one of one byte.
      if (operand < 0x80 && opcode > DW_LNS_copy && opcode <= DW_LNS_set_column) {
        at++;
        if (opcode === DW_LNS_set_column) column = operand;
        else if (opcode === DW_LNS_advance_line) line += (operand << 25) >> 25;
        else if (opcode === DW_LNS_set_file) file = operand;
        else address += <f64>operand * minimumInstructionLength;
        continue;
      }
      moveTo(at);
      switch (opcode) {
        case 0: {
          const size = uleb(limit);
          const next = size < <u64>FAR ? cursor + <i32>size : FAR;
          const kind = size > 0 ? <i32>fixed(1, isBig) : 0;
          if (kind === DW_LNE_set_address) address = fixed(<i32>size - 1, isBig);
          moveTo(next);
          if (kind !== DW_LNE_end_sequence) break;
          if (!isSeeking) {
            store<f64>(ROW_ADDRESS + 8 * length, address);
            store<i32>(ROW_LINE + 4 * length, 0);
            length++;
            outcome = ENDED;
          } else if (length > 0 && load<f64>(ROW_ADDRESS) <= sought && sought < address) outcome = FOUND;
          else length = 0;
          address = 0;
          file = 1;
          line = 1;
          column = 0;
          isStatement = <i32>load<u8>(LINE_HEADER + 2);
          break;
        }
        case DW_LNS_advance_pc:
          address += <f64>uleb(limit) * minimumInstructionLength;
          break;
        case DW_LNS_advance_line:
          line += <i32>sleb(limit);
          break;
        case DW_LNS_set_file:
          file = <i32>uleb(limit);
          break;
        case DW_LNS_set_column:
          column = <i32>uleb(limit);
          break;
        case DW_LNS_negate_stmt:
          isStatement ^= 1;
          break;
        case DW_LNS_const_add_pc:
          address += <f64>load<u16>(LINE_ADDRESS_ADVANCE + 2 * 255);
          break;
        case DW_LNS_fixed_advance_pc:
          address += fixed(2, isBig);
          break;
        default:
          for (let operands = <i32>load<u8>(LINE_OPERAND_COUNTS + opcode); operands > 0; operands--) uleb(limit);
      }
      at = cursor;
      continue;
    }
    if (isSeeking) {
      if (length === 0) store<f64>(LINE_ADDRESSES + 8, address);
      else if (load<f64>(ROW_ADDRESS) <= sought && sought < address) outcome = FOUND;
      if (outcome === FOUND) break;
      length = 0;
    }
    store<f64>(ROW_ADDRESS + 8 * length, address);
    store<i32>(ROW_FILE + 4 * length, file);
    store<i32>(ROW_LINE + 4 * length, line);
    store<i32>(ROW_COLUMN + 4 * length, column);
    store<u8>(ROW_IS_STATEMENT + length, isStatement);
    length++;
    // One is left for the end of the sequence.
    if (length === ROWS - 1) break;
  }
  store<i32>(LINE_REGISTERS, at);
  store<i32>(LINE_REGISTERS + 4, file);
  store<i32>(LINE_REGISTERS + 8, line);
  store<i32>(LINE_REGISTERS + 12, column);
  store<i32>(LINE_REGISTERS + 16, isStatement);
  store<i32>(LINE_REGISTERS + 20, length);
  store<f64>(LINE_ADDRESSES, address);
  return outcome;
}

/** Beyond all bytes, and short of where positions overflow. */
const FAR: i32 = 1 << 30;

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
