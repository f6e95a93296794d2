/**
 * What debug adapters tell of a crash, read: the signal from the stop, siginfo, registers, frames. They differ: lldb's have
 * it in words, gdb's answer expressions. Pure.
 */
import { type HexAddress, parseAddress, toHex } from "../memory/address.ts";
import type { CrashFrame, CrashSignal } from "../protocol/crash.ts";
import { type Fields, fieldsOf, numberOf, textOf } from "./dap.ts";

/** A stop that is, or may be, a crash. */
export interface CrashStop {
  /** `null` where the adapter tells of a signal, but not which. */
  readonly signal: CrashSignal | null;
  /** The adapter named the signal itself; otherwise words have to be believed. */
  readonly isNamed: boolean;
  readonly text: string | null;
  readonly threadId: number;
}

/** What siginfo_t tells; `null` of each that was not told. */
export interface SignalInfo {
  readonly signal: number | null;
  readonly code: number | null;
  readonly address: HexAddress | null;
}

/** Of the body of a `stopped` event; `null` of a stop that is none at a signal. */
export function readStop(body: Fields): CrashStop | null {
  const threadId = numberOf(body.threadId);
  const reason = textOf(body.reason) ?? "";
  const words = [textOf(body.description), textOf(body.text)].filter((text) => text !== null);
  if (threadId === null || !(REASONS.has(reason) || SIGNAL.test(reason))) return null;
  const text = words.find((word) => SIGNAL.test(word) || meaning(word)) ?? words[0] ?? null;
  const named = SIGNAL.exec([reason, ...words].join(" "))?.[1];
  if (named) return isCrash(named) ? { signal: named, isNamed: true, text, threadId } : null;
  const meant = words.map(meaning).find((signal) => signal) ?? null;
  // An exception that is told in other words is one of the language.
  return meant || reason === "signal" ? { signal: meant, isNamed: false, text, threadId } : null;
}

/** The signal with this number on Linux; `null` of those that are no crash. */
export function crashSignal(number: number): CrashSignal | null {
  return NUMBERS[number] ?? null;
}

/** What lldb prints at `thread siginfo`, with the kernel's id of the thread. */
export function readSignalInfo(text: string): SignalInfo & { readonly thread: number | null } {
  const number = (pattern: RegExp) => {
    const digits = pattern.exec(text)?.[1];
    return digits === undefined ? null : Number(digits);
  };
  return {
    signal: number(/\bsi_signo = (\d+)/),
    code: number(/\bsi_code = (-?\d+)/),
    address: hexOf(/\b_sigfault = \{\s*si_addr = (0x[0-9a-f]+)/i.exec(text)?.[1]),
    thread: number(/^thread #\d+: tid = (\d+)/m),
  };
}

/** What lldb prints at `register read`. */
export function readRegisterText(text: string): Record<string, HexAddress> | null {
  const lines = text.matchAll(/^\s*(\w+) = (0x[0-9a-f]+)\b/gim);
  return registersOf(Array.from(lines, ([, name = "", value = ""]) => ({ name, value })));
}

/** The general registers among variables, by their names in lower case; `null` where there are none. */
export function registersOf(variables: readonly Fields[]): Record<string, HexAddress> | null {
  const found = variables.flatMap(({ name, value }) => {
    const register = (textOf(name) ?? "").replace(/^[$%]/, "").toLowerCase();
    const number = REGISTERS.test(register) ? numberIn(textOf(value) ?? "") : null;
    return number === null ? [] : [[register, number] as const];
  });
  return found.length > 0 ? Object.fromEntries(found) : null;
}

/** The number that a value begins with, in 64 bits: `0x4`, `-1`, `(void *) 0x4`, `0x401136 <main+4>`. */
export function numberIn(value: string): HexAddress | null {
  const [, sign, digits] = /^(?:\([^()]*\)\s*)?(-?)(0x[0-9a-f]+|\d+)\b/i.exec(value.trim()) ?? [];
  const number = parseAddress(digits ?? "");
  return number === undefined ? null : toHex(BigInt.asUintN(64, sign ? -number : number));
}

/** A frame of a `stackTrace` answer. */
export function frameOf(frame: Fields): CrashFrame {
  const source = fieldsOf(frame.source);
  const path = (numberOf(source.sourceReference) ?? 0) > 0 ? null : pathOf(textOf(source.path));
  const line = numberOf(frame.line) ?? 0;
  return {
    name: textOf(frame.name),
    pc: hexOf(textOf(frame.instructionPointerReference) ?? undefined),
    source: path !== null && line > 0 ? { file: path, line, column: numberOf(frame.column) ?? 0 } : null,
  };
}

/** In a remote window VS Code gives extensions a URI where the adapter told a path. */
function pathOf(path: string | null): string | null {
  const [, encoded] = /^(?:file|vscode-remote):\/\/[^/]*(\/.*)$/.exec(path ?? "") ?? [];
  if (encoded === undefined) return path;
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Its percent signs are its own.
    return encoded;
  }
}

/**
 * The number of frames that a `stackTrace` answer tells; `null` where that may be a mere bound: lldb-dap 20 promises a page
 * more than it has sent, and gdb's adapters count no further than 100 or 1,000.
 */
export function totalOf(told: number | null, received: number, isWhole: boolean): number | null {
  if (isWhole) return received;
  return told !== null && told > LARGEST_BOUND ? told : null;
}

const LARGEST_BOUND = 1000;

function hexOf(text: string | undefined): HexAddress | null {
  const address = parseAddress(text ?? "");
  return address === undefined ? null : toHex(address);
}

function isCrash(name: string): name is CrashSignal {
  return Object.values(NUMBERS).some((signal) => signal === name);
}

/** What strsignal(3), and after it gdb, calls the signal that a short text tells of. */
function meaning(text: string): CrashSignal | null {
  const words = /\b(Segmentation fault|Bus error|Illegal instruction|Arithmetic exception|Aborted)\b/i.exec(text)?.[1];
  return text.length > 80 ? null : (MEANINGS[words?.toLowerCase() ?? ""] ?? null);
}

/** Reasons of stops that may be signals; cdt-gdb-adapter's are the signals themselves. */
const REASONS = new Set(["exception", "signal"]);

const SIGNAL = /\b(SIG[A-Z]{2,6}\d*)\b/;

/** As x86 and ARM number them. */
const NUMBERS: Readonly<Record<number, CrashSignal>> = {
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  11: "SIGSEGV",
};

const MEANINGS: Readonly<Record<string, CrashSignal>> = {
  "segmentation fault": "SIGSEGV",
  "bus error": "SIGBUS",
  "illegal instruction": "SIGILL",
  "arithmetic exception": "SIGFPE",
  aborted: "SIGABRT",
};

/** Of x86-64 and aarch64. */
const REGISTERS =
  /^(?:r(?:[abcd]x|[sd]i|[sb]p|[89]|1[0-5]|ip|flags)|eflags|[fg]s_base|x(?:[12]?\d|30)|[fls][pr]|pc|cpsr)$/;
