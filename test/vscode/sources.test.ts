/** From symbols to their source lines: in the tree and the hover, through source maps, and where the file is not there. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DEMO, ROOT } from "../../scripts/places.mjs";
import { compile } from "../unit/fixtures.ts";
import { debugCommand, reveal, setBreakpoint, startDebugging, untilOver, untilStopped } from "./debugging.ts";
import { Window } from "./window.ts";
import { altHover, debugHover, notifications, Tree } from "./workbench.ts";

const window = new Window();
const tree = new Tree(window);
// The workspace's settings are written by a test.
afterAll(() => rmSync(join(DEMO, ".vscode/settings.json"), { force: true }));

/** The number of the first line that contains the text. */
function lineOf(file: string, text: string): number {
  return (
    readFileSync(file, "utf8")
      .split("\n")
      .findIndex((line) => line.includes(text)) + 1
  );
}

const demoLine = (text: string) => lineOf(join(DEMO, "demo.c"), text);

/** The file and line where the active editor's cursor stands: `demo.c:36`. */
function cursor(): Promise<string | null> {
  return window.host.call((vscode) => {
    const editor = vscode.window.activeTextEditor;
    return editor ? `${editor.document.uri.path.split("/").at(-1)}:${editor.selection.active.line + 1}` : null;
  });
}

/** The language hover. Where a symbol was gone to before, VS Code may scroll there late: then the line is looked for again. */
async function hoverOver(line: string, word: string): Promise<string> {
  const { host, page } = window;
  await reveal(host, line);
  page.setDefaultTimeout(5000);
  return altHover(page, line, word)
    .catch(String)
    .finally(() => page.setDefaultTimeout(30_000));
}

const ENDED = expect.stringMatching(/\(\d+\), ended/);

/** Ends the session, and waits until the tree says so. */
async function endSession(): Promise<void> {
  await debugCommand(window.host, "stop");
  await untilOver(window.host);
  await expect.poll(() => tree.lines()).toContainEqual(ENDED);
}

/** Opens the tree down to a section of the program. */
async function expandSection(region: string | RegExp, section: string): Promise<void> {
  await tree.open();
  // Until the new one is there, the process before stands in the tree.
  await expect.poll(() => tree.lines()).not.toContainEqual(ENDED);
  await tree.expand("Program");
  await tree.expand(region);
  await tree.expand(section);
}

describe.each(["lldb-dap", "gdb"])("debugging the demo with %s", (debug) => {
  test("variables and functions in the tree show where they are declared", async () => {
    await setBreakpoint(window.host);
    await startDebugging(window.host, `Demo (${debug})`);
    await untilStopped(window.host);
    await expandSection("demo .bss", ".bss");
    await expect.poll(() => tree.line("scratch")).toBe(`scratch256 KiB  demo.c:${demoLine("char scratch[")}`);
    await tree.collapse("demo .bss");
    await expandSection("demo code", ".text");
    const declared = demoLine("static void work(");
    await expect.poll(() => tree.line("work")).toMatch(new RegExp(`^work\\d+ B  demo.c:${declared}$`));
  });

  test("a click on a function opens its line", async () => {
    await tree.row("work").click();
    await expect.poll(cursor).toBe(`demo.c:${demoLine("static void work(")}`);
  });

  test("Enter opens the line of what the keys have chosen, and F12 too", async () => {
    const { page } = window;
    await tree.row("crash").click();
    await expect.poll(cursor).toBe(`demo.c:${demoLine("static int crash(")}`);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await expect.poll(cursor).toBe(`demo.c:${demoLine("void fail(")}`);
    await tree.row("map_memfd").click();
    await page.keyboard.press("F12");
    await expect.poll(cursor).toBe(`demo.c:${demoLine("static int *map_memfd(")}`);
  });

  test("the hover of a function pointer has the function's line, that of a pointer to data the declaration", async () => {
    await setBreakpoint(window.host);
    await expect
      .poll(() => hoverOver("int (*function)", "function"), { timeout: 40_000 })
      .toContain(`look at demo.c:${demoLine("static int look(")}`);
    await expect
      .poll(() => hoverOver("int *initialised", "initialised"), { timeout: 40_000 })
      .toContain(`answers is int[3], declared at demo.c:${demoLine("int answers[]")}`);
  });

  test("the hover's line is a link that opens it", async () => {
    const { page } = window;
    await debugHover(page, "int *initialised", "initialised");
    await page.keyboard.down("Alt");
    try {
      await page.locator(".monaco-resizable-hover a:visible", { hasText: "demo.c:" }).click();
    } finally {
      await page.keyboard.up("Alt");
    }
    await expect.poll(cursor).toBe(`demo.c:${demoLine("int answers[]")}`);
  });

  test("the session ends", async () => {
    await endSession();
  });
});

/** A program whose debug information names a folder that is not there. */
const FIXTURES = join(ROOT, "test/fixtures");
const MOVED = compile("places.c", "places", [
  "-g",
  "-O0",
  "-pthread",
  `-ffile-prefix-map=${FIXTURES}=/compiled/elsewhere`,
]);
const PLACES = join(FIXTURES, "places/places.c");

async function debugMoved(type: string, more: Record<string, string[] | string[][]>): Promise<void> {
  await window.host.call((vscode) =>
    vscode.commands.executeCommand("workbench.action.closeAllEditors").then(() => null),
  );
  await window.host.call(
    async (vscode, type: string, program: string, more: Record<string, string[] | string[][]>) => {
      const configuration = { type, name: "moved", request: "launch", program, ...more };
      await vscode.debug.startDebugging(undefined, configuration);
    },
    type,
    MOVED,
    more,
  );
  await expect.poll(() => tree.lines(), { timeout: 30_000 }).toContainEqual(expect.stringMatching(/^places-places/));
}

test.each([
  ["lldb-dap", { sourceMap: [["/compiled/elsewhere", FIXTURES]] }],
  ["gdb", { initCommands: [`set substitute-path /compiled/elsewhere ${FIXTURES}`] }],
])("with %s, a source that was moved is opened through the session's source map", async (type, more) => {
  await debugMoved(type, more);
  await expandSection(/places.* code/, ".text");
  await tree.row("answer").click();
  await expect.poll(cursor).toBe(`places.c:${lineOf(PLACES, "int answer(void)")}`);
  await endSession();
});

test("a source that is not there says where it was compiled, and a map that is set is kept in the settings", async () => {
  const { page, host } = window;
  await debugMoved("lldb-dap", {});
  await expandSection(/places.* code/, ".text");
  await tree.row("wait_for_ever").click();
  await expect
    .poll(() => notifications(window))
    .toEqual([expect.stringContaining("/compiled/elsewhere/places/places.c")]);
  await host.call((vscode) => vscode.commands.executeCommand("notifications.showList").then(() => null));
  const offer = page.locator(".notifications-center").getByRole("button", { name: "Set Source Map…" });
  // VS Code may draw one notification twice.
  await offer.first().click();
  const input = page.locator(".quick-input-widget input").filter({ visible: true });
  await input.waitFor();
  await expect.poll(() => input.inputValue()).toBe("/compiled/elsewhere/places");
  await page.keyboard.press("Enter");
  await expect.poll(() => input.inputValue()).toBe(`\${workspaceFolder}`);
  await input.fill(`\${workspaceFolder}/../places`);
  await page.keyboard.press("Enter");
  await expect.poll(cursor).toBe(`places.c:${lineOf(PLACES, "wait_for_ever(void")}`);
  const map = await host.call((vscode) => {
    const setting = vscode.workspace.getConfiguration("processMemory");
    const value = setting.inspect<Record<string, string>>("sourceMap")?.workspaceValue ?? null;
    return setting.update("sourceMap", undefined, vscode.ConfigurationTarget.Workspace).then(() => value);
  });
  expect(map).toEqual({ "/compiled/elsewhere/places": `\${workspaceFolder}/../places` });
  await endSession();
});
