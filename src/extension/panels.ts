/**
 * "Show Process Memory": the panels in the editor area. One shows the active target; others may stay with a target of
 * their own, so that two processes, or two runs of one, stand side by side.
 */
import * as vscode from "vscode";
import { setContext } from "./contextKeys.ts";
import { PANEL_TYPE, Panel, type PanelParts, TITLE, webviewOptions } from "./panel.ts";
import { chooseProcess, lookAt } from "./processPicker.ts";
import { savePicture } from "./savePicture.ts";
import { nameOf, type Target } from "./targets.ts";

export class Panels implements vscode.Disposable {
  readonly #parts: PanelParts;
  /** The one that was used last is the last. */
  readonly #open = new Set<Panel>();
  readonly #subscriptions: vscode.Disposable[];
  #named = 0;

  constructor(parts: PanelParts) {
    this.#parts = parts;
    const command = vscode.commands.registerCommand;
    this.#subscriptions = [
      vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, {
        deserializeWebviewPanel: (editor, state: unknown) => this.#restore(editor, state),
      }),
      command("processMemory.show", async () => {
        const { server, targets } = parts;
        // Who has just begun to debug means that process, and need not choose one.
        if (!targets.active) await parts.settled();
        const target = targets.active ?? (await lookAt(targets, await chooseProcess(server)));
        if (target) this.#show(target);
      }),
      command("processMemory.openAnother", () => this.#openAnother()),
      command("processMemory.pin", () => {
        const panel = this.#current;
        if (panel?.shown) panel.pin(panel.shown.id);
      }),
      command("processMemory.savePicture", () => savePicture([...this.#open].findLast(({ editor }) => editor.visible))),
      command("processMemory.unpin", () => this.#current?.pin(null)),
    ];
  }

  dispose(): void {
    for (const panel of this.#open) panel.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** The panel that is in front or was last. */
  get #current(): Panel | undefined {
    return [...this.#open].at(-1);
  }

  /** Brings the panel that was last used of those that show the target to the front, or opens one beside the editor. */
  #show(target: Target): void {
    const panel = [...this.#open].findLast(({ shown }) => shown?.id === target.id);
    if (panel) panel.editor.reveal(undefined, true);
    else this.#create(vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active, null);
  }

  /** Beside the panel that is there, with a target that the user chooses. */
  async #openAnother(): Promise<void> {
    const { server, targets } = this.#parts;
    const chosen = await chooseTarget(targets.all);
    if (!chosen) return;
    const target = chosen.target ?? (await lookAt(targets, await chooseProcess(server), false));
    if (target) this.#create(this.#open.size > 0 ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active, target);
  }

  #create(viewColumn: vscode.ViewColumn, pinned: Target | null): void {
    const place = { viewColumn, preserveFocus: true };
    const options = webviewOptions(this.#parts.extension);
    this.#adopt(vscode.window.createWebviewPanel(PANEL_TYPE, TITLE, place, options), pinned);
  }

  /** After a reload of the window: the same process is shown again where it still is the same. */
  async #restore(editor: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { targets } = this.#parts;
    const { shown, pinned } = savedIn(state);
    const pid = Number(shown?.split(":")[0]);
    let target: Target | null = null;
    // What is debugged is looked at rather than what was.
    if (shown !== null && (pinned || !targets.active?.session)) {
      try {
        const found = await targets.attach(pid, null);
        if (found.id === shown) target = found;
        else await targets.detach(found.id);
      } catch {
        // It ended meanwhile: the panel says that nothing is looked at.
      }
    }
    if (target && !pinned) targets.activate(target.id);
    this.#adopt(editor, pinned ? target : null);
  }

  #adopt(editor: vscode.WebviewPanel, pinned: Target | null): void {
    this.#named++;
    const panel = new Panel(this.#parts, `panel ${this.#named}`, editor, pinned?.id ?? null);
    this.#open.add(panel);
    panel.onDidChange(() => this.#changed(panel));
    editor.onDidDispose(() => this.#open.delete(panel));
    this.#changed(panel);
  }

  #changed(panel: Panel): void {
    if (panel.editor.active) {
      this.#open.delete(panel);
      this.#open.add(panel);
    }
    setContext("panelPinned", this.#current?.pinned ?? false);
  }
}

interface TargetItem extends vscode.QuickPickItem {
  /** `null`: a process that nobody looks at yet. */
  readonly target: Target | null;
}

function chooseTarget(targets: readonly Target[]): Thenable<TargetItem | undefined> {
  const items = targets.map((target): TargetItem => {
    return { label: nameOf(target), description: target.ended ? "ended" : (target.session?.name ?? ""), target };
  });
  return vscode.window.showQuickPick<TargetItem>(
    [...items, { label: "$(server-process) Another process…", target: null }],
    {
      title: "Which process is the panel to stay with?",
    },
  );
}

/** The target that a panel's saved state names, and whether the panel stayed with it. */
function savedIn(state: unknown): { shown: string | null; pinned: boolean } {
  const { shown, pinned }: { shown?: unknown; pinned?: unknown } =
    typeof state === "object" && state !== null ? state : {};
  return { shown: typeof shown === "string" && /^\d+:\d+$/.test(shown) ? shown : null, pinned: pinned === true };
}
