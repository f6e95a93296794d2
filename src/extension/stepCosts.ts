/** What each step cost: beside the line at which the program stands, and with the line for the panel's list. */
import * as vscode from "vscode";
import { stepParts } from "../memory/stepWords.ts";
import type { PlacedStep, StepCost, Stops, StopsQuery, TargetId } from "../protocol/server.ts";
import type { MemoryServer } from "./memoryServer.ts";
import type { SessionMessage, Sessions } from "./sessions.ts";
import type { StoppedFrames } from "./stoppedFrames.ts";
import type { Target, Targets } from "./targets.ts";

export class StepCosts implements vscode.Disposable {
  readonly #server: MemoryServer;
  readonly #sessions: Sessions;
  readonly #targets: Targets;
  readonly #frames: StoppedFrames;
  /** Of sessions that stand still. */
  readonly #stops = new Map<string, Stop>();
  /** When sessions went on last, in milliseconds since the epoch. */
  readonly #continued = new Map<string, number>();
  /** Where the program stood, by the time of the stop; the oldest first. */
  readonly #places = new Map<TargetId, Map<number, PlacedStep["place"]>>();
  readonly #known = new vscode.EventEmitter<TargetId>();
  readonly #decoration = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    after: { color: new vscode.ThemeColor("editorCodeLens.foreground"), margin: "0 0 0 3em" },
  });
  readonly #subscriptions: vscode.Disposable[];

  /** What a step of that target cost is known, or more of it is. */
  readonly onDidKnow = this.#known.event;

  constructor(server: MemoryServer, sessions: Sessions, targets: Targets, frames: StoppedFrames) {
    this.#server = server;
    this.#sessions = sessions;
    this.#targets = targets;
    this.#frames = frames;
    this.#subscriptions = [
      this.#known,
      this.#decoration,
      sessions.onDidAnswer((message) => this.#answer(message)),
      sessions.onDidUpdate(() => this.#forgetRunning()),
      targets.onDidRead((target) => this.#read(target)),
      targets.onDidUpdate(() => this.#forgetTargets()),
      frames.onDidChange(() => this.#place()),
      vscode.debug.onDidChangeActiveStackItem(() => this.#place()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#show()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("processMemory.stepCosts")) this.#show();
      }),
    ];
  }

  /** The steps that cost most, with where the program stood after each. */
  async stops(query: StopsQuery): Promise<Stops<PlacedStep>> {
    const { stops, total } = await this.#server.request("processMemory/stops", query);
    const places = this.#places.get(query.target);
    return { stops: stops.map((step) => ({ ...step, place: places?.get(step.time) ?? null })), total };
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #answer({ session, message }: SessionMessage): void {
    if (message.type !== "event" || message.name !== "stopped" || this.#stops.has(session.id)) return;
    if (this.#sessions.get(session)?.runState !== "stopped") return;
    this.#stops.set(session.id, { begin: this.#continued.get(session.id) ?? 0, place: null, step: null });
  }

  #forgetRunning(): void {
    const { all } = this.#sessions;
    const over = [...this.#stops.keys()].filter(
      (id) => !all.some(({ session, runState }) => session.id === id && runState === "stopped"),
    );
    for (const id of over) {
      this.#stops.delete(id);
      this.#continued.set(id, Date.now());
    }
    for (const id of this.#continued.keys())
      if (!all.some(({ session }) => session.id === id)) this.#continued.delete(id);
    if (over.length > 0) this.#show();
  }

  #forgetTargets(): void {
    for (const id of this.#places.keys()) if (!this.#targets.get(id)) this.#places.delete(id);
  }

  #read({ id, session, changed }: Target): void {
    // Its other processes are not where it stands.
    const stop = session && this.#sessions.get(session)?.target?.id === id ? this.#stops.get(session.id) : undefined;
    // A notice of the stop before may still be on its way.
    if (!stop || !changed?.step || changed.step.time < stop.begin) return;
    if (stop.step?.time === changed.step.time && stop.step.rss === changed.step.rss) return;
    stop.step = changed.step;
    this.#complete(id, stop);
  }

  /** Where the frame stands that VS Code chose at the stop. */
  #place(): void {
    const item = vscode.debug.activeStackItem;
    const stop = item && this.#stops.get(item.session.id);
    if (!stop || stop.place || !(item instanceof vscode.DebugStackFrame)) return;
    const { path = null, line = 0 } = this.#frames.get(item.session)?.frame(item.frameId) ?? {};
    const target = this.#sessions.get(item.session)?.target;
    if (path === null || line < 1 || !target) return;
    stop.place = { file: path, line, column: 0 };
    this.#complete(target.id, stop);
  }

  #complete(target: TargetId, { step, place }: Stop): void {
    if (!step) return;
    if (place) {
      const places = this.#places.get(target) ?? new Map<number, PlacedStep["place"]>();
      this.#places.set(target, places.set(step.time, place));
      for (const oldest of places.keys()) if (places.size > MOST_PLACES) places.delete(oldest);
    }
    this.#known.fire(target);
    this.#show();
  }

  #show(): void {
    const isOn = vscode.workspace.getConfiguration("processMemory").get("stepCosts", true);
    const shown = isOn ? [...this.#stops.values()].flatMap((stop) => beside(stop) ?? []) : [];
    for (const editor of vscode.window.visibleTextEditors) {
      const own = shown.filter(
        ({ file, line }) => file === editor.document.uri.fsPath && line <= editor.document.lineCount,
      );
      editor.setDecorations(
        this.#decoration,
        own.map(({ line, options }) => ({ ...options, range: editor.document.lineAt(line - 1).range })),
      );
    }
  }
}

/** A stop that lasts. */
interface Stop {
  /** When the step to it began, in milliseconds since the epoch. */
  readonly begin: number;
  place: PlacedStep["place"];
  step: StepCost | null;
}

/** As many as the server keeps steps. */
const MOST_PLACES = 1000;
/** More would not be quiet. */
const MOST_KINDS = 2;

function beside({ place, step }: Stop) {
  if (!place || !step) return null;
  const parts = stepParts(step, MOST_KINDS);
  if (parts.length === 0) return null;
  const hover = new vscode.MarkdownString("**Since the stop before**\n\n");
  for (const part of stepParts(step)) hover.appendMarkdown("- ").appendText(part).appendMarkdown("\n");
  const options = { hoverMessage: hover, renderOptions: { after: { contentText: parts.join(" · ") } } };
  return { file: place.file, line: place.line, options };
}
