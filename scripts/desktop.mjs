// The desktop's own VS Code, in a window with settings and extensions apart from the user's.
import { once } from "node:events";
import { ROOT } from "./places.mjs";
import { start } from "./processes.mjs";
import { installDebuggers, writeSettings } from "./vscodeServer.mjs";

/**
 * Opens a window and waits until it is closed.
 * @param {string} code
 * @param {{ folder: string, workspace: string, settings: Record<string, unknown>, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} the exit code
 */
export async function openDesktop(code, { folder, workspace, settings, env }) {
  const window = start(
    code,
    [
      ...["--wait", "--new-window", "--user-data-dir", writeSettings(folder, settings)],
      ...["--extensions-dir", installDebuggers(folder), `--extensionDevelopmentPath=${ROOT}`],
      ...["--disable-workspace-trust", "--skip-welcome", "--skip-release-notes"],
      // VS Code refuses to run as root without these words.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      workspace,
    ],
    { env: { ...process.env, PROCESS_MEMORY_CLONE: ROOT, ...env } },
  );
  const [exitCode] = await once(window, "exit");
  return exitCode ?? 1;
}
