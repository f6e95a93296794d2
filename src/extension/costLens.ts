/**
 * Above the variables and functions of a source file what they cost the active target, where `processMemory.codeLens` says
 * so. Asked anew at each stop, and now and then while the target runs.
 */
import * as vscode from "vscode";
import type { Cost } from "../protocol/server.ts";
import { costTitle, costTooltip } from "./costText.ts";
import type { MemoryServer } from "./memoryServer.ts";
import type { AddressOfTarget } from "./showAddress.ts";
import { compiledPaths } from "./sources.ts";
import type { Target, Targets } from "./targets.ts";

export class CostLens implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #server: MemoryServer;
  readonly #targets: Targets;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[];
  #registration: vscode.Disposable | null = null;
  /** The target and sample that is shown. */
  #shown: Shown | null = null;
  /** Questions under way: VS Code gives them up where it hears of a change, and they would never be answered. */
  #asking = 0;
  #isMissed = false;

  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(server: MemoryServer, targets: Targets, log: vscode.LogOutputChannel) {
    this.#server = server;
    this.#targets = targets;
    this.#log = log;
    this.#subscriptions = [
      this.#changed,
      targets.onDidRead((target) => this.#read(target)),
      targets.onDidUpdate(() => this.#update()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("processMemory.codeLens")) this.#turn();
        else if (event.affectsConfiguration("processMemory")) this.#change();
      }),
    ];
    this.#turn();
  }

  async provideCodeLenses(document: vscode.TextDocument, token: vscode.CancellationToken): Promise<vscode.CodeLens[]> {
    const { active } = this.#targets;
    if (!active) return [];
    const files = compiledPaths(document.uri.path, active.session);
    this.#asking++;
    try {
      const { costs } = await this.#server.request("processMemory/costs", { target: active.id, files }, token);
      return costs.filter((cost) => isOnItsLine(document, cost)).map((cost) => lensOf(active, cost));
    } catch (error) {
      this.#log.debug(`What ${document.uri.path} costs was not answered: ${error}`);
      return [];
    } finally {
      this.#asking--;
      if (this.#asking === 0 && this.#isMissed) this.#change();
    }
  }

  dispose(): void {
    this.#registration?.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Switches it on or off, as the setting says. */
  #turn(): void {
    this.#registration?.dispose();
    const isOn = vscode.workspace.getConfiguration("processMemory").get("codeLens", false);
    this.#registration = isOn ? vscode.languages.registerCodeLensProvider(LANGUAGES, this) : null;
  }

  #read({ id, changed }: Target): void {
    if (!changed || id !== this.#targets.active?.id) return;
    const { time } = changed.sample;
    const { state } = changed;
    const shown = this.#shown?.id === id ? this.#shown : null;
    // At a stop there is one sample; what is read of the regions after it changes nothing here.
    if (shown?.state === state && time < shown.time + (state === "running" ? WHILE_RUNNING : 1)) return;
    this.#shown = { id, time, state };
    this.#change();
  }

  /** Another target is active, or it has ended. */
  #update(): void {
    const { active } = this.#targets;
    const state = active?.ended ? "ended" : this.#shown?.state;
    if (this.#shown?.id === active?.id && this.#shown?.state === state) return;
    this.#shown = active ? { id: active.id, time: 0, state: state ?? "running" } : null;
    this.#change();
  }

  #change(): void {
    this.#isMissed = this.#asking > 0;
    if (!this.#isMissed) this.#changed.fire();
  }
}

interface Shown {
  readonly id: string;
  readonly time: number;
  readonly state: "running" | "stopped" | "ended";
}

/** Not so where the file was edited since it was compiled, and what a compiler made up is on no line. */
function isOnItsLine(document: vscode.TextDocument, { name, line }: Cost): boolean {
  if (line > document.lineCount) return false;
  const { text } = document.lineAt(line - 1);
  return /^\w+$/.test(name) ? new RegExp(`\\b${name}\\b`).test(text) : text.includes(name);
}

function lensOf({ id }: Target, cost: Cost): vscode.CodeLens {
  const place = new vscode.Position(cost.line - 1, 0);
  const address: AddressOfTarget[] = cost.start === null ? [] : [{ target: id, address: cost.start }];
  return new vscode.CodeLens(new vscode.Range(place, place), {
    title: costTitle(cost),
    tooltip: costTooltip(cost),
    command: address.length === 0 ? "" : "processMemory.showAddress",
    arguments: address,
  });
}

const LANGUAGES = ["c", "cpp", "rust"].map((language) => ({ scheme: "file", language }));

/** Milliseconds between two questions while the target runs. */
const WHILE_RUNNING = 5000;
