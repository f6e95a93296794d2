/**
 * The source lines of the symbols that the tree shows: asked for when a list stands there, so that opening it waits for
 * nothing, and kept, since the tree makes its nodes anew with every reading.
 */
import * as vscode from "vscode";
import type { SourceLocation } from "../memory/module.ts";
import type { TargetId, TreeNode } from "../protocol/server.ts";
import type { MemoryServer } from "./memoryServer.ts";

/** A node in its place, as the tree has it. */
interface Placed {
  readonly target: TargetId;
  readonly node: TreeNode;
  readonly path: string;
}

export class SymbolLines<Element extends Placed> implements vscode.Disposable {
  readonly #server: MemoryServer;
  readonly #show: (elements: Element[]) => void;
  /** `null` where there is none. */
  readonly #known = new Map<string, SourceLocation | null>();
  /** By the path of the list. */
  readonly #asked = new Map<string, { elements: readonly Element[]; readonly end: vscode.CancellationTokenSource }>();

  /** `show` hears of elements whose nodes have got their lines. */
  constructor(server: MemoryServer, show: (elements: Element[]) => void) {
    this.#server = server;
    this.#show = show;
  }

  /** Gives the symbols of a list their lines: those that are known at once, the others when they are read. */
  fill(target: TargetId, list: string, elements: readonly Element[]): void {
    const unknown = elements.filter(({ node }) => node.type === "symbol" && !this.#fill(target, node));
    if (unknown.length === 0) return;
    const asked = this.#asked.get(list);
    if (asked) asked.elements = elements;
    else void this.#ask(target, list, elements, unknown);
  }

  /** The list, or what is above it, is no longer shown. */
  leave(path: string): void {
    for (const [list, { end }] of this.#asked) if (list === path || list.startsWith(`${path}/`)) end.cancel();
  }

  /** Asks for all lines anew. */
  forget(): void {
    this.#known.clear();
  }

  dispose(): void {
    for (const { end } of this.#asked.values()) end.cancel();
  }

  #fill(target: TargetId, node: TreeNode): boolean {
    const source = this.#known.get(keyOf(target, node));
    if (source === undefined) return false;
    node.source = source;
    return true;
  }

  async #ask(target: TargetId, list: string, elements: readonly Element[], unknown: readonly Element[]): Promise<void> {
    const end = new vscode.CancellationTokenSource();
    const asked = { elements, end };
    this.#asked.set(list, asked);
    const addresses = unknown.flatMap(({ node }) => node.start ?? []);
    let sources: (SourceLocation | null)[] = [];
    try {
      sources = (await this.#server.request("processMemory/sources", { target, addresses }, end.token)).sources;
    } catch {
      // Stopped by the user, or they can't be read: what is shown stays without lines until it is refreshed.
    } finally {
      this.#asked.delete(list);
      end.dispose();
    }
    if (end.token.isCancellationRequested) return;
    if (this.#known.size > LINES_KEPT) this.#known.clear();
    for (const [i, { node }] of unknown.entries()) this.#known.set(keyOf(target, node), sources[i] ?? null);
    // The list may have been made anew meanwhile.
    this.#show(asked.elements.filter(({ node }) => this.#fill(target, node) && node.source));
    this.fill(target, list, asked.elements);
  }
}

function keyOf(target: TargetId, { start, name }: TreeNode): string {
  return `${target} ${start} ${name}`;
}

const LINES_KEPT = 50_000;
