/** Hovering pointers of C++, Rust and Go, as of C in the whole story. */
import { execFileSync, spawnSync } from "node:child_process";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../scripts/places.mjs";
import { compile } from "../unit/fixtures.ts";
import { debugCommand, debugProgram, setBreakpoints, untilOver, untilStopped } from "./debugging.ts";
import { Window } from "./window.ts";
import { debugHover, Tree } from "./workbench.ts";

const window = new Window();
const tree = new Tree(window);

const CPP = [
  ["Node *node", "node", "→ [heap] rw-p"],
  ["int *first", "first", "→ [heap] rw-p"],
  ["int *global", "global", "→ .data PROGRAM: counter+0x0"],
  ["char *literal", "literal", "→ .rodata PROGRAM: "],
];
const RUST = [
  ["let boxed", "boxed", "→ [heap] rw-p"],
  ["let table", "table", "→ .rodata PROGRAM: "],
  ["let raw", "raw", "→ [heap] rw-p"],
  ["let on_stack", "on_stack", "→ [stack] rw-p"],
];

const GO = [
  ["first :=", "first", " rw-p"],
  ["global :=", "global", "→ .noptrdata PROGRAM: main.counter+0x0"],
];

test.each(["lldb-dap", "gdb"])("the debug hover names the region of C++'s pointers with %s", async (debug) => {
  await hoverEach(debug, "pointers.cpp", compile("pointers.cpp", "languages", ["-g", "-O0"]), CPP);
});

// A Rust compiler is more than `npm test` installs: where there is one, it is used.
const hasRust = spawnSync("rustc", ["--version"]).status === 0;
test.runIf(hasRust)("the debug hover names the region of Rust's references and pointers", async () => {
  await hoverEach("lldb-dap", "pointers.rs", compile("pointers.rs", "languages", ["-g"]), RUST);
});

const hasGo = spawnSync("go", ["version"]).status === 0;
test.runIf(hasGo)("the debug hover names the region of Go's pointers", async () => {
  const program = join(ROOT, ".cache/fixtures/languages-pointers-go");
  const source = join(ROOT, "test/fixtures/languages/pointers.go");
  const env = { ...process.env, GO111MODULE: "off", GOFLAGS: "" };
  execFileSync("go", ["build", "-gcflags", "all=-N -l", "-o", program, source], { env });
  await hoverEach("gdb", "pointers.go", program, GO);
});

/** Debugs a program to its breakpoint and hovers over words: [the line's beginning, the word, what is told]. */
async function hoverEach(type: string, source: string, program: string, hovers: string[][]): Promise<void> {
  await tree.open();
  await setBreakpoints(window.host, join(ROOT, "test/fixtures/languages", source), "// BREAKPOINT");
  await debugProgram(window.host, type, program);
  await untilStopped(window.host);
  for (const [line = "", word = "", place] of hovers) {
    expect(await debugHover(window.page, line, word)).toContain(place?.replace("PROGRAM", basename(program)));
  }
  await debugCommand(window.host, "stop");
  await untilOver(window.host);
}
