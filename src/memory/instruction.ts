import type { Address, HexAddress } from "./address.ts";
import { parseAddress } from "./address.ts";
import { decodeArm64 } from "./arm64Instruction.ts";
import { decodeX86 } from "./x86Instruction.ts";

/** What an instruction does with memory: enough to tell why it was stopped at, not to print it. */
export interface Instruction {
  /** Bytes of the instruction itself. */
  readonly length: number;
  /** The memory that it uses; hints, which no fault stops, are none. */
  readonly operands: readonly MemoryOperand[];
  /** Bytes to which its operands have to be aligned; 1 where they need not. */
  readonly alignment: number;
  /** Of an indirect jump, call or return: where it goes, or that its first operand holds it; `null` of all others. */
  readonly target: Address | "operand" | null;
  /** Ends the program on purpose: `ud2`, `udf`. */
  readonly isTrap: boolean;
  /** Of an integer division: what is divided by, signed where the division is; `null` where it is in memory. */
  readonly division: { readonly divisor: bigint | null; readonly isSigned: boolean } | null;
}

export interface MemoryOperand {
  /** `null` where it cannot be computed: a register is not known, or there are as many addresses as elements. */
  readonly address: Address | null;
  readonly access: "read" | "write";
  /** Bytes; the most where it depends. */
  readonly size: number;
  /** The registers that make the address, with a segment's base (`fs_base`). */
  readonly registers: readonly string[];
}

/** By their names in lower case. */
export type Registers = ReadonlyMap<string, Address>;

/** Whose instructions. */
export type Processor = "x86-64" | "aarch64";

/**
 * The instruction that stands at `pc`, of which at least the first bytes are given (15 hold any). `null` where it is not
 * known, or cut off.
 */
export function decodeInstruction(
  processor: Processor,
  bytes: Uint8Array,
  pc: Address,
  registers: Registers,
): Instruction | null {
  return processor === "x86-64" ? decodeX86(bytes, pc, registers) : decodeArm64(bytes, pc, registers);
}

/** The registers as an adapter tells them, under the names that the decoder uses; what is no number is left out. */
export function registersOf(told: Readonly<Record<string, HexAddress>> | null): Registers {
  const registers = new Map<string, Address>();
  for (const [name, text] of Object.entries(told ?? {})) {
    const value = parseAddress(text);
    const plain = name.toLowerCase().replace(/^\$/, "");
    if (value !== undefined) registers.set(ALIASES.get(plain) ?? plain, value);
  }
  return registers;
}

/** Which processor has such registers; `null` of others, and of programs of 32 bits. */
export function processorOf(registers: Registers): Processor | null {
  if (registers.has("rip")) return "x86-64";
  return registers.has("x0") && registers.has("pc") ? "aarch64" : null;
}

/** lldb's names of AArch64's frame pointer and link register. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["fp", "x29"],
  ["lr", "x30"],
]);
