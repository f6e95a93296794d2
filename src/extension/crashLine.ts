/** The crash at its line in the editor, with the report in the line's hover; and the notification that there is one. */
import * as vscode from "vscode";
import { commandUri } from "./crashDocument.ts";
import type { Crash, Crashes } from "./crashes.ts";
import { accessInWords } from "./crashText.ts";
import { withoutLinks } from "./message.ts";
import { findSource } from "./sources.ts";

export class CrashLine implements vscode.Disposable {
  readonly #crashes: Crashes;
  readonly #decoration = vscode.window.createTextEditorDecorationType({
    after: { margin: "0 0 0 3em", color: new vscode.ThemeColor("editorError.foreground") },
    overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.errorForeground"),
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  readonly #places = new Map<Crash, vscode.Location>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(crashes: Crashes) {
    this.#crashes = crashes;
    this.#subscriptions = [
      this.#decoration,
      crashes.onDidReport((crash) => {
        void this.#place(crash);
        void notify(crash);
      }),
      crashes.onDidChange(() => this.#draw()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#draw()),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** The innermost frame whose source is on this machine: a library's often is not. */
  async #place(crash: Crash): Promise<void> {
    const { facts, report, session } = crash;
    if (report.frame === null) return;
    for (const { source } of facts.frames.slice(report.frame)) {
      const uri = source && (await findSource(source.file, session));
      if (!uri) continue;
      this.#places.set(crash, new vscode.Location(uri, new vscode.Position(source.line - 1, 0)));
      this.#draw();
      return;
    }
  }

  #draw(): void {
    const standing = this.#crashes.standing;
    for (const crash of this.#places.keys()) if (!standing.includes(crash)) this.#places.delete(crash);
    for (const editor of vscode.window.visibleTextEditors) {
      const here = Array.from(this.#places).filter(([, { uri }]) => uri.toString() === editor.document.uri.toString());
      editor.setDecorations(
        this.#decoration,
        here.flatMap(([crash, { range }]) => decorationOf(crash, editor.document, range.start.line)),
      );
    }
  }
}

function decorationOf(crash: Crash, document: vscode.TextDocument, line: number): vscode.DecorationOptions[] {
  if (line >= document.lineCount) return [];
  return [
    {
      range: document.lineAt(line).range,
      hoverMessage: hoverOf(crash),
      renderOptions: { after: { contentText: crash.report.title } },
    },
  ];
}

function hoverOf({ target, report }: Crash): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: ["processMemory.showAddress", "processMemory.explainCrash"] };
  text.appendText(report.sentence);
  if (report.address !== null) {
    const uri = commandUri("processMemory.showAddress", { target, address: report.address });
    text.appendMarkdown(`\n\n${accessInWords(report.access)} [${report.address}](${uri} "Show in Process Memory")`);
  }
  text.appendMarkdown(`\n\n[Show Report](${commandUri("processMemory.explainCrash", target)})`);
  return text;
}

/** One, which waits to be looked at. */
async function notify({ target, report }: Crash): Promise<void> {
  const title = withoutLinks(`${report.signal}: ${report.title}`);
  const choice = await vscode.window.showInformationMessage(title, SHOW_REPORT);
  if (choice === SHOW_REPORT) await vscode.commands.executeCommand("processMemory.explainCrash", target);
}

const SHOW_REPORT = "Show Report";
