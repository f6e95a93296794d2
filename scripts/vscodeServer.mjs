// A real VS Code without a desktop: the server and web workbench that the npm package code-server carries. Its own
// wrapper is not used; what is started is the server of VS Code itself.
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE, DEBUGGERS, headers, NODE, path, ROOT } from "./places.mjs";
import { start } from "./processes.mjs";
import { run, StepFailed, step } from "./progress.mjs";

const VERSION = "4.139.1";
const INSTALLED = join(CACHE, `vscode-server-${VERSION}`);
const NATIVE_PARTS = ["node-pty", "@vscode/spdlog", "@vscode/native-watchdog", "@parcel/watcher"];

/** Keeps what is not ours out of the window: first-start pages, offers, chat, updates. */
const QUIET = {
  "breadcrumbs.enabled": false,
  "chat.commandCenter.enabled": false,
  "chat.disableAIFeatures": true,
  "debug.console.closeOnEnd": true,
  "debug.internalConsoleOptions": "neverOpen",
  "editor.minimap.enabled": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "git.openRepositoryInParentFolders": "never",
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "window.commandCenter": false,
  "workbench.layoutControl.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

/** Fetches and builds the server, unless that is done: half a minute, 600 MB. Call it under the lock of `alone`. */
export async function installServer() {
  if (existsSync(INSTALLED)) return;
  // It gets its name when it is complete, so that an interrupted installation is begun again.
  const unfinished = `${INSTALLED}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const folder = join(unfinished, "package", "lib", "vscode");
  const nodedir = headers(NODE);
  const env = { ...process.env, PATH: path(), ...(nodedir === null ? {} : { npm_config_nodedir: nodedir }) };
  const npm = (/** @type {string[]} */ ...args) =>
    run("npm", [...args, "--no-audit", "--no-fund"], { cwd: folder, env });
  await step(`Fetching the VS Code server (code-server ${VERSION}, 45 MB)`, async () => {
    await run("npm", ["pack", `code-server@${VERSION}`], { cwd: unfinished, env });
    const tarball = `code-server-${VERSION}.tgz`;
    await run("tar", ["-xzf", tarball, "package/lib/vscode", "package/LICENSE"], { cwd: unfinished });
    rmSync(join(unfinished, tarball));
  });
  await step("Installing the VS Code server's packages", () => npm("install", "--omit=dev", "--ignore-scripts"));
  await step("Building the VS Code server's native parts", () => npm("rebuild", ...NATIVE_PARTS));
  renameSync(unfinished, INSTALLED);
}

/**
 * Starts the server on a free loopback port.
 * @param {{ folder: string, settings?: Record<string, unknown>, env?: NodeJS.ProcessEnv }} options `folder`: where its
 *   data goes; what is there is kept
 * @returns {Promise<{ address: string, output: () => string, ended: Promise<unknown> }>} `address`: `127.0.0.1:PORT`
 */
export async function startServer({ folder, settings = {}, env = {} }) {
  const userData = writeSettings(folder, settings);
  const server = start(
    NODE,
    [
      join(INSTALLED, "package", "lib", "vscode", "out", "server-main.js"),
      ...["--host", "127.0.0.1", "--port", "0", "--without-connection-token", "--accept-server-license-terms"],
      ...["--telemetry-level", "off", "--disable-workspace-trust"],
      // Without this a built workbench takes no extension under development from the URL.
      "--enable-smoke-test-driver",
      ...["--server-data-dir", join(folder, "server"), "--user-data-dir", userData],
      ...["--extensions-dir", installDebuggers(folder)],
    ],
    { env: { ...process.env, PATH: path(), PROCESS_MEMORY_CLONE: ROOT, ...env } },
  );
  let output = "";
  const port = await new Promise((resolve, reject) => {
    const listen = (/** @type {Buffer} */ data) => {
      output += data;
      const found = /Extension host agent listening on (\d+)/.exec(output);
      if (found !== null) resolve(found[1]);
    };
    server.stdout.on("data", listen);
    server.stderr.on("data", listen);
    server.once("error", reject);
    server.once("exit", (code) => reject(new StepFailed(`The VS Code server ended with ${code}:\n${output}`)));
  });
  return { address: `127.0.0.1:${port}`, output: () => output, ended: once(server, "exit") };
}

/**
 * Writes the user's settings.
 * @param {string} folder
 * @param {Record<string, unknown>} settings beside those that keep the window quiet
 * @returns {string} the user data folder
 */
export function writeSettings(folder, settings) {
  const user = join(folder, "user");
  mkdirSync(join(user, "User"), { recursive: true });
  writeFileSync(join(user, "User", "settings.json"), JSON.stringify({ ...QUIET, ...settings }, null, 2));
  return user;
}

/**
 * Puts the debuggers of the demo into an extensions folder. (VS Code loads one extension under development, and that is
 * Process Memory.)
 * @param {string} folder
 * @returns {string} the extensions folder
 */
export function installDebuggers(folder) {
  const extensions = join(folder, "extensions");
  rmSync(extensions, { recursive: true, force: true });
  mkdirSync(extensions, { recursive: true });
  cpSync(DEBUGGERS, join(extensions, "process-memory.debuggers-1.0.0"), { recursive: true });
  return extensions;
}

/**
 * The page that opens a workspace with Process Memory as it stands in the clone.
 * @param {string} address
 * @param {string} workspace
 */
export function workbenchUrl(address, workspace) {
  const payload = [
    ["extensionDevelopmentPath", `vscode-remote://${address}${ROOT}`],
    ["skipWelcome", "true"],
  ];
  return `http://${address}/?${new URLSearchParams({ folder: workspace, payload: JSON.stringify(payload) })}`;
}
