/** Runs procmem as it is shipped: dist/procmem.js. */
import { type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
export const PROGRAM = join(ROOT, "dist/procmem.js");

/** Runs it to its end. */
export function procmem(...args: (string | number)[]): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(process.execPath, [PROGRAM, ...args.map(String)], { encoding: "utf8", maxBuffer: 1 << 28 });
}

/** Runs it to its end with lines on standard input. */
export function procmemWith(input: string, ...args: (string | number)[]) {
  return spawnSync(process.execPath, [PROGRAM, ...args.map(String)], { input, encoding: "utf8", maxBuffer: 1 << 28 });
}

/** Runs it as another user. */
export function procmemAs(user: { uid: number; gid: number }, ...args: (string | number)[]) {
  return spawnSync(process.execPath, [PROGRAM, ...args.map(String)], { encoding: "utf8", ...user });
}

/** Runs it where the process's directory in /proc lacks a file, as on a kernel that does not know it. Needs root. */
export function procmemWithout(file: string, pid: number, ...args: (string | number)[]) {
  const folder = mkdtempSync(join(tmpdir(), "process-memory-proc-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // In a mount namespace of its own: links to all of the directory's files but that one are put in its place.
  const script = `set -e
    mkdir real links && mount --bind /proc/${pid} real
    for name in $(ls real); do [ $name = ${file} ] || ln -s "$PWD/real/$name" links/; done
    mount --bind links /proc/${pid}
    exec "$@"`;
  const command = [process.execPath, PROGRAM, ...args.map(String)];
  return spawnSync("unshare", ["-m", "sh", "-c", script, "sh", ...command], { cwd: folder, encoding: "utf8" });
}

/** Runs it on a host that says it is another system. */
export function procmemOn(platform: string, ...args: (string | number)[]) {
  const pretend = `Object.defineProperty(process, "platform", { value: "${platform}" })`;
  const script = `${pretend}; process.argv.splice(1, 0, "procmem"); require(${JSON.stringify(PROGRAM)})`;
  return spawnSync(process.execPath, ["-e", script, "--", ...args.map(String)], { encoding: "utf8" });
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
