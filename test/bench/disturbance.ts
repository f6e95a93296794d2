/**
 * What a process notices of being watched: how long its own mmap, munmap and page faults take while nobody looks, while
 * the memory server does at the default rate, and while another tool does once a second: `npm run bench`. Uses the built
 * server (`node esbuild.js`).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { TargetInfo } from "../../src/protocol/server.ts";
import { compile } from "../unit/fixtures.ts";
import { median, printTable } from "./bench.ts";
import { startServer } from "./server.ts";

/** Regions, and MiB of one large one. */
const TARGETS = [
  [1_000, 0],
  [60_000, 0],
  [1_000, 2048],
] as const;
const ROUNDS = 5;
const SECONDS = 6;

/** In microseconds. */
interface Times {
  mean: number;
  p99: number;
  worst: number;
  fault: number;
}

for (const [regions, big] of TARGETS) {
  const target = spawn(compile("stall.c", "stall"), [String(regions), String(big)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const lines = createInterface(target.stdout)[Symbol.asyncIterator]();
    await lines.next();
    const measure = async (): Promise<Times> => {
      target.stdin.write(`${SECONDS}\n`);
      const [, mean = 0, p99 = 0, worst = 0, fault = 0] = String((await lines.next()).value)
        .split(" ")
        .map(Number);
      return { mean, p99, worst, fault };
    };
    const times = await inRounds(target, measure);
    process.stdout.write(
      `\n${regions.toLocaleString("en")} regions${big > 0 ? ` and one of ${big} MiB` : ""}: a pair of mmap and munmap, a page fault. ` +
        `Medians of ${ROUNDS} rounds of ${SECONDS} s; of the worst the worst.\n`,
    );
    printTable([["", "mean", "p99", "worst", "fault", "mean ×", "p99 ×", "faults ×"], ...rowsOf(times)]);
  } finally {
    target.kill("SIGKILL");
  }
}

async function inRounds(target: ChildProcess, measure: () => Promise<Times>): Promise<Record<string, Times[]>> {
  const times: Record<string, Times[]> = { "not watched": [], watched: [], "pmap -X each second": [] };
  for (let round = 0; round < ROUNDS; round++) {
    times["not watched"]?.push(await measure());
    const server = await startServer();
    const { target: id } = await server.ask<TargetInfo>("attach", { pid: target.pid });
    await server.tell("watching", { targets: [id] });
    // What the server does once, its own start and the opening of files, is no part of it.
    await sleep(2000);
    times.watched?.push(await measure());
    server.connection.end();
    const isDone = new AbortController();
    const others = pmapEachSecond(target.pid as number, isDone.signal);
    times["pmap -X each second"]?.push(await measure());
    isDone.abort();
    await others;
  }
  return times;
}

async function pmapEachSecond(pid: number, isDone: AbortSignal): Promise<void> {
  while (!isDone.aborted) {
    await once(spawn("pmap", ["-X", String(pid)], { stdio: "ignore" }), "exit");
    await sleep(1000);
  }
}

function rowsOf(times: Record<string, Times[]>): string[][] {
  const of = (name: string, field: keyof Times) => (times[name] ?? []).map((each) => each[field]);
  const microseconds = (time: number) => `${time < 100 ? time.toFixed(2) : time.toFixed(0)} µs`;
  return Object.keys(times).map((name) => {
    const [mean, p99, fault] = (["mean", "p99", "fault"] as const).map((field) => median(of(name, field)));
    const ratio = (field: keyof Times) => (median(of(name, field)) / median(of("not watched", field))).toFixed(2);
    const throughput = median(of("not watched", "fault")) / (fault ?? 0);
    const figures = [mean ?? 0, p99 ?? 0, Math.max(...of(name, "worst")), fault ?? 0].map(microseconds);
    return [name, ...figures, ratio("mean"), ratio("p99"), throughput.toFixed(2)];
  });
}
