/** Why a program died: from what the adapter, the instruction, the map and the C library tell. What nobody tells stays unknown. */
import type { CrashAccess, CrashFrame, CrashSignal, CrashVerdict } from "../protocol/crash.ts";
import type { Address } from "./address.ts";
import { type AddressSpace, READ, WRITE } from "./addressSpace.ts";
import type { Explanation } from "./explanation.ts";
import type { Instruction, MemoryOperand, Registers } from "./instruction.ts";
import { type Look, lookInWords } from "./look.ts";
import { printable } from "./names.ts";
import { recursionIn } from "./recursion.ts";
import { NULL_REACH } from "./verdict.ts";

/** What is known of a thread at its crash; what is not is `null`. */
export interface CrashEvidence {
  readonly signal: CrashSignal;
  /** `si_code` */
  readonly code: number | null;
  /** `si_addr` */
  readonly told: Address | null;
  readonly pc: Address | null;
  /** Whether that is in executable memory. */
  readonly isAtCode: boolean;
  readonly stackPointer: Address | null;
  readonly registers: Registers;
  /** The one at `pc`. */
  readonly instruction: Instruction | null;
  /** Where it jumps to, if it does by a register or by memory. */
  readonly target: Address | null;
  readonly pid: number;
  readonly thread: number | null;
  readonly isMainThread: boolean;
  readonly frames: readonly CrashFrame[];
  readonly totalFrames: number | null;
  /** How many of them, from the innermost on, have the program counters of those that were told. */
  readonly countedFrames: number | null;
  /** What an integer division divides by. */
  readonly divisor: bigint | null;
  /** What the C library keeps of why it ended the program. */
  readonly abortMessage: string | null;
}

/** The faulting access. */
export interface Fault {
  readonly address: Address | null;
  readonly by: "signal" | "instruction" | null;
  readonly access: CrashAccess | null;
  /** The operand that made it. */
  readonly operand: MemoryOperand | null;
}

const NO_FAULT: Fault = { address: null, by: null, access: null, operand: null };

/** Which address was used, and how. @param isCanonical whether the processor accepts an address */
export function faultOf(evidence: CrashEvidence, isCanonical: (address: Address) => boolean): Fault {
  const { signal, code, told, pc, instruction } = evidence;
  if ((signal !== "SIGSEGV" && signal !== "SIGBUS") || isSent(evidence)) return NO_FAULT;
  const operands = instruction?.operands ?? [];
  if (told !== null && code !== SI_KERNEL) {
    const operand = operands.find(({ address, size }) => address !== null && isWithin(told, address, size));
    if (operand) return { address: told, by: "signal", access: operand.access, operand };
    const isFetched = told === pc || (!instruction && told % 4096n === 0n);
    if (pc !== null && isFetched && isWithin(told, pc, LONGEST_INSTRUCTION)) {
      return { address: told, by: "signal", access: "execute", operand: null };
    }
    const unknown = operands.filter(({ address }) => address === null);
    // Zero is also what stands there where the processor tells no address: then the instruction has another.
    if (told !== 0n || unknown.length > 0) {
      const [first] = unknown;
      const isOne = first !== undefined && unknown.every(({ access }) => access === first.access);
      return { address: told, by: "signal", access: isOne ? first.access : null, operand: isOne ? first : null };
    }
    if (!instruction) return { address: told, by: "signal", access: null, operand: null };
  }
  return faultByInstruction(evidence, isCanonical);
}

/**
 * Where the processor refuses an instruction as a whole it tells no address, and some adapters never tell it. @see Intel
 * SDM 3A, 6.15 (#GP, #SS)
 */
function faultByInstruction(
  { pc, isAtCode, code, told, instruction, target }: CrashEvidence,
  isCanonical: (address: Address) => boolean,
): Fault {
  if (pc !== null && !isCanonical(pc)) return { address: pc, by: "instruction", access: "execute", operand: null };
  const { operands = [], alignment = 1 } = instruction ?? {};
  const refused =
    operands.find(({ address }) => address !== null && !isCanonical(address)) ??
    operands.find(({ address }) => address !== null && address % BigInt(alignment) !== 0n);
  if (refused) return { address: refused.address, by: "instruction", access: refused.access, operand: refused };
  if (target !== null && !isCanonical(target)) {
    return { address: target, by: "instruction", access: "execute", operand: null };
  }
  if (told !== null || code === SI_KERNEL) return NO_FAULT;
  if (pc !== null && !isAtCode) return { address: pc, by: "instruction", access: "execute", operand: null };
  const [only, ...others] = operands;
  if (!only || only.address === null || others.length > 0) return NO_FAULT;
  return { address: only.address, by: "instruction", access: only.access, operand: only };
}

/** @param explanation of the fault's address; `space` is what it was made of */
export function verdictOfCrash(
  evidence: CrashEvidence,
  fault: Fault,
  explanation: Explanation | null,
  space: AddressSpace,
): CrashVerdict {
  if (evidence.signal === "SIGABRT") return verdictOfAbort(evidence);
  if (isSent(evidence)) return verdictOfSent(evidence);
  switch (evidence.signal) {
    case "SIGFPE":
      return verdictOfArithmetic(evidence);
    case "SIGILL":
      return verdictOfIllegal(evidence);
    default:
      return verdictOfAccess(evidence, fault, explanation, space);
  }
}

/** By a process, not by the processor. @see sigaction(2): si_code */
export function isSent({ code }: Pick<CrashEvidence, "code">): boolean {
  return code !== null && code <= 0;
}

function verdictOfAccess(
  evidence: CrashEvidence,
  fault: Fault,
  explanation: Explanation | null,
  space: AddressSpace,
): CrashVerdict {
  const { signal, code, instruction } = evidence;
  const { address, operand, by } = fault;
  const alignment = instruction && instruction.alignment > 1 ? instruction.alignment : null;
  if (signal === "SIGBUS" && code === BUS_ADRALN) return { what: "misaligned", alignment };
  if (address === null || !explanation) {
    return { what: "unknown", why: instruction?.operands.length === 0 ? WITHOUT_OPERAND : WITHOUT_ADDRESS };
  }
  const offset = nullOffset(address, operand, evidence.registers);
  if (offset !== null && !explanation.region) return { what: "null", offset };
  const isCanonical = explanation.verdict.what !== "nonCanonical";
  if (by === "instruction" && alignment !== null && address % BigInt(alignment) !== 0n && isCanonical) {
    return { what: "misaligned", alignment };
  }
  if (isOverflow(evidence, address, explanation, space)) {
    const { thread, isMainThread, frames, totalFrames, countedFrames } = evidence;
    const recursion = recursionIn(frames, { counted: countedFrames, total: totalFrames });
    return { what: "stackOverflow", thread, isMain: isMainThread, recursion };
  }
  return verdictOfPlace(evidence, fault, explanation);
}

function verdictOfPlace({ signal, code }: CrashEvidence, fault: Fault, explanation: Explanation): CrashVerdict {
  const { verdict } = explanation;
  switch (verdict.what) {
    case "guard":
      return { what: "guard" };
    case "pastFile":
      return { what: "pastFile", path: verdict.path, size: verdict.size };
    case "gone":
      return { what: "gone", was: verdict.was };
    case "pastRegion":
      return { what: "pastRegion", name: verdict.name };
    case "nonCanonical":
    case "kernel":
    case "unmapped":
      return { what: verdict.what, look: wordsOf(verdict.look) };
    case "null":
      return { what: "null", offset: verdict.offset };
    case "stackGrowth":
      return { what: "unknown", why: "The main stack may grow to here, but the kernel did not let it." };
    case "mapped":
      break;
  }
  if (signal === "SIGBUS") {
    return { what: "unknown", why: "The kernel could not get the page: its file or its device failed." };
  }
  if (code === SEGV_PKUERR) return { what: "unknown", why: "A protection key of the thread forbids it (see pkeys)." };
  const place = placeOf(explanation);
  const permissions = explanation.region?.permissions ?? "";
  const isForbidden = {
    read: !verdict.read,
    write: !verdict.write,
    execute: !verdict.execute,
  };
  if (fault.access !== null && isForbidden[fault.access]) return { what: "forbidden", place, permissions };
  if (fault.access === null && code === SEGV_ACCERR) return { what: "forbidden", place, permissions };
  return { what: "unknown", why: `What is at the address now (${place}, ${permissions}) allows it.` };
}

/** The access that is left where the instruction does not say: what may be read and was refused was written. */
export function accessOf(
  { code, pc }: CrashEvidence,
  fault: Fault,
  explanation: Explanation | null,
): CrashAccess | null {
  const verdict = explanation?.verdict;
  if (fault.access !== null || code !== SEGV_ACCERR || verdict?.what !== "mapped") return fault.access;
  const isElsewhere = pc !== null && fault.address !== null && !isWithin(fault.address, pc, LONGEST_INSTRUCTION);
  return isElsewhere && verdict.read && !verdict.write ? "write" : null;
}

/** A member at an offset: of the address itself, or of the register that is null. */
function nullOffset(address: Address, operand: MemoryOperand | null, registers: Registers): number | null {
  if (address < NULL_REACH) return Number(address);
  const [base, index] = operand?.registers ?? [];
  if (base === undefined || index !== undefined || registers.get(base) !== 0n) return null;
  return Number(BigInt.asIntN(64, address));
}

/**
 * Whether the thread has used its stack up: the address is near its stack pointer, nothing can be used there, and the next
 * memory above is a stack.
 */
function isOverflow(
  { stackPointer, isMainThread }: CrashEvidence,
  address: Address,
  { verdict }: Explanation,
  space: AddressSpace,
): boolean {
  if (stackPointer === null || !["guard", "unmapped", "pastRegion", "stackGrowth"].includes(verdict.what)) return false;
  const distance = stackPointer > address ? stackPointer - address : address - stackPointer;
  if (distance > NEAR_STACK_POINTER) return false;
  let above = space.indexAtOrBelow(address) + 1;
  // The guard may be in two parts.
  while (above < space.length && space.kind(above) === "guard") above++;
  if (above >= space.length || (space.columns.permissions[above] as number) !== (READ | WRITE)) return false;
  const start = BigInt(space.columns.start[above] as number);
  const isAtItsEnd = stackPointer < start + NEAR_STACK_POINTER;
  if (space.kind(above) === "stack") return isMainThread && isAtItsEnd;
  return verdict.what === "guard" && isAtItsEnd;
}

function verdictOfArithmetic({ code, instruction, divisor }: CrashEvidence): CrashVerdict {
  if (instruction?.division && (code === null || code === FPE_INTDIV)) {
    if (divisor === null) return { what: "unknown", why: "It divides by zero, or the quotient has no room." };
    return divisor === 0n ? { what: "divisionByZero" } : { what: "divisionOverflow" };
  }
  const problem = code === null ? undefined : FLOATING[code];
  if (problem !== undefined) return { what: "floatingPoint", problem };
  return { what: "unknown", why: "An arithmetic instruction was refused; its registers do not tell why." };
}

function verdictOfAbort(evidence: CrashEvidence): CrashVerdict {
  const { code, frames, abortMessage } = evidence;
  const message = abortMessage === null ? null : printable(abortMessage.trim());
  const calls = (pattern: RegExp) => frames.some(({ name }) => name !== null && pattern.test(name));
  const by = ABORTERS.find(({ functions, words }) => calls(functions) || (message !== null && words?.test(message)));
  if (by || message !== null || calls(ABORT)) return { what: "abort", by: by?.by ?? "abort", message };
  return code === null ? { what: "unknown", why: WITHOUT_CODE } : verdictOfSent(evidence);
}

/** siginfo_t has the pid of the sender where the address would be. @see Linux include/uapi/asm-generic/siginfo.h */
function verdictOfSent({ code, told, pid }: CrashEvidence): CrashVerdict {
  const sender = Number((told ?? 0n) & 0xffff_ffffn);
  const isTold = (code === SI_USER || code === SI_TKILL || code === SI_QUEUE) && sender > 0 && sender < MOST_PIDS;
  return { what: "sent", by: isTold ? sender : null, isSelf: isTold && sender === pid };
}

/** Where it is not told that the processor sent it, an instruction that is known may stand after a system call as well. */
function verdictOfIllegal({ code, instruction }: CrashEvidence): CrashVerdict {
  const isDeliberate = instruction?.isTrap ?? false;
  if (code === null && instruction && !isDeliberate) return { what: "unknown", why: WITHOUT_CODE };
  return { what: "illegalInstruction", isDeliberate };
}

function placeOf({ name, module, section, symbol }: Explanation): string {
  if (!module || !section) return name ?? "";
  return printable(`${section.name} of ${module.name}${symbol ? `, ${symbol.name}` : ""}`);
}

function wordsOf(look: Look | null): string | null {
  return look && lookInWords(look);
}

function isWithin(address: Address, start: Address, size: number): boolean {
  return address >= start && address - start < BigInt(size);
}

const WITHOUT_ADDRESS =
  "The processor tells no address for this fault, and the registers of the instruction do not tell it either.";

const WITHOUT_CODE = "The debugger does not tell who sent the signal, and no function on the stack does.";
const WITHOUT_OPERAND =
  "The processor refused the instruction at the program counter, which uses no memory: one for the kernel alone, say.";

/** As the C library, its debug information and Rust name it. */
const ABORT = /(?:^|::)(?:__GI_)?abort\b/;

/**
 * By whom abort was called: functions that are on the stack only then, or what the C library says. Sources: glibc
 * (malloc/malloc.c, malloc/arena.c: malloc_printerr; debug/stack_chk_fail.c, debug/fortify_fail.c, assert/assert.c),
 * libstdc++ (libsupc++/vterminate.cc, eh_terminate.cc), Rust (std/src/panicking.rs, core/src/panicking.rs).
 */
const ABORTERS: readonly {
  readonly by: Extract<CrashVerdict, { what: "abort" }>["by"];
  readonly functions: RegExp;
  readonly words?: RegExp;
}[] = [
  {
    by: "panic",
    functions: /^(?:\w+::)*(?:rust_panic|__rust_start_panic|rust_begin_unwind)\b|^core::panicking::(?:panic|assert)/,
  },
  { by: "assertion", functions: /^std::__glibcxx_assert_fail\b/ },
  {
    by: "terminate",
    functions:
      /^(?:std::(?:__)?terminate|__cxxabiv1::__terminate|__gnu_cxx::__verbose_terminate_handler|__cxa_(?:throw|rethrow|pure_virtual|call_terminate)|__gxx_personality_v0|__clang_call_terminate)\b/,
  },
  { by: "stackProtector", functions: /^__stack_chk_fail/, words: /stack smashing detected/ },
  { by: "fortify", functions: /^_*(?:fortify_fail|chk_fail)\b/, words: /buffer overflow detected/ },
  { by: "assertion", functions: /^__(?:GI___)?assert(?:_perror)?_fail/, words: /Assertion `.*' failed/s },
  {
    by: "malloc",
    functions: /^malloc_printerr\b/,
    words:
      /^(?:(?:free|malloc|realloc|calloc|munmap_chunk|mremap_chunk|malloc_consolidate|tcache_thread_shutdown|_?_?int_memalign|memalign)\(\)|double free or corruption|corrupted |invalid fastbin entry|break adjusted to free malloc space)/,
  },
];

/** Codes of SIGFPE. @see sigaction(2) */
const FPE_INTDIV = 1;
const FLOATING: Readonly<Record<number, string>> = {
  3: "a division by zero",
  4: "an overflow",
  5: "an underflow",
  6: "an inexact result",
  7: "an invalid operation",
};

const SI_KERNEL = 0x80;
const SI_USER = 0;
const SI_QUEUE = -1;
const SI_TKILL = -6;
const SEGV_ACCERR = 2;
const SEGV_PKUERR = 4;
const BUS_ADRALN = 1;

/** Bytes. */
const LONGEST_INSTRUCTION = 16;
/** Bytes: further from its stack pointer a function seldom is when it touches its frame for the first time. */
const NEAR_STACK_POINTER = 0x1_0000n;
/** Linux include/linux/threads.h: PID_MAX_LIMIT. */
const MOST_PIDS = 2 ** 22;
