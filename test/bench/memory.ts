/**
 * Whether the memory server's own memory stays flat: an hour's worth of ticks of a watched process that changes all the
 * time, in three minutes: `npm run bench`. Uses the built server (`node esbuild.js`).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { TargetInfo } from "../../src/protocol/server.ts";
import { printTable } from "./bench.ts";
import { startServer } from "./server.ts";

/** Milliseconds: the shortest that the server takes. */
const INTERVAL = 50;
const HOUR = 3600;
const STEPS = 6;

/** Maps and unmaps memory, touches pages, and starts and ends threads. */
const PROGRAM = `import mmap, random, threading, time
held = []
print("ready", flush=True)
while True:
    held = [m for m in held if random.random() < 0.9]
    held.append(mmap.mmap(-1, 4096 * random.randrange(1, 64), mmap.MAP_PRIVATE, random.choice([1, 3])))
    thread = threading.Thread(target=time.sleep, args=(0.01,))
    thread.start()
    time.sleep(0.02)`;

const target = spawn("python3", ["-c", PROGRAM], { stdio: ["ignore", "pipe", "inherit"] });
const server = await startServer();
try {
  await once(target.stdout, "data");
  await server.tell("settings", { interval: INTERVAL });
  const { target: id } = await server.ask<TargetInfo>("attach", { pid: target.pid });
  await server.tell("watching", { targets: [id] });
  const rows = [["ticks", "resident memory of the server"]];
  for (let step = 0; step <= STEPS; step++) {
    // What views would ask.
    for (let second = 0; second < (HOUR / STEPS) * (INTERVAL / 1000); second++) {
      await server.ask("rows", { target: id, filter: "", sort: "rss", descending: true, offset: 0, limit: 50 });
      await server.ask("picture", { target: id, from: 0, to: null, pixels: 1200 });
      await sleep(1000);
    }
    const [rss = ""] = /(?<=VmRSS:\s+)\d+/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8")) ?? [];
    rows.push([`${(step + 1) * (HOUR / STEPS)}`, `${(Number(rss) / 1024).toFixed(0)} MiB`]);
  }
  process.stdout.write(
    "An hour's worth of ticks of a process that changes all the time; the first line is for warming up.\n",
  );
  printTable(rows);
} finally {
  server.connection.end();
  target.kill("SIGKILL");
}
