/**
 * The part of the suite that VS Code loads as its test runner (`extensionTestsPath`): it lets the tests, which run in a
 * process of their own and drive the window's page, call VS Code's API as well. It is the same in the server's extension
 * host and in the desktop's.
 */
import { rmSync } from "node:fs";
import { createServer } from "node:http";
import * as vscode from "vscode";

/** Listens where the tests say, and answers until the window closes. */
export function run(): Promise<void> {
  const socket = process.env.PROCESS_MEMORY_TESTS;
  if (socket === undefined) return Promise.reject(new Error("PROCESS_MEMORY_TESTS names no socket."));
  // The window's reload starts another extension host, while the socket of the one before still lies there.
  rmSync(socket, { force: true });
  return new Promise((_resolve, reject) => {
    const server = createServer(async (request, response) => {
      let text = "";
      for await (const part of request) text += part;
      response.end(JSON.stringify(await answer(text)));
    });
    server.once("error", reject);
    server.listen(socket);
  });
}

/** Calls the function that the tests have sent as text. */
async function answer(text: string): Promise<{ value: unknown } | { error: string }> {
  try {
    const { source, args }: { source: string; args: unknown[] } = JSON.parse(text);
    const call = new Function(`return (${source});`)();
    return { value: (await call(vscode, ...args)) ?? null };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
