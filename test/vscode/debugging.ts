/** Debugging as a user does it, by the commands that the keys and buttons stand for. */
import { join } from "node:path";
import { expect, vi } from "vitest";
import { DEMO } from "../../scripts/places.mjs";
import type { Host } from "./host.ts";

export interface DebugState {
  /** The name of the session that is debugged; `null` for none. */
  session: string | null;
  /** Whether a stack frame is shown, which is so while it stands still. */
  stopped: boolean;
}

/** Shows the demo's source and puts a breakpoint where its comment says so. */
export function setBreakpoint(host: Host): Promise<void> {
  return setBreakpoints(host, join(DEMO, "demo.c"), "/* BREAKPOINT */");
}

/** Shows a source and puts a breakpoint on each of its lines that has the mark. */
export async function setBreakpoints(host: Host, source: string, mark: string): Promise<void> {
  await host.call(
    async (vscode, source: string, mark: string) => {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(source));
      const lines = document.getText().split("\n");
      const places = lines.flatMap((text, line) => (text.includes(mark) ? [new vscode.Position(line, 0)] : []));
      const [first] = places;
      if (first === undefined) throw new Error(`${source} has no line with ${mark}.`);
      const selection = new vscode.Range(first, first);
      await vscode.window.showTextDocument(document, { selection, viewColumn: 1, preview: false });
      vscode.debug.addBreakpoints(
        places.map((place) => new vscode.SourceBreakpoint(new vscode.Location(document.uri, place))),
      );
    },
    source,
    mark,
  );
}

/** Scrolls to the line of the active editor that has the text. */
export function reveal(host: Host, text: string): Promise<void> {
  return host.call(async (vscode, text: string) => {
    const editor = vscode.window.activeTextEditor;
    const place = editor?.document.positionAt(editor.document.getText().indexOf(text));
    if (place) {
      editor?.revealRange(new vscode.Range(place, place), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }, text);
}

/** Starts one of the configurations of the demo's launch.json. */
export async function startDebugging(host: Host, configuration: string): Promise<void> {
  const started = await host.call(
    (vscode, name: string) => vscode.debug.startDebugging(vscode.workspace.workspaceFolders?.[0], name),
    configuration,
  );
  expect(started).toBe(true);
}

/** Starts a program that has no configuration. */
export async function debugProgram(host: Host, type: string, program: string, args: string[] = []): Promise<void> {
  const started = await host.call(
    (vscode, type: string, program: string, args: string[]) => {
      const how = type === "gdb" ? { arguments: args.join(" ") } : { args };
      const configuration = { type, name: program, request: "launch", program, ...how };
      return vscode.debug.startDebugging(vscode.workspace.workspaceFolders?.[0], configuration);
    },
    type,
    program,
    args,
  );
  expect(started).toBe(true);
}

/** Runs one of VS Code's commands for debugging: `workbench.action.debug.continue`, `…restart`, `…stop`. */
export async function debugCommand(host: Host, command: "continue" | "pause" | "restart" | "stop"): Promise<void> {
  await host.call((vscode, name: string) => {
    return vscode.commands.executeCommand(`workbench.action.debug.${name}`).then(() => null);
  }, command);
}

export function debugState(host: Host): Promise<DebugState> {
  return host.call((vscode) => ({
    session: vscode.debug.activeDebugSession?.name ?? null,
    stopped: vscode.debug.activeStackItem instanceof vscode.DebugStackFrame,
  }));
}

/** The line of the source where the program stands; "" while it runs. */
export function standsAt(host: Host): Promise<string> {
  return host.call(async (vscode) => {
    const item = vscode.debug.activeStackItem;
    if (!(item instanceof vscode.DebugStackFrame)) return "";
    const trace = await item.session.customRequest("stackTrace", { threadId: item.threadId, levels: 1 });
    const { line, source } = trace.stackFrames[0];
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.path.endsWith(`/${source.name}`));
    return document?.lineAt(line - 1).text ?? "";
  });
}

export async function untilStopped(host: Host): Promise<void> {
  await expect.poll(() => debugState(host), { timeout: 30_000 }).toMatchObject({ stopped: true });
}

export async function untilRunning(host: Host): Promise<void> {
  await expect.poll(() => debugState(host), { timeout: 30_000 }).toMatchObject({ stopped: false });
}

export async function untilOver(host: Host): Promise<void> {
  // Also where a hook waits for it, in which nothing may be expected.
  await vi.waitUntil(async () => (await debugState(host)).session === null, { timeout: 30_000 });
}
