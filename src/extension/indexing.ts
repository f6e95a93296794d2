/** Shows that debug information is being read where that takes long, how far it is, and lets it be stopped. */
import * as vscode from "vscode";
import type { Indexing } from "../protocol/server.ts";
import type { MemoryServer } from "./memoryServer.ts";

export class IndexingProgress implements vscode.Disposable {
  readonly #status: vscode.StatusBarItem;
  readonly #subscriptions: vscode.Disposable[];
  /** Ends the view's progress bar. */
  #end: (() => void) | null = null;

  constructor(server: MemoryServer, view: string) {
    this.#status = vscode.window.createStatusBarItem("indexing", vscode.StatusBarAlignment.Left);
    this.#status.name = "Process Memory: Source Lines";
    this.#status.command = "processMemory.stopIndexing";
    this.#subscriptions = [
      this.#status,
      server.onDidIndex((indexing) => this.#update(indexing, view)),
      // Whoever was reading is gone.
      server.onDidRestart(() => this.#over()),
      server.onDidLose(() => this.#over()),
      vscode.commands.registerCommand("processMemory.stopIndexing", () =>
        server.notify("processMemory/stopIndexing", {}),
      ),
    ];
  }

  dispose(): void {
    this.#over();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #update({ file, done }: Indexing, view: string): void {
    if (file === null) {
      this.#over();
      return;
    }
    const percent = `${Math.floor(100 * done)} %`;
    this.#status.text = `$(loading~spin) Reading source lines of ${file}: ${percent}`;
    this.#status.tooltip = `Process Memory reads the debug information of ${file}. Click to stop.`;
    this.#status.show();
    if (this.#end) return;
    const over = new Promise<void>((end) => {
      this.#end = end;
    });
    void vscode.window.withProgress({ location: { viewId: view } }, () => over);
  }

  #over(): void {
    this.#status.hide();
    this.#end?.();
    this.#end = null;
  }
}
