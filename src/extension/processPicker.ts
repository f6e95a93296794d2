/** "Choose a Process…": any process of this machine may be looked at, with or without a debugger. */
import * as vscode from "vscode";
import type { ProcessSummary } from "../protocol/server.ts";
import type { MemoryServer } from "./memoryServer.ts";
import { problemOf, type Target, type Targets } from "./targets.ts";

/** The pid that the user chose; `null` when none was chosen. */
export async function chooseProcess(server: MemoryServer): Promise<number | null> {
  const choice = await vscode.window.showQuickPick(items(server), {
    title: "Whose memory is to be shown?",
    placeHolder: "Command, process id, user or command line",
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return choice?.pid ?? null;
}

/**
 * The process as a target, by default the one that the views show; `null` where there is none, or where it can't be looked
 * at, which is said.
 */
export async function lookAt(targets: Targets, pid: number | null, activates = true): Promise<Target | null> {
  if (pid === null) return null;
  try {
    return await vscode.window.withProgress(
      { location: { viewId: "processMemory.regions" }, title: `Reading process ${pid}` },
      async () => {
        const target = await targets.attach(pid, null);
        if (activates) targets.activate(target.id);
        return target;
      },
    );
  } catch (error) {
    void vscode.window.showErrorMessage(problemOf(error).message);
    return null;
  }
}

interface Item extends vscode.QuickPickItem {
  readonly pid?: number;
}

async function items(server: MemoryServer): Promise<Item[]> {
  try {
    const { processes } = await server.request("processMemory/processes", null);
    const denied = processes.findIndex(({ readable }) => !readable);
    const list: Item[] = processes.map(item);
    if (denied >= 0) {
      list.splice(denied, 0, {
        label: "Only counters can be read",
        kind: vscode.QuickPickItemKind.Separator,
      });
    }
    return list;
  } catch (error) {
    void vscode.window.showErrorMessage(problemOf(error).message);
    return [];
  }
}

function item({ pid, command, commandLine, user, readable }: ProcessSummary): Item {
  return { label: `${readable ? "" : "$(lock) "}${command}`, description: `${pid}  ${user}`, detail: commandLine, pid };
}
