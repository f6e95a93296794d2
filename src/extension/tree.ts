/**
 * The tree in the Run and Debug side bar: process, groups, regions, sections, symbols. The server knows the nodes; the
 * tree asks for the children of what is open, and asks again when the target's picture changed.
 */
import * as vscode from "vscode";
import type { HexAddress } from "../memory/address.ts";
import { debugInfoSentence } from "../memory/debugInfo.ts";
import type { SymbolOrder, TargetId, TreeNode } from "../protocol/server.ts";
import { setContext } from "./contextKeys.ts";
import type { MemoryServer } from "./memoryServer.ts";
import type { Selection } from "./selection.ts";
import { type OpenOptions, openSource } from "./sources.ts";
import { SymbolLines } from "./symbolLines.ts";
import { noteOf, problemOf, type Target, type Targets } from "./targets.ts";
import { type Element, place, placed, processNode } from "./treeElements.ts";
import { labelOf, textOf, tooltipOf, treeItem } from "./treeItems.ts";

export class MemoryTree implements vscode.TreeDataProvider<Element>, vscode.Disposable {
  readonly #server: MemoryServer;
  readonly #targets: Targets;
  readonly #selection: Selection;
  /** What is selected since it was chosen elsewhere, until VS Code tells so. */
  #revealed: Element | null = null;
  readonly #changed = new vscode.EventEmitter<Element | Element[] | undefined>();
  readonly #lines: SymbolLines<Element>;
  readonly #roots = new Map<TargetId, Element>();
  /** The revision that each process's nodes were last asked for. */
  readonly #shown = new Map<TargetId, number>();
  readonly #view: vscode.TreeView<Element>;
  readonly #subscriptions: vscode.Disposable[];
  readonly #workspaceState: vscode.Memento;
  #notice: string | null = null;
  #filter = "";
  #order: SymbolOrder = "size";
  #refresh: NodeJS.Timeout | null = null;
  #refreshed = 0;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(server: MemoryServer, targets: Targets, selection: Selection, workspaceState: vscode.Memento) {
    this.#workspaceState = workspaceState;
    this.#server = server;
    this.#targets = targets;
    this.#selection = selection;
    this.#lines = new SymbolLines(server, (elements) => this.#changed.fire(elements));
    this.#view = vscode.window.createTreeView("processMemory.regions", {
      treeDataProvider: this,
      showCollapseAll: true,
    });
    this.#subscriptions = [
      this.#view,
      this.#changed,
      this.#lines,
      this.#view.onDidCollapseElement(({ element }) => this.#lines.leave(element.path)),
      this.#view.onDidChangeVisibility(() => this.#watch()),
      this.#view.onDidChangeSelection(({ selection: [element] }) => this.#chose(element)),
      targets.onDidUpdate(() => this.#updated()),
      targets.onDidRead((target) => this.#read(target)),
      selection.onDidChange(({ target, address, in: origin }) => {
        if (origin !== "tree") void this.#reveal(target, address);
      }),
    ];
  }

  async getChildren(element?: Element): Promise<Element[]> {
    if (!element) return this.#targets.all.map((target) => this.#root(target));
    const { target, node } = element;
    const revision = this.#targets.get(target)?.changed?.revision;
    if (node.type === "process" && revision !== undefined) this.#shown.set(target, revision);
    try {
      const { nodes } = await this.#server.request("processMemory/children", {
        target,
        node: node.id,
        filter: this.#filter,
        order: this.#order,
      });
      const elements = placed(nodes, element);
      this.#lines.fill(target, element.path, elements);
      return elements;
    } catch (error) {
      this.#note(problemOf(error).message);
      return [];
    }
  }

  getTreeItem(element: Element): vscode.TreeItem {
    const { target, node, path } = element;
    const item = treeItem(node, path, this.#targets.active?.id === target);
    if (node.type === "symbol") {
      const options: OpenOptions = { preserveFocus: true };
      item.command = { title: "Open Source", command: "processMemory.openSource", arguments: [element, options] };
    }
    return item;
  }

  /** What has to be asked for is waited for: the tooltip appears when it is there. */
  async resolveTreeItem(
    item: vscode.TreeItem,
    { target, node }: Element,
    token: vscode.CancellationToken,
  ): Promise<vscode.TreeItem> {
    const more = await this.#details(target, node, token).catch(() => []);
    item.tooltip = tooltipOf(node, more);
    return item;
  }

  getParent({ parent }: Element): Element | null {
    return parent;
  }

  /** What the user has chosen in the tree. */
  get chosen(): Element | undefined {
    return this.#view.selection[0];
  }

  get filter(): string {
    return this.#filter;
  }

  /** Shows only regions with this text in address, permissions, kind or path; all for the empty text. */
  setFilter(filter: string): void {
    this.#filter = filter.trim();
    setContext("filtered", this.#filter !== "");
    this.#view.description = this.#filter ? `“${this.#filter}”` : "";
    this.#changed.fire(undefined);
  }

  /** In which order sections show their symbols. */
  set order(order: SymbolOrder) {
    this.#order = order;
    setContext("symbolsByAddress", order === "address");
    this.#changed.fire(undefined);
  }

  /** Asks for all nodes and their source lines anew. */
  renew(): void {
    this.#lines.forget();
    this.#changed.fire(undefined);
  }

  /** Shows the source of a symbol, or says why there is none. */
  async openSource({ target, node }: Element, options?: OpenOptions): Promise<void> {
    const session = this.#targets.get(target)?.session ?? null;
    if (!node.source && node.start) {
      const params = { target, address: node.start, withSource: true };
      node.source = (await this.#server.request("processMemory/explain", params)).source;
    }
    if (node.source) await openSource(node.source, session, options);
    else vscode.window.setStatusBarMessage(`No source line is known for ${labelOf(node)}.`, 5000);
  }

  /** The node and, of what is no single region, what is one level below it. */
  async copyText(element: Element): Promise<string> {
    const below = element.node.hasChildren ? await this.getChildren(element) : [];
    return [element, ...below].map(({ node }) => textOf(node)).join("\n");
  }

  /** Of a symbol its type and where it is declared, of a module where its debug information comes from. */
  async #details(target: TargetId, node: TreeNode, token: vscode.CancellationToken): Promise<string[]> {
    if (node.type === "symbol" && node.start) {
      const params = { target, address: node.start, withSource: true };
      const { variable, source } = await this.#server.request("processMemory/explain", params, token);
      node.source ??= source;
      return variable?.type ? [`Of type ${variable.type}`] : [];
    }
    if (node.type !== "module" && node.id !== "group:program") return [];
    const { debugInfo } = await this.#server.request("processMemory/debugInfo", { target, node: node.id }, token);
    const sentence = debugInfo && debugInfoSentence(debugInfo.origin, debugInfo.module);
    return sentence ? [sentence] : [];
  }

  dispose(): void {
    if (this.#refresh) clearTimeout(this.#refresh);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** VS Code knows an element by its object: a process keeps its own, and its numbers are renewed in place. */
  #root(target: Target): Element {
    const known = this.#roots.get(target.id);
    const node = processNode(target);
    if (known) {
      Object.assign(known.node, node);
      return known;
    }
    const root: Element = { target: target.id, node, parent: null, path: target.id };
    this.#roots.set(target.id, root);
    return root;
  }

  /** Targets came, went, ended, or another one is active. */
  #updated(): void {
    const targets = this.#targets.all;
    for (const id of [...this.#roots.keys()]) {
      if (targets.some((target) => target.id === id)) continue;
      this.#roots.delete(id);
      this.#shown.delete(id);
      this.#lines.leave(id);
    }
    setContext("hasTarget", targets.length > 0);
    this.#note();
    this.#watch();
    this.#changed.fire(undefined);
    void this.#unfold(targets.find(({ session }) => session !== null));
  }

  /** VS Code folds an extension's view in the debug side bar away: with a workspace's first target it is opened, once. */
  async #unfold(target: Target | undefined): Promise<void> {
    if (!target || this.#workspaceState.get(UNFOLDED, false)) return;
    await this.#workspaceState.update(UNFOLDED, true);
    await this.#view.reveal(this.#root(target), { select: false, focus: false });
  }

  #read(target: Target): void {
    this.#note();
    if (!this.#view.visible || !target.changed) return;
    const due = this.#shown.get(target.id) !== target.changed.revision;
    if (due) this.#refreshSoon(target);
  }

  /** At a stop at once, else no more often than once a second. */
  #refreshSoon(target: Target): void {
    const wait = target.changed?.state === "running" ? this.#refreshed + SHORTEST_INTERVAL - Date.now() : 0;
    if (this.#refresh) {
      if (wait > 0) return;
      clearTimeout(this.#refresh);
    }
    this.#refresh = setTimeout(
      () => {
        this.#refresh = null;
        this.#refreshed = Date.now();
        for (const each of this.#targets.all) {
          if (this.#shown.get(each.id) !== each.changed?.revision) this.#changed.fire(this.#root(each));
        }
      },
      Math.max(0, wait),
    );
  }

  /** A sentence above the processes: that the active session is none of them. */
  set notice(notice: string | null) {
    if (this.#notice === notice) return;
    this.#notice = notice;
    this.#note();
  }

  /** What the user should know of the active target goes before what went wrong in asking for a part of one. */
  #note(trouble = ""): void {
    const { active } = this.#targets;
    // An empty tree says it with buttons.
    const notice = active ? this.#notice : null;
    this.#view.message = notice ?? (active && noteOf(active)) ?? trouble;
  }

  #watch(): void {
    this.#targets.watch("tree", this.#view.visible ? this.#targets.all.map(({ id }) => id) : []);
    if (!this.#view.visible) return;
    for (const target of this.#targets.all) this.#read(target);
  }

  #chose(element: Element | undefined): void {
    if (!element) return;
    const followed = this.#revealed;
    this.#revealed = null;
    // A section begins elsewhere than what was chosen in it: that remains chosen.
    if (followed?.node.id === element.node.id && followed.target === element.target) return;
    this.#targets.activate(element.target);
    if (element.node.start) this.#selection.choose({ target: element.target, address: element.node.start, in: "tree" });
  }

  async #reveal(target: TargetId, address: HexAddress): Promise<void> {
    const known = this.#targets.get(target);
    if (!this.#view.visible || !known) return;
    try {
      const params = { target, address, filter: this.#filter, order: this.#order };
      const { nodes } = await this.#server.request("processMemory/pathTo", params);
      let element = this.#root(known);
      for (const node of nodes) if (node.type !== "process") element = place(node, element, node.id);
      if (!element.parent) return;
      this.#revealed = element;
      await this.#view.reveal(element, { select: true, focus: false });
    } catch {
      // The tree may have changed meanwhile, or the filter hides the place: nothing to show then.
    }
  }
}

const UNFOLDED = "treeUnfolded";

/** Milliseconds between two refreshes while the target runs. */
const SHORTEST_INTERVAL = 1000;
