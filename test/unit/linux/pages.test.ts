import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { Frames } from "../../../src/linux/frames.ts";
import type { Process } from "../../../src/linux/process.ts";
import { hasSoftDirty } from "../../../src/linux/softDirty.ts";
import * as systemCalls from "../../../src/linux/systemCalls.ts";
import { type AddressSpace, PAGE_FIELDS } from "../../../src/memory/addressSpace.ts";
import { EXCLUSIVE, FILE, GUARD, HUGE, type PagesReading, PRESENT, SWAPPED, ZERO } from "../../../src/memory/pages.ts";
import { compile } from "../fixtures.ts";
import { imageOf } from "../memory/images.ts";
import { end, open, start, stop } from "./programs.ts";

const PAGE = 4096n;
const KERNEL_HALF = 1n << 63n;
const isRoot = process.getuid?.() === 0;
const isScanning = systemCalls.systemCalls()?.hasScanPages ?? false;
const hasHugePages = !readFileSync("/sys/kernel/mm/transparent_hugepage/enabled", "utf8").includes("[never]");

// Not at the machine's own choice of addresses: 100 TiB are to find room above the program.
const pages = () => compile("pages.c", "pages", ["-no-pie"]);

interface Piece {
  start: bigint;
  end: bigint;
  /** What mincore(2) told the process: a digit a page; `-` where it was not asked. */
  resident: string;
}

/** The program with its pieces, stopped; they are told in one go at the end. */
async function knownPages(): Promise<{
  pid: number;
  target: Process;
  space: AddressSpace;
  pieces: Map<string, Piece>;
}> {
  const { pid, output } = await start(pages());
  expect(output).toContain("ready");
  await stop(pid);
  const pieces = new Map(
    [...output.matchAll(/^(\w+) (0x\w+) (0x\w+) (\S+)$/gm)].map(([, name = "", at = "", size = "", resident = ""]) => [
      name,
      { start: BigInt(at), end: BigInt(at) + BigInt(size), resident },
    ]),
  );
  const target = open(pid);
  return { pid, target, space: await target.readSmaps(), pieces };
}

/** A program in Python that reserves so many bytes, a power of two, and touches none. */
function reserving(bits: number): string {
  return `import mmap, os, time
m = mmap.mmap(-1, 1 << ${bits}, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)  # MAP_NORESERVE
os.write(1, b"1")
time.sleep(1000)`;
}

/** Where koffi is not there. */
function withoutSystemCalls(): void {
  vi.spyOn(systemCalls, "systemCalls").mockReturnValue(null);
  onTestFinished(() => void vi.restoreAllMocks());
}

const WAYS: [name: string, prepare: () => void][] = [
  ["with PAGEMAP_SCAN", () => undefined],
  ["from plain files", withoutSystemCalls],
];

/** A letter a page. */
function letters({ cells }: PagesReading): string {
  expect(cells.pagesPerCell).toBe(1);
  const has = (state: number, page: number) => cells.column(state)[page] === 1;
  return Array.from({ length: cells.length }, (_, page) => {
    if (has(GUARD, page)) return "g";
    if (has(SWAPPED, page)) return "s";
    if (!has(PRESENT, page)) return ".";
    if (has(ZERO, page)) return "z";
    const letter = has(FILE, page) ? "f" : "a";
    return has(EXCLUSIVE, page) ? letter.toUpperCase() : letter;
  }).join("");
}

test.runIf(isRoot).each(WAYS)("each page is what the program made of it, %s", async (_, prepare) => {
  prepare();
  const { target, space, pieces } = await knownPages();
  const expected = {
    touched: "...AAAAAA.......",
    zeros: "zzzzzzAz........",
    mapped: "FFAAFFFF",
    // The kernel maps what lies around what the child looked at.
    shared: "ffff....",
    dropped: "AA...AAA",
    locked: "AAAA",
    ...(pieces.has("guarded") && { guarded: "AggAAAAA" }),
    forked: "aaaaaAAA",
  };
  for (const [name, wanted] of Object.entries(expected)) {
    const piece = pieces.get(name) as Piece;
    const reading = await target.pages.readCells(space, piece.start, piece.end, 64);
    expect(letters(reading), name).toBe(wanted);
    if (piece.resident !== "-") expect(wanted.replace(/[a-z]/gi, "1").replaceAll(".", "0")).toBe(piece.resident);
  }
});

test.runIf(isScanning && hasHugePages)("huge pages are told, also those of zeros", async () => {
  const { target, space, pieces } = await knownPages();
  const totals = async (name: string) => {
    const { start, end } = pieces.get(name) as Piece;
    const { cells, told } = await target.pages.readCells(space, start, end, 8);
    expect(told & HUGE).toBe(HUGE);
    expect(cells.length).toBe(8);
    return [PRESENT, HUGE, EXCLUSIVE, ZERO, FILE].map((state) => cells.total(state));
  };
  expect(await totals("huge")).toEqual([512, 512, 512, 0, 0]);
  expect(await totals("hugeZero")).toEqual([512, 512, 0, 512, 0]);
  expect(await totals("touched")).toEqual([6, 0, 6, 0, 0]);
});

test("one page is told with its frame, its place in the tables and its nodes", async () => {
  const { target, space, pieces } = await knownPages();
  const { start } = pieces.get("locked") as Piece;
  const page = await target.pages.readPage(space, start + PAGE + 0x123n);
  expect(page).toMatchObject({ address: start + PAGE + 0x123n, state: PRESENT | EXCLUSIVE });
  expect(page.nodes.reduce((sum, node) => sum + node.pages, 0)).toBe(4);
  if (!isRoot) return;
  expect(page.frame).toMatchObject({ mappings: 1 });
  expect(page.frame?.flags).toEqual(expect.arrayContaining(["ANON", "MLOCKED", "UNEVICTABLE", "SWAPBACKED"]));
  const neighbour = await target.pages.readPage(space, start);
  expect(neighbour.frame?.number).not.toBe(page.frame?.number);

  const zeros = pieces.get("zeros") as Piece;
  const zero = await target.pages.readPage(space, zeros.start);
  expect(zero.state).toBe(PRESENT | ZERO);
  expect(zero.frame?.flags).toContain("ZERO_PAGE");
  const forked = pieces.get("forked") as Piece;
  expect((await target.pages.readPage(space, forked.start)).frame).toMatchObject({ mappings: 2 });
  const nothing = await target.pages.readPage(space, 0x10n);
  expect(nothing).toMatchObject({ state: 0, frame: null, nodes: [] });
  expect(nothing.notes).toContain("Nothing is mapped there.");
});

test.each(WAYS)("100 TiB of nothing cost nothing but a sentence, %s", async (_, prepare) => {
  prepare();
  const { target, space, pieces } = await knownPages();
  // A machine may have fewer addresses.
  const reserved = pieces.get("reserved");
  if (!reserved) return;
  const { cells, notes } = await target.pages.readCells(space, reserved.start, reserved.end, 64);
  expect(cells.length).toBeLessThanOrEqual(64);
  if (systemCalls.systemCalls()) {
    const where = Array.from(cells.column(PRESENT), (count, cell) => [cell, count]).filter(([, count]) => count !== 0);
    const last = cells.length - 1;
    expect(where).toEqual([[0, 1], [last / 2, 5].map(Math.ceil), [last, 1]]);
  } else {
    expect(cells.total(PRESENT)).toBe(0);
    expect(notes.join()).toMatch(/100 TiB were not looked at: without PAGEMAP_SCAN/);
  }
});

test("a large region that was empty is not looked at without PAGEMAP_SCAN", async () => {
  withoutSystemCalls();
  const { pid } = await start("/usr/bin/python3", ["-c", reserving(45)]);
  const target = open(pid);
  const space = await target.readSmaps();
  const index = [...space.regions()].findIndex(({ size }) => size >= 2 ** 45);
  const { start: from, end: to } = space.region(index);
  const { cells, isWhole, notes } = await target.pages.readCells(space, from, to, 64);
  expect(cells.total(PRESENT)).toBe(0);
  expect(isWhole).toBe(false);
  expect(notes[0]).toMatch(/^32 TiB had no pages when their numbers were read/);
});

test.each(
  (["node", "python3"] as const).flatMap((name) => WAYS.map(([way, prepare]) => [name, way, prepare] as const)),
)("the pages in memory of every region of %s are its Rss, %s", async (name, _, prepare) => {
  prepare();
  const [command, args] =
    name === "node"
      ? [process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1e6)"]]
      : ["/usr/bin/python3", ["-uc", "print(1); import time; time.sleep(1000)"]];
  const { pid } = await start(command, args);
  await stop(pid);
  const target = open(pid);
  const space = await target.readSmaps();
  let all = 0;
  for (const region of space.regions()) {
    const { cells, told } = await target.pages.readCells(space, region.start, region.end, 64);
    // The kernel's own pages ([vvar], [vdso], [vsyscall]: VM_PFNMAP and the like) are not counted as the process's.
    if (region.path?.startsWith("[v") || region.usage?.flags.includes("pf")) continue;
    // Of the kernel's page of zeros Rss knows nothing; who cannot tell it cannot compare.
    if (!(told & ZERO)) continue;
    expect((cells.total(PRESENT) - cells.total(ZERO)) * 4096, `${region.path} ${region.start.toString(16)}`).toBe(
      region.usage?.rss,
    );
    expect(cells.total(SWAPPED) * 4096).toBe(region.usage?.swap);
    all++;
  }
  expect(all).toBeGreaterThan(20);
  // All at once is no other than one by one.
  const { columns, length } = space;
  const last = Array.from({ length }, (_, index) => columns.end[index] as number).findLast((at) => at < 2 ** 63);
  const { cells } = await target.pages.readCells(space, 0n, BigInt(last ?? 0), 1000);
  const sum = [...space.regions()].reduce((total, { usage }) => total + (usage?.rss ?? 0), 0) / 4096;
  const present = cells.total(PRESENT) - cells.total(ZERO);
  expect(present).toBeGreaterThanOrEqual(isRoot ? sum : 0);
  // [vdso] and [vvar] are in memory, and not in Rss.
  expect(present - sum).toBeLessThanOrEqual(16);
});

test("the kernel's own page at the end of all addresses is asked for without harm", async () => {
  const { pid } = await start(compile("vmas.c", "vmas"), ["1"]);
  const target = open(pid);
  const space = await target.readMaps();
  const { cells } = await target.pages.readCells(space, KERNEL_HALF, 0xffff_ffff_ffff_ffffn, 16);
  expect(cells.total(PRESENT)).toBe(0);
  expect((await target.pages.readPage(space, 0xffff_ffff_ff60_0000n)).state).toBe(0);
});

test("a range without pages is refused", async () => {
  const { target, space } = await knownPages();
  await expect(target.pages.readCells(space, 0x2000n, 0x1000n, 16)).rejects.toThrowError(/no pages/);
});

test.each(WAYS)("a process that has ended is gone, %s", async (_, prepare) => {
  prepare();
  const running = await start(compile("vmas.c", "vmas"), ["10"]);
  const target = open(running.pid);
  const space = await target.readMaps();
  await target.pages.readCells(space, 0n, 1n << 47n, 16);
  await end(running);
  const gone = expect.objectContaining({ problem: "gone" });
  await expect(target.pages.readCells(space, 0n, 1n << 47n, 16)).rejects.toThrowError(gone);
  await expect(target.pages.readPage(space, 0x1000n)).rejects.toThrowError(gone);
});

test.each(WAYS)("a process that ends while its pages are read is gone, %s", async (_, prepare) => {
  prepare();
  const program =
    "import mmap, os, time; m = mmap.mmap(-1, 1 << 33); [m.write_byte(1) or m.seek(i * 4096) for i in range(1 << 16)]; os.write(1, b'1'); time.sleep(1000)";
  const running = await start("/usr/bin/python3", ["-c", program]);
  const target = open(running.pid);
  const space = await target.readMaps();
  const reading = target.pages.readCells(space, 0n, 1n << 47n, 16);
  const refused = expect(reading).rejects.toThrowError(
    expect.objectContaining({ problem: expect.stringMatching(/^(gone|zombie)$/) }),
  );
  const exited = once(running.child, "exit");
  running.child.kill("SIGKILL");
  await exited;
  await refused;
});

test("reading ends when it is cancelled", async () => {
  withoutSystemCalls();
  const { pid } = await start("/usr/bin/python3", ["-c", reserving(39)]);
  const target = open(pid);
  // Boundaries alone: that it is empty is not known.
  const space = await target.readMaps();
  const controller = new AbortController();
  const reading = target.pages.readCells(space, 0n, 1n << 47n, 16, { signal: controller.signal });
  const cancelled = expect(reading).rejects.toThrowError("enough");
  await sleep(5);
  controller.abort(new Error("enough"));
  await cancelled;
});

test("after exec the new program's pages are told", async () => {
  const program = compile("vmas.c", "vmas");
  const { child, pid } = await start("bash", ["-c", `echo 1; read -t 1000 < <(sleep 0.3); exec ${program} 10`]);
  const target = open(pid);
  await target.pages.readCells(await target.readMaps(), 0n, 1n << 47n, 16);
  await once(child.stdout, "data");
  await stop(pid);
  const space = await target.readSmaps();
  const { cells } = await target.pages.readCells(space, 0n, 1n << 47n, 16);
  const region = space.indexOf(BigInt(cells.start));
  expect(region).toBe(-1);
  const resident = [...space.regions()].reduce((sum, { usage }) => sum + (usage?.rss ?? 0), 0) / 4096;
  expect(cells.total(PRESENT)).toBeGreaterThanOrEqual(resident);
  expect(cells.total(PRESENT)).toBeLessThan(resident + 32);
});

test("what this kernel cannot tell of written pages it says, and leaves the process alone", async () => {
  const { target, space, pieces } = await knownPages();
  const { start, end } = pieces.get("touched") as Piece;
  if (hasSoftDirty()) {
    await target.pages.mark();
    expect((await target.pages.readCells(space, start, end, 16)).told & 16).toBe(16);
    return;
  }
  await expect(target.pages.mark()).rejects.toThrowError(/CONFIG_MEM_SOFT_DIRTY/);
  const { told, notes } = await target.pages.readCells(space, start, end, 16);
  expect(told & 16).toBe(0);
  expect(notes.join()).toMatch(/CONFIG_MEM_SOFT_DIRTY/);
});

test("who may not see frames is told nothing of them", () => {
  const frames = new Frames();
  onTestFinished(() => frames.close());
  expect(frames.isZero(0)).toBeNull();
  expect(frames.isZero(2 ** 40)).toBeNull();
  expect(frames.frame(2 ** 40)).toEqual({ number: 2 ** 40, flags: [], mappings: null });
});

/** Runs the script as a user without rights, with our module, and answers what it printed as JSON. */
function asNobody(script: string, ...args: string[]): unknown {
  const module = join(import.meta.dirname, "../../../src/linux/process.ts");
  const program = `import { openProcess } from ${JSON.stringify(module)};
    const print = (value) => process.stdout.write(JSON.stringify(value, (_, each) => typeof each === "bigint" ? String(each) : each));
    ${script}`;
  const options = { uid: 65534, gid: 65534, encoding: "utf8" as const };
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program, ...args], options);
  expect(stdout, stderr).not.toBe("");
  return JSON.parse(stdout);
}

test.runIf(isScanning).each([
  ["python3", ["-c", 'import os, time; held = bytearray(1 << 27); os.write(1, b"ready"); time.sleep(1000)']],
  [process.execPath, ["-e", 'console.log("ready"); setInterval(() => {}, 1000)']],
])("counted, the pages of each region of %s are as many as smaps says", async (program, args) => {
  const { pid } = await start(program, args);
  await stop(pid);
  const image = imageOf(pid);
  const space = await image.read("smaps");
  const counted = await image.source.readPagesOnly(space, {});
  const isKernels = (index: number) => /^(vdso|vvar|vsyscall|device)$/.test(space.kind(index));
  const numbers = (of: AddressSpace | null) =>
    Array.from({ length: space.length }, (_, index) =>
      isKernels(index) ? null : PAGE_FIELDS.map((field) => of?.usageOf(index, field)),
    );
  expect(numbers(counted)).toEqual(numbers(space));
});

test.runIf(isRoot)("without root the states are told, the frames are not", () => {
  const told = asNobody(`
    const target = openProcess(process.pid);
    const space = await target.readSmaps();
    const heap = [...space.regions()].find(({ path }) => path === "[heap]");
    const { cells } = await target.pages.readCells(space, heap.start, heap.end, 16);
    const page = await target.pages.readPage(space, heap.start);
    print({ present: cells.total(1), rss: heap.usage.rss / 4096, page });`) as Record<string, never>;
  expect(Math.abs(Number(told.present) - Number(told.rss))).toBeLessThan(64);
  expect(told.page).toMatchObject({
    frame: null,
    notes: expect.arrayContaining([expect.stringMatching(/CAP_SYS_ADMIN/)]),
  });
});

test.runIf(isRoot)("another user's pages may not be read, and that is said", async () => {
  const { pid } = await start(compile("vmas.c", "vmas"), ["10"]);
  const told = asNobody(
    `const target = openProcess(Number(process.argv[1]));
    const problem = (error) => [error.problem, error.message];
    const space = { length: 0, indexOf: () => -1, indexAtOrBelow: () => -1, columns: { start: [], end: [] } };
    print([await target.pages.readCells(space, 0n, 4096n, 1).catch(problem), await target.pages.readPage(space, 0n).catch(problem)]);`,
    String(pid),
  );
  const denied = ["permission", expect.stringMatching(/same user or as root/)];
  expect(told).toEqual([denied, denied]);
});
