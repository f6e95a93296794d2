/** The crash report as a read-only document, in which addresses and source lines are links. */
import * as vscode from "vscode";
import type { TargetId } from "../protocol/server.ts";
import type { Crash, Crashes } from "./crashes.ts";
import { type ReportLink, type ReportText, reportText } from "./crashText.ts";
import { findSource } from "./sources.ts";

export class CrashDocument implements vscode.Disposable {
  readonly #crashes: Crashes;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #subscriptions: vscode.Disposable[];
  #shown: { readonly crash: Crash; readonly text: ReportText } | null = null;

  constructor(crashes: Crashes) {
    this.#crashes = crashes;
    const selector = { scheme: REPORT.scheme };
    this.#subscriptions = [
      this.#changed,
      crashes.onDidReport((crash) => {
        // A report that is open is always of the last crash.
        if (this.#isOpen) this.#take(crash);
      }),
      vscode.workspace.registerTextDocumentContentProvider(REPORT.scheme, {
        onDidChange: this.#changed.event,
        provideTextDocumentContent: () => this.#shown?.text.lines.join("\n") ?? "",
      }),
      vscode.languages.registerDocumentLinkProvider(selector, { provideDocumentLinks: () => this.#links() }),
      vscode.commands.registerCommand("processMemory.explainCrash", (target?: TargetId) => this.#show(target)),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  get #isOpen(): boolean {
    return vscode.workspace.textDocuments.some(({ uri }) => uri.scheme === REPORT.scheme);
  }

  /** The crash of a target where it is named and stands at one; otherwise the latest. */
  async #show(target?: TargetId): Promise<void> {
    if (target === undefined) await this.#crashes.askNow();
    const crash = this.#crashes.of(target) ?? this.#crashes.latest;
    if (!crash) {
      void vscode.window.showInformationMessage(
        "No crash to explain: no debugged program has stopped on SIGSEGV, SIGBUS, SIGILL, SIGFPE or SIGABRT.",
      );
      return;
    }
    this.#take(crash);
    const document = await vscode.workspace.openTextDocument(REPORT);
    const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
    const viewColumn = shown?.viewColumn ?? vscode.ViewColumn.Beside;
    await vscode.window.showTextDocument(document, { preview: true, viewColumn });
  }

  #take(crash: Crash): void {
    this.#shown = { crash, text: reportText(crash.process, crash.report, crash.facts) };
    this.#changed.fire(REPORT);
  }

  async #links(): Promise<vscode.DocumentLink[]> {
    const { crash, text } = this.#shown ?? {};
    return crash && text ? Promise.all(text.links.map((link) => documentLink(crash, link))) : [];
  }
}

async function documentLink(
  { target, session }: Crash,
  { line, start, end, to }: ReportLink,
): Promise<vscode.DocumentLink> {
  const isAddress = typeof to === "string";
  // By the source maps of the session that crashed: another may be active by then, or none.
  const uri = isAddress
    ? commandUri("processMemory.showAddress", { target, address: to })
    : commandUri("processMemory.openSource", { ...to, file: (await findSource(to.file, session))?.path ?? to.file });
  const link = new vscode.DocumentLink(new vscode.Range(line, start, line, end), uri);
  link.tooltip = isAddress ? "Show in Process Memory" : "Open Source";
  return link;
}

/** A link that runs a command of the extension. */
export function commandUri(command: string, ...args: unknown[]): vscode.Uri {
  return vscode.Uri.parse(`command:${command}?${encodeURIComponent(JSON.stringify(args))}`);
}

const REPORT = vscode.Uri.parse("process-memory-crash:/Crash Report");
