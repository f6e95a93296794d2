/**
 * Asks one file after the other, as its parent tells their paths, and answers how it went: a child of its own, so that a
 * hang or a crash ends nobody else.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { askAll } from "./ask.ts";

/** What became of a file. */
export interface Outcome {
  /** How much was answered. */
  readonly answers: number;
  /** Bytes that the process had at most beyond those it had before. */
  readonly memory: number;
  /** An exception that came through. */
  readonly error: string | null;
}

process.on("message", async ({ path, debugFolders }: { path: string; debugFolders: string[] }) => {
  globalThis.gc?.();
  resetPeak();
  const before = status("VmRSS");
  let answers = 0;
  let error: string | null = null;
  try {
    answers = await askAll(path, debugFolders);
  } catch (thrown) {
    error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  }
  const outcome: Outcome = { answers, memory: status("VmHWM") - before, error };
  process.send?.(outcome);
});

/** @see proc_pid_clear_refs(5) */
function resetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Where that is forbidden the peak is that of all files so far.
  }
}

/** A field of /proc/self/status that is counted in kB, in bytes. */
function status(field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync("/proc/self/status", "utf8"));
  return Number(match?.[1] ?? 0) * 1024;
}
