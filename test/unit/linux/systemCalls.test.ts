import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, cpSync, globSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { PAGE_IS_FILE, PAGE_IS_PRESENT, PAGE_IS_SWAPPED, systemCalls } from "../../../src/linux/systemCalls.ts";
import { type AddressSpace, READ } from "../../../src/memory/addressSpace.ts";
import { isStillAt } from "../../../src/memory/bounds.ts";
import { compile } from "../fixtures.ts";
import { end, open, start, stop } from "./programs.ts";

const calls = systemCalls();
const PAGE = 4096;
const KERNEL_HALF = 2 ** 63;
const NOBODY = 65534;
const ROOT = join(import.meta.dirname, "../../..");
const SOURCES = join(ROOT, "src");
const vmas = () => compile("vmas.c", "vmas");

const PYTHON: [command: string, args: string[]] = [
  "/usr/bin/python3",
  ["-uc", "print(1); import time; time.sleep(1000)"],
];
const PROGRAMS: [name: string, command: string, args: string[]][] = [
  ["node", process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1e6)"]],
  ["python3", ...PYTHON],
];
const queried = test.runIf(calls?.hasQueryMap);
const scanned = test.runIf(calls?.hasScanPages);

/** An open file of the process, closed with the test. */
function openFile(pid: number, name: string): number {
  const file = openSync(`/proc/${pid}/${name}`, "r");
  onTestFinished(() => closeSync(file));
  return file;
}

async function stopped(command: string, args: string[]): Promise<{ pid: number; space: AddressSpace }> {
  const { pid } = await start(command, args);
  await stop(pid);
  return { pid, space: await open(pid).readMaps() };
}

/** Start and end of each region that belongs to the process and not to the kernel. */
function rangesOf(space: AddressSpace): [start: number, end: number][] {
  return Array.from(space.columns.start.subarray(0, space.length), (from, index): [number, number] => [
    from,
    space.columns.end[index] as number,
  ]).filter(([from]) => from < KERNEL_HALF);
}

/** What the call throws. */
function codeOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
}

test("koffi is there, where the tests run", () => {
  expect(calls).not.toBeNull();
});

queried.each(PROGRAMS)("each address of %s is in the region where maps has it", async (...program) => {
  const [, command, args] = program;
  const { pid, space } = await stopped(command, args);
  const maps = openFile(pid, "maps");
  let regions = 0;
  let lastEnd = 0;
  for (const [from, to] of rangesOf(space)) {
    for (const address of [from, from + Math.floor((to - from) / 2), to - 1].map(BigInt)) {
      const found = calls?.queryMap(maps, address) ?? null;
      expect(found).not.toBeNull();
      expect(isStillAt(space, address, found), `0x${address.toString(16)}`).toBe(true);
    }
    if (from > lastEnd) expect(calls?.queryMap(maps, BigInt(from - 1))).toBeNull();
    lastEnd = to;
    regions++;
  }
  expect(regions).toBeGreaterThan(15);
  expect(calls?.queryMap(maps, BigInt(lastEnd))).toBeNull();
  expect(calls?.queryMap(maps, 0n)).toBeNull();
  expect(calls?.queryMap(maps, 2n ** 64n - 1n)).toBeNull();
});

scanned.each(PROGRAMS)("the pages found in %s are those of its pagemap", async (...program) => {
  const [, command, args] = program;
  const { pid, space } = await stopped(command, args);
  const pagemap = openFile(pid, "pagemap");
  const categories = PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_FILE;
  const runs = new Float64Array(3 * 1000);
  let present = 0;
  for (const [from, to] of rangesOf(space)) {
    const entries = Buffer.alloc(((to - from) / PAGE) * 8);
    readSync(pagemap, entries, 0, entries.length, (from / PAGE) * 8);
    const expected = new Map<number, number>();
    for (let page = from; page < to; page += PAGE) {
      const entry = entries.readBigUInt64LE(((page - from) / PAGE) * 8);
      const state = Number(entry >> 61n);
      const found =
        (state & 4 ? PAGE_IS_PRESENT : 0) | (state & 2 ? PAGE_IS_SWAPPED : 0) | (state & 1 ? PAGE_IS_FILE : 0);
      if (found !== 0) expected.set(page, found);
    }
    expect(pagesOf(pagemap, from, to, categories, runs)).toEqual(expected);
    present += expected.size;
  }
  expect(present).toBeGreaterThan(100);
});

scanned("what is found is the same however few runs are asked for at once", async () => {
  const { pid, space } = await stopped(...PYTHON);
  const pagemap = openFile(pid, "pagemap");
  const ranges = rangesOf(space);
  const all = [0, ranges.at(-1)?.[1] ?? 0, PAGE_IS_PRESENT] as const;
  const atOnce = pagesOf(pagemap, ...all, new Float64Array(3 * 10_000));
  expect(atOnce.size).toBeGreaterThan(500);
  expect(pagesOf(pagemap, ...all, new Float64Array(3))).toEqual(atOnce);
  expect(pagesOf(pagemap, ...all, new Float64Array(3 * 7 + 2))).toEqual(atOnce);
});

/** The categories of each page by its address, as many runs at once as there is room for. */
function pagesOf(
  pagemap: number,
  from: number,
  to: number,
  categories: number,
  runs: Float64Array,
): Map<number, number> {
  const pages = new Map<number, number>();
  for (let at = from; at < to; ) {
    const { count = 0, walkedTo = Number.NaN } = calls?.scanPages(pagemap, at, to, categories, runs) ?? {};
    expect(walkedTo).toBeGreaterThan(at);
    for (let run = 0; run < count; run++) {
      const [first = 0, last = 0, found = 0] = runs.subarray(3 * run, 3 * run + 3);
      for (let page = first; page < last; page += PAGE) pages.set(page, found);
    }
    at = walkedTo;
  }
  return pages;
}

test("memory is what /proc/PID/mem has, and short where a region ends", async () => {
  const { pid, space } = await stopped(vmas(), ["10"]);
  const memory = openFile(pid, "mem");
  let read = 0;
  let alone = 0;
  for (const [from, to] of rangesOf(space)) {
    const region = space.region(space.indexOf(BigInt(from)));
    // The kernel's pages can be read by the process alone.
    if (!region.permissions.startsWith("r") || region.path?.startsWith("[v")) continue;
    const [ours, kernels] = [Buffer.alloc(to - from), Buffer.alloc(to - from)];
    expect(calls?.readMemory(pid, BigInt(from), ours)).toBe(ours.length);
    readSync(memory, kernels, 0, kernels.length, from);
    expect(ours.equals(kernels)).toBe(true);
    read++;
    if (space.indexOf(BigInt(to)) >= 0) continue;
    expect(calls?.readMemory(pid, BigInt(to - 100), Buffer.alloc(3 * PAGE))).toBe(100);
    expect(calls?.readMemory(pid, BigInt(to), Buffer.alloc(16))).toBe(0);
    alone++;
  }
  expect(read).toBeGreaterThan(10);
  expect(alone).toBeGreaterThan(0);
  expect(calls?.readMemory(pid, 0n, Buffer.alloc(16))).toBe(0);
  expect(calls?.readMemory(pid, 2n ** 64n - 1n, Buffer.alloc(16))).toBe(0);
  expect(calls?.readMemory(pid, 0n, Buffer.alloc(0))).toBe(0);
});

test.runIf(calls?.hasScanPages && calls.hasQueryMap)("of a process that has ended nothing is made up", async () => {
  const running = await start(vmas(), ["10"]);
  const { pid } = running;
  const [maps, pagemap] = [openFile(pid, "maps"), openFile(pid, "pagemap")];
  const space = await open(pid).readMaps();
  const [from = 0, to = 0] = rangesOf(space)[0] ?? [];
  await end(running);
  expect(codeOf(() => calls?.queryMap(maps, BigInt(from)))).toBe("ESRCH");
  expect(codeOf(() => calls?.scanPages(pagemap, from, to, PAGE_IS_PRESENT, new Float64Array(3)))).toBe("ESRCH");
  expect(codeOf(() => calls?.readMemory(pid, BigInt(from), Buffer.alloc(8)))).toBe("ESRCH");
});

scanned("what the kernel refuses is told by its name", () => {
  const pagemap = openFile(process.pid, "pagemap");
  const runs = new Float64Array(3);
  expect(codeOf(() => calls?.scanPages(pagemap, 1, PAGE, PAGE_IS_PRESENT, runs))).toBe("EINVAL");
  expect(codeOf(() => calls?.scanPages(pagemap, 0, PAGE, 2 ** 40, runs))).toBe("EINVAL");
  expect(codeOf(() => calls?.scanPages(openFile(process.pid, "stat"), 0, PAGE, PAGE_IS_PRESENT, runs))).toBe("ENOTTY");
});

queried("a process tells of an address what it has there now", async () => {
  const { pid, child, output } = await start(compile("changing.c", "vmas"));
  const target = open(pid);
  const address = BigInt(output.trim()) + 65536n;
  const space = await target.readMaps();
  expect(isStillAt(space, address, target.regionAt(address) ?? null)).toBe(true);
  process.kill(pid, "SIGUSR1");
  await once(child.stdout, "data");
  const now = target.regionAt(address);
  expect(now).toMatchObject({ start: Number(address), end: Number(address) + 65536, permissions: READ });
  expect(isStillAt(space, address, now ?? null)).toBe(false);
  expect(isStillAt(await target.readMaps(), address, now ?? null)).toBe(true);
  expect(target.regionAt(0n)).toBeNull();
  // vsyscall is in maps, but the kernel knows no such region.
  expect(target.regionAt(0xffffffffff600000n)).toBeUndefined();
});

queried("a process that executes another program is asked about that", async () => {
  const program =
    "setTimeout(() => process.execve('/usr/bin/python3', ['python3', '-uc', 'print(2); import time; time.sleep(1000)']), 300); console.log(1)";
  const { pid, child } = await start(process.execPath, ["--disable-warning=ExperimentalWarning", "-e", program]);
  const target = open(pid);
  const before = await target.readMaps();
  const executed = once(child.stdout, "data");
  expect(target.regionAt(BigInt(before.columns.start[0] as number))).not.toBeNull();
  await executed;
  await stop(pid);
  const after = await open(pid).readMaps();
  const address = BigInt(after.columns.start[0] as number);
  expect(isStillAt(after, address, target.regionAt(address) ?? null)).toBe(true);
});

queried("a process that has ended is gone", async () => {
  const running = await start(vmas(), ["1"]);
  const target = open(running.pid);
  expect(target.regionAt(0n)).toBeNull();
  await end(running);
  expect(() => target.regionAt(0n)).toThrow("has ended");
});

queried("a process whose main thread has ended is asked all the same", async () => {
  const { pid } = await start(compile("mainended.c", "threads", ["-pthread"]));
  const target = open(pid);
  const space = await target.readMaps();
  const address = BigInt(space.columns.start[0] as number);
  expect(isStillAt(space, address, target.regionAt(address) ?? null)).toBe(true);
});

/** Runs the script with the sources of src/linux that lie in the folder, and answers what it printed as JSON. */
function run(sources: string, script: string, user?: number): unknown {
  const program = `import { systemCalls } from ${JSON.stringify(join(sources, "linux/systemCalls.ts"))};
    import { openProcess } from ${JSON.stringify(join(sources, "linux/process.ts"))};
    const codeOf = (call) => { try { return call(); } catch (error) { return error.code ?? error.problem; } };
    ${script}`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    ...(user === undefined ? {} : { uid: user, gid: user }),
    encoding: "utf8",
  });
  expect(stdout, stderr).not.toBe("");
  return JSON.parse(stdout);
}

// Only root may become somebody else.
test.runIf(process.getuid?.() === 0)("another user's memory is refused", async () => {
  const { pid } = await start(vmas(), ["1"]);
  const told = run(
    SOURCES,
    `console.log(JSON.stringify({
      read: codeOf(() => systemCalls().readMemory(${pid}, 4096n, Buffer.alloc(8))),
      region: codeOf(() => openProcess(${pid}).regionAt(4096n)),
      own: openProcess(process.pid).regionAt(0n),
      works: [systemCalls().hasQueryMap, systemCalls().hasScanPages],
    }));`,
    NOBODY,
  );
  const works = [calls?.hasQueryMap, calls?.hasScanPages];
  expect(told).toEqual({ read: "EPERM", region: calls?.hasQueryMap ? "permission" : undefined, own: null, works });
});

/** The sources, in a folder from which koffi is not found. */
function sourcesElsewhere(): string {
  const folder = mkdtempSync(join(tmpdir(), "process-memory-calls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const room of ["linux", "memory"]) cpSync(join(SOURCES, room), join(folder, "src", room), { recursive: true });
  return join(folder, "src");
}

const WITHOUT = `
  const target = openProcess(process.pid);
  const space = await target.readMaps();
  console.log(JSON.stringify({
    calls: systemCalls(), again: systemCalls(), region: target.regionAt(4096n) ?? "not told", many: space.length > 20,
  }));`;
const NOTHING = { calls: null, again: null, region: "not told", many: true };

test("without koffi everything else works", () => {
  expect(run(sourcesElsewhere(), WITHOUT)).toEqual(NOTHING);
});

test("a koffi that is not built for this machine is as good as none", () => {
  const sources = sourcesElsewhere();
  cpSync(join(ROOT, "node_modules/koffi"), join(sources, "node_modules/koffi"), {
    recursive: true,
    filter: (path) => !path.endsWith(".node"),
  });
  expect(run(sources, WITHOUT)).toEqual(NOTHING);
});

test("of koffi the packaged extension has what it takes to load it", () => {
  const sources = sourcesElsewhere();
  const shipped = readFileSync(join(ROOT, ".vscodeignore"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("!node_modules/"))
    .flatMap((line) => globSync(line.slice(1), { cwd: ROOT }));
  expect(shipped.length).toBeGreaterThan(5);
  for (const file of shipped) cpSync(join(ROOT, file), join(sources, file));
  const told = run(sources, "console.log(JSON.stringify(systemCalls().hasQueryMap));");
  expect(told).toBe(calls?.hasQueryMap);
});

test("koffi is not loaded before it is asked for", () => {
  const script = `
    const target = openProcess(process.pid);
    const loaded = () => /koffi/.test(require("node:fs").readFileSync("/proc/self/maps", "utf8"));
    await target.readMaps();
    const before = loaded();
    target.regionAt(0n);
    console.log(JSON.stringify([before, loaded()]));`;
  const require = `import { createRequire } from "node:module"; const require = createRequire("/");`;
  expect(run(SOURCES, require + script)).toEqual([false, true]);
});
