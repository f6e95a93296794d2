import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/places.mjs";
import type { Host } from "./host.ts";

/** The pids of the memory servers that a window's extension host has started; other windows may have theirs. */
export async function serverProcesses(host: Host): Promise<number[]> {
  const server = join(ROOT, "dist", "server.js");
  const parent = await host.call(() => process.pid);
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && parentOf(pid) === parent && read(pid, "cmdline").split("\0").includes(server));
}

function parentOf(pid: number): number {
  return Number(/^PPid:\t(\d+)$/m.exec(read(pid, "status"))?.[1]);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
