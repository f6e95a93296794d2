/** What is at an address, in a quick pick: its verdict and facts, from which one gets to sources and other addresses. */
import * as vscode from "vscode";
import { KIND_LABELS } from "../memory/kind.ts";
import { printable } from "../memory/names.ts";
import type { ExplanationMessage } from "../protocol/server.ts";
import { type Fact, factsOf } from "./explanationFacts.ts";
import type { AddressOfTarget } from "./showAddress.ts";
import { problemOf } from "./targets.ts";

/** What the pick asks and does. */
export interface AddressPickParts {
  explain(query: AddressOfTarget & { withSource: boolean }): Promise<ExplanationMessage>;
  /** Shows the address in the panel. */
  show(query: AddressOfTarget): Thenable<void>;
}

interface Item extends vscode.QuickPickItem {
  readonly choose?: () => unknown;
}

/** Opens at once with what is known, and is filled when debug information has been read. `what`: what was asked about. */
export async function pickAddress(parts: AddressPickParts, query: AddressOfTarget, what: string | null): Promise<void> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = what === null ? query.address : `${printable(what)}: ${query.address}`;
  pick.placeholder = "What is at this address. Choose what is to be shown; what has nothing to show is copied.";
  pick.matchOnDescription = true;
  pick.busy = true;
  let isOpen = true;
  pick.onDidAccept(() => {
    const [chosen] = pick.activeItems;
    pick.hide();
    chosen?.choose?.();
  });
  pick.onDidHide(() => {
    isOpen = false;
    pick.dispose();
  });
  try {
    for (const withSource of [false, true]) {
      const explanation = await parts.explain({ ...query, withSource });
      if (!isOpen) return;
      const [active] = pick.activeItems;
      pick.items = itemsOf(parts, query, explanation);
      // What debug information tells comes between what was there.
      const again = pick.items.find(
        ({ label, description }) => label === active?.label && description === active.description,
      );
      if (again) pick.activeItems = [again];
      pick.show();
    }
    pick.busy = false;
  } catch (error) {
    if (isOpen) void vscode.window.showErrorMessage(problemOf(error).message);
    // One that was never shown is not told that it is hidden.
    pick.dispose();
  }
}

function itemsOf(parts: AddressPickParts, query: AddressOfTarget, explanation: ExplanationMessage): Item[] {
  const { verdict, kind, address } = explanation;
  const facts = factsOf(explanation);
  const text = [`${address}: ${verdict.sentence}`, ...facts.map(({ name, text: words }) => `${name}: ${words}`)].join(
    "\n",
  );
  return [
    {
      label: plain(verdict.sentence),
      description: kind ? KIND_LABELS[kind] : "",
      choose: () => copy(verdict.sentence),
    },
    ...facts.map((fact) => factItem(parts, query, fact)),
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    { label: "$(graph) Show in Process Memory", choose: () => parts.show(query) },
    { label: "$(copy) Copy Address", choose: () => copy(address) },
    { label: "$(copy) Copy as Text", choose: () => copy(text) },
  ];
}

function factItem(parts: AddressPickParts, { target }: AddressOfTarget, { name, text, leadsTo }: Fact): Item {
  const choose = () => {
    if (leadsTo === null) return copy(text);
    if ("source" in leadsTo) return vscode.commands.executeCommand("processMemory.openSource", leadsTo.source);
    return pickAddress(parts, { target, address: leadsTo.address }, null);
  };
  return { label: name, description: plain(text), choose };
}

function copy(text: string): Thenable<void> {
  return vscode.env.clipboard.writeText(text);
}

/** Names from the target are no icons. */
function plain(text: string): string {
  return printable(text).replaceAll("$(", "\\$(");
}
