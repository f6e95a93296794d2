/** A crash in words. */
import type { CrashAccess, CrashReport, CrashSignal, CrashVerdict } from "../protocol/crash.ts";
import { type HexAddress, toHex } from "./address.ts";
import { printable } from "./names.ts";
import { formatBytes } from "./size.ts";

/** What the words are about. */
export interface CrashInWords {
  readonly signal: CrashSignal;
  readonly verdict: CrashVerdict;
  readonly access: CrashAccess | null;
  readonly address: HexAddress | null;
}

/** On one line, some 80 characters: `Null dereference: writes 16 bytes past null`. */
export function crashTitle(crash: CrashInWords): string {
  const title = printable(titleOf(crash));
  return title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE - 1)}…` : title;
}

function titleOf({ signal, verdict, access, address }: CrashInWords): string {
  const at = address ?? "an address that is not known";
  switch (verdict.what) {
    case "null":
      if (access === "execute")
        return verdict.offset === 0 ? "Call of a null pointer" : `Jump to ${pastNull(verdict.offset)}`;
      return `Null dereference: ${uses(access)} ${verdict.offset === 0 ? "through a null pointer" : `a member at offset ${verdict.offset}`}`;
    case "stackOverflow":
      return `Stack overflow in ${threadOf(verdict)}${verdict.recursion ? `: recursion of ${cycleOf(verdict.recursion)}` : ""}`;
    case "guard":
      return `Guard hit: ${uses(access)} ${at}, which nobody may touch`;
    case "forbidden":
      return forbiddenTitle(verdict, access);
    case "pastFile":
      return `Bus error: ${uses(access)} beyond the end of ${fileOf(verdict.path)}`;
    case "gone":
      return `Use of unmapped memory: ${uses(access)} ${at}, which was ${verdict.was.name}`;
    case "pastRegion":
      return `One past the end of ${verdict.name}: ${uses(access)} ${at}`;
    case "nonCanonical":
    case "kernel":
      return `Bad pointer: ${uses(access)} ${at}${looks(verdict.look)}`;
    case "unmapped":
      return `Bad pointer: ${uses(access)} ${at}, where nothing is mapped${looks(verdict.look)}`;
    case "misaligned":
      return `Misaligned: ${uses(access)} ${at}${verdict.alignment === null ? "" : `, no multiple of ${verdict.alignment}`}`;
    case "illegalInstruction":
      return verdict.isDeliberate ? "Ended on purpose: a trap instruction" : "Illegal instruction";
    case "divisionByZero":
      return "Division by zero";
    case "divisionOverflow":
      return "Division whose quotient has no room";
    case "floatingPoint":
      return `Floating point: ${verdict.problem}`;
    case "abort":
      return `${ABORTS[verdict.by].title}${verdict.message === null ? "" : `: ${shortened(verdict.message)}`}`;
    case "sent":
      return `${signal} sent by ${senderOf(verdict)}`;
    case "unknown":
      return `${signal}, for a reason that cannot be told`;
  }
}

/** One or two whole sentences. */
export function crashSentence(crash: CrashInWords): string {
  return printable(sentenceOf(crash));
}

function sentenceOf({ signal, verdict, access, address }: CrashInWords): string {
  const at = address ?? "an address that is not known";
  switch (verdict.what) {
    case "null":
      return nullSentence(verdict.offset, access);
    case "stackOverflow":
      return overflowSentence(verdict);
    case "guard":
      return `The program ${uses(access)} ${at}, which is in a guard: nobody may touch it, so that what runs off the memory next to it is caught.`;
    case "forbidden":
      return `The program ${uses(access)} ${at} in ${verdict.place}, which is ${verdict.permissions}: ${mayNot(verdict.permissions, access)}.`;
    case "pastFile":
      return `The program ${uses(access)} ${at}, where ${verdict.path} is mapped, but the file has only ${formatBytes(verdict.size)}: it was truncated, or mapped longer than it is.`;
    case "gone": {
      const { name, permissions, start, end } = verdict.was;
      return `The program ${uses(access)} ${at}. That was ${name} ${permissions} (${start}-${end}), and has been unmapped since.`;
    }
    case "pastRegion":
      return `The program ${uses(access)} ${at}, the first byte after ${verdict.name}: nothing is mapped there.`;
    case "nonCanonical":
      return `The program ${uses(access)} ${at}, which the processor does not accept as an address (it is not canonical).${looksSentence(verdict.look)}`;
    case "kernel":
      return `The program ${uses(access)} ${at}, which is in the kernel's half of the addresses.${looksSentence(verdict.look)}`;
    case "unmapped":
      return `The program ${uses(access)} ${at}, where nothing is mapped.${looksSentence(verdict.look)}`;
    case "misaligned":
      return `The instruction wants its operand at a multiple of ${verdict.alignment ?? "its size in"} bytes, and ${at} is none.`;
    case "illegalInstruction":
      return verdict.isDeliberate
        ? "The program ran into an instruction that a compiler puts where nothing may ever come: a failed check, or code that cannot be reached."
        : "The processor knows no instruction like the bytes at the program counter: what runs there is no code, or code for another processor.";
    case "divisionByZero":
      return "An integer was divided by zero.";
    case "divisionOverflow":
      return "An integer was divided, and the quotient has no room in its type: as when the smallest number is divided by -1.";
    case "floatingPoint":
      return `A floating-point instruction was refused for ${verdict.problem}: the program has asked for a signal then (feenableexcept).`;
    case "abort":
      return `${ABORTS[verdict.by].sentence}${verdict.message === null ? "" : ` It says: ${verdict.message}`}`;
    case "sent":
      return `${signal} was sent by ${senderOf(verdict)} (kill, raise): no instruction has failed.`;
    case "unknown":
      return verdict.why;
  }
}

/** What to look at next, the most telling first. `source` is the line of the crash, `registers` what makes the address. */
export function nextSteps(
  { verdict, access, address }: CrashInWords,
  source: CrashReport["next"][number]["source"],
  registers: readonly { readonly name: string; readonly value: bigint }[],
): CrashReport["next"] {
  const steps: CrashReport["next"] = [];
  const add = (text: string, to: Partial<CrashReport["next"][number]> = {}) =>
    steps.push({ text, address: null, source: null, ...to });
  const pointer = () => {
    for (const { name, value } of registers) {
      add(`${name} holds ${toHex(value)}, which the address was made of: look where it comes from`, {
        address: toHex(value),
      });
    }
  };
  switch (verdict.what) {
    case "null":
      add(
        access === "execute"
          ? "Look at the caller: which function pointer or virtual function was null"
          : "Look at the pointers of this line: one of them is null",
        { source },
      );
      break;
    case "stackOverflow":
      add(verdict.recursion ? "Look why the recursion does not end" : "Look for large variables, and for recursion", {
        source,
      });
      if (verdict.recursion === null) add("The call stack tells who used the stack up");
      break;
    case "gone":
      add("What was mapped there, and until when", { address: verdict.was.start });
      add("Look who still has the pointer after munmap, free or the closing of a library", { source });
      break;
    case "forbidden":
      add("What is at the address", { address });
      if (access === "execute") pointer();
      else add("Look at the pointers of this line", { source });
      break;
    case "pastFile":
      add("Compare the file's size with what was mapped of it", { address });
      break;
    case "guard":
    case "pastRegion":
      add("What ends before the address: something ran off its end", { address });
      pointer();
      break;
    case "nonCanonical":
    case "kernel":
    case "unmapped":
      if (verdict.look !== null) add("The pointer was overwritten, or never was one: look who writes there");
      pointer();
      if (registers.length === 0) add("Look at the pointers of this line", { source });
      break;
    case "misaligned":
      add("Look where the address was made, and whether the compiler was told of an alignment that is not kept", {
        source,
      });
      pointer();
      break;
    case "divisionByZero":
    case "divisionOverflow":
      add("Look at the divisor of this line", { source });
      break;
    case "abort":
      if (source) add("Look at the innermost line of the program's own", { source });
      if (verdict.by === "malloc") {
        add("The heap was damaged earlier: valgrind or -fsanitize=address tell by whom");
      }
      break;
    case "illegalInstruction":
    case "floatingPoint":
    case "sent":
    case "unknown":
      if (source) add("Look at this line, and at its callers", { source });
  }
  return steps;
}

function uses(access: CrashAccess | null): string {
  return access === null ? "uses" : access === "execute" ? "jumps to" : `${access}s`;
}

function pastNull(offset: number): string {
  const bytes = `${Math.abs(offset).toLocaleString("en-US")} ${Math.abs(offset) === 1 ? "byte" : "bytes"}`;
  return `${bytes} ${offset < 0 ? "before" : "past"} null`;
}

function nullSentence(offset: number, access: CrashAccess | null): string {
  if (access === "execute") {
    return offset === 0
      ? "A function was called through a null pointer."
      : `The program jumped to ${pastNull(offset)}: through a null pointer, or a table of functions that is none.`;
  }
  if (offset === 0) return `The program ${uses(access)} what a null pointer points to.`;
  return `The program ${uses(access)} a member or an element at offset ${offset} of what a null pointer points to.`;
}

function overflowSentence(verdict: Extract<CrashVerdict, { what: "stackOverflow" }>): string {
  const { recursion } = verdict;
  const whose = `The stack of ${threadOf(verdict)} is used up: the address is below its end`;
  if (!recursion) return `${whose}.`;
  const frames = recursion.frames === null ? "" : `, ${recursion.frames.toLocaleString("en-US")} frames`;
  return `${whose}. Recursion of ${cycleOf(recursion)}${frames}.`;
}

function senderOf({ by, isSelf }: Extract<CrashVerdict, { what: "sent" }>): string {
  return isSelf ? "the program itself" : by === null ? "a process" : `process ${by}`;
}

function threadOf({ thread, isMain }: { thread: number | null; isMain: boolean }): string {
  return isMain ? "the main thread" : thread === null ? "a thread" : `thread ${thread}`;
}

function cycleOf({ functions }: { functions: readonly string[] }): string {
  return functions.length === 1 ? (functions[0] ?? "") : `${functions.join(" → ")} → ${functions[0]}`;
}

function forbiddenTitle(
  { place, permissions }: Extract<CrashVerdict, { what: "forbidden" }>,
  access: CrashAccess | null,
): string {
  switch (access) {
    case "write":
      return `Write to ${permissions.startsWith("r") ? "read-only" : "protected"} ${place}`;
    case "read":
      return `Read of ${place}, which may not be read`;
    case "execute":
      return `Jump to ${place}, which is not executable`;
    default:
      return `Forbidden use of ${place} (${permissions})`;
  }
}

function mayNot(permissions: string, access: CrashAccess | null): string {
  const verb =
    access === "execute" ? "executed" : access === "write" ? "written" : access === "read" ? "read" : "used so";
  return permissions.startsWith("---") ? "nobody may touch it" : `it may not be ${verb}`;
}

function looks(look: string | null): string {
  // Of poison and numbers what they mean stands behind a comma.
  return look === null ? "" : `: looks like ${/^[^",]*(?=, )/.exec(look)?.[0] ?? look}`;
}

function looksSentence(look: string | null): string {
  return look === null ? "" : ` It looks like ${look}.`;
}

/** Of `demo: demo.c:3: f: Assertion `n > 0' failed.` the condition; of `*** … ***: terminated` what stands between. */
function shortened(message: string): string {
  return /Assertion `(.*)' failed/s.exec(message)?.[1] ?? /^\*\*\* (.*) \*\*\*/.exec(message)?.[1] ?? message;
}

function fileOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

const ABORTS: Record<Extract<CrashVerdict, { what: "abort" }>["by"], { title: string; sentence: string }> = {
  malloc: {
    title: "Ended by malloc's own check",
    sentence:
      "The allocator has found its heap damaged, or was given a pointer that it has not handed out, and ended the program.",
  },
  assertion: { title: "Assertion failed", sentence: "An assertion of the program does not hold." },
  fortify: {
    title: "Buffer overflow found",
    sentence: "A function of the C library was about to write beyond a buffer (_FORTIFY_SOURCE).",
  },
  stackProtector: {
    title: "Stack smashed",
    sentence:
      "A function has found, before it returned, that something wrote beyond its local variables (-fstack-protector).",
  },
  terminate: {
    title: "std::terminate",
    sentence:
      "The C++ library ended the program: an exception that nobody catches, or that leaves a noexcept function, a destructor or a thread, or a pure virtual call.",
  },
  panic: { title: "Panic", sentence: "A Rust panic ended the program; its message is in the program's output." },
  abort: { title: "abort was called", sentence: "The program has ended itself by abort." },
};

const LONGEST_TITLE = 80;
