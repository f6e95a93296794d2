/** "Who Else Maps This?": the processes that have a region's memory too. Choosing one shows it. */
import * as vscode from "vscode";
import { type HexAddress, parseAddress, toHex } from "../memory/address.ts";
import {
  nobodyInWords,
  objectInWords,
  rangesInWords,
  relationInWords,
  sameRanges,
  sharedPagesInWords,
  unreadableInWords,
} from "../memory/sharers.ts";
import type { Sharer, Sharers, SharersQuery } from "../protocol/server.ts";
import type { MemoryServer } from "./memoryServer.ts";
import { lookAt } from "./processPicker.ts";
import type { Selection } from "./selection.ts";
import { problemOf, type Targets } from "./targets.ts";
import type { MemoryTree } from "./tree.ts";
import type { Element } from "./treeElements.ts";

export function registerSharers(
  tree: MemoryTree,
  targets: Targets,
  server: MemoryServer,
  selection: Selection,
): vscode.Disposable {
  return vscode.commands.registerCommand(
    "processMemory.sharers",
    async (asked: Element | SharersQuery | undefined = tree.chosen) => {
      const query = queryOf(asked) ?? (await askedQuery(targets));
      if (!query) return;
      const answer = await search(server, query);
      const choice = answer && (await choose(answer));
      if (!choice) return;
      const target = await lookAt(targets, choice.sharer.pid);
      if (!target) return;
      await vscode.commands.executeCommand("processMemory.show");
      if (choice.address) selection.choose({ target: target.id, address: choice.address, in: "command" });
    },
  );
}

function queryOf(asked: Element | SharersQuery | undefined): SharersQuery | null {
  if (!asked || "address" in asked) return asked ?? null;
  return asked.node.start ? { target: asked.target, address: asked.node.start } : null;
}

/** From the palette, with nothing chosen in the tree. */
async function askedQuery(targets: Targets): Promise<SharersQuery | null> {
  const { active } = targets;
  if (!active) return null;
  const text = await vscode.window.showInputBox({
    title: "Whose memory is it too?",
    prompt: `An address in the memory of ${active.info.command} (${active.info.pid}).`,
    placeHolder: "0x7ffff7dd5000",
    validateInput: (typed) =>
      parseAddress(typed.trim()) === undefined ? "An address is 0x… or decimal digits." : null,
  });
  const address = text === undefined ? undefined : parseAddress(text.trim());
  return address === undefined ? null : { target: active.id, address: toHex(address) };
}

/** The answer; `null` where it was cancelled or there is none, which is said. What takes long has a notification. */
async function search(server: MemoryServer, query: SharersQuery): Promise<Sharers | null> {
  const cancel = new vscode.CancellationTokenSource();
  try {
    const asked = server.request("processMemory/sharers", query, cancel.token);
    const patience = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE, null));
    return (await Promise.race([asked, patience])) ?? (await withNotification(server, asked, cancel));
  } catch (error) {
    if (!cancel.token.isCancellationRequested) void vscode.window.showErrorMessage(problemOf(error).message);
    return null;
  } finally {
    cancel.dispose();
  }
}

function withNotification(
  server: MemoryServer,
  asked: Promise<Sharers>,
  cancel: vscode.CancellationTokenSource,
): Thenable<Sharers> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: "Looking at all processes",
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (progress, token) => {
    let shown = 0;
    const subscriptions = [
      token.onCancellationRequested(() => cancel.cancel()),
      server.onDidSearch(({ done }) => {
        progress.report({ increment: 100 * (done - shown) });
        shown = done;
      }),
    ];
    try {
      return await asked;
    } finally {
      for (const subscription of subscriptions) subscription.dispose();
    }
  });
}

/** Milliseconds after which a notification tells that it takes long. */
const PATIENCE = 500;

interface Item extends vscode.QuickPickItem {
  readonly sharer: Sharer;
  /** Where the sharer has the memory. */
  readonly address: HexAddress | undefined;
}

/** The process that the user chose. That there is none to choose is said in a message. */
async function choose(answer: Sharers): Promise<Item | undefined> {
  const unreadable = unreadableInWords(answer);
  if (answer.sharers.length === 0) {
    const sentences = [nobodyInWords(answer.object), unreadable];
    void vscode.window.showInformationMessage(sentences.filter((sentence) => sentence).join(" "));
    return undefined;
  }
  return vscode.window.showQuickPick(
    answer.sharers.map((sharer) => item(answer, sharer)),
    {
      title: `Who else has this: ${objectInWords(answer.object)}`,
      placeHolder: ["Choose a process to look at its memory.", unreadable].filter((sentence) => sentence).join(" "),
      matchOnDescription: true,
      matchOnDetail: true,
    },
  );
}

function item(answer: Sharers, sharer: Sharer): Item {
  const { pid, command, user, relation, pages } = sharer;
  return {
    label: command,
    description: [`${pid}`, user, relationInWords(relation)].filter((word) => word).join("  "),
    detail: [...(pages ? [sharedPagesInWords(answer, pages)] : []), rangesInWords(answer, sharer)].join("; "),
    sharer,
    address: (sameRanges(answer, sharer)[0] ?? sharer.ranges[0])?.start,
  };
}
