/**
 * Where in their memory lies what the loops share with the rest of the engine, which reads this file too. All in bytes,
 * each column where its numbers may begin.
 */

/** The bytes of a section that are gone through. */
export const BYTES = 0;
export const BYTES_SIZE = 1 << 17;
/** Zeros behind them, where every number ends and nothing is read beyond. */
export const BYTES_SLACK = 32;

/** What a loop returns: it came to the end of the bytes (or of the rows); it found something; nothing more follows. */
export const PAUSED = 0;
export const FOUND = 1;
export const ENDED = 2;

/** Columns of the rows of a line number table: as many as are decoded at once. */
export const ROWS = 96;
export const ROW_ADDRESS = BYTES + BYTES_SIZE + BYTES_SLACK;
export const ROW_FILE = ROW_ADDRESS + 8 * ROWS;
export const ROW_LINE = ROW_FILE + 4 * ROWS;
export const ROW_COLUMN = ROW_LINE + 4 * ROWS;
export const ROW_IS_STATEMENT = ROW_COLUMN + 4 * ROWS;
/** The address register of a line number program; the address that its sequence begins with, when one is sought. */
export const LINE_ADDRESSES = ROW_IS_STATEMENT + ROWS;
/** Where the next instruction stands; the registers file, line, column, is_stmt; the rows there are. 32 bits each. */
export const LINE_REGISTERS = LINE_ADDRESSES + 2 * 8;
/** Of special opcodes: what each adds to the address and to the line, 16 bits each, by opcode. */
export const LINE_PARAMETERS = LINE_REGISTERS + 6 * 4;
export const LINE_ADDRESS_ADVANCE = LINE_PARAMETERS;
export const LINE_LINE_ADVANCE = LINE_ADDRESS_ADVANCE + 2 * 256;
/** How many operands standard opcodes have, a byte each, by opcode. */
export const LINE_OPERAND_COUNTS = LINE_LINE_ADVANCE + 2 * 256;
/** opcode_base, minimum_instruction_length, default_is_stmt: a byte each. */
export const LINE_HEADER = LINE_OPERAND_COUNTS + 256;
export const LINE_PARAMETERS_SIZE = 2 * 256 + 2 * 256 + 256 + 3;

/** An address range that was found: the offset of its unit, where it begins, its size. 64-bit floating point each. */
export const RANGE = (LINE_PARAMETERS + LINE_PARAMETERS_SIZE + 7) & ~7;
/** Where the next range stands, where its set ends, and the size of an address in it (0: it is passed over). 32 bits. */
export const RANGE_POSITIONS = RANGE + 3 * 8;

/** How far from an address the nearest symbols of its section begin: before it, and behind it. 64-bit floating point. */
export const NEAREST = (RANGE_POSITIONS + 3 * 4 + 7) & ~7;

/** How deep the next entry lies; the depth that is not left. 32 bits each. */
export const ENTRY_DEPTHS = NEAREST + 2 * 8;
/** How entries are written, in the columns of `Abbreviations`. Real units have some thousands, of some dozen attributes. */
export const MOST_ABBREVIATIONS = 1 << 15;
export const MOST_ATTRIBUTES = 16 * MOST_ABBREVIATIONS;
export const MOST_IN_ONE = 256;
export const MOST_CODES = 3 * MOST_ABBREVIATIONS;
export const MOST_FORMS = 64;
export const FORM_SIZES = ENTRY_DEPTHS + 2 * 4;
export const ABBREVIATION_OF_CODE = FORM_SIZES + 2 * MOST_FORMS;
export const ABBREVIATION_FIRST = ABBREVIATION_OF_CODE + 4 * MOST_CODES;
export const ABBREVIATION_TAG = ABBREVIATION_FIRST + 4 * (MOST_ABBREVIATIONS + 1);
export const ABBREVIATION_SIZE = ABBREVIATION_TAG + 2 * MOST_ABBREVIATIONS;
export const ABBREVIATION_SIBLING_AT = ABBREVIATION_SIZE + 2 * MOST_ABBREVIATIONS;
export const ATTRIBUTE_NAMES = ABBREVIATION_SIBLING_AT + 2 * MOST_ABBREVIATIONS;
export const ATTRIBUTE_FORMS = ATTRIBUTE_NAMES + 2 * MOST_ATTRIBUTES;
export const ABBREVIATION_HAS_CHILDREN = ATTRIBUTE_FORMS + 2 * MOST_ATTRIBUTES;
export const ABBREVIATION_HAS_CODE = ABBREVIATION_HAS_CHILDREN + MOST_ABBREVIATIONS;

/** Where the next abbreviation stands; how many there are, and how many attributes. 32 bits each. */
export const ABBREVIATION_COUNTS = ABBREVIATION_HAS_CODE + MOST_ABBREVIATIONS;
export const ABBREVIATION_CODE = ABBREVIATION_COUNTS + 3 * 4;
export const ATTRIBUTE_CONSTANTS = ABBREVIATION_CODE + 4 * MOST_ABBREVIATIONS;

export const MEMORY_SIZE = ATTRIBUTE_CONSTANTS + 4 * MOST_ATTRIBUTES;
