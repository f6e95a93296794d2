/** What can be done in the tree: filter, sort, refresh, open, copy. */
import * as vscode from "vscode";
import { filterProblem } from "../memory/filter.ts";
import type { SourceLocation } from "../memory/module.ts";
import type { MemoryServer } from "./memoryServer.ts";
import type { Selection } from "./selection.ts";
import { openSource } from "./sources.ts";
import { problemOf, type Targets } from "./targets.ts";
import type { MemoryTree } from "./tree.ts";
import type { Element } from "./treeElements.ts";

export function registerTreeCommands(
  tree: MemoryTree,
  targets: Targets,
  server: MemoryServer,
  selection: Selection,
): vscode.Disposable {
  const command = vscode.commands.registerCommand;
  return vscode.Disposable.from(
    command("processMemory.filter", async () => {
      const filter = await vscode.window.showInputBox({
        title: "Filter the regions",
        value: tree.filter,
        prompt: "Text in address, permissions, kind or path, or what must hold: rss>1M perm:w. Nothing shows all.",
        placeHolder: "libc, kind:heap|stack, rss>1M, -perm:x, addr:0x7ffff…",
        validateInput: filterProblem,
      });
      if (filter !== undefined) tree.setFilter(filter);
    }),
    command("processMemory.clearFilter", () => tree.setFilter("")),
    command("processMemory.sortByAddress", () => {
      tree.order = "address";
    }),
    command("processMemory.sortBySize", () => {
      tree.order = "size";
    }),
    command("processMemory.refresh", async () => {
      const refreshed = targets.all
        .filter(({ ended }) => !ended)
        .map(({ id }) => server.request("processMemory/refresh", { target: id }));
      for (const result of await Promise.allSettled(refreshed)) {
        if (result.status === "rejected") void vscode.window.showWarningMessage(problemOf(result.reason).message);
      }
      tree.renew();
    }),
    command("processMemory.openSource", async (what: Element | SourceLocation | undefined = tree.chosen, options) => {
      const session = vscode.debug.activeDebugSession ?? null;
      if (what) await ("node" in what ? tree.openSource(what, options) : openSource(what, session, options));
    }),
    command("processMemory.copyAddress", (element = tree.chosen) => {
      if (element?.node.start) return vscode.env.clipboard.writeText(element.node.start);
      return undefined;
    }),
    command("processMemory.copySource", (element = tree.chosen) => {
      const source = element?.node.source;
      return source ? vscode.env.clipboard.writeText(`${source.file}:${source.line}`) : undefined;
    }),
    command("processMemory.copyText", async (element = tree.chosen) => {
      if (element) await vscode.env.clipboard.writeText(await tree.copyText(element));
    }),
    command("processMemory.showInPanel", async (element?: Element) => {
      if (!element) return;
      targets.activate(element.target);
      await vscode.commands.executeCommand("processMemory.show");
      if (element.node.start) selection.choose({ target: element.target, address: element.node.start, in: "command" });
    }),
    command("processMemory.close", async (element?: Element) => {
      if (element) await targets.detach(element.target);
    }),
  );
}
