/** A pointer for each verdict, in C, C++ and Rust: what the hovers over it tell with each debugger. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/places.mjs";
import type { ExtensionUnderTest } from "../../src/extension/extension.ts";
import { compile } from "../unit/fixtures.ts";
import { debugCommand, debugProgram, reveal, setBreakpoints, standsAt, untilOver, untilStopped } from "./debugging.ts";
import { pointersShown } from "./pointers.ts";
import { Window } from "./window.ts";
import { bothHovers } from "./workbench.ts";

const FOLDER = join(ROOT, "test/fixtures/hovers");

interface Told {
  /** The debug hover's first line: the place in a few words. */
  readonly first: RegExp;
  /** What the language hover has besides. */
  readonly full: readonly RegExp[];
}

const READ = /Fine to read, not to write or execute\./;
const WRITE = /Fine to read and write, not to execute\./;
const NOT_CANONICAL = /No address that the processor accepts \(it is not canonical\)\./;

/** By the pointer's name in all three programs. */
const POINTERS: Record<string, Told> = {
  null: { first: /→ not mapped: null/, full: [/A null pointer\./] },
  member: { first: /→ not mapped: 0x8 past null/, full: [/8 bytes past null: a member or an element/] },
  constant: {
    first: /→ \.rodata hovers\S*: message\+0x0/,
    full: [READ, /message \+ 0x0 of 11 B/, /message is .*, declared at hovers\.\w+:\d+/, /Holds "a constant"/],
  },
  global: {
    first: /→ \.data hovers\S*: numbers\+0x[28]\b/,
    full: [WRITE, /initialised data, in/, /numbers is .*, declared at hovers\.\w+:\d+/],
  },
  past_variable: { first: /→ \.data hovers/, full: [/One past the end of numbers\. Fine to read and write/] },
  zeroed: {
    first: /→ \.bss hovers\S*: zeroes\+0xc350/,
    full: [WRITE, /zeroes \+ 0xc350 of 97\.7 KiB/, /zero-initialised data/],
  },
  on_stack: {
    first: /→ \[stack\] rw-p/,
    full: [WRITE, /Holds 7/, /Stack of the main thread, \d+ B above the stack pointer/],
  },
  in_thread: {
    first: /→ stack of thread \d+ rw-p/,
    full: [WRITE, /Stack of thread \d+, [\d.]+ (B|KiB) above the stack pointer/],
  },
  stack_guard: {
    first: /→ guard of thread \d+ ---p/,
    full: [/In the guard below the stack of thread \d+: what touches it has used that stack up\./],
  },
  writable: { first: /→ anonymous rw-p/, full: [WRITE, /8 KiB, .* resident/, /Aligned to a page/] },
  past_region: {
    first: /→ not mapped: past the end of anonymous/,
    full: [/One past the end of anonymous: nothing is mapped there\./],
  },
  everything: { first: /→ generated code rwxp/, full: [/Fine to read, write and execute\./] },
  nothing: { first: /→ anonymous ---p/, full: [/Mapped, but to be neither read nor written nor executed\./] },
  never: { first: /→ not mapped(?! *:)/, full: [/Nothing is mapped there\.(?! It looks)/] },
  gone: {
    first: /→ not mapped/,
    full: [/Mapped no more: it was anonymous rw-p, which was there at stop 1 \(.*\), and gone at stop 2 \(/],
  },
  not_canonical: { first: /→ not mapped/, full: [NOT_CANONICAL] },
  of_kernel: { first: /→ not mapped/, full: [/In the kernel's half of the addresses/] },
  text: {
    first: /→ not mapped: looks like the text "hello wo"/,
    full: [NOT_CANONICAL, /It looks like the text "hello wo"\./],
  },
  number: { first: /→ not mapped: looks like the double 3\.5/, full: [NOT_CANONICAL, /the double 3\.5\./] },
  floats: { first: /looks like two floats: 1\.5 and -0\.25/, full: [NOT_CANONICAL, /two floats: 1\.5 and -0\.25\./] },
  small: {
    first: /looks like the number 1193046/,
    full: [/Nothing is mapped there\. It looks like the number 1193046\./],
  },
  failed: { first: /looks like the number -1, which MAP_FAILED is/, full: [/the number -1, which MAP_FAILED is\./] },
  beef: { first: /looks like 0xdeadbeef/, full: [/Nothing is mapped there\. It looks like 0xdeadbeef, which many/] },
  uninitialised: {
    first: /looks like 0xcccccccccccccccc/,
    full: [NOT_CANONICAL, /0xcccccccccccccccc, which Visual C\+\+/],
  },
  chain: {
    first: /→ \[heap\] rw-p/,
    full: [
      /Block of \d+ bytes at 0x\w+, in use \(glibc malloc\)/,
      /Leads to 0x\w+ \(\[heap\] rw-p\) → 0x\w+ \(\.rodata hovers\S*: message\+0x0\): "a constant"/,
    ],
  },
  freed: {
    first: /→ \[heap\] rw-p/,
    full: [
      /In a freed block: using it is a use after free\. Fine to read and write/,
      /Block of 104 bytes at 0x\w+, freed \(glibc malloc\)/,
    ],
  },
  past_block: {
    first: /→ \[heap\] rw-p/,
    full: [/Past the end of the block at 0x\w+\./, /Block of 56 bytes at 0x\w+, right behind it, in use/],
  },
  large: { first: /→ anonymous rw-p/, full: [WRITE, /Block of 303,088 bytes at 0x\w+, in use \(glibc malloc\)/] },
  circle: {
    first: /→ \[heap\] rw-p/,
    full: [/Leads to 0x\w+ \(\[heap\] rw-p\) → 0x\w+ \(\[heap\] rw-p\): back to the address itself/],
  },
  code: {
    first: /→ \.text hovers\S*: \S*answer\S*\+0x0/,
    full: [/Fine to read and execute, not to write\./, /answer.* at hovers\.\w+:\d+/, /code, in/],
  },
  in_file: { first: /→ hovers\S* r--p/, full: [READ, /mapped file, in/, /\/hovers\S* at offset 0x1064/] },
  past_file: {
    first: /→ memfd short r--s/,
    full: [/Beyond the end of the file \/memfd:short, which has 100 B: touching it is a SIGBUS\./],
  },
};

interface Program {
  readonly source: string;
  readonly flags: string[];
  /** Text that the line of a pointer's definition alone has. */
  readonly line: (pointer: string) => string;
  /** Pointers to what only this language has. */
  readonly more: Record<string, Told>;
}

const C: Program = {
  source: "hovers.c",
  flags: ["-g", "-O0", "-w", "-pthread"],
  line: (pointer) => (pointer === "code" ? "(*code)" : `*${pointer} =`),
  more: {},
};

const CPP: Program = {
  source: "hovers.cpp",
  flags: ["-std=c++17", "-g", "-O0", "-w", "-pthread"],
  line: (pointer) => (pointer === "reference" ? "&reference" : C.line(pointer)),
  more: {
    reference: { first: /7/, full: [/\[stack\] rw-p/, WRITE, /Holds 7/] },
    object: {
      first: /→ \[heap\] rw-p/,
      full: [WRITE, /Leads to 0x\w+ \(\.data\.rel\.ro \S+: vtable for shop::Square\+0x10\)/],
    },
    sentence: {
      first: /→ \[heap\] rw-p/,
      full: [WRITE, /Leads to 0x\w+ \(\[heap\] rw-p\): "a string in the heap, too long for its object"/],
    },
  },
};

const RUST: Program = {
  source: "hovers.rs",
  flags: ["-g"],
  line: (pointer) => `let ${pointer}`,
  more: {},
};

// A Rust compiler is more than `npm test` installs: where there is one, it is used.
const hasRust = spawnSync("rustc", ["--version"]).status === 0;
const PROGRAMS = { C, "C++": CPP, ...(hasRust && { Rust: RUST }) };

const window = new Window();

beforeAll(async () => {
  window.page.setDefaultTimeout(5000);
  for (const { source, flags } of Object.values(PROGRAMS)) compile(source, "hovers", flags);
  await window.host.call(async (vscode) => {
    await vscode.workspace.getConfiguration("editor").update("hover.delay", 50, vscode.ConfigurationTarget.Global);
  });
});

describe.each(["lldb-dap", "gdb"])("with %s", (type) => {
  describe.each(Object.entries(PROGRAMS))("%s", (_, { source, flags, line, more }) => {
    const hovers = (pointer: string) => hoversOver(pointer, line(pointer));

    afterAll(async () => {
      await debugCommand(window.host, "stop");
      await untilOver(window.host);
    });

    test("memory is fine to read and write while it is mapped", async () => {
      await setBreakpoints(window.host, join(FOLDER, source), "STOP ");
      await debugProgram(window.host, type, compile(source, "hovers", flags));
      await untilStopped(window.host);
      expect((await hovers("gone")).full).toMatch(WRITE);
      await debugCommand(window.host, "continue");
      await expect.poll(() => standsAt(window.host), { timeout: 30_000 }).toContain("STOP 2");
      // What is where is read at the stop, and known a moment later.
      await expect.poll(async () => (await hovers("member")).first).toContain("→");
    });

    test.each(Object.entries({ ...POINTERS, ...more }))(
      "the hovers over %s tell its verdict",
      async (pointer, told) => {
        expect(await standsAt(window.host)).toContain("STOP 2");
        const { first, full } = await hovers(pointer);
        expect(first).toMatch(told.first);
        for (const part of told.full) expect(full).toMatch(part);
        const lines = readFileSync(join(FOLDER, source), "utf8").split("\n");
        for (const [, name = "", number] of full.matchAll(DEFINED)) expect(lines[Number(number) - 1]).toContain(name);
        const [other] = await otherThreads();
        for (const [, thread] of `${first} ${full}`.matchAll(/\bthread (\d+)/g)) expect(thread).toBe(other);
      },
    );

    // With as many questions to the adapter as there are variables.
    test("each address that the debugger shows has the region that the kernel has there", {
      timeout: 180_000,
    }, async () => {
      const pointers = await pointersShown(window.host);
      for (const { name, explained, kernels } of pointers) expect(explained, name).toEqual(kernels);
      expect(pointers.filter(({ kernels }) => kernels !== null).length).toBeGreaterThan(20);
      expect(pointers.filter(({ kernels }) => kernels === null).length).toBeGreaterThan(10);
    });
  });
});

/** Of functions and variables the hover tells the line that defines them. */
const DEFINED = /(\w+)(?:\(\)| is [^\n]+, declared)? at hovers\.\w+:(\d+)/g;

/** Both hovers over a pointer. The source moves as long as VS Code shows a stop: then they are looked for again. */
async function hoversOver(pointer: string, line: string): Promise<{ first: string; full: string }> {
  let told = { first: "", full: "" };
  const hover = async () => {
    await reveal(window.host, line);
    told = await bothHovers(window.page, line, pointer);
    return told.full;
  };
  await expect.poll(() => hover().catch(String), { timeout: 50_000 }).toMatch(new RegExp(`\\b${pointer} points to`));
  return told;
}

/** The ids of the program's threads but the main one. */
async function otherThreads(): Promise<string[]> {
  const pid = await window.host.call((vscode) => {
    const { targets }: ExtensionUnderTest =
      vscode.extensions.getExtension("process-memory.process-memory")?.exports ?? {};
    return targets.active?.info.pid ?? 0;
  });
  return readdirSync(`/proc/${pid}/task`).filter((thread) => thread !== `${pid}`);
}
