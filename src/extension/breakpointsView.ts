/** The view Memory Breakpoints in the Run and Debug side bar, and what can be done there. */
import * as vscode from "vscode";
import { conditionInWords } from "../memory/memoryBreakpoint.ts";
import type { BreakpointList, ListedBreakpoint } from "./breakpointList.ts";
import { askAmount, askChangeOf, askCondition } from "./breakpointQuestions.ts";
import type { Targets } from "./targets.ts";
import type { Element } from "./treeElements.ts";

export class BreakpointsView implements vscode.TreeDataProvider<ListedBreakpoint>, vscode.Disposable {
  readonly #list: BreakpointList;
  readonly #targets: Targets;
  readonly #view: vscode.TreeView<ListedBreakpoint>;
  readonly #subscriptions: vscode.Disposable[];

  readonly onDidChangeTreeData: vscode.Event<void>;

  constructor(list: BreakpointList, targets: Targets) {
    this.#list = list;
    this.#targets = targets;
    this.onDidChangeTreeData = list.onDidChange;
    this.#view = vscode.window.createTreeView("processMemory.breakpoints", { treeDataProvider: this });
    this.#subscriptions = [
      this.#view,
      this.#view.onDidChangeCheckboxState(({ items }) => {
        for (const [{ id }, state] of items) list.enable(id, state === vscode.TreeItemCheckboxState.Checked);
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("processMemory.pollInterval")) this.#note();
      }),
      ...this.#commands(),
    ];
    this.#note();
  }

  getChildren(element?: ListedBreakpoint): ListedBreakpoint[] {
    return element ? [] : [...this.#list.all];
  }

  getTreeItem({ id, condition, isEnabled, hits, lastHit }: ListedBreakpoint): vscode.TreeItem {
    const words = conditionInWords(condition);
    const count = hits === 0 ? "" : hits === 1 ? "1 hit" : `${hits.toLocaleString()} hits`;
    const item = new vscode.TreeItem(words);
    item.id = id;
    item.description = count;
    item.tooltip = [
      `Pause when: ${words}${condition.when === "grows" ? " between stops" : ""}`,
      ...(lastHit ? [`The last time: ${lastHit}`] : []),
    ].join("\n");
    item.checkboxState = {
      state: isEnabled ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
      tooltip: isEnabled ? "Disable" : "Enable",
    };
    item.accessibilityInformation = { label: [words, ...(count ? [count] : [])].join(", ") };
    return item;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #commands(): vscode.Disposable[] {
    const command = vscode.commands.registerCommand;
    return [
      command("processMemory.addBreakpoint", async () => {
        const condition = await askCondition(this.#targets.active);
        if (condition) this.#list.add(condition);
      }),
      command("processMemory.breakOnChange", async (element?: Element) => {
        const condition = element && (await askChangeOf(element.node));
        if (condition) this.#list.add(condition);
      }),
      command("processMemory.editBreakpoint", async (breakpoint = this.#view.selection[0]) => {
        const condition = breakpoint && (await askAmount(breakpoint.condition));
        if (condition) this.#list.edit(breakpoint.id, condition);
      }),
      command("processMemory.removeBreakpoint", (breakpoint = this.#view.selection[0]) => {
        if (breakpoint) this.#list.remove([breakpoint.id]);
      }),
      command("processMemory.removeAllBreakpoints", () => this.#list.remove(this.#list.all.map(({ id }) => id))),
    ];
  }

  #note(): void {
    const isAtStops = vscode.workspace.getConfiguration("processMemory").get<number>("pollInterval") === 0;
    this.#view.message = isAtStops
      ? "They are tested at stops alone: processMemory.pollInterval is 0, so nothing is read while the program runs."
      : "";
  }
}
