/**
 * The memory server: a language server in a process of its own. It owns the targets, reads them, and answers what views
 * ask. Started by the extension over Node's IPC (`--node-ipc`) or by others over pipes (`--stdio`); ends with its client.
 */
import {
  type CancellationToken,
  createConnection,
  ProposedFeatures,
  TextDocumentSyncKind,
} from "vscode-languageserver/node";
import { findDebuggees, listProcesses } from "../linux/processes.ts";
import { findSharers } from "../linux/sharers.ts";
import { type Address, parseAddress } from "../memory/address.ts";
import { toExplanationMessage, toModulePlaces, toPlacesMessage } from "../memory/messages.ts";
import type { Work } from "../memory/module.ts";
import { packPicture } from "../memory/pictureMessage.ts";
import { TargetError } from "../memory/target.ts";
import type { ClientNotifications, ClientRequests, ServerNotifications, ServerRequests } from "../protocol/server.ts";
import { costsOf } from "./costs.ts";
import { crashReport } from "./crash.ts";
import { debugInfoOf, sourcesOf } from "./debugInfo.ts";
import { explanationOf, explanationWithSource } from "./explanations.ts";
import { find } from "./find.ts";
import { hoverOf } from "./hover.ts";
import { LongQuestions } from "./longQuestions.ts";
import { markPages, pageOf, pagesOf } from "./pages.ts";
import { partsOf } from "./pictureParts.ts";
import { letTargetsGoFirst } from "./priority.ts";
import { responseError } from "./problems.ts";
import { rowsText } from "./rowsText.ts";
import { stretchDetails } from "./stretch.ts";
import { Targets } from "./targets.ts";
import { childrenOf, pathTo } from "./tree.ts";
import { treemapOf } from "./treemap.ts";

/** Modules with more symbols than this are not sent whole. */
const SYMBOLS_SENT = 20_000;

letTargetsGoFirst();
const connection = createConnection(ProposedFeatures.all);
const targets = new Targets({
  changed: (changed) => notify("processMemory/changed", changed),
  ended: (target, problem) => notify("processMemory/ended", { target, problem }),
  hit: (notice) => notify("processMemory/breakpointsHit", notice),
  failed: log,
});
const questions = new LongQuestions((indexing) => notify("processMemory/indexing", indexing));
const searches = new LongQuestions((searching) => notify("processMemory/searching", searching));

connection.onInitialize(() => ({
  capabilities: { textDocumentSync: TextDocumentSyncKind.None, hoverProvider: true },
}));
connection.onShutdown(() => targets.close());
connection.onHover(async ({ textDocument, position }) => {
  try {
    const pointer = await ask("processMemory/pointerAt", { uri: textDocument.uri, ...position });
    return pointer && { contents: await hoverOf(targets.get(pointer.target), pointer) };
  } catch (error) {
    // A hover that cannot be answered is none: another provider may have one.
    log(error);
    return null;
  }
});

answer("processMemory/attach", ({ pid }) => targets.attach(pid));
answer("processMemory/detach", ({ target }) => {
  targets.detach(target);
  return null;
});
answer("processMemory/refresh", async ({ target }) => {
  await targets.refresh(target);
  return null;
});
answer("processMemory/processes", () => ({ processes: listProcesses() }));
answer("processMemory/findDebuggees", ({ ancestor, program, taken }) => ({
  pids: findDebuggees(ancestor, program, taken),
}));
answer("processMemory/children", async ({ target, node, ...shown }) => ({
  nodes: await childrenOf(targets.get(target), node, shown),
}));
answer("processMemory/pathTo", async ({ target, address, ...shown }) => ({
  nodes: await pathTo(targets.get(target), addressOf(address), shown),
}));
answer("processMemory/rows", async (query) => {
  const looked = targets.get(query.target);
  const revision = await looked.revisions.at(query.at);
  const page = revision.rows(query, selectedIn(query));
  if (revision.time === null) looked.inView = page.rows.map(({ start }) => addressOf(start));
  return page;
});
answer("processMemory/rowsText", async (query, signal) => {
  const revision = await targets.get(query.target).revisions.at(query.at);
  return rowsText(revision.rowLines(query), { ...query, at: revision.time }, { signal });
});
answer("processMemory/treemap", async (query) => {
  const looked = targets.get(query.target);
  return treemapOf(await looked.revisions.at(query.at), query, (module) => looked.elf(module));
});
answer("processMemory/picture", async (query) => {
  const revision = await targets.get(query.target).revisions.at(query.at);
  return packPicture(revision.picture(query, selectedIn(query)));
});
answer("processMemory/parts", async (query) => {
  const looked = targets.get(query.target);
  return partsOf(await looked.revisions.at(query.at), query, (module) => looked.elf(module));
});
answer("processMemory/stretch", async (query) => {
  const looked = targets.get(query.target);
  return stretchDetails(await looked.revisions.at(query.at), query, (module) => looked.elf(module));
});
answer("processMemory/find", async ({ target, at, text }, signal) => {
  const looked = targets.get(target);
  const revision = await looked.revisions.at(at);
  const search = (work: Work) => find(revision, text, (module) => looked.elf(module), work);
  return { places: await questions.ask(text, search, signal) };
});
answer("processMemory/timeline", ({ target, since }) => ({ samples: targets.get(target).timeline.since(since) }));
answer("processMemory/stops", ({ target, sort, limit }) => targets.get(target).stops.costliest(sort, limit));
answer("processMemory/threads", async ({ target }) => ({ threads: await targets.get(target).threads() }));
answer("processMemory/explain", async ({ target, address, withSource, at = null }, signal) => {
  const looked = targets.get(target);
  const { time } = await looked.revisions.at(at);
  const explanation = await explanationOf(looked, addressOf(address), at);
  if (!withSource) return toExplanationMessage(explanation, time);
  const name = explanation.module?.name ?? "";
  const ask = (work: Work) => explanationWithSource(looked, explanation, work, at);
  return toExplanationMessage(await questions.ask(name, ask, signal), time);
});
answer("processMemory/crash", async ({ target, facts }) => {
  await targets.settled(target);
  return crashReport(targets.get(target), facts);
});
answer("processMemory/sources", async ({ target, addresses }, signal) => ({
  sources: await sourcesOf(targets.get(target), addresses.map(addressOf), questions, signal),
}));
answer("processMemory/costs", async ({ target, files }, signal) => ({
  costs: await costsOf(targets.get(target), files, questions, signal),
}));
answer("processMemory/sharers", ({ target, address }, signal) => {
  const { info } = targets.get(target);
  return searches.ask(info.command, (work) => findSharers(info, addressOf(address), work), signal);
});
answer("processMemory/pages", ({ target, start, end, cells }, signal) =>
  pagesOf(targets.get(target), { start: addressOf(start), end: addressOf(end), cells }, signal),
);
answer("processMemory/page", ({ target, address }, signal) => pageOf(targets.get(target), addressOf(address), signal));
answer("processMemory/markPages", ({ target }) => markPages(targets.get(target)));
answer("processMemory/debugInfo", async ({ target, node }) => ({
  debugInfo: await debugInfoOf(targets.get(target), node),
}));
answer("processMemory/places", ({ target }) => {
  const { space, number } = targets.get(target).revision;
  return toPlacesMessage(space, number);
});
answer("processMemory/modulePlaces", async ({ target, module }) => {
  const looked = targets.get(target);
  const mapped = looked.revision.space.modules[module];
  const elf = mapped && looked.elf(mapped);
  return elf ? toModulePlaces(elf, SYMBOLS_SENT) : { sections: [], symbols: null };
});

hear("processMemory/watching", (notice) => {
  targets.watched = notice.targets;
});
hear("processMemory/stopped", ({ target }) => targets.stopped(target));
hear("processMemory/continued", ({ target }) => targets.continued(target));
hear("processMemory/settings", ({ interval, symbols, breakpoints }) => {
  targets.interval = interval;
  if (breakpoints) targets.breakpoints = breakpoints;
  if (symbols) targets.symbolSettings = symbols;
});
hear("processMemory/stopIndexing", () => questions.stop());

process.on("unhandledRejection", log);
// Over pipes the connection itself notices.
process.on("disconnect", () => process.exit());
connection.listen();

function answer<M extends keyof ServerRequests>(
  method: M,
  handle: (params: ServerRequests[M][0], signal: AbortSignal) => ServerRequests[M][1] | Promise<ServerRequests[M][1]>,
): void {
  connection.onRequest(method, async (params: ServerRequests[M][0], token: CancellationToken): Promise<unknown> => {
    const controller = new AbortController();
    token.onCancellationRequested(() => controller.abort(new TargetError("unreadable", "It was cancelled.")));
    try {
      return await handle(params, controller.signal);
    } catch (error) {
      if (!(error instanceof TargetError)) log(error);
      return responseError(error);
    }
  });
}

function hear<M extends keyof ServerNotifications>(method: M, handle: (params: ServerNotifications[M]) => void): void {
  connection.onNotification(method, handle);
}

function notify<M extends keyof ClientNotifications>(method: M, params: ClientNotifications[M]): void {
  connection.sendNotification(method, params).catch(log);
}

function ask<M extends keyof ClientRequests>(method: M, params: ClientRequests[M][0]): Promise<ClientRequests[M][1]> {
  return connection.sendRequest(method, params);
}

function selectedIn(query: { selected?: string | null }): Address | null {
  return query.selected ? addressOf(query.selected) : null;
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new TargetError("unreadable", `“${text}” is no address: write it as 0x….`);
  return address;
}

function log(error: unknown): void {
  connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
