/** Debugging as a user does it, by the commands that the keys and buttons stand for. */
import { expect } from "vitest";
import type { Host } from "./host.ts";

export interface DebugState {
  /** The name of the session that is debugged; `null` for none. */
  session: string | null;
  /** Whether a stack frame is shown, which is so while it stands still. */
  stopped: boolean;
}

/** Shows the demo's source and puts a breakpoint where its comment says so. */
export async function setBreakpoint(host: Host): Promise<void> {
  await host.call(async (vscode) => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    if (folder === undefined) throw new Error("The window has no folder.");
    const source = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, "demo.c"));
    const { line } = source.positionAt(source.getText().indexOf("/* BREAKPOINT */"));
    const range = new vscode.Range(line, 0, line, 0);
    await vscode.window.showTextDocument(source, { selection: range, viewColumn: 1, preview: false });
    vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(new vscode.Location(source.uri, range.start))]);
  });
}

/** Starts one of the configurations of the demo's launch.json. */
export async function startDebugging(host: Host, configuration: string): Promise<void> {
  const started = await host.call(
    (vscode, name: string) => vscode.debug.startDebugging(vscode.workspace.workspaceFolders?.[0], name),
    configuration,
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

export async function untilStopped(host: Host): Promise<void> {
  await expect.poll(() => debugState(host), { timeout: 30_000 }).toMatchObject({ stopped: true });
}

export async function untilRunning(host: Host): Promise<void> {
  await expect.poll(() => debugState(host), { timeout: 30_000 }).toMatchObject({ stopped: false });
}

export async function untilOver(host: Host): Promise<void> {
  await expect.poll(() => debugState(host), { timeout: 30_000 }).toMatchObject({ session: null });
}
