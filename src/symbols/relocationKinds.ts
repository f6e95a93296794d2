/**
 * The relocations that debug sections have, by machine. Sources: the processor supplements of the System V ABI and, for
 * RISC-V, its ELF psABI §"Relocations".
 */

/** How a relocation changes the bytes where it applies. */
export interface RelocationKind {
  /**
   * `set`: S + A takes their place; `offset`: so does S + A as an offset in the thread-local template; `add`, `subtract`:
   * S + A is added to or subtracted from what is there.
   */
  readonly operation: "set" | "offset" | "add" | "subtract";
  /** How many; of ULEB128, as many as are there. */
  readonly size: 1 | 2 | 4 | 8 | "six bits" | "leb128";
}

/** The kind of a relocation's type; `undefined` for the others, which debug sections do not have. */
export function relocationKind(machine: number, type: number): RelocationKind | undefined {
  return KINDS[machine]?.[type];
}

const byte: RelocationKind = { operation: "set", size: 1 };
const half: RelocationKind = { operation: "set", size: 2 };
const word: RelocationKind = { operation: "set", size: 4 };
const long: RelocationKind = { operation: "set", size: 8 };
const wordOffset: RelocationKind = { operation: "offset", size: 4 };
const longOffset: RelocationKind = { operation: "offset", size: 8 };

const EM_386 = 3;
const EM_PPC = 20;
const EM_PPC64 = 21;
const EM_S390 = 22;
const EM_ARM = 40;
const EM_X86_64 = 62;
const EM_AARCH64 = 183;
const EM_RISCV = 243;

const KINDS: Record<number, Record<number, RelocationKind>> = {
  [EM_386]: { 1: word, 32: wordOffset },
  [EM_PPC]: { 1: word, 78: wordOffset },
  [EM_PPC64]: { 1: word, 38: long, 78: longOffset, 110: wordOffset },
  [EM_S390]: { 1: byte, 3: half, 4: word, 22: long, 52: wordOffset, 53: longOffset },
  [EM_ARM]: { 2: word, 106: wordOffset },
  [EM_X86_64]: { 1: long, 10: word, 11: word, 12: half, 14: byte, 17: longOffset, 21: wordOffset },
  [EM_AARCH64]: { 257: long, 258: word, 259: half },
  [EM_RISCV]: {
    1: word,
    2: long,
    8: wordOffset,
    9: longOffset,
    33: { operation: "add", size: 1 },
    34: { operation: "add", size: 2 },
    35: { operation: "add", size: 4 },
    36: { operation: "add", size: 8 },
    37: { operation: "subtract", size: 1 },
    38: { operation: "subtract", size: 2 },
    39: { operation: "subtract", size: 4 },
    40: { operation: "subtract", size: 8 },
    52: { operation: "subtract", size: "six bits" },
    53: { operation: "set", size: "six bits" },
    54: byte,
    55: half,
    56: word,
    60: { operation: "set", size: "leb128" },
    61: { operation: "subtract", size: "leb128" },
  },
};
