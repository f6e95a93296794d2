// What the scripts say in the terminal while they work, and how they run other programs.
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "./places.mjs";

const HEARTBEAT = 10_000;

/** A step that did not work; its message is all that a user needs to know. */
export class StepFailed extends Error {}

/** @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/**
 * Does a piece of work under a title: says when it starts, that it is still going on, and how long it took.
 * @template T
 * @param {string} title
 * @param {() => Promise<T> | T} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const start = Date.now();
  const seconds = () => `${((Date.now() - start) / 1000).toFixed(1)} s`;
  say(`• ${title} …`);
  const heartbeat = setInterval(() => say(`  … ${title}: still at it, ${seconds()}`), HEARTBEAT);
  try {
    const result = await work();
    say(`✓ ${title} (${seconds()})`);
    return result;
  } catch (error) {
    say(`✗ ${title} (${seconds()})`);
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

/**
 * Runs a program to its end. Its output goes to a log file, whose end is shown when it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<void>}
 */
export async function run(command, args, options = {}) {
  const logs = join(CACHE, "logs");
  mkdirSync(logs, { recursive: true });
  const log = join(logs, `${command.replaceAll("/", "-")}-${args[0] ?? ""}.log`.replaceAll(/[^\w.-]/g, ""));
  const file = createWriteStream(log);
  const { code, error } = await finished(spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] }), file);
  if (error !== null) throw new StepFailed(`${command} could not be started: ${error.message}`);
  if (code === 0) return;
  const end = readFileSync(log, "utf8").trimEnd().split("\n").slice(-30);
  throw new StepFailed(`${[command, ...args].join(" ")} ended with ${code}:\n${end.join("\n")}\n(all of it: ${log})`);
}

/**
 * Runs a program with its output in this terminal.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>} its exit code; 127 where it could not be started
 */
export async function show(command, args, options = {}) {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "inherit", "inherit"] });
  const { code, error } = await finished(child, null);
  if (error !== null) say(`${command} could not be started: ${error.message}`);
  return error === null ? (code ?? 1) : 127;
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {import("node:fs").WriteStream | null} log
 * @returns {Promise<{ code: number | null, error: Error | null }>}
 */
function finished(child, log) {
  if (log !== null) {
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
  }
  return new Promise((resolve) => {
    /** @param {number | null} code @param {Error | null} error */
    const end = (code, error) => (log === null ? resolve({ code, error }) : log.end(() => resolve({ code, error })));
    child.once("error", (error) => end(null, error));
    child.once("close", (code) => end(code, null));
  });
}
