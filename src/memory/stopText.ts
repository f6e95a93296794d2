/** What debuggers write of a signal, where they do not tell siginfo itself. */
import { type Address, parseAddress } from "./address.ts";

/**
 * `si_code` and `si_addr` in lldb's words: `signal SIGSEGV: address not mapped to object (fault address: 0x10)`. What the
 * words do not say is `null`. @see lldb source/Plugins/Process/Utility/LinuxSignals.cpp
 */
export function signalInText(text: string): { code: number | null; address: Address | null } {
  const [, told] = /\(?fault address[:=]? ?(0x[0-9a-fA-F]+)/.exec(text) ?? [];
  const found = MEANINGS.find(([words]) => text.includes(words));
  return { code: found?.[1] ?? null, address: (told && parseAddress(told)) || (told ? 0n : null) };
}

/** The numbers are of one signal each; no words are of two with different ones. @see sigaction(2) */
const MEANINGS: readonly (readonly [words: string, code: number])[] = [
  ["address not mapped to object", 1],
  ["invalid permissions for mapped object", 2],
  ["address access protected", 2],
  ["failed address bounds checks", 3],
  ["failed protection key checks", 4],
  ["invalid address alignment", 1],
  // The processor told no address: that of the words is 0.
  ["invalid address", 0x80],
  ["illegal alignment", 1],
  ["nonexistent physical address", 2],
  ["illegal address", 2],
  ["object-specific hardware error", 3],
  ["hardware error", 3],
  ["integer divide by zero", 1],
  ["integer overflow", 2],
  ["floating point divide by zero", 3],
  ["floating point overflow", 4],
  ["floating point underflow", 5],
  ["inexact floating point result", 6],
  ["invalid floating point operation", 7],
  ["subscript out of range", 8],
  ["illegal opcode", 1],
  ["illegal operand", 2],
  ["illegal addressing mode", 3],
  ["illegal trap", 4],
  ["privileged opcode", 5],
  ["privileged register", 6],
  ["sent by kill system call", 0],
  ["sent by tkill system call", -6],
  ["sent by sigqueue", -1],
];
