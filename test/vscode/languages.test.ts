/** Hovering pointers of C++ and Rust, as of C in the whole story. */
import { spawnSync } from "node:child_process";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../scripts/places.mjs";
import { compile } from "../unit/fixtures.ts";
import { debugCommand, untilOver, untilStopped } from "./debugging.ts";
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

test.each(["lldb-dap", "gdb"])("the debug hover names the region of C++'s pointers with %s", async (debug) => {
  await hoverEach(debug, "pointers.cpp", ["-g", "-O0"], CPP);
});

// A Rust compiler is more than `npm test` installs: where there is one, it is used.
const hasRust = spawnSync("rustc", ["--version"]).status === 0;
test.runIf(hasRust)("the debug hover names the region of Rust's references and pointers", async () => {
  await hoverEach("lldb-dap", "pointers.rs", ["-g"], RUST);
});

/** Debugs a program to its breakpoint and hovers over words: [the line's beginning, the word, what is told]. */
async function hoverEach(type: string, source: string, flags: string[], hovers: string[][]): Promise<void> {
  const program = compile(source, "languages", flags);
  await tree.open();
  await window.host.call(
    async (vscode, type: string, program: string, source: string) => {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(source));
      const { line } = document.positionAt(document.getText().indexOf("// BREAKPOINT"));
      const range = new vscode.Range(line, 0, line, 0);
      await vscode.window.showTextDocument(document, { selection: range, viewColumn: 1, preview: false });
      const breakpoint = new vscode.SourceBreakpoint(new vscode.Location(document.uri, range.start));
      vscode.debug.addBreakpoints([breakpoint]);
      const configuration = { type, name: "pointers", request: "launch", program };
      await vscode.debug.startDebugging(vscode.workspace.workspaceFolders?.[0], configuration);
    },
    type,
    program,
    join(ROOT, "test/fixtures/languages", source),
  );
  await untilStopped(window.host);
  for (const [line = "", word = "", place] of hovers) {
    expect(await debugHover(window.page, line, word)).toContain(place?.replace("PROGRAM", basename(program)));
  }
  await debugCommand(window.host, "stop");
  await untilOver(window.host);
}
