/** AArch64's loads and stores. Source: Arm ARM (DDI 0487), C4.1.94 "Loads and Stores". */
import type { Address } from "./address.ts";
import type { Instruction, MemoryOperand, Registers } from "./instruction.ts";

/** `null` of instructions that are not known; those that use no memory have no operands. */
export function decodeArm64(bytes: Uint8Array, pc: Address, registers: Registers): Instruction | null {
  if (bytes.length < 4) return null;
  const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const none = { length: 4, operands: [], alignment: 1, target: null, isTrap: false, division: null };
  if ((word & BRANCH_MASK) >>> 0 === BRANCH) {
    return { ...none, target: registers.get(`x${(word >>> 5) & 31}`) ?? null };
  }
  if (word >>> 16 === 0) return { ...none, isTrap: true };
  if ((word & 0x0a00_0000) !== 0x0800_0000) return none;
  const operand = operandOf(word, pc, registers);
  return operand && { ...none, operands: [operand], alignment: isExclusive(word) ? operand.size : 1 };
}

type Bits = (low: number, count: number) => number;

function operandOf(word: number, pc: Address, registers: Registers): MemoryOperand | null {
  const bits: Bits = (low, count) => (word >>> low) & ((1 << count) - 1);
  const isVector = bits(26, 1) === 1;
  switch (bits(28, 2)) {
    case 0b00:
      return isVector ? structures(bits, registers) : exclusive(bits, registers);
    case 0b01:
      return literal(bits, isVector, pc);
    case 0b10:
      return pair(bits, isVector, registers);
    default:
      return single(bits, isVector, registers);
  }
}

/** ld1 to ld4 and st1 to st4: the address is the base, to which may be added afterwards. */
function structures(bits: Bits, registers: Registers): MemoryOperand | null {
  return bits(31, 1) === 0 ? { ...at(bits, 0n, registers), access: accessOf(bits(22, 1)), size: 64 } : null;
}

/** Exclusive and ordered loads and stores; compare and swap, which writes. */
function exclusive(bits: Bits, registers: Registers): MemoryOperand {
  const isSwap = bits(21, 1) === 1 && (bits(23, 1) === 1 || bits(31, 1) === 0);
  const isPair = bits(21, 1) === 1 && bits(23, 1) === 0;
  const size = isPair ? (bits(30, 1) ? 16 : 8) : 1 << bits(30, 2);
  return { ...at(bits, 0n, registers), access: isSwap ? "write" : accessOf(bits(22, 1)), size };
}

/** Relative to the program counter. */
function literal(bits: Bits, isVector: boolean, pc: Address): MemoryOperand | null {
  if (bits(24, 1) === 1 || bits(30, 2) === 3) return null;
  const offset = BigInt.asIntN(19, BigInt(bits(5, 19))) * 4n;
  const size = isVector ? 4 << bits(30, 2) : bits(30, 2) === 1 ? 8 : 4;
  return { address: BigInt.asUintN(64, pc + offset), access: "read", size, registers: [] };
}

function pair(bits: Bits, isVector: boolean, registers: Registers): MemoryOperand {
  const size = isVector ? 4 << bits(30, 2) : bits(31, 1) ? 8 : 4;
  const offset = BigInt.asIntN(7, BigInt(bits(15, 7))) * BigInt(size);
  const isPostIndexed = bits(23, 2) === 0b01;
  return { ...at(bits, isPostIndexed ? 0n : offset, registers), access: accessOf(bits(22, 1)), size: size * 2 };
}

/** One register; `null` of prefetches, which nothing stops, and of what is none of these. */
function single(bits: Bits, isVector: boolean, registers: Registers): MemoryOperand | null {
  const operation = bits(22, 2);
  const log = isVector && operation & 2 ? 4 : bits(30, 2);
  const common = { access: accessOf(isVector ? operation & 1 : operation), size: 1 << log };
  const isPrefetch = !isVector && log === 3 && operation === 2;
  if (bits(24, 1) === 1) {
    return isPrefetch ? null : { ...at(bits, BigInt(bits(10, 12)) << BigInt(log), registers), ...common };
  }
  const mode = bits(10, 2);
  if (bits(21, 1) === 0) {
    const isPostIndexed = mode === 0b01;
    const offset = isPostIndexed ? 0n : BigInt.asIntN(9, BigInt(bits(12, 9)));
    return isPrefetch ? null : { ...at(bits, offset, registers), ...common };
  }
  if (mode === 0b10) return isPrefetch ? null : { ...indexed(bits, log, registers), ...common };
  // Atomic operations write, but for an ordered load; what has other modes authenticates pointers.
  if (mode !== 0b00 || isVector) return null;
  const isLoad = bits(12, 4) === 0b1100 && bits(23, 1) === 1;
  return { ...at(bits, 0n, registers), access: isLoad ? "read" : "write", size: 1 << bits(30, 2) };
}

/** `[base, index, extend #shift]` */
function indexed(bits: Bits, log: number, registers: Registers): Pick<MemoryOperand, "address" | "registers"> {
  const index = bits(16, 5);
  const value = index === 31 ? 0n : registers.get(`x${index}`);
  const base = at(bits, 0n, registers);
  const names = index === 31 ? base.registers : [...base.registers, `x${index}`];
  if (value === undefined || base.address === null) return { address: null, registers: names };
  const extended = EXTENSIONS[bits(13, 3)]?.(value) ?? value;
  const shifted = extended << BigInt(bits(12, 1) ? log : 0);
  return { address: BigInt.asUintN(64, base.address + shifted), registers: names };
}

function at(bits: Bits, offset: bigint, registers: Registers): Pick<MemoryOperand, "address" | "registers"> {
  const number = bits(5, 5);
  const name = number === 31 ? "sp" : `x${number}`;
  const base = registers.get(name);
  return { address: base === undefined ? null : BigInt.asUintN(64, base + offset), registers: [name] };
}

function accessOf(bit: number): MemoryOperand["access"] {
  return bit ? "read" : "write";
}

function isExclusive(word: number): boolean {
  return (word & 0x3f00_0000) === 0x0800_0000;
}

/** br, blr and ret without authentication. */
const BRANCH = 0xd61f_0000;
const BRANCH_MASK = 0xff9f_fc1f;

/** By their number: uxtw, sxtw; the others take the register as it is. */
const EXTENSIONS: Readonly<Record<number, (value: bigint) => bigint>> = {
  2: (value) => BigInt.asUintN(32, value),
  6: (value) => BigInt.asIntN(32, value),
};
