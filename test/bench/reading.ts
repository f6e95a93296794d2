/**
 * How long a full reading of a process takes, against the tools at hand, and how much memory: `npm run bench`. Uses the built
 * procmem (`node esbuild.js`).
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { openProcess } from "../../src/linux/process.ts";
import { compile } from "../unit/fixtures.ts";
import { inTurns, printTable } from "./bench.ts";

/** The kernel allows a process 65,530 regions. */
const SIZES = [1_000, 10_000, 60_000];
const ROUNDS = 15;
const PROCMEM = join(import.meta.dirname, "../../dist/procmem.js");
const buffer = Buffer.allocUnsafeSlow(64 * 1024);

const rows = [
  [
    "regions",
    "smaps",
    "kernel",
    "maps",
    "maps again",
    "cat smaps",
    "pmap -x",
    "pmap -X",
    "smaps / cat",
    "pmap -X / smaps",
  ],
];
const memory = [["regions", "procmem", "an empty Node"]];
for (const size of SIZES) {
  const child = spawn(compile("vmas.c", "vmas"), [String(size)], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    const pid = String(child.pid);
    const target = openProcess(Number(pid));
    let regions = await target.readMaps();
    const times = await inTurns(ROUNDS, {
      smaps: async () => {
        await target.readSmaps();
      },
      kernel: () => readOnly(`/proc/${pid}/smaps`),
      cat: () => run("cat", `/proc/${pid}/smaps`),
      maps: async () => {
        regions = await target.readMaps();
      },
      mapsAgain: async () => {
        await target.readMaps(regions);
      },
      pmapx: () => run("pmap", "-x", pid),
      pmapX: () => run("pmap", "-X", pid),
    });
    target.close();
    const { smaps, kernel, maps, mapsAgain, cat, pmapx, pmapX } = times;
    rows.push([
      regions.length.toLocaleString("en"),
      ...[smaps, kernel, maps, mapsAgain, cat, pmapx, pmapX].map((time) => `${time.toFixed(1)} ms`),
      (smaps / cat).toFixed(2),
      (pmapX / smaps).toFixed(1),
    ]);
    // It reads all numbers, and shows no row.
    memory.push([
      regions.length.toLocaleString("en"),
      peak(PROCMEM, "map", pid, "--filter", "rss>1T"),
      peak("-e", "0"),
    ]);
  } finally {
    child.kill("SIGKILL");
  }
}
process.stdout.write(
  `A full reading into the model (smaps, maps) against the same reads with nothing done (kernel) and whole processes; medians of ${ROUNDS} rounds.\n`,
);
printTable(rows);
process.stdout.write("\nThe most memory of a process that makes one such reading.\n");
printTable(memory);

function readOnly(path: string): void {
  const descriptor = openSync(path, "r");
  while (readSync(descriptor, buffer) > 0);
  closeSync(descriptor);
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: "ignore" });
}

/** The most resident memory of a Node process: VmHWM, as getrusage(2) counts also what its parent had when it forked. */
function peak(...args: string[]): string {
  const told = `import { readFileSync } from "node:fs";
process.on("exit", () => console.error(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]))`;
  const { stderr } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(told)}`, ...args],
    {
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  return `${(Number(stderr) / 1024).toFixed(0)} MiB`;
}
