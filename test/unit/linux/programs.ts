import { type ChildProcessByStdio, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { openProcess, type Process } from "../../../src/linux/process.ts";

export interface Running {
  pid: number;
  child: ChildProcessByStdio<null, Readable, null>;
  /** What it printed first. */
  output: string;
}

/** Starts a program, waits for its first output, and ends it with the test. */
export async function start(command: string, args: string[] = [], options: SpawnOptions = {}): Promise<Running> {
  // Unbuffered, Python writes a line and its end one after the other.
  const env = { ...process.env, PYTHONUNBUFFERED: "", ...options.env };
  const child = spawn(command, args, { ...options, env, detached: true, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => killGroup(child.pid as number));
  const [output] = await once(child.stdout, "data");
  return { pid: child.pid as number, child, output: String(output) };
}

/** Ends it and what it started. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The test has ended it.
  }
}

/** The process, opened; closed with the test. */
export function open(pid: number): Process {
  const target = openProcess(pid);
  onTestFinished(() => target.close());
  return target;
}

/** Stops the process and waits until it stands: then its memory stays as it is. */
export async function stop(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  const stands = (tid: string) => /^State:\tT/m.test(readFileSync(`/proc/${pid}/task/${tid}/status`, "utf8"));
  // Threads stop one by one.
  while (!readdirSync(`/proc/${pid}/task`).every(stands)) await sleep(1);
}

/** Ends the process and waits until it is gone. */
export async function end({ child }: Running): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
