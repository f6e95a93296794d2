/** The status bar tells resident memory and faults a second of the active target; a click opens the panel. */
import * as vscode from "vscode";
import { formatBytes } from "../memory/size.ts";
import type { Changed } from "../protocol/server.ts";
import { nameOf, type Targets } from "./targets.ts";

export class StatusBar implements vscode.Disposable {
  readonly #targets: Targets;
  readonly #item: vscode.StatusBarItem;
  readonly #subscriptions: vscode.Disposable[];
  /** What is shown: an idle process says the same with every reading, and VS Code need not hear it. */
  #shown = "";

  constructor(targets: Targets) {
    this.#targets = targets;
    this.#item = vscode.window.createStatusBarItem("processMemory.status", vscode.StatusBarAlignment.Left, 40);
    this.#item.name = "Process Memory";
    this.#item.command = "processMemory.show";
    this.#subscriptions = [
      this.#item,
      targets.onDidUpdate(() => this.#show()),
      targets.onDidRead(({ id }) => {
        if (id === targets.active?.id) this.#show();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("processMemory.statusBar")) this.#show();
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #show(): void {
    const { active } = this.#targets;
    const enabled = vscode.workspace.getConfiguration("processMemory").get("statusBar.enabled", true);
    if (!enabled || !active?.changed || active.ended) {
      this.#shown = "";
      this.#item.hide();
      return;
    }
    const { sample, rates } = active.changed;
    const text = `$(database) ${formatBytes(sample.rss)}  $(pulse) ${rate(rates.minor + rates.major)}/s`;
    const lines = tooltipLines(active.changed);
    const shown = [nameOf(active), text, ...lines].join("\n");
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#item.text = text;
    this.#item.tooltip = tooltip(nameOf(active), lines);
    this.#item.accessibilityInformation = {
      label: `Memory of ${nameOf(active)}: ${formatBytes(sample.rss)} resident, ${rate(rates.minor + rates.major)} page faults a second`,
    };
    this.#item.show();
  }
}

function tooltipLines({ sample, rates, totals }: Changed): string[] {
  const lines = [
    `${formatBytes(sample.rss)} resident of ${formatBytes(sample.vsz)} of address space`,
    typeof totals?.pss === "number" ? `${formatBytes(totals.pss)} as its share (PSS)` : "",
    typeof totals?.uss === "number" ? `${formatBytes(totals.uss)} its alone (USS)` : "",
    totals && totals.swap > 0 ? `${formatBytes(totals.swap)} swapped out` : "",
    `${rate(rates.minor)} minor and ${rate(rates.major)} major page faults a second`,
    `${sample.minorFaults.toLocaleString()} minor and ${sample.majorFaults.toLocaleString()} major faults since its start`,
    "Click to show its memory.",
  ];
  return lines.filter((line) => line);
}

function tooltip(name: string, lines: readonly string[]): vscode.MarkdownString {
  const text = new vscode.MarkdownString("**");
  text.appendText(name);
  text.appendMarkdown("**");
  for (const line of lines) {
    text.appendMarkdown("  \n");
    text.appendText(line);
  }
  return text;
}

/** A rate without a fraction, in full up to 9,999: `0`, `312`, `12k`. */
function rate(perSecond: number): string {
  const whole = Math.round(perSecond);
  return whole < 10_000 ? String(whole) : `${Math.round(whole / 1000)}k`;
}
