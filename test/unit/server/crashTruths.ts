/** The programs of test/fixtures/crashes, and what is true of each of their crashes. */
import { spawnSync } from "node:child_process";
import { expect } from "vitest";
import { type Address, toHex } from "../../../src/memory/address.ts";
import type { CrashFacts, CrashReport } from "../../../src/protocol/crash.ts";
import { compile } from "../fixtures.ts";
import type { DebuggerName } from "./crashing.ts";

const C_FLAGS = ["-g", "-O0", "-fstack-protector-all", "-pthread", "-w", "-lm"];

/** By their languages: compiles the program, and answers its path. */
export const PROGRAMS = {
  C: () => compile("crashes.c", "crashes", C_FLAGS),
  "C++": () => compile("crashes.cpp", "crashes", ["-g", "-O0", "-std=c++17", "-w"]),
  Rust: () => compile("crashes.rs", "crashes", ["-g", "-C", "panic=abort", "-A", "warnings"]),
};

/** What is true of a crash. `told`: it uses the address that the program has printed. */
export interface Truth {
  readonly verdict: Partial<CrashReport["verdict"]> & Pick<CrashReport["verdict"], "what">;
  readonly access?: CrashReport["access"];
  readonly told?: true;
  readonly title?: RegExp;
  /** The debugger that tells too little for it. */
  readonly unknownTo?: DebuggerName;
}

export type Language = keyof typeof PROGRAMS;

/** A Rust compiler is more than `npm test` installs: where there is one, it is used. */
export const LANGUAGES = (["C", "C++", "Rust"] as const).filter(
  (language) => language !== "Rust" || spawnSync("rustc", ["--version"]).status === 0,
);

/** By the argument that makes the program crash so. */
export const TRUTHS: Record<Language, Record<string, Truth>> = {
  C: {
    null_member: { verdict: { what: "null", offset: 16 }, access: "read", told: true },
    null_write: { verdict: { what: "null", offset: 0 }, access: "write", told: true },
    null_before: { verdict: { what: "null", offset: -8 }, access: "read", told: true },
    null_call: { verdict: { what: "null", offset: 0 }, access: "execute", told: true },
    null_in_libc: { verdict: { what: "null", offset: 0 }, access: "read", told: true },
    overflow_main: { verdict: { what: "stackOverflow", isMain: true }, title: /main thread: recursion of recurse$/ },
    overflow_thread: {
      verdict: { what: "stackOverflow", isMain: false },
      title: /in thread \d+: recursion of recurse$/,
    },
    overflow_mutual: {
      verdict: { what: "stackOverflow", isMain: true },
      title: /recursion of (odd → even → odd|even → odd → even)$/,
    },
    overflow_frame: { verdict: { what: "stackOverflow", isMain: true, recursion: null }, access: "write" },
    guard_of_thread: { verdict: { what: "guard" }, access: "write", told: true },
    write_rodata: {
      verdict: { what: "forbidden", permissions: "r--p" },
      access: "write",
      told: true,
      title: /read-only \.rodata of .*, msg$/,
    },
    write_code: {
      verdict: { what: "forbidden", permissions: "r-xp" },
      access: "write",
      told: true,
      title: /\.text of .*, write_rodata$/,
    },
    jump_data: {
      verdict: { what: "forbidden", permissions: "rw-p" },
      access: "execute",
      told: true,
      title: /Jump to \.data of .*, data, /,
    },
    jump_heap: { verdict: { what: "forbidden", place: "[heap]" }, access: "execute", told: true },
    jump_unmapped: { verdict: { what: "unmapped" }, access: "execute", told: true },
    read_forbidden: { verdict: { what: "guard" }, access: "read", told: true },
    past_file: { verdict: { what: "pastFile", size: 100 }, access: "write", told: true },
    after_munmap: { verdict: { what: "gone" }, access: "read", told: true },
    after_free: { verdict: { what: "gone" }, access: "write", told: true },
    non_canonical: { verdict: { what: "nonCanonical" }, access: "read", told: true },
    non_canonical_stack: { verdict: { what: "nonCanonical" }, access: "read", told: true },
    poison: {
      verdict: { what: "nonCanonical" },
      access: "write",
      told: true,
      title: /looks like 0x8 above 0xdeadbeef/,
    },
    poison_short: { verdict: { what: "unmapped" }, access: "read", told: true, title: /looks like 0xdeadbeef/ },
    text_pointer: { verdict: { what: "nonCanonical", look: 'the text "hello wo"' }, access: "read", told: true },
    jump_text: { verdict: { what: "nonCanonical", look: 'the text "hello wo"' }, access: "execute", told: true },
    return_text: { verdict: { what: "nonCanonical", look: 'the text "hello wo"' }, access: "execute", told: true },
    past_end: { verdict: { what: "pastRegion", name: "anonymous" }, access: "write", told: true },
    past_end_copy: { verdict: { what: "pastRegion", name: "anonymous" }, access: "write", told: true },
    strings_copy: { verdict: { what: "pastRegion", name: "anonymous" }, access: "write", told: true },
    guard_page: { verdict: { what: "guard" }, access: "write", told: true },
    kernel_address: { verdict: { what: "kernel" }, access: "read", told: true },
    double_free: { verdict: { what: "abort", by: "malloc", message: "double free or corruption (!prev)" } },
    corrupt_heap: { verdict: { what: "abort", by: "malloc", message: "malloc(): corrupted top size" } },
    invalid_free: { verdict: { what: "abort", by: "malloc" } },
    failed_assert: { verdict: { what: "abort", by: "assertion" }, title: /^Assertion failed: zero == 1$/ },
    aborted: { verdict: { what: "abort", by: "abort", message: null } },
    stack_smash: { verdict: { what: "abort", by: "stackProtector" } },
    fortified: { verdict: { what: "abort", by: "fortify" } },
    ud2: { verdict: { what: "illegalInstruction", isDeliberate: true } },
    illegal: { verdict: { what: "illegalInstruction", isDeliberate: false } },
    divide_zero: { verdict: { what: "divisionByZero" } },
    divide_overflow: { verdict: { what: "divisionOverflow" } },
    divide_memory: { verdict: { what: "divisionByZero" } },
    divide_float: { verdict: { what: "floatingPoint", problem: "a division by zero" } },
    misaligned: { verdict: { what: "misaligned", alignment: 16 }, access: "read", told: true },
    privileged: { verdict: { what: "unknown" } },
    sent: { verdict: { what: "sent", isSelf: true }, unknownTo: "lldb" },
    raised_abort: { verdict: { what: "sent", isSelf: true }, unknownTo: "lldb" },
    raised_illegal: { verdict: { what: "sent", isSelf: true }, unknownTo: "lldb" },
    raised_arithmetic: { verdict: { what: "sent", isSelf: true }, unknownTo: "lldb" },
    killed: { verdict: { what: "sent", isSelf: true }, unknownTo: "lldb" },
  },
  "C++": {
    null_member: { verdict: { what: "null", offset: 24 }, access: "read", told: true },
    null_virtual: { verdict: { what: "null", offset: 0 }, access: "read", told: true },
    freed_vtable: {
      verdict: { what: "nonCanonical" },
      access: "read",
      told: true,
      title: /looks like 0x10 above 0xdddd/,
    },
    past_vector: { verdict: { what: "unmapped" }, access: "write", told: true },
    write_literal: {
      verdict: { what: "forbidden", permissions: "r--p" },
      access: "write",
      told: true,
      title: /read-only \.rodata/,
    },
    uncaught: { verdict: { what: "abort", by: "terminate" } },
    terminate: { verdict: { what: "abort", by: "terminate" } },
    noexcept: { verdict: { what: "abort", by: "terminate" } },
    pure: { verdict: { what: "abort", by: "terminate" } },
    recursion: { verdict: { what: "stackOverflow", isMain: true }, title: /recursion of Tree::depth/ },
    double_delete: { verdict: { what: "abort", by: "malloc" } },
  },
  Rust: {
    null_member: { verdict: { what: "null", offset: 16 }, access: "read" },
    null_write: { verdict: { what: "null", offset: 0 }, access: "write", told: true },
    write_static: {
      verdict: { what: "forbidden", permissions: "r--p" },
      access: "write",
      told: true,
      title: /read-only \.rodata/,
    },
    recursion: { verdict: { what: "stackOverflow", isMain: true }, title: /main thread: recursion of .*recurse/ },
    recursion_thread: {
      verdict: { what: "stackOverflow", isMain: false },
      title: /in thread \d+: recursion of .*recurse/,
    },
    after_munmap: { verdict: { what: "gone" }, access: "read", told: true },
    dangling: { verdict: { what: "nonCanonical" }, access: "read", told: true, title: /looks like 0x5a5a5a5a/ },
    panic: { verdict: { what: "abort", by: "panic" } },
    bounds: { verdict: { what: "abort", by: "panic" } },
    abort: { verdict: { what: "abort", by: "abort" } },
    trap: { verdict: { what: "illegalInstruction", isDeliberate: true } },
  },
};

/**
 * Fails where the report says what is not true, or says nothing where its debugger tells enough. `told` is the address that
 * the program has printed.
 */
export function expectTrue(
  { report, facts }: { report: CrashReport; facts: CrashFacts },
  truth: Truth,
  told: Address | null,
): void {
  const { title, verdict, access, address } = report;
  const { frames: _, ...evidence } = facts;
  expect(report, JSON.stringify({ title, verdict, access, address, evidence })).toMatchObject({
    verdict: truth.verdict,
    ...(truth.access && { access: truth.access }),
    ...(truth.told && { address: told === null ? "the one that was told" : toHex(told) }),
  });
  expect(report.title).toMatch(truth.title ?? /\S/);
  expect(report.title.length).toBeLessThanOrEqual(80);
  expect(report.sentence).toMatch(/^[A-Z].*\S$/s);
  // The line of the crash is the program's own, and its instruction is known.
  expect(facts.frames[report.frame ?? -1]?.source?.file).toMatch(/crashes\.(c|cpp|rs)$/);
}
