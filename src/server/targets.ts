import { TargetError } from "../memory/target.ts";
import type { Changed, Problem, TargetId } from "../protocol/server.ts";
import { LiveTarget } from "./liveTarget.ts";
import { problemOf } from "./problems.ts";

/** What the targets tell: after each reading, and when one has ended. */
export interface TargetEvents {
  changed(changed: Changed): void;
  ended(target: TargetId, problem: Problem): void;
  /** Something went wrong that no question asked for. */
  failed(error: unknown): void;
}

/** The targets that are looked at, and the clock that reads them. */
export class Targets {
  readonly #events: TargetEvents;
  readonly #targets = new Map<TargetId, LiveTarget>();
  #watched = new Set<TargetId>();
  #interval = 1000;
  #timer: NodeJS.Timeout | null = null;

  constructor(events: TargetEvents) {
    this.#events = events;
  }

  /** Throws a {@link TargetError} `gone` for what is not looked at. */
  get(id: TargetId): LiveTarget {
    const target = this.#targets.get(id);
    if (!target) throw new TargetError("gone", `The process ${id} is not looked at any more: choose it again.`);
    return target;
  }

  /** Looks at a process; one that is looked at already is given again. Throws a {@link TargetError}. */
  attach(pid: number): LiveTarget {
    const target = new LiveTarget(pid);
    const known = this.#targets.get(target.id);
    if (known) {
      target.close();
      return known;
    }
    this.#targets.set(target.id, target);
    this.#schedule();
    return target;
  }

  detach(id: TargetId): void {
    this.#targets.get(id)?.close();
    this.#targets.delete(id);
    this.#watched.delete(id);
    this.#schedule();
  }

  /** The targets that a view shows in detail. */
  watch(ids: readonly TargetId[]): void {
    const before = this.#watched;
    this.#watched = new Set(ids);
    for (const id of ids) {
      const target = this.#targets.get(id);
      // Whoever begins to look shall not wait for the next tick, nor for the next stop.
      if (target && !before.has(id) && target.state === "running") void this.#read(target, () => target.tick(true));
    }
  }

  /** Milliseconds between two readings; 0 reads at stops only. */
  set interval(interval: number) {
    this.#interval = Number.isFinite(interval) && interval > 0 ? Math.max(interval, SHORTEST_INTERVAL) : 0;
    this.#schedule(true);
  }

  async stopped(id: TargetId): Promise<void> {
    const target = this.#targets.get(id);
    if (target && target.state !== "ended") await this.#read(target, () => target.stop());
  }

  async continued(id: TargetId): Promise<void> {
    const target = this.#targets.get(id);
    if (target?.state === "stopped") await this.#read(target, async () => target.continue());
  }

  /** Throws a {@link TargetError}. */
  async refresh(id: TargetId): Promise<void> {
    const target = this.get(id);
    if (target.state !== "ended") await this.#read(target, () => target.refresh());
  }

  close(): void {
    for (const id of [...this.#targets.keys()]) this.detach(id);
  }

  /** The clock runs while there is something for it to read. */
  #schedule(anew = false): void {
    const needed = this.#interval > 0 && this.#targets.size > 0;
    if (this.#timer && (!needed || anew)) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
    if (needed && !this.#timer) this.#timer = setTimeout(() => this.#tick(), this.#interval);
  }

  async #tick(): Promise<void> {
    const running = [...this.#targets.values()].filter(({ state }) => state === "running");
    for (const target of running) {
      if (target.state === "running") await this.#read(target, () => target.tick(this.#watched.has(target.id)));
    }
    this.#timer = null;
    this.#schedule();
  }

  async #read(target: LiveTarget, read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (this.#targets.get(target.id) !== target) return;
      const problem = problemOf(error);
      if (problem.problem !== "gone" && problem.problem !== "zombie") return this.#events.failed(error);
      if (target.state === "ended") return;
      target.end();
      this.#events.changed(target.changed);
      this.#events.ended(target.id, problem);
      return;
    }
    if (this.#targets.get(target.id) === target) this.#events.changed(target.changed);
  }
}

/** Milliseconds. */
const SHORTEST_INTERVAL = 50;
