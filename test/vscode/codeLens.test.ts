/** The code lenses above functions and variables, in a real VS Code: what they say at stops, where they lead. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/places.mjs";
import { compile } from "../unit/fixtures.ts";
import { debugCommand, untilOver, untilRunning, untilStopped } from "./debugging.ts";
import { Window } from "./window.ts";
import { Panel } from "./workbench.ts";

const window = new Window();
const panel = new Panel(window);
const FOLDER = join(ROOT, "test/fixtures/costs");

function switchTo(isOn: boolean): Promise<null> {
  return window.host.call(
    (vscode, isOn: boolean) =>
      vscode.workspace
        .getConfiguration("processMemory")
        .update("codeLens", isOn, vscode.ConfigurationTarget.Global)
        .then(() => null),
    isOn,
  );
}

/** Shows a source from its first line, with breakpoints at the lines with these texts, and debugs its program. */
async function debug(type: string, source: string, at: string[], args: string[] = []): Promise<void> {
  await window.host.call(
    async (vscode, type: string, source: string, program: string, at: string[], args: string[]) => {
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(source));
      await vscode.window.showTextDocument(document, { viewColumn: 1, preview: false });
      vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
      const breakpoints = at.map((text) => {
        const { line } = document.positionAt(document.getText().indexOf(text));
        return new vscode.SourceBreakpoint(new vscode.Location(document.uri, new vscode.Position(line, 0)));
      });
      vscode.debug.addBreakpoints(breakpoints);
      const configuration = { type, name: "costs", request: "launch", program, args };
      await vscode.debug.startDebugging(vscode.workspace.workspaceFolders?.[0], configuration);
    },
    type,
    join(FOLDER, source),
    compile(source, "costs", ["-g"]),
    at,
    args,
  );
  await untilStopped(window.host);
}

/** The lenses that are on the screen, as a user reads them. */
async function lenses(): Promise<string[]> {
  const texts = await window.page.locator(".codelens-decoration:visible").allTextContents();
  return texts.map((text) => text.replaceAll("\u00a0", " "));
}

/** How many VS Code is given for the source that is shown, once all have answered. */
function lensesByApi(): Promise<number> {
  return window.host.call(async (vscode) => {
    const uri = vscode.window.activeTextEditor?.document.uri;
    return (await vscode.commands.executeCommand<unknown[]>("vscode.executeCodeLensProvider", uri)).length;
  });
}

/** The line below the lens with the text. */
async function lineBelow(text: string): Promise<string> {
  const lens = await window.page.locator(".codelens-decoration", { hasText: text }).boundingBox();
  const lines = window.page.locator(".view-lines .view-line");
  const boxes = await lines.evaluateAll((all) =>
    all.map((line) => ({ top: line.getBoundingClientRect().top, text: line.textContent })),
  );
  const below = boxes.filter(({ top }) => top > (lens?.y ?? 0)).sort((a, b) => a.top - b.top);
  return (below[0]?.text ?? "").replaceAll("\u00a0", " ");
}

async function endSession(): Promise<void> {
  await debugCommand(window.host, "stop");
  await untilOver(window.host);
}

describe.each(["lldb-dap", "gdb"])("the lenses of a C program, debugged with %s", (type) => {
  test("there are none unless they are switched on", async () => {
    await switchTo(false);
    await debug(type, "costs.c", ["for (int page = 0; page < 37", 'printf("ready']);
    expect(await lensesByApi()).toBe(0);
    await switchTo(true);
    await expect.poll(lenses).toContain("lut: 4 MiB .bss, 0 of 1,024 pages present");
  });

  test("each stands above its line, two of one line beside one another", async () => {
    expect(await lineBelow("lut: ")).toContain("static char lut[4 << 20]");
    expect(await lineBelow("main: ")).toBe("main(int count, char **arguments) {");
    expect(await lineBelow("looked: ")).toBe("  static int looked;");
    await expect.poll(lenses).toContainEqual(expect.stringMatching(/^first: 4 B .data, its page .*second: 4 B .data/));
    await expect.poll(lenses).toContain("each: 4 B .tdata for each thread");
  });

  test("at the next stop they tell what the pages are then", async () => {
    await debugCommand(window.host, "continue");
    await expect.poll(lenses).toContain("lut: 4 MiB .bss, 37 of 1,024 pages present");
    await expect.poll(lenses).toContain("seen: 32 KiB .bss, 5 of 8 pages present");
    await expect.poll(lenses).toContainEqual(expect.stringMatching(/^look: \d+ B .text, its page present$/));
  });

  test("a click shows the variable in the panel", async () => {
    await window.page.locator(".codelens-decoration a", { hasText: "lut: " }).click();
    const symbol = panel.page.locator("selection-details dt", { hasText: /^Symbol$/ }).locator("+ dd");
    await symbol.getByText("lut").waitFor();
  });

  test("they stay while it runs and when it has ended, then without pages", async () => {
    await debugCommand(window.host, "continue");
    await untilRunning(window.host);
    await window.host.call((vscode) =>
      vscode.commands.executeCommand("workbench.action.focusFirstEditorGroup").then(() => null),
    );
    await expect.poll(lenses).toContain("lut: 4 MiB .bss, 37 of 1,024 pages present");
    await endSession();
    await expect.poll(lenses).toContain("lut: 4 MiB .bss");
  });
});

test("while it runs they are asked for now and then", async () => {
  await debug("lldb-dap", "costs.c", ['printf("ready'], ["later"]);
  await expect.poll(lenses).toContain("lut: 4 MiB .bss, 37 of 1,024 pages present");
  await debugCommand(window.host, "continue");
  await expect.poll(lenses).toContain("lut: 4 MiB .bss, 47 of 1,024 pages present");
  await endSession();
});

test("a line that was edited since it was compiled has none", async () => {
  await debug("gdb", "costs.c", ['printf("ready']);
  await expect.poll(lenses).toContain("lut: 4 MiB .bss, 37 of 1,024 pages present");
  const edit = (command: string) =>
    window.host.call((vscode, command: string) => vscode.commands.executeCommand(command).then(() => null), command);
  await window.host.call(async (vscode) => {
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.path.endsWith("costs.c"));
    await editor?.edit((builder) => builder.insert(new vscode.Position(0, 0), "\n"));
  });
  await expect.poll(lenses).toEqual([]);
  await edit("undo");
  await expect.poll(lenses).toContain("lut: 4 MiB .bss, 37 of 1,024 pages present");
  await endSession();
});

test("C++: copies of a template are told as one, members where they are defined", async () => {
  await debug("gdb", "templates.cpp", ["std::printf"]);
  await expect.poll(lenses).toContainEqual(expect.stringMatching(/^sold: 2 copies, 192 B .bss, its page present$/));
  await expect.poll(lenses).toContainEqual(expect.stringMatching(/^add: 2 copies, \d+ B .text, its page present$/));
  expect(await lineBelow("total: 8 B .data")).toBe("long Till::total = 5;");
  await endSession();
});

// A Rust compiler is more than `npm test` installs: where there is one, it is used.
const hasRust = spawnSync("rustc", ["--version"]).status === 0;
test.runIf(hasRust)("Rust: statics, functions and copies of a generic one", async () => {
  await debug("lldb-dap", "statics.rs", ["println!"]);
  await expect.poll(lenses).toContainEqual(expect.stringMatching(/^LUT: 1 MiB .bss, \d+ of 257 pages present$/));
  await expect.poll(lenses).toContainEqual(expect.stringMatching(/^add: 2 copies, \d+ B .text, its page present$/));
  expect(await lineBelow("WORDS: 16 B .rodata")).toContain("static WORDS");
  await endSession();
});
