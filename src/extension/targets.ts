/**
 * The targets as the extension knows them: what the server last told of each, and which one the views show. The server
 * owns the targets themselves; this survives its restart.
 */
import * as vscode from "vscode";
import type { Changed, Problem, TargetId, TargetInfo } from "../protocol/server.ts";
import { type MemoryServer, ServerError } from "./memoryServer.ts";

export interface Target {
  readonly id: TargetId;
  readonly info: TargetInfo;
  /** The debug session that it belongs to; `null` when the user chose the process. */
  readonly session: vscode.DebugSession | null;
  /** The last notice; `null` before the first reading. */
  readonly changed: Changed | null;
  /** Why it can no longer be read; its last picture stays. */
  readonly ended: Problem | null;
  /** Its debug session is over: it goes when the next one has a target. */
  readonly sessionOver: boolean;
}

export class Targets implements vscode.Disposable {
  readonly #server: MemoryServer;
  readonly #targets = new Map<TargetId, Target>();
  readonly #updated = new vscode.EventEmitter<void>();
  readonly #read = new vscode.EventEmitter<Target>();
  readonly #subscriptions: vscode.Disposable[];
  readonly #watchers = new Map<string, TargetId[]>();
  readonly #kept = new Map<string, TargetId>();
  readonly #stopped = new Set<TargetId>();
  #active: TargetId | null = null;
  #saidRestart = false;

  /** Targets came, went or ended, or another one is active. */
  readonly onDidUpdate = this.#updated.event;
  /** A target was read. */
  readonly onDidRead = this.#read.event;

  constructor(server: MemoryServer) {
    this.#server = server;
    this.#subscriptions = [
      server.onDidChange((changed) => this.#changed(changed)),
      server.onDidEnd(({ target, problem }) => this.#end(target, problem)),
      server.onDidRestart(() => this.#attachAgain()),
      server.onDidLose(() => this.#lost()),
    ];
  }

  get all(): Target[] {
    return [...this.#targets.values()];
  }

  get active(): Target | null {
    return this.get(this.#active);
  }

  get(id: TargetId | null): Target | null {
    return (id && this.#targets.get(id)) || null;
  }

  ofSession(session: vscode.DebugSession): Target[] {
    return this.all.filter((target) => target.session?.id === session.id);
  }

  /** Looks at a process. Fails with a {@link ServerError} whose message is for the user. */
  async attach(pid: number, session: vscode.DebugSession | null): Promise<Target> {
    const info = await this.#server.request("processMemory/attach", { pid });
    const known = this.#targets.get(info.target);
    const target: Target = {
      id: info.target,
      info,
      session: session ?? known?.session ?? null,
      changed: known?.changed ?? null,
      ended: null,
      sessionOver: false,
    };
    this.#targets.set(target.id, target);
    if (session) this.forgetOver();
    this.#active ??= target.id;
    this.#updated.fire();
    return target;
  }

  async detach(id: TargetId): Promise<void> {
    if (!this.#targets.delete(id)) return;
    this.#stopped.delete(id);
    if (this.#active === id) this.#active = this.all.at(-1)?.id ?? null;
    this.#updated.fire();
    // A server that is gone has forgotten the target by itself.
    await this.#server.request("processMemory/detach", { target: id }).catch(() => undefined);
  }

  /** Makes a target the one that panel and status bar show. */
  activate(id: TargetId): void {
    if (this.#active === id || !this.#targets.has(id)) return;
    this.#active = id;
    this.#updated.fire();
  }

  /** Every thread of the target stands still, or it goes on. Answers whether that is news, at which the server reads. */
  standStill(id: TargetId, still: boolean): boolean {
    if (still === this.#stopped.has(id)) return false;
    if (still) this.#stopped.add(id);
    else this.#stopped.delete(id);
    void this.#server.notify(still ? "processMemory/stopped" : "processMemory/continued", { target: id });
    return true;
  }

  /** The session is over; its targets stay to be seen until the next session has one. */
  sessionEnded(session: vscode.DebugSession): void {
    for (const target of this.ofSession(session)) {
      this.#targets.set(target.id, { ...target, sessionOver: true });
      this.standStill(target.id, false);
    }
    this.#updated.fire();
  }

  /** Lets go of the targets whose session is over: another session has taken their place. Those that are kept stay. */
  forgetOver(): void {
    const kept = [...this.#kept.values()];
    for (const { id, sessionOver } of this.all) if (sessionOver && !kept.includes(id)) void this.detach(id);
  }

  /** Which target a view stays with, so that it outlives its session; `null` for none. */
  keep(view: string, target: TargetId | null): void {
    if (target === null) this.#kept.delete(view);
    else this.#kept.set(view, target);
  }

  /** Which targets a view shows in detail, so that they are read in detail. */
  watch(view: string, targets: TargetId[]): void {
    if (this.#watchers.get(view)?.join() === targets.join()) return;
    this.#watchers.set(view, targets);
    this.#tellWatching();
  }

  dispose(): void {
    for (const subscription of [...this.#subscriptions, this.#updated, this.#read]) subscription.dispose();
  }

  #changed(changed: Changed): void {
    const target = this.#targets.get(changed.target);
    if (!target) return;
    const now = { ...target, changed };
    this.#targets.set(target.id, now);
    this.#read.fire(now);
  }

  #end(id: TargetId, problem: Problem): void {
    const target = this.#targets.get(id);
    if (!target || target.ended) return;
    this.#targets.set(id, { ...target, ended: problem });
    this.#updated.fire();
  }

  #tellWatching(): void {
    const targets = [...new Set([...this.#watchers.values()].flat())];
    void this.#server.notify("processMemory/watching", { targets });
  }

  async #attachAgain(): Promise<void> {
    if (!this.#saidRestart) {
      this.#saidRestart = true;
      void vscode.window.showWarningMessage(
        "The memory server stopped unexpectedly and was started again. Its history starts anew; the output channel “Process Memory” says more.",
      );
    }
    for (const target of this.all) {
      if (target.ended) continue;
      try {
        const info = await this.#server.request("processMemory/attach", { pid: target.info.pid });
        // The pid may have been given to another process meanwhile.
        if (info.target !== target.id) {
          await this.#server.request("processMemory/detach", { target: info.target });
          this.#end(target.id, { problem: "gone", message: `${nameOf(target)} has ended.` });
        } else if (this.#stopped.has(target.id)) {
          await this.#server.notify("processMemory/stopped", { target: target.id });
        }
      } catch (error) {
        this.#end(target.id, problemOf(error));
      }
    }
    this.#tellWatching();
    this.#updated.fire();
  }

  #lost(): void {
    void vscode.window.showErrorMessage(
      "The memory server crashed several times and stays stopped. The output channel “Process Memory” says more; reload the window to try again.",
    );
    for (const target of this.all) {
      this.#end(target.id, {
        problem: "unreadable",
        message: "The memory server has stopped: this is the last picture.",
      });
    }
  }
}

/** `demo (1234)`. */
export function nameOf(target: Target): string {
  return `${target.changed?.command ?? target.info.command} (${target.info.pid})`;
}

/** The sentence to show above a target's picture: why it is incomplete or old; `null` when all is well. */
export function noteOf(target: Target): string | null {
  if (target.ended) return `${target.ended.message} This is its last picture.`;
  return (target.changed ? target.changed.limited : target.info.limited)?.message ?? null;
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ServerError && error.problem) return error.problem;
  return { problem: "unreadable", message: error instanceof Error ? error.message : String(error) };
}
