/** The built memory server, asked as VS Code does. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import type { Changed } from "../../src/protocol/server.ts";

const SERVER = join(import.meta.dirname, "../../dist/server.js");

export interface Server {
  readonly pid: number;
  readonly connection: MessageConnection;
  ask<Answer>(method: string, params: object): Promise<Answer>;
  tell(method: string, params: object): Promise<void>;
  changed(isWanted: (notice: Changed) => boolean): Promise<Changed>;
}

export async function startServer(): Promise<Server> {
  const child = spawn(process.execPath, [SERVER, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const waiting: { isWanted: (notice: Changed) => boolean; resolve: (notice: Changed) => void }[] = [];
  connection.onNotification("processMemory/changed", (notice: Changed) => {
    for (const { isWanted, resolve } of waiting) if (isWanted(notice)) resolve(notice);
  });
  connection.listen();
  await connection.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities: {} });
  return {
    pid: child.pid as number,
    connection,
    ask: (method, params) => connection.sendRequest(`processMemory/${method}`, params),
    tell: (method, params) => connection.sendNotification(`processMemory/${method}`, params),
    changed: (isWanted) => new Promise((resolve) => void waiting.push({ isWanted, resolve })),
  };
}
