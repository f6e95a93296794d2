// Starts programs that stay, and ends them with all that they have started: VS Code, the debuggers, the debugged.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Every process that comes from here has this in its environment. Process groups and parents are not enough to find them
 * again: debuggers put what they debug into groups of their own, and orphans change their parent.
 */
const MARK = `PROCESS_MEMORY_RUN=${process.env.PROCESS_MEMORY_RUN ?? randomUUID()}`;
process.env.PROCESS_MEMORY_RUN = MARK.slice(MARK.indexOf("=") + 1);

const PATIENCE = 3000;

/** @type {string[]} */
const folders = [];

/**
 * Starts a program in a process group of its own, so that Ctrl-C reaches us alone and we end it in order.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export function start(command, args, options = {}) {
  const env = { ...(options.env ?? process.env), PROCESS_MEMORY_RUN: process.env.PROCESS_MEMORY_RUN };
  return spawn(command, args, { ...options, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
}

/** A new folder that is removed when everything ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "process-memory-"));
  folders.push(folder);
  return folder;
}

/** Asks everything that was started to end, and kills what has not done so after three seconds. */
export async function endAll() {
  const killAt = Date.now() + PATIENCE;
  signal("SIGTERM");
  while (started().length > 0) {
    await sleep(100);
    if (Date.now() > killAt) signal("SIGKILL");
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * Ends everything when this script is told to end; without it, when the work is done or fails.
 * @param {() => Promise<number>} work answers the exit code
 */
export async function cleanlyExit(work) {
  let told = false;
  for (const [name, code] of /** @type {const} */ ([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])) {
    process.once(name, () => {
      told = true;
      endAll().then(() => process.exit(code));
    });
  }
  watchNpm(() => process.kill(process.pid, "SIGTERM"));
  let code = 1;
  try {
    code = await work();
  } catch (error) {
    if (!told) process.stderr.write(`\n${error instanceof Error ? describe(error) : error}\n`);
  }
  // Told to end, work fails since its programs end: the signal's own way goes on to the exit.
  if (told) return;
  await endAll();
  process.exit(code);
}

/**
 * Of a signal to npm alone its scripts hear nothing, and outlive it.
 * @param {() => void} gone
 */
function watchNpm(gone) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    gone();
  }, 500);
  watch.unref();
}

/** @param {Error} error */
function describe(error) {
  return error.constructor.name === "StepFailed" ? error.message : (error.stack ?? error.message);
}

/** @param {NodeJS.Signals} name */
function signal(name) {
  for (const pid of started()) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended by itself.
    }
  }
}

/** The processes that come from here and still live, but for this one and those above it. */
function started() {
  const above = ancestors();
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && !above.has(pid) && read(`/proc/${pid}/environ`).split("\0").includes(MARK));
}

function ancestors() {
  const found = new Set([process.pid]);
  let pid = process.ppid;
  while (pid > 1 && !found.has(pid)) {
    found.add(pid);
    pid = Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  }
  return found;
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
