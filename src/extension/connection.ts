/**
 * Starts the memory server and speaks with it. A bundle of its own, loaded with the first question: the language client
 * is many times as big as the rest of the extension.
 */
import { join } from "node:path";
import type * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  State,
  TransportKind,
} from "vscode-languageclient/node";
import { LANGUAGES } from "./languages.ts";
import type { Connection, ConnectionEvents } from "./memoryServer.ts";

export async function connect(
  extensionPath: string,
  log: vscode.LogOutputChannel,
  events: ConnectionEvents,
): Promise<Connection> {
  const client = new LanguageClient(
    "processMemory.server",
    "Process Memory Server",
    {
      module: join(extensionPath, "dist", "server.js"),
      transport: TransportKind.ipc,
      options: { env: { MALLOC_MMAP_THRESHOLD_: MMAP_THRESHOLD } },
    },
    clientOptions(log, events),
  );
  client.onNotification("processMemory/changed", events.changed);
  client.onNotification("processMemory/ended", events.ended);
  client.onNotification("processMemory/breakpointsHit", events.hit);
  client.onNotification("processMemory/indexing", events.indexing);
  client.onNotification("processMemory/searching", events.searching);
  client.onRequest("processMemory/pointerAt", events.pointerAt);
  let ran = false;
  client.onDidChangeState(({ newState }) => {
    if (newState !== State.Running) return;
    if (ran) events.restarted();
    ran = true;
  });
  await client.start();
  return {
    // An argument that is undefined would be sent as a parameter.
    request: (method, params, token) =>
      token ? client.sendRequest(method, params, token) : client.sendRequest(method, params),
    notify: (method, params) => client.sendNotification(method, params),
    stop: () => client.dispose(),
  };
}

function clientOptions(log: vscode.LogOutputChannel, events: ConnectionEvents): LanguageClientOptions {
  let crashes: number[] = [];
  return {
    documentSelector: LANGUAGES,
    outputChannel: log,
    // The hover's links to source lines.
    markdown: { isTrusted: { enabledCommands: ["processMemory.openSource"] } },
    // The server reports problems as answers; a pop-up for each would be noise.
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        const now = Date.now();
        crashes = [...crashes.filter((time) => now - time < CRASH_MEMORY), now];
        const restart = crashes.length <= CRASHES_ENDURED;
        if (!restart) events.lost();
        return { action: restart ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware: {
      provideHover: (document, position, token, next) =>
        events.hoverEnabled() ? next(document, position, token) : undefined,
    },
  };
}

/**
 * Bytes from which on glibc's malloc maps memory for a block alone, so that it goes back to the system when it is freed.
 * Left to itself it soon maps none, and keeps what an ended worker had. @see mallopt(3)
 */
const MMAP_THRESHOLD = "131072";

/** A server that crashes this often in three minutes stays down until it is needed by a new command. */
const CRASHES_ENDURED = 4;
const CRASH_MEMORY = 180_000;
