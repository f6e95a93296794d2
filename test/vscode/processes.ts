/** The memory servers that this window has started. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/places.mjs";

/** Their pids. */
export function serverProcesses(): number[] {
  const server = join(ROOT, "dist", "server.js");
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && commandLine(pid).includes(server));
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
