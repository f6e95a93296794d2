import type { SymbolSettings } from "../memory/module.ts";
import { TargetError } from "../memory/target.ts";
import type { MemoryBreakpoint, TargetId, TargetInfo } from "../protocol/server.ts";
import { SymbolWorker } from "../symbols/remoteElf.ts";
import { LiveTarget } from "./liveTarget.ts";
import { Poller, type TargetEvents } from "./poller.ts";

/** The targets that are looked at. */
export class Targets {
  readonly #events: TargetEvents;
  readonly #pollers = new Map<TargetId, Poller>();
  readonly #symbols = new SymbolWorker();
  #watched: ReadonlySet<TargetId> = new Set();
  #interval = 1000;
  #breakpoints: readonly MemoryBreakpoint[] = [];

  constructor(events: TargetEvents) {
    this.#events = events;
  }

  /** Throws a {@link TargetError} `gone` for what is not looked at. */
  get(id: TargetId): LiveTarget {
    return this.#poller(id).target;
  }

  /** Looks at a process; one that is looked at already is given again. Throws a {@link TargetError}. */
  async attach(pid: number): Promise<TargetInfo> {
    if (!Number.isSafeInteger(pid) || pid < 1) throw new TargetError("gone", `There is no process ${pid}.`);
    const poller = this.#pollerOf(pid);
    const { id } = poller.target;
    try {
      await poller.open();
    } catch (error) {
      this.detach(id);
      throw error;
    }
    return poller.target.info;
  }

  detach(id: TargetId): void {
    this.#pollers.get(id)?.close();
    this.#pollers.delete(id);
  }

  /** The targets that some view shows in detail. */
  set watched(ids: readonly TargetId[]) {
    this.#watched = new Set(ids);
    for (const [id, poller] of this.#pollers) poller.isWatched = this.#watched.has(id);
  }

  /** Milliseconds between two readings; 0 reads at stops only. */
  set interval(interval: number) {
    this.#interval = interval > 0 ? Math.max(interval, SHORTEST_INTERVAL) : 0;
    for (const poller of this.#pollers.values()) poller.interval = this.#interval;
  }

  /** What the user wants targets to be paused at. */
  set breakpoints(breakpoints: readonly MemoryBreakpoint[]) {
    this.#breakpoints = breakpoints;
    for (const poller of this.#pollers.values()) poller.breakpoints = breakpoints;
  }

  /** What the user chose about symbols. */
  set symbolSettings(settings: SymbolSettings) {
    this.#symbols.settings = settings;
  }

  /** Does nothing for what is not looked at. */
  stopped(id: TargetId): void {
    this.#pollers.get(id)?.stop();
  }

  /** Does nothing for what is not looked at. */
  continued(id: TargetId): void {
    this.#pollers.get(id)?.continue();
  }

  /** When what was told of it so far has been read. Throws a {@link TargetError} for what is not looked at. */
  settled(id: TargetId): Promise<void> {
    return this.#poller(id).settled();
  }

  /** Throws a {@link TargetError}. */
  refresh(id: TargetId): Promise<void> {
    return this.#poller(id).refresh();
  }

  close(): void {
    for (const id of [...this.#pollers.keys()]) this.detach(id);
  }

  #poller(id: TargetId): Poller {
    const poller = this.#pollers.get(id);
    if (!poller) throw new TargetError("gone", "This process is no longer looked at. Choose it again.");
    return poller;
  }

  #pollerOf(pid: number): Poller {
    const target = new LiveTarget(pid, (file) => this.#symbols.open(file));
    const known = this.#pollers.get(target.id);
    if (known) {
      target.close();
      return known;
    }
    const isWatched = this.#watched.has(target.id);
    const settings = { interval: this.#interval, isWatched, breakpoints: this.#breakpoints };
    const poller = new Poller(target, settings, this.#events);
    this.#pollers.set(target.id, poller);
    return poller;
  }
}

/** Milliseconds. */
const SHORTEST_INTERVAL = 50;
