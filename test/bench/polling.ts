/**
 * What the memory server costs while it watches an idle process, and how soon it answers: `npm run bench`. Uses the built
 * server (`node esbuild.js`).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { RowsPage, TargetInfo, TreeNode } from "../../src/protocol/server.ts";
import { compile } from "../unit/fixtures.ts";
import { median, printTable, processorTime } from "./bench.ts";
import { startServer } from "./server.ts";

const SIZES = [1_000, 10_000, 60_000];
const SECONDS = 20;
const ROUNDS = 9;

const costs = [["regions", "counters only", "watched", "of a core"]];
const answers = [
  ["regions", "attach to tree", "stop to tree", "tree", "rows", "next rows", "sorted anew", "filtered", "picture"],
];
for (const size of SIZES) {
  const target = spawn(compile("vmas.c", "vmas"), [String(size)], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(target.stdout, "data");
    const row = size.toLocaleString("en");
    costs.push([row, ...(await idleCost(target))]);
    answers.push([row, ...(await answerTimes(target)).map((time) => `${time.toFixed(1)} ms`)]);
  } finally {
    target.kill("SIGKILL");
  }
}
process.stdout.write(
  `Processor time of the server a second, polling an idle process every second; over ${SECONDS} s.\n`,
);
printTable(costs);
process.stdout.write(`\nFrom question to answer, the way between the processes included; medians of ${ROUNDS}.\n`);
printTable(answers);

const many = await costOfMany();
process.stdout.write(
  `\nTen watched idle processes of 1,000 regions: ${many.toFixed(1)} ms, ${(many / 10).toFixed(2)} % of a core.\n`,
);

/** Of polling ten processes every second, in milliseconds of processor time a second. */
async function costOfMany(): Promise<number> {
  const targets = Array.from({ length: 10 }, () =>
    spawn(compile("vmas.c", "vmas"), ["1000"], { stdio: ["ignore", "pipe", "inherit"] }),
  );
  const server = await startServer();
  try {
    const ids: string[] = [];
    for (const target of targets) {
      await once(target.stdout, "data");
      ids.push((await server.ask<TargetInfo>("attach", { pid: target.pid })).target);
    }
    await server.tell("watching", { targets: ids });
    await sleep(5000);
    // As long as an idle process is left alone.
    return await processorTime(server.pid, 60);
  } finally {
    server.connection.end();
    for (const target of targets) target.kill("SIGKILL");
  }
}

/** Before any view looks, and while one does. */
async function idleCost(target: ChildProcess): Promise<string[]> {
  const server = await startServer();
  try {
    const { target: id } = await server.ask<TargetInfo>("attach", { pid: target.pid });
    // Compiling what is run for the first time is no part of it.
    await sleep(3000);
    const unwatched = await processorTime(server.pid, SECONDS);
    await server.tell("watching", { targets: [id] });
    await sleep(3000);
    const watched = await processorTime(server.pid, SECONDS);
    return [`${unwatched.toFixed(1)} ms`, `${watched.toFixed(1)} ms`, `${(watched / 10).toFixed(2)} %`];
  } finally {
    server.connection.end();
  }
}

async function answerTimes(target: ChildProcess): Promise<number[]> {
  const times: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const server = await startServer();
    try {
      const tree = (id: string) =>
        server.ask<{ nodes: TreeNode[] }>("children", { target: id, node: "process", filter: "" });
      const attached = performance.now();
      const { target: id } = await server.ask<TargetInfo>("attach", { pid: target.pid });
      await tree(id);
      const toTree = performance.now() - attached;
      const stopped = performance.now();
      const told = server.changed((notice) => notice.state === "stopped");
      void server.tell("stopped", { target: id });
      await told;
      await tree(id);
      const stopToTree = performance.now() - stopped;
      await server.ask("refresh", { target: id });
      const rows =
        (offset: number, sort: string, filter = "") =>
        () =>
          server.ask<RowsPage>("rows", { target: id, filter, sort, descending: true, offset, limit: 50 });
      const timed: number[] = [toTree, stopToTree];
      for (const question of [
        () => tree(id),
        rows(0, "rss"),
        rows(500, "rss"),
        rows(0, "name"),
        rows(0, "rss", "rw-p"),
        () => server.ask("picture", { target: id, from: 0, to: null, pixels: 1200 }),
      ]) {
        const start = performance.now();
        await question();
        timed.push(performance.now() - start);
      }
      times.push(timed);
    } finally {
      server.connection.end();
    }
  }
  return (times[0] ?? []).map((_, column) => median(times.map((each) => each[column] ?? Number.NaN)));
}
