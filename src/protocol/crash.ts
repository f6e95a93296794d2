/** A crash: what the debug adapter tells of it, and the server's report. Types and nothing else. */
import type { HexAddress } from "../memory/address.ts";
import type { SourceLocation } from "../memory/module.ts";
import type { WasMapped } from "../memory/verdict.ts";
import type { ExplanationMessage } from "./explanation.ts";

/** The signals whose stops are explained. */
export type CrashSignal = "SIGSEGV" | "SIGBUS" | "SIGILL" | "SIGFPE" | "SIGABRT";

/** What the adapter tells at the stop; what it does not tell is `null`, never guessed. */
export interface CrashFacts {
  signal: CrashSignal;
  /** `si_code` of siginfo_t, as a signed number. */
  code: number | null;
  /** `si_addr`: also where it is 0, which is as often "not told by the processor" as null. */
  faultAddress: HexAddress | null;
  /**
   * The words with which the adapter tells of the stop: lldb's `signal SIGSEGV: address not mapped to object (fault
   * address: 0x0)`. Code and address are read from it where they are not given.
   */
  text: string | null;
  /** The thread's id as the kernel counts. */
  thread: number | null;
  /** By their names in lower case (`rip`, `rax`, `x0`, `pc`): of the innermost frame. `null` where they are not told. */
  registers: Record<string, HexAddress> | null;
  /** Innermost first, as many as were told: some 20 are enough, 50 are better. */
  frames: CrashFrame[];
  /** How many frames there are in all, where the adapter counts them. */
  totalFrames: number | null;
}

export interface CrashFrame {
  /** As the adapter writes it, `f(int)`; `null` where it has none. */
  name: string | null;
  pc: HexAddress | null;
  source: SourceLocation | null;
}

export type CrashAccess = "read" | "write" | "execute";

/** Why it died. Strings and numbers alone; the report has it in words. */
export type CrashVerdict =
  /** A null pointer was used, or a member at an offset of one: `offset` is negative before it. */
  | { what: "null"; offset: number }
  /** A stack is used up. `recursion`: the functions that call each other over and over, `null` where none do. */
  | {
      what: "stackOverflow";
      thread: number | null;
      isMain: boolean;
      recursion: { functions: string[]; frames: number | null } | null;
    }
  /** In a guard, but not of the stack that the thread stands at the end of. */
  | { what: "guard" }
  /** Mapped, but not to be read, written or executed, whatever the access was. `place`: `.rodata demo: msg+0x0`. */
  | { what: "forbidden"; place: string; permissions: string }
  /** Behind the end of the file that is mapped there. */
  | { what: "pastFile"; path: string; size: number }
  /** Mapped earlier. */
  | { what: "gone"; was: WasMapped }
  /** The first bytes behind a region, whose name it has. */
  | { what: "pastRegion"; name: string }
  /** No address that the processor accepts. `look`: the end of "It looks like …". */
  | { what: "nonCanonical"; look: string | null }
  | { what: "kernel"; look: string | null }
  /** Nothing is mapped there, nor was as far as it is known. */
  | { what: "unmapped"; look: string | null }
  /** The instruction wants its operand aligned to so many bytes. */
  | { what: "misaligned"; alignment: number | null }
  /** What is there is no instruction, or one that ends the program on purpose (ud2: `isDeliberate`). */
  | { what: "illegalInstruction"; isDeliberate: boolean }
  | { what: "divisionByZero" }
  /** The quotient has no room in its type: the smallest number divided by -1. */
  | { what: "divisionOverflow" }
  | { what: "floatingPoint"; problem: string }
  /** The program ended itself. `message`: what the C library kept of it, `double free or corruption (top)`. */
  | {
      what: "abort";
      by: "malloc" | "assertion" | "fortify" | "stackProtector" | "terminate" | "panic" | "abort";
      message: string | null;
    }
  /** Sent by a process (kill, raise), not by the processor; `by` is its pid where it is told, `isSelf` whether its own. */
  | { what: "sent"; by: number | null; isSelf: boolean }
  /** It cannot be told. */
  | { what: "unknown"; why: string };

export interface CrashReport {
  signal: CrashSignal;
  /** At most some 80 characters: `Null dereference: writes 16 bytes past null`. */
  title: string;
  /** The verdict in one or two whole sentences. */
  sentence: string;
  verdict: CrashVerdict;
  /** The faulting address; `null` where there is none (an abort), or it cannot be known. */
  address: HexAddress | null;
  /** Who told the address: siginfo, or the instruction with its registers. */
  addressBy: "signal" | "instruction" | null;
  access: CrashAccess | null;
  /** What is at the address. */
  explanation: ExplanationMessage | null;
  /** Whose program counter is at the crash; with its bytes where they were read, `48 8b 40 10`. */
  instruction: { address: HexAddress; bytes: string | null } | null;
  thread: number | null;
  /**
   * Which of the facts' frames the report belongs to: the innermost with a source line, of the program's own code rather
   * than of a library of the system. `null` where none has a line.
   */
  frame: number | null;
  /** Addresses that matter, the faulting one first: `fault address`, `rax`, `stack pointer`; and what is there in a few words. */
  links: CrashLink[];
  /** What to look at next, the most telling first; each may lead to an address or to a line. */
  next: { text: string; address: HexAddress | null; source: SourceLocation | null }[];
}

export interface CrashLink {
  name: string;
  address: HexAddress;
  /** `[heap] rw-p`, `not mapped: 0x10 past null`. */
  place: string;
}
