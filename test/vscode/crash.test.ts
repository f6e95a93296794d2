/** Crashes in a real VS Code: at the line, as a document, as a notification and in the panel. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/places.mjs";
import { compile } from "../unit/fixtures.ts";
import { debugCommand, untilOver, untilStopped } from "./debugging.ts";
import { Window } from "./window.ts";
import { notifications, Panel } from "./workbench.ts";

const window = new Window();
const panel = new Panel(window);
const SOURCE = join(ROOT, "test/fixtures/crashes/crashes.c");

describe.each(["lldb-dap", "gdb"])("with %s", (type) => {
  afterEach(async () => {
    await debugCommand(window.host, "stop");
    await untilOver(window.host);
    await expect.poll(lineNote).toBeNull();
    await window.host.call((vscode) => vscode.commands.executeCommand("notifications.clearAll").then(() => null));
  });

  test("a null dereference is explained at its line, in a document with links, in a notification and in the panel", async () => {
    await crash(type, "null_member");
    await expect.poll(lineNote, { timeout: 30_000 }).toMatch(/^Null dereference/);
    expect(await notedLine()).toBe("sink = node->value;");
    expect(await noteHover()).toMatch(/offset 16.*Read of 0x10.*Show Report/s);
    const shown = await notifications(window);
    expect(shown.filter((text) => /SIGSEGV: Null dereference/.test(text))).toHaveLength(1);
    await shoot(`${type}-line`);

    await panel.show();
    const notice = panel.page.locator("crash-notice .crash");
    await notice.waitFor();
    expect(await notice.textContent()).toContain("Null dereference");
    await shoot(`${type}-panel`);

    const { text, links } = await report();
    expect(text).toMatch(/^Null dereference/);
    for (const part of [
      /SIGSEGV in \S+ \(\d+\), thread \d+/,
      /Read of 0x10/,
      /Frames, innermost first/,
      /null_member/,
    ]) {
      expect(text).toMatch(part);
    }
    await shoot(`${type}-report`);
    expect(links).toContainEqual({ text: "0x10", command: "processMemory.showAddress" });
    expect(links.map(({ text }) => text)).toContain(`crashes.c:${sourceLine("sink = node->value;")}`);
  });

  test("a used-up stack is one, with the functions that call themselves", async () => {
    await crash(type, "overflow_main");
    await expect.poll(lineNote, { timeout: 30_000 }).toMatch(/^Stack overflow/);
    const { text } = await report();
    expect(text).toContain("recurse");
    await shoot(`${type}-stack`);
  });

  test("the used-up stack of another thread is that thread's", async () => {
    await crash(type, "overflow_thread");
    await expect.poll(lineNote, { timeout: 30_000 }).toMatch(/^Stack overflow in thread \d+/);
    const { text } = await report();
    const [, titled] = /^Stack overflow in thread (\d+)/.exec(text) ?? [];
    expect(text).toContain(`, thread ${titled}\n`);
    expect(text).not.toContain(`(${titled})`);
  });

  test("an abort stands at the innermost line whose source is there", async () => {
    await crash(type, "double_free");
    // VS Code shows the innermost frame, whose source is nowhere.
    await expect.poll(() => crashes(), { timeout: 30_000 }).toContain("Ended by malloc's own check");
    await showSource("static void double_free(void)");
    await expect.poll(lineNote).toMatch(/^Ended by malloc's own check: double free/);
    expect(await notedLine()).toMatch(/free\(/);
    await shoot(`${type}-abort`);
  });
});

test("a report can be read when the program is gone, and other stops have none", async () => {
  await start("lldb-dap", "null_write");
  await untilStopped(window.host);
  expect(await lineNote()).toBeNull();
  await debugCommand(window.host, "stop");
  await untilOver(window.host);
  expect((await report()).text).toMatch(/abort/i);
});

test("where reports are made only when they are asked for, nothing is said before that", async () => {
  await setting(false);
  await crash("lldb-dap", "null_write");
  await window.page.locator(".zone-widget.exception-widget-container").waitFor();
  await window.page.waitForTimeout(3000);
  expect(await lineNote()).toBeNull();
  expect((await report()).text).toMatch(/^Null dereference/);
  await showSource("*p = 42;");
  await expect.poll(lineNote).toMatch(/^Null dereference/);
  await setting(undefined);
  await debugCommand(window.host, "stop");
  await untilOver(window.host);
});

/** Whether crashes are explained unasked; `undefined` for the default. */
function setting(value: boolean | undefined): Promise<unknown> {
  return window.host.call(
    (vscode, value: boolean | null) =>
      vscode.workspace
        .getConfiguration("processMemory")
        .update("crashReports", value ?? undefined, true)
        .then(() => null),
    value ?? null,
  );
}

/** Debugs the program up to its crash. */
async function crash(type: string, way: string): Promise<void> {
  await start(type, way);
  await untilStopped(window.host);
  await debugCommand(window.host, "continue");
}

async function start(type: string, way: string): Promise<void> {
  await showSource();
  const program = compile("crashes.c", "crashes", ["-g", "-O0", "-w", "-pthread", "-lm"]);
  await window.host.call(
    async (vscode, type: string, program: string, way: string) => {
      const how = type === "gdb" ? { arguments: way } : { args: [way] };
      await vscode.debug.startDebugging(undefined, { name: "Crash", type, request: "launch", program, ...how });
    },
    type,
    program,
    way,
  );
}

/** With the line in view that has the text. */
function showSource(text = ""): Promise<unknown> {
  return window.host.call(
    async (vscode, source: string, text: string) => {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(source));
      const place = document.positionAt(document.getText().indexOf(text));
      const selection = new vscode.Range(place, place);
      await vscode.window.showTextDocument(document, { viewColumn: 1, preview: false, selection });
    },
    SOURCE,
    text,
  );
}

/** The titles of the notifications, one a line. */
async function crashes(): Promise<string> {
  return (await notifications(window).catch(() => [])).join("\n");
}

/** The title of the crash that stands behind a line of the source; `null` for none. */
async function lineNote(): Promise<string | null> {
  return (await note())?.text ?? null;
}

/** The line that it stands behind. */
async function notedLine(): Promise<string> {
  return (await note())?.line ?? "";
}

async function note(): Promise<{ line: string; text: string } | undefined> {
  const notes = await window.page.locator(".editor-instance .view-line").evaluateAll((lines) =>
    lines.flatMap((line) =>
      Array.from(line.querySelectorAll("span"), (span) => ({
        // VS Code marks the column of an exception by a letter of its own.
        line: (line.textContent ?? "")
          .replaceAll("\u00a0", " ")
          .replaceAll(/[^ -~]/g, "")
          .trim(),
        text: getComputedStyle(span, "::after").content.replace(/^"|"$/g, "").replaceAll("\u00a0", " "),
      })),
    ),
  );
  return notes.find(({ text }) => TITLE.test(text));
}

/** The text of the hover over what stands behind the line. */
async function noteHover(): Promise<string> {
  const { page } = window;
  const text = page.locator(".editor-instance .view-line", { hasText: /sink\s=\snode/ }).first();
  const at = await text.evaluate((line) => {
    const noted = Array.from(line.querySelectorAll("span")).find((span) =>
      getComputedStyle(span, "::after").content.includes("Null"),
    );
    const { right, top, height } = (noted ?? line).getBoundingClientRect();
    return { x: right - 150, y: top + height / 2 };
  });
  const hover = page.locator(".monaco-resizable-hover .monaco-hover-content").filter({ visible: true }).first();
  const shown = async () => {
    await page.mouse.move(at.x, at.y - 60);
    await page.mouse.move(at.x, at.y, { steps: 4 });
    await hover.waitFor({ timeout: 3000 }).catch(() => undefined);
    return hover.isVisible();
  };
  await expect.poll(shown).toBe(true);
  return ((await hover.textContent()) ?? "").replaceAll("\u00a0", " ");
}

const TITLE = /^(?:Null dereference|Stack overflow|Ended by malloc|Write to read-only)/i;

/** The document that "Explain Crash" opens, and its links. */
async function report(): Promise<{ text: string; links: { text: string; command: string }[] }> {
  return window.host.call(async (vscode) => {
    await vscode.commands.executeCommand("processMemory.explainCrash");
    const document = vscode.window.activeTextEditor?.document;
    if (document?.uri.scheme !== "process-memory-crash") throw new Error("No report is open.");
    const found: { range: import("vscode").Range; target: import("vscode").Uri }[] =
      await vscode.commands.executeCommand("vscode.executeLinkProvider", document.uri);
    return {
      text: document.getText(),
      links: found.map(({ range, target }) => ({ text: document.getText(range), command: target.path })),
    };
  });
}

function sourceLine(text: string): number {
  const lines = readFileSync(SOURCE, "utf8").split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

/** A picture for who wants to look. */
async function shoot(name: string): Promise<void> {
  const { SHOTS } = process.env;
  if (SHOTS) await window.page.screenshot({ path: join(SHOTS, `${name}.png`) });
}
