/**
 * `0x…` in terminals, logs, outputs and disassemblies is a link that explains the address: while a process is looked at,
 * and not before.
 */
import * as vscode from "vscode";
import { parseAddress } from "../memory/address.ts";
import type { StoppedPlaces } from "./stoppedPlaces.ts";
import type { Targets } from "./targets.ts";

export class AddressLinks implements vscode.Disposable {
  readonly #targets: Targets;
  readonly #places: StoppedPlaces;
  readonly #subscription: vscode.Disposable;
  #providers: vscode.Disposable | null = null;

  constructor(targets: Targets, places: StoppedPlaces) {
    this.#targets = targets;
    this.#places = places;
    this.#subscription = targets.onDidUpdate(() => this.#update());
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#providers?.dispose();
  }

  #update(): void {
    if ((this.#targets.active !== null) === (this.#providers !== null)) return;
    this.#providers?.dispose();
    this.#providers = this.#targets.active && this.#register();
  }

  #register(): vscode.Disposable {
    return vscode.Disposable.from(
      vscode.window.registerTerminalLinkProvider({
        provideTerminalLinks: ({ line }) =>
          addressesIn(line.slice(0, LONGEST_LINE)).map(
            ({ text, start }) => new AddressLink(text, start, this.#tip(text)),
          ),
        handleTerminalLink: ({ address }: AddressLink) => explain(address),
      }),
      vscode.languages.registerDocumentLinkProvider(DOCUMENTS, {
        provideDocumentLinks: (document) => documentLinks(document, (text) => this.#tip(text)),
      }),
    );
  }

  #tip(text: string): string {
    const { active } = this.#targets;
    const address = parseAddress(text);
    const label = active && address !== undefined ? this.#places.label(active.id, address) : null;
    return label === null ? "Explain address" : `→ ${label}. Explain address`;
  }
}

class AddressLink extends vscode.TerminalLink {
  readonly address: string;

  constructor(address: string, start: number, tip: string) {
    super(start, address.length, tip);
    this.address = address;
  }
}

function explain(address: string): Thenable<void> {
  return vscode.commands.executeCommand("processMemory.explainAddress", address);
}

function documentLinks(document: vscode.TextDocument, tip: (text: string) => string): vscode.DocumentLink[] {
  const links: vscode.DocumentLink[] = [];
  const end = Math.min(document.lineCount, MOST_LINES);
  for (let line = 0; line < end && links.length < MOST_LINKS; line++) {
    for (const { text, start } of addressesIn(document.lineAt(line).text.slice(0, LONGEST_LINE))) {
      const range = new vscode.Range(line, start, line, start + text.length);
      const argument = encodeURIComponent(JSON.stringify([text]));
      const link = new vscode.DocumentLink(range, vscode.Uri.parse(`command:processMemory.explainAddress?${argument}`));
      link.tooltip = tip(text);
      links.push(link);
    }
  }
  return links;
}

function addressesIn(line: string): { text: string; start: number }[] {
  return Array.from(line.matchAll(/(?<![\w.$])0x[0-9a-f]{1,16}(?!\w)/gi), ({ 0: text, index: start }) => ({
    text,
    start,
  }));
}

/** Logs, outputs, and the disassemblies that some debuggers open as documents; `0x…` in sources is a constant. */
const DOCUMENTS: vscode.DocumentSelector = [
  { language: "log" },
  { pattern: "**/*.{log,trace}" },
  { scheme: "output" },
  { scheme: "disassembly" },
  { language: "lldb.disassembly" },
];

/** Beyond these nothing is linked: VS Code asks anew with every change. */
const MOST_LINKS = 10_000;
const MOST_LINES = 100_000;
const LONGEST_LINE = 10_000;
