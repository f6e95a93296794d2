/** Stepping through a program in a real VS Code: what each step cost stands beside the line, and in the panel's list. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../scripts/places.mjs";
import { compile } from "../unit/fixtures.ts";
import { debugCommand, untilOver, untilStopped } from "./debugging.ts";
import { Window } from "./window.ts";
import { Panel } from "./workbench.ts";

const window = new Window();
const panel = new Panel(window);
const SOURCE = join(ROOT, "test/fixtures/steps/steps.c");

test.each(["lldb-dap", "gdb"])("each step's cost stands beside the line where it ends, with %s", async (type) => {
  await debugSteps(type);
  expect(await cost()).toBeNull();
  await stepTo("grow_heap();");
  await stepTo("next_step();");
  // There was no heap before.
  await expect
    .poll(cost)
    .toMatch(/^\+25\d minor faults · RSS \+1[.\d]* MiB \(heap.*\) · heap \+1 MiB in size · 1 mapping made \(1 MiB\)$/);
  expect(await line()).toBe("next_step();");
  await stepTo("map();");
  // A step that costs nothing, or next to it, has nothing of the one before.
  expect((await cost()) ?? "").not.toContain("MiB");
  await stepTo("next_step();");
  await expect.poll(cost).toMatch(/RSS \+1[.\d]* MiB \(anonymous.*\) · 1 mapping made \(4 MiB\)$/);
  await setting(false);
  await expect.poll(cost).toBeNull();
  await setting(undefined);
  await expect.poll(cost).toContain("1 mapping made");

  await panel.show();
  const list = panel.page.locator("stop-list");
  if ((await list.locator("details").getAttribute("open")) === null) await list.locator("summary").click();
  await list.getByRole("button", { name: "Mapped", exact: true }).click();
  const first = list.locator("tbody tr").first();
  await expect.poll(() => first.textContent()).toMatch(/\+1[.\d]* MiB\s*0 B\s*4 MiB\s*0 B\s*steps\.c:\d+/);
  await first.getByRole("button").first().click();
  await panel.page.locator("moment-bar .bar").waitFor();
  await first.getByRole("button", { name: /^steps\.c:\d+$/ }).click();
  await expect.poll(line).toBe("next_step();");

  await debugCommand(window.host, "continue");
  await expect.poll(line, { timeout: 30_000 }).toBe("let_other_touch(mapped + MIB);");
  await stepTo("next_step();");
  await expect.poll(cost).toMatch(/^\+25\d minor faults · RSS \+1[.\d]* MiB .* · 1 other thread ran too$/);

  await debugCommand(window.host, "stop");
  await untilOver(window.host);
  await expect.poll(cost).toBeNull();
});

/** Debugs the program to the first of two breakpoints. */
async function debugSteps(type: string): Promise<void> {
  const program = compile("steps.c", "steps", ["-g", "-pthread"]);
  await window.host.call(
    async (vscode, type: string, program: string, source: string) => {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(source));
      const { line } = document.positionAt(document.getText().indexOf("/* BREAKPOINT */"));
      const range = new vscode.Range(line, 0, line, 0);
      await vscode.window.showTextDocument(document, { selection: range, viewColumn: 1, preview: false });
      vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
      const later = document.positionAt(document.getText().indexOf("let_other_touch(mapped"));
      const places = [range.start, later].map((place) => new vscode.Location(document.uri, place));
      vscode.debug.addBreakpoints(places.map((place) => new vscode.SourceBreakpoint(place)));
      const configuration = { type, name: "steps", request: "launch", program };
      await vscode.debug.startDebugging(vscode.workspace.workspaceFolders?.[0], configuration);
    },
    type,
    program,
    SOURCE,
  );
  await untilStopped(window.host);
  await expect.poll(line).toContain("BREAKPOINT");
  // Of some adapters the process has to be searched for.
  await expect.poll(isRead, { timeout: 30_000 }).toBe(true);
}

/** Whether the process that is debugged now was read at its stop. */
function isRead(): Promise<boolean> {
  return window.host.call((vscode) => {
    const targets = vscode.extensions.getExtension("process-memory.process-memory")?.exports?.targets;
    return targets?.active?.sessionOver === false && targets.active.changed?.state === "stopped";
  });
}

/** Steps over a line, to the one that is given. */
async function stepTo(expected: string): Promise<void> {
  await window.host.call((vscode) =>
    vscode.commands.executeCommand("workbench.action.debug.stepOver").then(() => null),
  );
  await expect.poll(line, { timeout: 30_000 }).toBe(expected);
  await untilStopped(window.host);
}

/** The line where the cursor is: VS Code puts it where the program stands. */
function line(): Promise<string> {
  return window.host.call((vscode) => {
    const editor = vscode.window.activeTextEditor;
    return editor ? editor.document.lineAt(editor.selection.active.line).text.trim() : "";
  });
}

/** What stands beside a line of the source; `null` where nothing does. */
async function cost(): Promise<string | null> {
  const texts = await window.page
    .locator(".editor-instance .view-line")
    .evaluateAll((lines) =>
      lines.flatMap((line) =>
        Array.from(line.querySelectorAll("span"), (span) => getComputedStyle(span, "::after").content).filter((text) =>
          /faults?|RSS|mapping|heap/.test(text),
        ),
      ),
    );
  return texts[0]?.replace(/^"|"$/g, "").replaceAll("\u00a0", " ") ?? null;
}

async function setting(value: boolean | undefined): Promise<void> {
  await window.host.call(
    (vscode, on: boolean | null) =>
      vscode.workspace
        .getConfiguration("processMemory")
        .update("stepCosts", on ?? undefined, vscode.ConfigurationTarget.Global)
        .then(() => null),
    value ?? null,
  );
}
