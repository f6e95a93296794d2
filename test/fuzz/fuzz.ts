/** Damages programs with debug information again and again, and looks whether asking them ever goes wrong. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Outcome } from "./child.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

/**
 * A file may cost four times its size, and this: what the garbage collector leaves lying about for a while (its young
 * generation alone grows to 96 MiB), and tables of limited length.
 */
const ALLOWANCE = 160 << 20;
/** Milliseconds of a processor for everything that is asked of a file. */
const PATIENCE = 10_000;
/** Milliseconds until who waits without working counts as hanging, on a machine as busy as can be. */
const LONGEST_WAIT = 100_000;

/** Enough to look at. */
const MOST_FAILURES = 20;

/** A damaged file that went wrong. */
export interface Failure {
  readonly name: string;
  /** What it did: the exception, or that it hung or crashed or took too much memory. */
  readonly what: string;
}

/** A program and the files with its debug information, which lie beside it. */
export interface Seed {
  readonly name: string;
  readonly program: string;
  /** The names of those in the program's folder that are damaged: of the program itself and of others. */
  readonly files: readonly string[];
}

export interface FuzzResult {
  readonly files: number;
  readonly answers: number;
  /** The most that one file took, in bytes. */
  readonly memory: number;
  readonly failures: readonly Failure[];
}

/**
 * Damages the programs in turn until the time is over.
 * @param keep a folder where what fails is kept
 */
export async function fuzz(
  seeds: readonly Seed[],
  number: number,
  milliseconds: number,
  keep: string,
): Promise<FuzzResult> {
  const end = performance.now() + milliseconds;
  const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
  const asker = new Asker();
  const failures: Failure[] = [];
  const originals = new Map<string, Buffer>();
  let [files, answers, memory] = [0, 0, 0];
  try {
    for (; performance.now() < end && failures.length < MOST_FAILURES; files++) {
      const random = new Random(Math.imul(number, 1_000_003) + files);
      const seed = seeds[files % seeds.length] as Seed;
      const damaged = random.of(seed.files);
      let how = "";
      for (const file of readdirSync(folder)) rmSync(join(folder, file));
      for (const file of seed.files) {
        const path = join(dirname(seed.program), file);
        if (file !== damaged) {
          copyFileSync(path, join(folder, file));
          continue;
        }
        const original = originals.get(path) ?? readFileSync(path);
        originals.set(path, original);
        const mutated = mutate(original, random);
        how = mutated.how;
        writeFileSync(join(folder, file), mutated.bytes);
      }
      const outcome = await asker.ask(join(folder, "program"));
      const what = failureOf(outcome, folder);
      if (typeof outcome !== "string") {
        answers += outcome.answers;
        memory = Math.max(memory, outcome.memory);
      }
      if (what === null) continue;
      const name = `${seed.name.replace(/\W+/g, "-")}-${number}-${files}`;
      failures.push({ name, what: `${seed.name}, ${damaged}: ${how}: ${what}` });
      store(folder, join(keep, name));
    }
  } finally {
    asker.end();
    rmSync(folder, { recursive: true });
  }
  return { files, answers, memory, failures };
}

/** What was wrong; `null` where all went well. */
export function failureOf(outcome: Outcome | string, folder: string): string | null {
  if (typeof outcome === "string") return outcome;
  if (outcome.error !== null) return outcome.error;
  const size = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  const most = 4 * size + ALLOWANCE;
  return outcome.memory <= most ? null : `took ${outcome.memory >> 20} MiB, where ${most >> 20} are enough`;
}

/** Keeps the files of a folder, compressed. */
function store(folder: string, into: string): void {
  mkdirSync(into, { recursive: true });
  for (const file of readdirSync(folder)) {
    writeFileSync(join(into, `${file}.gz`), gzipSync(readFileSync(join(folder, file)), { level: 9 }));
  }
}

/** Waits until a child has worked for too long. */
async function patience({ pid = 0 }: ChildProcess, signal: AbortSignal): Promise<string> {
  const [began, before] = [performance.now(), processorTime(pid)];
  while (performance.now() - began < LONGEST_WAIT) {
    await sleep(500, null, { signal });
    if (processorTime(pid) - before > PATIENCE) return `no answer within ${PATIENCE / 1000} s of a processor`;
  }
  return `no answer within ${LONGEST_WAIT / 1000} s`;
}

/** Milliseconds that a process has taken; no number where it is gone. */
function processorTime(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [utime, stime] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11);
    return (Number(utime) + Number(stime)) * TICK;
  } catch {
    return Number.NaN;
  }
}

/** Milliseconds of the kernel's unit of processor time, USER_HZ. @see proc_pid_stat(5), utime */
const TICK = 10;

/** V8 lets up to 100 MB of young garbage lie if it may, now and then, which says nothing of what is held. */
const CHILD_OPTIONS = [
  ...["--expose-gc", "--max-old-space-size=1024", "--max-semi-space-size=8"],
  "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON",
];

/** Asks files in a child process, a new one after each that hung or crashed. */
export class Asker {
  #child: ChildProcess | null = null;

  /** How it went, or as a text what became of the child. */
  async ask(path: string, debugFolders: readonly string[] = []): Promise<Outcome | string> {
    this.#child ??= fork(join(import.meta.dirname, "child.ts"), {
      execArgv: CHILD_OPTIONS,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const child = this.#child;
    child.send({ path, debugFolders });
    const over = new AbortController();
    const { signal } = over;
    const outcome = await Promise.race([
      once(child, "message", { signal }).then(([message]) => message as Outcome),
      once(child, "exit", { signal }).then(([code, by]) => `the process ended: ${by ?? `code ${code}`}`),
      patience(child, signal),
    ]);
    over.abort();
    if (typeof outcome === "string") this.end();
    return outcome;
  }

  end(): void {
    this.#child?.kill("SIGKILL");
    this.#child = null;
  }
}
