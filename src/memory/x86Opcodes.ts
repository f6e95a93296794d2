/** What x86-64's opcodes do with memory. Source: Intel SDM 2, appendix A (opcode maps). */

export interface Opcode {
  readonly encoding: "legacy" | "vex" | "evex";
  /** 0: one byte; 1: 0F; 2: 0F 38; 3: 0F 3A. */
  readonly map: 0 | 1 | 2 | 3;
  readonly code: number;
  /** The one that belongs to the opcode; 0 for none. */
  readonly prefix: 0 | 0x66 | 0xf2 | 0xf3;
  /** Its bits W, R, X and B, of whatever encoding; 0 where there is none. */
  readonly rex: number;
  /** Of an operand in general registers, in bytes. */
  readonly size: 2 | 4 | 8;
  /** Of a vector, in bytes. */
  readonly vector: number;
  /** EVEX: one element is read for all. */
  readonly isBroadcast: boolean;
}

/** Memory that an instruction uses. What it reads and writes again it writes: the kernel is told so, too. */
export interface Use {
  /** Where ModRM says, or where a register points. */
  readonly at: "modRm" | "rsp" | "rbp" | "rsi" | "rdi";
  /** Bytes to add to the register. */
  readonly by: number;
  readonly access: "read" | "write";
  readonly size: number;
  /** Not at one address that ModRM tells: gathered, scattered, or further on by a bit's number. */
  readonly isScattered: boolean;
}

export interface Uses {
  readonly memory: readonly Use[];
  /** Bytes of the immediate. */
  readonly immediate: number;
  readonly isTrap: boolean;
  /** Goes where its operand says. */
  readonly isJump: boolean;
  readonly division: "signed" | "unsigned" | null;
}

/** Whether a ModRM byte follows. */
export function hasModRm({ encoding, map, code }: Opcode): boolean {
  if (map > 1) return true;
  if (map === 0) return (code < 0x40 && (code & 7) < 4) || MODRM.has(code);
  if (encoding !== "legacy") return code !== 0x77;
  return !NO_MODRM.has(code) && (code & 0xf0) !== 0x80 && (code & 0xf8) !== 0xc8;
}

/** `reg` of ModRM; `isMemory`: whether its operand is in memory. `null` of opcodes that are not known. */
export function usesOf(opcode: Opcode, reg: number, isMemory: boolean): Uses | null {
  const kind = opcode.map === 0 ? oneByte(opcode, reg) : opcode.map === 1 ? twoBytes(opcode, reg) : threeBytes(opcode);
  if (kind === null) return null;
  const { immediate = 0, isTrap = false, isJump = false, division = null, stack = [], isScattered = false } = kind;
  const operand: Use[] = [];
  if (kind.access && isMemory && hasModRm(opcode)) {
    operand.push({ at: "modRm", by: 0, access: kind.access, size: kind.size ?? opcode.size, isScattered });
  }
  return { memory: [...operand, ...stack], immediate, isTrap, isJump, division };
}

/** Bytes to which the operand in memory has to be aligned: that of most SSE instructions, and of the aligned moves of AVX. */
export function alignmentOf({ encoding, map, code, prefix, vector, rex }: Opcode, reg: number): number {
  if (map === 1 && code === 0xc7 && reg === 1 && rex & 8) return 16;
  if (map === 1 && code === 0xae && reg < 2 && encoding === "legacy") return 16;
  const isPlain = prefix === 0 || prefix === 0x66;
  const isInteger = prefix === 0x66;
  if (map === 1) {
    if ([0x28, 0x29, 0x2b].includes(code) && isPlain) return vector;
    if ([0x6f, 0x7f, 0xe7].includes(code) && isInteger) return vector;
    if (encoding !== "legacy") return 1;
    if ([0x14, 0x15, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5c, 0x5d, 0x5e, 0x5f, 0xc2, 0xc6].includes(code)) {
      return isPlain ? 16 : 1;
    }
    if (((code >= 0x60 && code <= 0x6d) || (code >= 0x74 && code <= 0x76)) && isInteger) return 16;
    return code >= 0xd1 && code <= 0xfe && code !== 0xd6 && isInteger ? 16 : 1;
  }
  if (map === 2 && code === 0x2a && isInteger) return vector;
  if (encoding !== "legacy" || !isInteger) return 1;
  return map === 2 && (code <= 0x0b || (code >= 0x1c && code <= 0x1e) || (code >= 0x38 && code <= 0x40)) ? 16 : 1;
}

/** Of EVEX: whether a displacement of one byte counts in whole vectors, as it does where all of one is read or written. */
export function countsInVectors({ map, code, prefix }: Opcode): boolean {
  if (map === 1) {
    const isPlain = prefix === 0 || prefix === 0x66;
    return ([0x10, 0x11].includes(code) && isPlain) || WHOLE_VECTORS.has(code);
  }
  return map === 2 ? [0x26, 0x27].includes(code) : [0x1e, 0x1f, 0x25, 0x3e, 0x3f].includes(code);
}

interface Known {
  /** Of the operand of ModRM; not given where there is none, or only its address is taken. */
  readonly access?: Use["access"];
  readonly size?: number;
  readonly immediate?: number;
  readonly isTrap?: boolean;
  readonly isJump?: boolean;
  readonly division?: Uses["division"];
  readonly stack?: readonly Use[];
  readonly isScattered?: boolean;
}

const NOTHING: Known = {};

function oneByte({ code, size, rex }: Opcode, reg: number): Known | null {
  const word = size === 2 ? 2 : 4;
  const bytes = code & 1 ? size : 1;
  if (INVALID.has(code)) return null;
  if (code < 0x40) return arithmetic(code, bytes, word);
  if (code >= 0x50 && code <= 0x57) return { stack: [push(size)] };
  if (code >= 0x58 && code <= 0x5f) return { stack: [POP] };
  if (code >= 0x70 && code <= 0x7f) return { immediate: 1 };
  if (code >= 0x91 && code <= 0x99) return NOTHING;
  if (code >= 0xb0 && code <= 0xb7) return { immediate: 1 };
  if (code >= 0xb8 && code <= 0xbf) return { immediate: rex & 8 ? 8 : word };
  if (code >= 0xd8 && code <= 0xdf) return { access: STORES[code - 0xd8]?.includes(reg) ? "write" : "read", size: 108 };
  if (code >= 0xe0 && code <= 0xe7) return { immediate: 1 };
  switch (code) {
    case 0x63:
      return { access: "read", size: 4 };
    case 0x68:
      return { immediate: word, stack: [push(size)] };
    case 0x69:
      return { access: "read", immediate: word };
    case 0x6a:
      return { immediate: 1, stack: [push(size)] };
    case 0x6b:
      return { access: "read", immediate: 1 };
    case 0x80:
    case 0x81:
    case 0x83:
      return { access: reg === 7 ? "read" : "write", size: bytes, immediate: code === 0x81 ? word : 1 };
    case 0x84:
    case 0x85:
      return { access: "read", size: bytes };
    case 0x86:
    case 0x87:
    case 0x88:
    case 0x89:
      return { access: "write", size: bytes };
    case 0x8a:
    case 0x8b:
      return { access: "read", size: bytes };
    case 0x8c:
      return { access: "write", size: 2 };
    case 0x8e:
      return { access: "read", size: 2 };
    case 0x8f:
      return reg === 0 ? { access: "write", size: 8, stack: [POP] } : null;
    case 0x9c:
      return { stack: [push(size)] };
    case 0x9d:
      return { stack: [POP] };
    case 0xa4:
    case 0xa5:
      return { stack: [string("rsi", "read", bytes), string("rdi", "write", bytes)] };
    case 0xa6:
    case 0xa7:
      return { stack: [string("rsi", "read", bytes), string("rdi", "read", bytes)] };
    case 0xa8:
      return { immediate: 1 };
    case 0xa9:
      return { immediate: word };
    case 0xaa:
    case 0xab:
      return { stack: [string("rdi", "write", bytes)] };
    case 0xac:
    case 0xad:
      return { stack: [string("rsi", "read", bytes)] };
    case 0xae:
    case 0xaf:
      return { stack: [string("rdi", "read", bytes)] };
    case 0xc0:
    case 0xc1:
      return { access: "write", size: bytes, immediate: 1 };
    case 0xc2:
      return { immediate: 2, stack: [POP], isJump: true };
    case 0xc3:
      return { stack: [POP], isJump: true };
    case 0xc6:
    case 0xc7:
      return reg === 0 ? { access: "write", size: bytes, immediate: code === 0xc6 ? 1 : word } : null;
    case 0xc9:
      return { stack: [{ ...POP, at: "rbp" }] };
    case 0xcd:
      return { immediate: 1 };
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
      return { access: "write", size: bytes };
    case 0xe8:
      return { immediate: 4, stack: [push(8)] };
    case 0xe9:
      return { immediate: 4 };
    case 0xeb:
      return { immediate: 1 };
    case 0xf6:
    case 0xf7:
      return unary(reg, bytes, code === 0xf6 ? 1 : word);
    case 0xfe:
      return reg < 2 ? { access: "write", size: 1 } : null;
    case 0xff:
      return group5(reg, size);
    default:
      // What is left takes no operand in memory: lea, nop, xchg, hlt, in, out, the flags. moffs is nobody's any more.
      return code >= 0xa0 && code <= 0xa3 ? null : NOTHING;
  }
}

function arithmetic(code: number, size: number, word: number): Known {
  if ((code & 7) === 4) return { immediate: 1 };
  if ((code & 7) === 5) return { immediate: word };
  const isCompare = code >= 0x38;
  return { access: (code & 2) === 0 && !isCompare ? "write" : "read", size };
}

function unary(reg: number, size: number, word: number): Known {
  if (reg < 2) return { access: "read", size, immediate: word };
  if (reg < 4) return { access: "write", size };
  return { access: "read", size, division: reg === 6 ? "unsigned" : reg === 7 ? "signed" : null };
}

function group5(reg: number, size: number): Known | null {
  switch (reg) {
    case 0:
    case 1:
      return { access: "write", size };
    case 2:
      return { access: "read", size: 8, stack: [push(8)], isJump: true };
    case 4:
      return { access: "read", size: 8, isJump: true };
    case 6:
      return { access: "read", size: 8, stack: [push(size)] };
    default:
      return null;
  }
}

function twoBytes({ code, prefix, size, vector, encoding }: Opcode, reg: number): Known | null {
  const immediate = [0x70, 0x71, 0x72, 0x73, 0xa4, 0xac, 0xba, 0xc2, 0xc4, 0xc5, 0xc6].includes(code) ? 1 : 0;
  if (encoding !== "legacy") {
    if (code === 0x77) return NOTHING;
    if (code === 0xae) return { access: reg === 3 ? "write" : "read", size: 4 };
    return { access: isVectorStore(code, prefix) || code === 0x91 ? "write" : "read", size: vector, immediate };
  }
  // Vectors: 10 to 17, 28 to 2f, 50 to 7f, c2 to c6, d0 to fe.
  if (code === 0x0b || code === 0xb9 || code === 0xff) return { isTrap: true };
  if ((code >= 0x80 && code <= 0x8f) || (code >= 0xc8 && code <= 0xcf)) return { immediate: code < 0x90 ? 4 : 0 };
  // Hints, and moves from and to control registers.
  if (code === 0x0d || (code >= 0x18 && code <= 0x23)) return NOTHING;
  if (code >= 0x40 && code <= 0x4f) return { access: "read", size };
  if (code >= 0x90 && code <= 0x9f) return { access: "write", size: 1 };
  if (
    code >= 0xd0 ||
    (code >= 0x50 && code <= 0x7f) ||
    (code >= 0x10 && code <= 0x17) ||
    (code >= 0x28 && code <= 0x2f)
  ) {
    const isMasked = code === 0xf7;
    if (isMasked) return { stack: [string("rdi", "write", 16)] };
    return { access: isVectorStore(code, prefix) ? "write" : "read", size: 16, immediate };
  }
  switch (code) {
    case 0xa0:
    case 0xa8:
      return { stack: [push(8)] };
    case 0xa1:
    case 0xa9:
      return { stack: [POP] };
    case 0xa3:
      return { access: "read", isScattered: true };
    case 0xab:
    case 0xb3:
    case 0xbb:
      return { access: "write", isScattered: true };
    case 0xa4:
    case 0xa5:
    case 0xac:
    case 0xad:
    case 0xb1:
    case 0xc1:
      return { access: "write", size, immediate };
    case 0xb0:
    case 0xc0:
      return { access: "write", size: 1 };
    case 0xae:
      return { access: [0, 3, 4, 6].includes(reg) ? "write" : "read", size: 4096 };
    case 0xaf:
    case 0xb8:
    case 0xbc:
    case 0xbd:
      return { access: "read", size };
    case 0xb6:
    case 0xbe:
      return { access: "read", size: 1 };
    case 0xb7:
    case 0xbf:
      return { access: "read", size: 2 };
    case 0xba:
      return { access: reg === 4 ? "read" : "write", size, immediate };
    case 0xc2:
    case 0xc4:
    case 0xc6:
      return { access: "read", size: 16, immediate };
    case 0xc3:
      return { access: "write", size };
    case 0xc5:
      return { immediate };
    case 0xc7:
      return { access: reg === 3 ? "read" : "write", size: reg === 1 ? 16 : 4096 };
    default:
      return NO_MODRM.has(code) ? NOTHING : null;
  }
}

/** Of 0F 38 and 0F 3A. */
function threeBytes({ map, code, prefix, size, vector, encoding }: Opcode): Known {
  const immediate = map === 3 ? 1 : 0;
  const isStore = map === 3 ? VECTOR_PARTS.has(code) : isStoreOf38(code, prefix, encoding);
  const isScattered =
    map === 2 && encoding !== "legacy" && ((code >= 0x90 && code <= 0x93) || (code >= 0xa0 && code <= 0xa3));
  const isGeneral = map === 2 && code >= 0xf0;
  return { access: isStore ? "write" : "read", size: isGeneral ? size : vector, immediate, isScattered };
}

function isStoreOf38(code: number, prefix: number, encoding: Opcode["encoding"]): boolean {
  if (encoding === "legacy") {
    return prefix === 0 ? [0xf1, 0xf6, 0xf9].includes(code) : prefix === 0x66 && (code === 0xf1 || code === 0xf5);
  }
  if (encoding === "vex") return [0x2e, 0x2f, 0x8e].includes(code);
  const isNarrowed = prefix === 0xf3 && ((code >= 0x10 && code <= 0x15) || (code >= 0x20 && code <= 0x25));
  return (
    isNarrowed ||
    (prefix === 0xf3 && code >= 0x30 && code <= 0x35) ||
    [0x63, 0x8a, 0x8b].includes(code) ||
    (code >= 0xa0 && code <= 0xa3)
  );
}

/** Of 0F with vectors. */
function isVectorStore(code: number, prefix: number): boolean {
  if (code === 0x7e) return prefix !== 0xf3;
  return [0x11, 0x13, 0x17, 0x29, 0x2b, 0x7f, 0xd6, 0xe7].includes(code);
}

function push(size: number): Use {
  const bytes = size === 2 ? 2 : 8;
  return { at: "rsp", by: -bytes, access: "write", size: bytes, isScattered: false };
}

const POP: Use = { at: "rsp", by: 0, access: "read", size: 8, isScattered: false };

function string(at: "rsi" | "rdi", access: Use["access"], size: number): Use {
  return { at, by: 0, access, size, isScattered: false };
}

/** Of one byte, beside arithmetic. */
const MODRM = new Set([
  ...[0x63, 0x69, 0x6b, 0x80, 0x81, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f],
  ...[0xc0, 0xc1, 0xc6, 0xc7, 0xd0, 0xd1, 0xd2, 0xd3, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf],
  ...[0xf6, 0xf7, 0xfe, 0xff],
]);

/** Of 0F. */
const NO_MODRM = new Set([
  ...[0x05, 0x06, 0x07, 0x08, 0x09, 0x0b, 0x0e, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x37, 0x77],
  ...[0xa0, 0xa1, 0xa2, 0xa8, 0xa9, 0xaa],
]);

/** Those that 64 bits have no meaning for; enter, xlat and far returns, which nobody writes any more. */
const INVALID = new Set([
  ...[0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f, 0x37, 0x3f, 0x60, 0x61, 0x62, 0x82, 0x9a],
  ...[0xc4, 0xc5, 0xc8, 0xca, 0xcb, 0xce, 0xcf, 0xd4, 0xd5, 0xd6, 0xd7, 0xea],
]);

/** x87: the numbers of ModRM that store, from D8 on. */
const STORES = [[], [2, 3, 6, 7], [], [1, 2, 3, 7], [], [1, 2, 3, 6, 7], [], [1, 2, 3, 6, 7]];

/** Of 0F 3A: those that store a part of a vector. */
const VECTOR_PARTS = new Set([0x14, 0x15, 0x16, 0x17, 0x19, 0x1b, 0x1d, 0x39, 0x3b]);

/** Of 0F: moves, comparisons and logic of whole vectors. */
const WHOLE_VECTORS = new Set([0x28, 0x29, 0x6f, 0x7f, 0xe7, 0xda, 0xdb, 0xdf, 0xeb, 0xef, 0x74, 0x75, 0x76]);
