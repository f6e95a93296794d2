/**
 * What a process notices of being watched: how long its own mmap, munmap and page faults take while nobody looks, while
 * the memory server does at the default rate, and while another tool does once a second: `npm run bench`. Uses the built
 * server (`node esbuild.js`). The server is stopped and continued by signals, so that what is compared lies seconds apart:
 * the machine's own changes from minute to minute are larger than what is measured.
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
const ROUNDS = 16;
const SECONDS = 2;
const ALONE = "not watched";
/** What it differs from the first is the machine's; watched is compared with the mean of both. */
const AGAIN = "not watched, again";

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
        `Medians of ${ROUNDS} rounds of ${SECONDS} s each, also of their slowest pair; × within a round.\n`,
    );
    printTable([["", "mean", "p99", "slowest", "of all", "fault", "mean ×", "p99 ×", "faults ×"], ...rowsOf(times)]);
  } finally {
    target.kill("SIGKILL");
  }
}

async function inRounds(target: ChildProcess, measure: () => Promise<Times>): Promise<Record<string, Times[]>> {
  const server = await startServer();
  const { target: id } = await server.ask<TargetInfo>("attach", { pid: target.pid });
  await server.tell("watching", { targets: [id] });
  // What the server does once, its own start and the opening of files, is no part of it.
  await sleep(5000);
  const unobserved = async () => {
    process.kill(server.pid, "SIGSTOP");
    return measure();
  };
  const ways: [string, () => Promise<Times>][] = [
    [ALONE, unobserved],
    [
      "watched",
      () => {
        process.kill(server.pid, "SIGCONT");
        return measure();
      },
    ],
    [AGAIN, unobserved],
    [
      "pmap -X each second",
      async () => {
        const isDone = new AbortController();
        const others = pmapEachSecond(target.pid as number, isDone.signal);
        const times = await unobserved();
        isDone.abort();
        await others;
        return times;
      },
    ],
  ];
  const times: Record<string, Times[]> = Object.fromEntries(ways.map(([name]) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    // What comes before a measurement is in it: so each comes as often behind any other.
    for (const [name, take] of [...ways.slice(round % ways.length), ...ways.slice(0, round % ways.length)])
      times[name]?.push(await take());
  }
  process.kill(server.pid, "SIGCONT");
  server.connection.end();
  return times;
}

async function pmapEachSecond(pid: number, isDone: AbortSignal): Promise<void> {
  while (!isDone.aborted) {
    await once(spawn("pmap", ["-X", String(pid)], { stdio: "ignore" }), "exit");
    await sleep(1000);
  }
}

function rowsOf(times: Record<string, Times[]>): string[][] {
  const [before = [], after = []] = [times[ALONE], times[AGAIN]];
  const microseconds = (time: number) => `${time < 100 ? time.toFixed(2) : time.toFixed(0)} µs`;
  return Object.entries(times).map(([name, rounds]) => {
    const of = (field: keyof Times) => rounds.map((each) => each[field]);
    const alone = (at: number, field: keyof Times) => {
      const [first = 0, second = 0] = [before[at]?.[field], after[at]?.[field]];
      return name === AGAIN ? first : (first + second) / 2;
    };
    const ratio = (field: keyof Times) => median(rounds.map((each, at) => each[field] / alone(at, field)));
    return [
      name,
      microseconds(median(of("mean"))),
      microseconds(median(of("p99"))),
      microseconds(median(of("worst"))),
      microseconds(Math.max(...of("worst"))),
      microseconds(median(of("fault"))),
      ratio("mean").toFixed(2),
      ratio("p99").toFixed(2),
      (1 / ratio("fault")).toFixed(3),
    ];
  });
}
