/** The memory breakpoints of the workspace, and how often each was hit since the window was opened. */
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { conditionInWords } from "../memory/memoryBreakpoint.ts";
import type { BreakpointHit, MemoryBreakpoint, MemoryCondition } from "../protocol/server.ts";
import type { MemoryServer } from "./memoryServer.ts";

export interface ListedBreakpoint extends MemoryBreakpoint {
  readonly isEnabled: boolean;
  readonly hits: number;
  /** What happened when it was hit last; `null` before the first time. */
  readonly lastHit: string | null;
}

type Stored = Pick<ListedBreakpoint, "id" | "condition" | "isEnabled">;

export class BreakpointList implements vscode.Disposable {
  readonly #server: MemoryServer;
  readonly #workspaceState: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  #all: readonly ListedBreakpoint[];

  readonly onDidChange = this.#changed.event;

  constructor(server: MemoryServer, workspaceState: vscode.Memento) {
    this.#server = server;
    this.#workspaceState = workspaceState;
    this.#all = workspaceState.get<Stored[]>(KEY, []).map((stored) => ({ ...stored, hits: 0, lastHit: null }));
    server.breakpoints = this.#enabled;
  }

  /** In the order in which they were added. */
  get all(): readonly ListedBreakpoint[] {
    return this.#all;
  }

  /** One that there is already is enabled instead. */
  add(condition: MemoryCondition): void {
    const words = conditionInWords(condition);
    const same = this.#all.find((each) => conditionInWords(each.condition) === words);
    if (same) this.enable(same.id, true);
    else this.#set([...this.#all, { id: randomUUID(), condition, isEnabled: true, hits: 0, lastHit: null }]);
  }

  /** Its hits are counted anew. */
  edit(id: string, condition: MemoryCondition): void {
    this.#change(id, { condition, hits: 0, lastHit: null });
  }

  enable(id: string, isEnabled: boolean): void {
    this.#change(id, { isEnabled });
  }

  remove(ids: readonly string[]): void {
    this.#set(this.#all.filter(({ id }) => !ids.includes(id)));
  }

  /** Answers those of the hits whose breakpoints are still there and enabled. */
  count(hits: readonly BreakpointHit[]): BreakpointHit[] {
    const counted = hits.filter((hit) => this.#all.some(({ id, isEnabled }) => id === hit.id && isEnabled));
    this.#all = this.#all.map((breakpoint) => {
      const hit = counted.find(({ id }) => id === breakpoint.id);
      return hit ? { ...breakpoint, hits: breakpoint.hits + 1, lastHit: hit.sentence } : breakpoint;
    });
    this.#changed.fire();
    return counted;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  get #enabled(): MemoryBreakpoint[] {
    return this.#all.filter(({ isEnabled }) => isEnabled).map(({ id, condition }) => ({ id, condition }));
  }

  #change(id: string, change: Partial<ListedBreakpoint>): void {
    this.#set(this.#all.map((each) => (each.id === id ? { ...each, ...change } : each)));
  }

  #set(all: readonly ListedBreakpoint[]): void {
    this.#all = all;
    const stored: Stored[] = all.map(({ id, condition, isEnabled }) => ({ id, condition, isEnabled }));
    void this.#workspaceState.update(KEY, stored);
    this.#server.breakpoints = this.#enabled;
    this.#server.settingsChanged();
    this.#changed.fire();
  }
}

/** In the workspace's state. */
const KEY = "memoryBreakpoints";
