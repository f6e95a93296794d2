/**
 * The memory server: a language server in a process of its own. It owns the targets, reads them, and answers what views
 * ask. Started by the extension over Node's IPC; ends when the extension goes away.
 */
import { createConnection, ProposedFeatures, TextDocumentSyncKind } from "vscode-languageserver/node";
import { findDebuggees, listProcesses } from "../linux/processes.ts";
import { parseAddress } from "../memory/address.ts";
import type { AddressSpace } from "../memory/addressSpace.ts";
import { FoldedAxis } from "../memory/axis.ts";
import { explain } from "../memory/explain.ts";
import { toExplanationMessage, toModulePlaces, toPlacesMessage } from "../memory/messages.ts";
import { TargetError } from "../memory/target.ts";
import type {
  ClientNotifications,
  ClientRequests,
  ExplanationMessage,
  ServerNotifications,
  ServerRequests,
  TargetId,
} from "../protocol/server.ts";
import { hoverText } from "./hover.ts";
import type { LiveTarget } from "./liveTarget.ts";
import { responseError } from "./problems.ts";
import { RegionRows } from "./rows.ts";
import { Targets } from "./targets.ts";
import { RegionTree } from "./tree.ts";

/** Modules with more symbols than this are not sent whole. */
const SYMBOLS_SENT = 20_000;

const connection = createConnection(ProposedFeatures.all);
const targets = new Targets({
  changed: (changed) => notify("processMemory/changed", changed),
  ended: (target, problem) => notify("processMemory/ended", { target, problem }),
  failed: logError,
});

/** What is derived from a target's picture for the views, made when first asked for. */
const views = new WeakMap<LiveTarget, { tree: RegionTree; rows: RegionRows }>();
const axes = new WeakMap<AddressSpace, FoldedAxis>();

connection.onInitialize(() => ({
  capabilities: { textDocumentSync: TextDocumentSyncKind.None, hoverProvider: true },
}));
connection.onShutdown(() => targets.close());
process.on("unhandledRejection", logError);

connection.onHover(async ({ textDocument, position }) => {
  const where = { uri: textDocument.uri, line: position.line, character: position.character };
  const asked: ClientRequests["processMemory/pointerAt"][1] = await connection.sendRequest(
    "processMemory/pointerAt",
    where,
  );
  if (!asked) return null;
  try {
    const at = await explained(asked.target, asked.address);
    const stored = asked.storedAt && (await explained(asked.target, asked.storedAt));
    return { contents: hoverText(asked, at, stored) };
  } catch (error) {
    logError(error);
    return null;
  }
});

answer("processMemory/attach", async ({ pid }) => {
  const target = targets.attach(pid);
  if (!target.image.space && target.state === "running") await target.open();
  return target.info;
});
answer("processMemory/detach", ({ target }) => {
  targets.detach(target);
  return null;
});
answer("processMemory/findDebuggees", ({ ancestor, program, taken }) => ({
  pids: findDebuggees(ancestor, program, taken),
}));
answer("processMemory/processes", () => ({ processes: listProcesses() }));
answer("processMemory/children", async ({ target, node, filter }) => {
  const looked = targets.get(target);
  return { nodes: await viewsOf(looked).tree.children(await looked.space(), node, filter) };
});
answer("processMemory/pathTo", async ({ target, address, filter }) => {
  const looked = targets.get(target);
  return { nodes: await viewsOf(looked).tree.pathTo(await looked.space(), addressOf(address), filter) };
});
answer("processMemory/rows", async (query) => {
  const looked = targets.get(query.target);
  const space = await looked.space();
  return viewsOf(looked).rows.page(space, looked.revision, query);
});
answer("processMemory/picture", async ({ target, from, to, pixels }) => {
  const looked = targets.get(target);
  const axis = axisOf(await looked.space());
  const { length } = axis;
  const end = Math.min(to ?? length, length);
  const start = Math.max(0, Math.min(from, end));
  const stretches = axis.stretches(start, end, Math.min(pixels, MOST_PIXELS));
  return { revision: looked.revision, length, from: start, to: end, stretches };
});
answer("processMemory/timeline", ({ target, since }) => ({ samples: targets.get(target).timeline.since(since) }));
answer("processMemory/threads", ({ target }) => ({ threads: targets.get(target).threads() }));
answer("processMemory/explain", ({ target, address }) => explained(target, address));
answer("processMemory/places", async ({ target }) => {
  const looked = targets.get(target);
  return toPlacesMessage(await looked.space(), looked.revision);
});
answer("processMemory/modulePlaces", async ({ target, module }) => {
  const looked = targets.get(target);
  const mapped = (await looked.space()).modules[module];
  const elf = mapped && looked.image.elf(mapped);
  return elf ? toModulePlaces(elf, SYMBOLS_SENT) : { sections: [], symbols: null };
});
answer("processMemory/refresh", async ({ target }) => {
  await targets.refresh(target);
  return null;
});

hear("processMemory/watching", (notice) => targets.watch(notice.targets));
hear("processMemory/stopped", ({ target }) => targets.stopped(target));
hear("processMemory/continued", ({ target }) => targets.continued(target));
hear("processMemory/settings", ({ interval }) => {
  targets.interval = interval;
});

connection.listen();

/** More columns than any screen has. */
const MOST_PIXELS = 16_384;

function answer<M extends keyof ServerRequests>(
  method: M,
  handle: (params: ServerRequests[M][0]) => ServerRequests[M][1] | Promise<ServerRequests[M][1]>,
): void {
  connection.onRequest(method, async (params: ServerRequests[M][0]): Promise<unknown> => {
    try {
      return await handle(params);
    } catch (error) {
      return responseError(error);
    }
  });
}

function hear<M extends keyof ServerNotifications>(
  method: M,
  handle: (params: ServerNotifications[M]) => void | Promise<void>,
): void {
  connection.onNotification(method, (params: ServerNotifications[M]) => handle(params));
}

function notify<M extends keyof ClientNotifications>(method: M, params: ClientNotifications[M]): void {
  void connection.sendNotification(method, params);
}

async function explained(id: TargetId, text: string): Promise<ExplanationMessage> {
  const target = targets.get(id);
  const space = await target.space();
  const explanation = await explain(space, addressOf(text), (module) => target.image.elf(module));
  return toExplanationMessage(explanation);
}

function addressOf(text: string): bigint {
  const address = parseAddress(text);
  if (address === undefined) throw new TargetError("unreadable", `"${text}" is no address: write it as 0x….`);
  return address;
}

function viewsOf(target: LiveTarget): { tree: RegionTree; rows: RegionRows } {
  let known = views.get(target);
  if (!known) {
    known = { tree: new RegionTree(target.image), rows: new RegionRows() };
    views.set(target, known);
  }
  return known;
}

function axisOf(space: AddressSpace): FoldedAxis {
  let axis = axes.get(space);
  if (!axis) {
    axis = new FoldedAxis(space);
    axes.set(space, axis);
  }
  return axis;
}

function logError(error: unknown): void {
  connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
