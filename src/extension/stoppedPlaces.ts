/**
 * What is where in the targets that stand still, kept here so that a debug hover is answered at once: VS Code takes an
 * adapter's answer as it is when the tracker returns.
 */
import * as vscode from "vscode";
import type { Address } from "../memory/address.ts";
import { Places } from "../memory/places.ts";
import type { ModulePlacesMessage, PlacesMessage, TargetId } from "../protocol/server.ts";
import type { MemoryServer } from "./memoryServer.ts";
import type { Sessions } from "./sessions.ts";
import type { Target, Targets } from "./targets.ts";

export class StoppedPlaces implements vscode.Disposable {
  readonly #server: MemoryServer;
  readonly #sessions: Sessions;
  readonly #log: vscode.LogOutputChannel;
  readonly #kept = new Map<TargetId, Kept>();
  /** Sections and symbols by file and build-id: they do not change from stop to stop. */
  readonly #modules = new Map<string, ModulePlacesMessage>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[];

  /** Labels are known that were not before, or are more exact. */
  readonly onDidChange = this.#changed.event;

  constructor(server: MemoryServer, sessions: Sessions, targets: Targets, log: vscode.LogOutputChannel) {
    this.#server = server;
    this.#sessions = sessions;
    this.#log = log;
    this.#subscriptions = [
      targets.onDidRead((target) => this.#read(target)),
      sessions.onDidUpdate(() => this.#forgetRunning(targets)),
      targets.onDidUpdate(() => this.#forgetRunning(targets)),
    ];
  }

  /** The place of an address in words, `[heap] rw-p`; `null` while the target runs or its places are not yet known. */
  label(target: TargetId, address: Address): string | null {
    const kept = this.#kept.get(target);
    return kept?.current && kept.places ? kept.places.label(address) : null;
  }

  /** Fetches all symbols anew: they have other names now. */
  renew(): void {
    this.#modules.clear();
    for (const [target, kept] of this.#kept) this.#fetchSoon(target, { ...kept, places: null });
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** A reading at a stop: the places are as they were, or are fetched anew. */
  #read(target: Target): void {
    const { session, changed } = target;
    const runState = session && this.#sessions.get(session)?.runState;
    if (!changed || changed.limited || (runState !== "stopped" && runState !== "partly")) return;
    const kept = this.#kept.get(target.id);
    if (kept?.revision === changed.revision) {
      kept.current = true;
      this.#changed.fire();
      return;
    }
    this.#fetchSoon(target.id, { revision: changed.revision, places: null, current: true });
  }

  #fetchSoon(target: TargetId, kept: Kept): void {
    this.#kept.set(target, kept);
    this.#fetch(target, kept).catch((error: unknown) => {
      this.#log.debug(`The places of ${target} were not fetched: ${error}`);
    });
  }

  async #fetch(target: TargetId, kept: Kept): Promise<void> {
    const message = await this.#server.request("processMemory/places", { target });
    const places = new Places(message);
    kept.places = places;
    this.#changed.fire();
    for (const [index, module] of message.modules.entries()) {
      if (this.#kept.get(target) !== kept || !kept.current) return;
      places.addModule(index, await this.#module(target, index, module));
    }
    this.#changed.fire();
  }

  async #module(target: TargetId, index: number, file: PlacesMessage["modules"][number]): Promise<ModulePlacesMessage> {
    const key = file.buildId && `${file.path} ${file.buildId}`;
    const known = key && this.#modules.get(key);
    if (known) return known;
    const module = await this.#server.request("processMemory/modulePlaces", { target, module: index });
    if (this.#modules.size >= MODULES_KEPT) this.#modules.clear();
    if (key) this.#modules.set(key, module);
    return module;
  }

  #forgetRunning(targets: Targets): void {
    for (const [id, kept] of this.#kept) {
      const target = targets.get(id);
      const runState = target?.session && this.#sessions.get(target.session)?.runState;
      if (!target || target.ended) this.#kept.delete(id);
      else if (runState !== "stopped" && runState !== "partly") kept.current = false;
    }
  }
}

interface Kept {
  readonly revision: number;
  /** `null` until they are fetched. */
  places: Places | null;
  /** Read since the last stop. */
  current: boolean;
}

const MODULES_KEPT = 500;
