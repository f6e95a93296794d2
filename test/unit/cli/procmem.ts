/** Runs procmem as it is shipped: dist/procmem.js. */
import { type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const PROGRAM = join(ROOT, "dist/procmem.js");

/** Runs it to its end. */
export function procmem(...args: (string | number)[]): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(process.execPath, [PROGRAM, ...args.map(String)], { encoding: "utf8", maxBuffer: 1 << 28 });
}

/** Runs it as another user. */
export function procmemAs(user: { uid: number; gid: number }, ...args: (string | number)[]) {
  return spawnSync(process.execPath, [PROGRAM, ...args.map(String)], { encoding: "utf8", ...user });
}

/** Its answer for programs. */
export function json(...args: (string | number)[]) {
  const { stdout, stderr, status } = procmem(...args, "--json");
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Starts it; it is killed with the test. */
export function startProcmem(args: (string | number)[], options: SpawnOptions = {}) {
  const child = spawn(process.execPath, [PROGRAM, ...args.map(String)], {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}
