/**
 * x86-64 instructions as far as their memory operands go. Sources: Intel SDM 2 (2.1 to 2.7, appendix A: opcode maps),
 * AMD64 APM 3; compared with objdump over whole libraries (test/unit/memory/instruction.test.ts).
 */
import type { Address } from "./address.ts";
import type { Instruction, MemoryOperand, Registers } from "./instruction.ts";
import { alignmentOf, countsInVectors, hasModRm, type Opcode, type Use, usesOf } from "./x86Opcodes.ts";

/** `null` where the instruction is not known, or is cut off. */
export function decodeX86(bytes: Uint8Array, pc: Address, registers: Registers): Instruction | null {
  try {
    return new Decoder(bytes, pc, registers).decode();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** What a ModRM byte says, with what follows it. */
interface ModRm {
  readonly reg: number;
  /** Of a register operand its number, `null` of memory. */
  readonly register: number | null;
  /** Of a memory operand. */
  readonly base: string | null;
  readonly index: string | null;
  readonly scale: bigint;
  /** `null` where it counts in elements of a size that is not known. */
  readonly displacement: bigint | null;
  readonly isRipRelative: boolean;
}

class Decoder {
  readonly #view: DataView;
  readonly #pc: Address;
  readonly #registers: Registers;
  #at = 0;
  #segment: "fs_base" | "gs_base" | null = null;
  #has32BitAddresses = false;

  constructor(bytes: Uint8Array, pc: Address, registers: Registers) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#pc = pc;
    this.#registers = registers;
  }

  decode(): Instruction | null {
    const opcode = this.#readOpcode();
    if (!opcode) return null;
    const modRm = hasModRm(opcode) ? this.#readModRm(opcode) : null;
    const uses = usesOf(opcode, modRm?.reg ?? 0, modRm?.register === null);
    if (!uses) return null;
    this.#at += uses.immediate;
    if (this.#at > this.#view.byteLength || this.#at > LONGEST) return null;
    const operands = uses.memory.map((use) => this.#operand(use, modRm));
    return {
      length: this.#at,
      operands,
      alignment: operands.length > 0 ? alignmentOf(opcode, modRm?.reg ?? 0) : 1,
      target: uses.isJump ? this.#target(modRm) : null,
      isTrap: uses.isTrap,
      division: uses.division && {
        divisor: this.#divisor(opcode, modRm, uses.division),
        isSigned: uses.division === "signed",
      },
    };
  }

  /** Prefixes, the map and the opcode itself. */
  #readOpcode(): Opcode | null {
    let prefix: Opcode["prefix"] = 0;
    let hasOperandSize = false;
    let byte = this.#byte();
    for (; ; byte = this.#byte()) {
      if (byte === 0x66) hasOperandSize = true;
      else if (byte === 0xf2 || byte === 0xf3) prefix = byte;
      else if (byte === 0x67) this.#has32BitAddresses = true;
      else if (byte === 0x64) this.#segment = "fs_base";
      else if (byte === 0x65) this.#segment = "gs_base";
      else if (![0xf0, 0x2e, 0x36, 0x3e, 0x26].includes(byte)) break;
    }
    prefix ||= hasOperandSize ? 0x66 : 0;
    if (byte === 0xc4 || byte === 0xc5) return this.#readVex(byte);
    if (byte === 0x62) return this.#readEvex();
    let rex = 0;
    if ((byte & 0xf0) === 0x40) {
      rex = byte;
      byte = this.#byte();
    }
    const size = rex & 8 ? 8 : hasOperandSize ? 2 : 4;
    const common = { prefix, rex, size, encoding: "legacy", vector: 16, isBroadcast: false } as const;
    if (byte !== 0x0f) return { ...common, map: 0, code: byte };
    const second = this.#byte();
    if (second === 0x38) return { ...common, map: 2, code: this.#byte() };
    if (second === 0x3a) return { ...common, map: 3, code: this.#byte() };
    return { ...common, map: 1, code: second };
  }

  /** @see Intel SDM 2, 2.3.5 */
  #readVex(byte: number): Opcode | null {
    const first = this.#byte();
    const second = byte === 0xc4 ? this.#byte() : first & 0x7f;
    const map = byte === 0xc4 ? first & 31 : 1;
    if (map !== 1 && map !== 2 && map !== 3) return null;
    const rex = (byte === 0xc4 ? (~first >> 5) & 7 : ((~first >> 7) & 1) << 2) | ((second >> 7) << 3);
    return {
      ...{ encoding: "vex", map, code: this.#byte(), rex, size: second & 0x80 ? 8 : 4 },
      ...{ prefix: PREFIXES[second & 3] ?? 0, vector: second & 4 ? 32 : 16, isBroadcast: false },
    };
  }

  /** @see Intel SDM 2, 2.7.1 */
  #readEvex(): Opcode | null {
    const [first, second, third] = [this.#byte(), this.#byte(), this.#byte()];
    const map = first & 7;
    if ((map !== 1 && map !== 2 && map !== 3) || first & 8 || !(second & 4)) return null;
    return {
      ...{ encoding: "evex", map, code: this.#byte(), rex: ((~first >> 5) & 7) | ((second >> 7) << 3) },
      ...{
        prefix: PREFIXES[second & 3] ?? 0,
        vector: 16 << Math.min(2, (third >> 5) & 3),
        size: second & 0x80 ? 8 : 4,
      },
      isBroadcast: (third & 0x10) !== 0,
    };
  }

  #readModRm(opcode: Opcode): ModRm {
    const byte = this.#byte();
    const { rex } = opcode;
    const [mod, rm] = [byte >> 6, byte & 7];
    const reg = (byte >> 3) & 7;
    const memory = { reg, register: null, index: null, scale: 1n, isRipRelative: false };
    if (mod === 3) return { ...memory, register: rm | ((rex & 1) << 3), base: null, displacement: 0n };
    if (mod === 0 && rm === 5) return { ...memory, base: null, displacement: this.#signed(4), isRipRelative: true };
    if (rm !== 4) {
      return { ...memory, base: nameOf(rm | ((rex & 1) << 3)), displacement: this.#displacement(mod, opcode) };
    }
    const sib = this.#byte();
    const index = ((sib >> 3) & 7) | ((rex & 2) << 2);
    const isBaseless = mod === 0 && (sib & 7) === 5;
    return {
      ...memory,
      base: isBaseless ? null : nameOf((sib & 7) | ((rex & 1) << 3)),
      index: index === 4 ? null : nameOf(index),
      scale: 1n << BigInt(sib >> 6),
      displacement: isBaseless ? this.#signed(4) : this.#displacement(mod, opcode),
    };
  }

  /** Where the encoding is EVEX, one byte counts in elements. @see Intel SDM 2, 2.7.5 */
  #displacement(mod: number, opcode: Opcode): bigint | null {
    if (mod === 0) return 0n;
    if (mod === 2) return this.#signed(4);
    const byte = this.#signed(1);
    if (opcode.encoding !== "evex") return byte;
    if (opcode.isBroadcast) return byte * BigInt(opcode.size);
    return countsInVectors(opcode) ? byte * BigInt(opcode.vector) : null;
  }

  #operand(use: Use, modRm: ModRm | null): MemoryOperand {
    const { access, size } = use;
    if (use.at !== "modRm") return { address: this.#implicit(use), access, size, registers: [use.at] };
    const registers = [modRm?.base, modRm?.index, this.#segment].filter((name) => typeof name === "string");
    return { address: modRm && !use.isScattered ? this.#address(modRm) : null, access, size, registers };
  }

  #address({ base, index, scale, displacement, isRipRelative }: ModRm): Address | null {
    const from = isRipRelative ? this.#pc + BigInt(this.#at) : base === null ? 0n : this.#registers.get(base);
    const by = index === null ? 0n : this.#registers.get(index);
    const segment = this.#segment === null ? 0n : this.#registers.get(this.#segment);
    if (from === undefined || by === undefined || segment === undefined || displacement === null) return null;
    return BigInt.asUintN(
      64,
      segment + BigInt.asUintN(this.#has32BitAddresses ? 32 : 64, from + by * scale + displacement),
    );
  }

  /** Of the stack, or of a string instruction. */
  #implicit({ at, by }: Use): Address | null {
    const register = this.#registers.get(at);
    return register === undefined ? null : BigInt.asUintN(64, register + BigInt(by));
  }

  #target(modRm: ModRm | null): Instruction["target"] {
    if (!modRm || modRm.register === null) return "operand";
    return this.#registers.get(nameOf(modRm.register)) ?? null;
  }

  #divisor({ code, size, rex }: Opcode, modRm: ModRm | null, division: "signed" | "unsigned"): Address | null {
    if (!modRm || modRm.register === null) return null;
    const isByte = code === 0xf6;
    // Without a REX prefix the numbers 4 to 7 are ah to bh.
    const isHigh = isByte && rex === 0 && modRm.register >= 4;
    const value = this.#registers.get(nameOf(isHigh ? modRm.register - 4 : modRm.register));
    if (value === undefined) return null;
    const shifted = isHigh ? value >> 8n : value;
    const bits = isByte ? 8 : size * 8;
    return division === "signed" ? BigInt.asIntN(bits, shifted) : BigInt.asUintN(bits, shifted);
  }

  #byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  #signed(size: 1 | 4): bigint {
    const value = size === 1 ? this.#view.getInt8(this.#at) : this.#view.getInt32(this.#at, true);
    this.#at += size;
    return BigInt(value);
  }
}

function nameOf(register: number): string {
  return NAMES[register] as string;
}

const NAMES = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split(" ");
/** As VEX and EVEX number them. */
const PREFIXES = [0, 0x66, 0xf3, 0xf2] as const;
/** No instruction is longer. */
const LONGEST = 15;
