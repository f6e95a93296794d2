/**
 * The far end of the tests' way into the extension host (host.ts): loaded by the extension of `test/fixtures/debuggers`
 * where PROCESS_MEMORY_TESTS names a socket. The tests themselves run in a process of their own, from which they also
 * drive the window's page. (VS Code's own way, `extensionTestsPath`, makes a window that forgets everything with a reload
 * and shows no dialogs.)
 */
import { rmSync } from "node:fs";
import { createServer } from "node:http";
import type * as vscode from "vscode";

/** Calls what the tests send, with VS Code's API, until the window closes. */
export function listen(api: typeof vscode, socket: string): void {
  // The window's reload starts another extension host, while the socket of the one before still lies there.
  rmSync(socket, { force: true });
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    response.end(JSON.stringify(await answer(api, text)));
  });
  server.listen(socket);
}

/** Calls the function that the tests have sent as text. */
async function answer(api: typeof vscode, text: string): Promise<{ value: unknown } | { error: string }> {
  try {
    const { source, args }: { source: string; args: unknown[] } = JSON.parse(text);
    const call = new Function(`return (${source});`)();
    return { value: (await call(api, ...args)) ?? null };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
