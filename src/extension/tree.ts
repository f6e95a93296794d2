/**
 * The tree in the Run and Debug side bar: process, groups, regions, sections, symbols. The server knows the nodes; the
 * tree asks for the children of what is open, and asks again when the target's picture changed.
 */
import * as vscode from "vscode";
import type { HexAddress } from "../memory/address.ts";
import type { TargetId, TreeNode } from "../protocol/server.ts";
import { setContext } from "./contextKeys.ts";
import type { MemoryServer } from "./memoryServer.ts";
import type { Selection } from "./selection.ts";
import { nameOf, noteOf, problemOf, type Target, type Targets } from "./targets.ts";
import { textOf, tooltipOf, treeItem } from "./treeItems.ts";

/** A node of the tree in its place. */
export interface Element {
  readonly target: TargetId;
  readonly node: TreeNode;
  readonly parent: Element | null;
  /** The ids from the root down: the same through refreshes, so that expansion and selection stay. */
  readonly path: string;
}

export class MemoryTree implements vscode.TreeDataProvider<Element>, vscode.Disposable {
  readonly #server: MemoryServer;
  readonly #targets: Targets;
  readonly #selection: Selection;
  readonly #changed = new vscode.EventEmitter<Element | undefined>();
  readonly #roots = new Map<TargetId, Element>();
  /** The revision that each process's nodes were last asked for. */
  readonly #shown = new Map<TargetId, number>();
  readonly #view: vscode.TreeView<Element>;
  readonly #subscriptions: vscode.Disposable[];
  readonly #workspaceState: vscode.Memento;
  #notice: string | null = null;
  #filter = "";
  #refresh: NodeJS.Timeout | null = null;
  #refreshed = 0;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(server: MemoryServer, targets: Targets, selection: Selection, workspaceState: vscode.Memento) {
    this.#workspaceState = workspaceState;
    this.#server = server;
    this.#targets = targets;
    this.#selection = selection;
    this.#view = vscode.window.createTreeView("processMemory.regions", {
      treeDataProvider: this,
      showCollapseAll: true,
    });
    this.#subscriptions = [
      this.#view,
      this.#changed,
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
      });
      return placed(nodes, element);
    } catch (error) {
      this.#note(problemOf(error).message);
      return [];
    }
  }

  getTreeItem({ target, node, path }: Element): vscode.TreeItem {
    return treeItem(node, path, this.#targets.active?.id === target);
  }

  resolveTreeItem(item: vscode.TreeItem, { node }: Element): vscode.TreeItem {
    item.tooltip = tooltipOf(node);
    return item;
  }

  getParent({ parent }: Element): Element | null {
    return parent;
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

  /** The node and, of what is no single region, what is one level below it. */
  async copyText(element: Element): Promise<string> {
    const below = element.node.hasChildren ? await this.getChildren(element) : [];
    return [element, ...below].map(({ node }) => textOf(node)).join("\n");
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
    this.#targets.activate(element.target);
    if (element.node.start) this.#selection.choose({ target: element.target, address: element.node.start, in: "tree" });
  }

  async #reveal(target: TargetId, address: HexAddress): Promise<void> {
    const known = this.#targets.get(target);
    if (!this.#view.visible || !known) return;
    try {
      const params = { target, address, filter: this.#filter };
      const { nodes } = await this.#server.request("processMemory/pathTo", params);
      let element = this.#root(known);
      for (const node of nodes) if (node.type !== "process") element = place(node, element, node.id);
      if (element.parent) await this.#view.reveal(element, { select: true, focus: false });
    } catch {
      // The tree may have changed meanwhile, or the filter hides the place: nothing to show then.
    }
  }
}

/** The filter, refresh and clipboard actions of the tree. */
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
        prompt: "Text in the address, permissions, kind or path of a region. Nothing shows all.",
        placeHolder: "heap, rw-p, libc, 7ffff…",
      });
      if (filter !== undefined) tree.setFilter(filter);
    }),
    command("processMemory.clearFilter", () => tree.setFilter("")),
    command("processMemory.refresh", async () => {
      const refreshed = targets.all
        .filter(({ ended }) => !ended)
        .map(({ id }) => server.request("processMemory/refresh", { target: id }));
      for (const result of await Promise.allSettled(refreshed)) {
        if (result.status === "rejected") void vscode.window.showWarningMessage(problemOf(result.reason).message);
      }
    }),
    command("processMemory.copyAddress", (element?: Element) => {
      if (element?.node.start) return vscode.env.clipboard.writeText(element.node.start);
      return undefined;
    }),
    command("processMemory.copyText", async (element?: Element) => {
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

/** Children in their places. Names for one address may repeat: the later ones get a number. */
function placed(nodes: TreeNode[], parent: Element): Element[] {
  const seen = new Map<string, number>();
  return nodes.map((node) => {
    const before = seen.get(node.id) ?? 0;
    seen.set(node.id, before + 1);
    return place(node, parent, before === 0 ? node.id : `${node.id}#${before}`);
  });
}

function place(node: TreeNode, parent: Element, name: string): Element {
  return { target: parent.target, node, parent, path: `${parent.path}/${name}` };
}

function processNode(target: Target): TreeNode {
  const { changed } = target;
  return {
    id: "process",
    type: "process",
    name: target.ended ? `${nameOf(target)}, ended` : nameOf(target),
    group: null,
    kind: null,
    start: null,
    end: null,
    permissions: null,
    size: changed?.totals?.size ?? changed?.sample.vsz ?? 0,
    rss: changed?.totals?.rss ?? changed?.sample.rss ?? null,
    count: changed?.regions ?? null,
    path: changed ? changed.executable : target.info.executable,
    source: null,
    hasChildren: (changed ? changed.limited : target.info.limited) === null,
  };
}

const UNFOLDED = "treeUnfolded";

/** Milliseconds between two refreshes while the target runs. */
const SHORTEST_INTERVAL = 1000;
