/**
 * A window of a real VS Code on the demo workspace, with Process Memory as it was just built: the VS Code server with
 * Chromium, or with PROCESS_MEMORY_WINDOW=electron the desktop's VS Code (VSCODE_EXECUTABLE names one; otherwise it is
 * downloaded).
 */
import { createServer } from "node:net";
import { join } from "node:path";
import { downloadAndUnzipVSCode, runTests } from "@vscode/test-electron";
import { chromium, type Page } from "playwright-core";
import { openPage } from "../../scripts/browser.mjs";
import { CACHE, DEMO, path, ROOT } from "../../scripts/places.mjs";
import { endAll, temporaryFolder } from "../../scripts/processes.mjs";
import { installDebuggers, startServer, workbenchUrl, writeSettings } from "../../scripts/vscodeServer.mjs";
import { Host } from "./host.ts";

const SUITE = join(ROOT, "dist", "test", "suite.js");

export interface Window {
  page: Page;
  host: Host;
  close(): Promise<void>;
}

export async function openWindow(): Promise<Window> {
  const folder = temporaryFolder();
  const host = new Host(join(folder, "host.sock"));
  const env = { PROCESS_MEMORY_TESTS: host.socket, PROCESS_MEMORY_CLONE: ROOT };
  const page = await (process.env.PROCESS_MEMORY_WINDOW === "electron" ? openElectron : openServer)(folder, env);
  page.setDefaultTimeout(30_000);
  await host.ready();
  const close = async () => {
    await page.context().browser()?.close();
    await endAll();
  };
  return { page, host, close };
}

async function openServer(folder: string, env: NodeJS.ProcessEnv): Promise<Page> {
  const { address } = await startServer({ folder, env });
  return openPage(workbenchUrl(address, DEMO, SUITE));
}

async function openElectron(folder: string, env: NodeJS.ProcessEnv): Promise<Page> {
  const executable =
    process.env.VSCODE_EXECUTABLE ?? (await downloadAndUnzipVSCode({ cachePath: join(CACHE, "vscode-test") }));
  const port = await freePort();
  // It ends when the window is closed, with an error since the suite never ends by itself.
  runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: ROOT,
    extensionTestsPath: SUITE,
    extensionTestsEnv: { ...env, PATH: path() },
    launchArgs: [
      ...[DEMO, "--user-data-dir", writeSettings(folder, {}), "--extensions-dir", installDebuggers(folder)],
      ...[`--remote-debugging-port=${port}`, "--disable-workspace-trust", "--skip-welcome", "--no-sandbox"],
    ],
  }).catch(() => undefined);
  const browser = await connect(`http://127.0.0.1:${port}`);
  const context = browser.contexts()[0];
  return context?.pages()[0] ?? (await context?.waitForEvent("page")) ?? Promise.reject(new Error("No window opened."));
}

async function connect(address: string) {
  const end = Date.now() + 60_000;
  for (;;) {
    try {
      return await chromium.connectOverCDP(address);
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
