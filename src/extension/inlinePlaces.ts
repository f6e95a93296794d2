/**
 * Beside the line where the debuggee stands: where the pointers in that line point, where `processMemory.inlineValues`
 * says so. From the variables that VS Code has asked for, so that the adapter is not asked again.
 */
import * as vscode from "vscode";
import { printable } from "../memory/names.ts";
import type { Sessions } from "./sessions.ts";
import type { StackFrame } from "./stackFrames.ts";
import type { StoppedFrames } from "./stoppedFrames.ts";
import type { StoppedPlaces } from "./stoppedPlaces.ts";

export class InlinePlaces implements vscode.Disposable {
  readonly #sessions: Sessions;
  readonly #frames: StoppedFrames;
  readonly #places: StoppedPlaces;
  readonly #decoration = vscode.window.createTextEditorDecorationType({
    after: {
      color: new vscode.ThemeColor("editor.inlineValuesForeground"),
      backgroundColor: new vscode.ThemeColor("editor.inlineValuesBackground"),
      margin: "0 0 0 1em",
    },
  });
  readonly #subscriptions: vscode.Disposable[];
  #update: NodeJS.Timeout | null = null;
  #isShown = false;

  constructor(sessions: Sessions, frames: StoppedFrames, places: StoppedPlaces) {
    this.#sessions = sessions;
    this.#frames = frames;
    this.#places = places;
    const soon = () => this.#updateSoon();
    this.#subscriptions = [
      this.#decoration,
      frames.onDidChange(soon),
      places.onDidChange(soon),
      vscode.debug.onDidChangeActiveStackItem(soon),
      vscode.window.onDidChangeVisibleTextEditors(soon),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("processMemory.inlineValues")) this.#updateSoon();
      }),
    ];
  }

  dispose(): void {
    if (this.#update) clearTimeout(this.#update);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #updateSoon(): void {
    this.#update ??= setTimeout(() => {
      this.#update = null;
      this.#show();
    }, TOGETHER);
  }

  #show(): void {
    const isOn = vscode.workspace.getConfiguration("processMemory").get("inlineValues", false);
    const item = vscode.debug.activeStackItem;
    const frame = item instanceof vscode.DebugStackFrame ? item : null;
    const told = isOn && frame ? this.#frames.get(frame.session)?.frame(frame.frameId) : null;
    if (!told && !this.#isShown) return;
    this.#isShown = false;
    for (const editor of vscode.window.visibleTextEditors) {
      const isThere =
        frame && told && editor.document.uri.scheme === "file" && editor.document.uri.fsPath === told.path;
      editor.setDecorations(this.#decoration, isThere ? this.#besides(editor.document, frame, told) : []);
    }
  }

  #besides(
    document: vscode.TextDocument,
    { session, frameId }: vscode.DebugStackFrame,
    { line }: StackFrame,
  ): vscode.DecorationOptions[] {
    const target = this.#sessions.get(session)?.target;
    if (!target || line < 1 || line > document.lineCount) return [];
    const { text, range } = document.lineAt(line - 1);
    const words = new Set(text.match(/[\p{L}_]\w*/gu));
    const pointers = this.#frames.get(session)?.pointersOf(frameId) ?? [];
    const parts = pointers.flatMap(({ name, value }) => {
      const label = words.has(name) ? this.#places.label(target.id, value) : null;
      return label === null ? [] : [`${name} → ${label}`];
    });
    if (parts.length === 0) return [];
    this.#isShown = true;
    const contentText = printable(parts.join(", ")).slice(0, LONGEST);
    return [{ range: new vscode.Range(range.end, range.end), renderOptions: { after: { contentText } } }];
  }
}

/** Milliseconds: frames, variables and places come one after the other. */
const TOGETHER = 20;
const LONGEST = 200;
