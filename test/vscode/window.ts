/**
 * A window of a real VS Code on the demo workspace, with Process Memory as it was just built: the VS Code server with
 * Chromium, or with PROCESS_MEMORY_WINDOW=electron the desktop's VS Code (VSCODE_EXECUTABLE names one; otherwise it is
 * downloaded).
 */
import { createServer } from "node:net";
import { join } from "node:path";
import { downloadAndUnzipVSCode } from "@vscode/test-electron";
import { chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { openPage } from "../../scripts/browser.mjs";
import { CACHE, DEMO, path, ROOT } from "../../scripts/places.mjs";
import { endAll, start, temporaryFolder } from "../../scripts/processes.mjs";
import { installDebuggers, startServer, workbenchUrl, writeSettings } from "../../scripts/vscodeServer.mjs";
import { Host } from "./host.ts";

/** A window of its own for the tests around this call. Of what fails a picture is kept in `.cache/reports`. */
export class Window {
  #page: Page | null = null;
  #host: Host | null = null;

  constructor() {
    beforeAll(() => this.#open());
    afterEach(async ({ task }) => {
      if (task.result?.state !== "fail") return;
      const name = task.name.replaceAll(/[^\w]+/g, "-").slice(0, 80);
      await this.page.screenshot({ path: join(CACHE, "reports", `${name}.png`) });
    });
    afterAll(async () => {
      await this.#page?.context().browser()?.close();
      await endAll();
    });
  }

  get page(): Page {
    if (this.#page === null) throw new Error("The window is not open.");
    return this.#page;
  }

  get host(): Host {
    if (this.#host === null) throw new Error("The window is not open.");
    return this.#host;
  }

  /** Reloads the window as its command does: its page and its extension host start anew. */
  async reload(): Promise<void> {
    const host = await this.host.call(() => process.pid);
    await this.host.call((vscode) => {
      setTimeout(() => vscode.commands.executeCommand("workbench.action.reloadWindow"), 100);
    });
    await expect.poll(() => this.host.call(() => process.pid).catch(() => host), { timeout: 60_000 }).not.toBe(host);
  }

  async #open(): Promise<void> {
    const folder = temporaryFolder();
    const host = new Host(join(folder, "host.sock"));
    const env = { PROCESS_MEMORY_TESTS: host.socket, PROCESS_MEMORY_CLONE: ROOT };
    const open = process.env.PROCESS_MEMORY_WINDOW === "electron" ? openElectron : openServer;
    this.#page = await open(folder, env);
    this.#page.setDefaultTimeout(30_000);
    this.#host = host;
    await host.ready();
  }
}

async function openServer(folder: string, env: NodeJS.ProcessEnv): Promise<Page> {
  const { address } = await startServer({ folder, env });
  return openPage(workbenchUrl(address, DEMO));
}

async function openElectron(folder: string, env: NodeJS.ProcessEnv): Promise<Page> {
  const { VSCODE_EXECUTABLE } = process.env;
  const executable = VSCODE_EXECUTABLE ?? (await downloadAndUnzipVSCode({ cachePath: join(CACHE, "vscode-test") }));
  const port = await freePort();
  start(
    executable,
    [
      ...[DEMO, "--new-window", "--user-data-dir", writeSettings(folder, {})],
      ...["--extensions-dir", installDebuggers(folder), `--extensionDevelopmentPath=${ROOT}`],
      ...[`--remote-debugging-port=${port}`, "--disable-workspace-trust", "--skip-welcome", "--skip-release-notes"],
      ...["--disable-updates", "--disable-gpu", "--no-sandbox", "--window-size=1600,1000"],
    ],
    { env: { ...process.env, PATH: path(), ...env } },
  );
  const context = (await connect(`http://127.0.0.1:${port}`)).contexts()[0];
  if (context === undefined) throw new Error("VS Code has no window.");
  return context.pages()[0] ?? context.waitForEvent("page");
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
