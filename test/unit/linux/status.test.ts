import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseRollup } from "../../../src/linux/rollup.ts";
import { parseStatus } from "../../../src/linux/status.ts";
import { compile } from "../fixtures.ts";
import { open, start, stop } from "./programs.ts";

const KIB = 1024;
const CAPTURED = join(import.meta.dirname, "../captured");

test("a status of Linux 4.14 has sizes in bytes, page tables of two levels, and null for what came later", () => {
  const status = parseStatus(readFileSync(join(CAPTURED, "status-like-linux-4.14.txt"), "utf8"));
  expect(status).toEqual({
    peakVsz: 23456 * KIB,
    peakRss: 5120 * KIB,
    rssAnon: 1704 * KIB,
    rssFile: 3200 * KIB,
    rssShmem: 100 * KIB,
    swap: 8 * KIB,
    locked: 64 * KIB,
    pinned: 0,
    data: 1888 * KIB,
    stack: 132 * KIB,
    code: 916 * KIB,
    libraries: 3584 * KIB,
    pageTables: 72 * KIB,
    hugetlb: 2048 * KIB,
    coreDumping: null,
    thpEnabled: null,
    threads: 3,
    voluntarySwitches: 4021,
    involuntarySwitches: 17,
  });
});

test("a text without any of the lines, or with no numbers in them, tells nothing", () => {
  for (const text of ["", "Name:\tx\n", "Name:\tx\nVmPeak:\tmany kB\nVmHWM:\t\nThreads:"]) {
    expect(Object.values(parseStatus(text)).every((value) => value === null)).toBe(true);
  }
});

test("the status of a stopped process says what the kernel's file says", async () => {
  const { pid } = await start(compile("stacks.c", "stacks", ["-pthread"]));
  await stop(pid);
  const status = open(pid).readStatus();
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? Number.NaN);
  expect(status).toMatchObject({
    peakVsz: number("VmPeak") * KIB,
    peakRss: number("VmHWM") * KIB,
    rssAnon: number("RssAnon") * KIB,
    rssFile: number("RssFile") * KIB,
    rssShmem: number("RssShmem") * KIB,
    swap: number("VmSwap") * KIB,
    locked: number("VmLck") * KIB,
    data: number("VmData") * KIB,
    stack: number("VmStk") * KIB,
    code: number("VmExe") * KIB,
    libraries: number("VmLib") * KIB,
    pageTables: number("VmPTE") * KIB,
    threads: number("Threads"),
    voluntarySwitches: number("voluntary_ctxt_switches"),
    involuntarySwitches: number("nonvoluntary_ctxt_switches"),
  });
  expect(status.rssAnon).toBeGreaterThan(0);
});

test("locked memory and the highest marks are told", async () => {
  const script = `
import ctypes, mmap, signal
libc = ctypes.CDLL(None, use_errno=True)
big = mmap.mmap(-1, 8 << 20, flags=mmap.MAP_PRIVATE)
big.write(b"x" * (8 << 20))
before = open("/proc/self/statm").read().split()
big.close()
small = mmap.mmap(-1, 65536)
address = ctypes.addressof(ctypes.c_char.from_buffer(small))
libc.mlock(ctypes.c_void_p(address), 65536)
print(int(before[0]) * 4096, flush=True)
signal.pause()`;
  const { pid } = await start("python3", ["-c", script]);
  await stop(pid);
  const target = open(pid);
  const status = target.readStatus();
  expect(status.locked).toBe(65536);
  expect(status.peakRss).toBeGreaterThanOrEqual(target.readCounters().rss + (7 << 20));
  expect(status.peakVsz).toBeGreaterThan(target.readCounters().vsz);
});

test("when the main thread has ended, another thread tells the sizes", async () => {
  const { pid } = await start(compile("mainended.c", "threads", ["-pthread"]));
  expect(readFileSync(`/proc/${pid}/status`, "utf8")).not.toContain("VmPeak");
  const status = open(pid).readStatus();
  expect(status.peakRss).toBeGreaterThan(0);
  expect(status.rssFile).toBeGreaterThan(0);
});

test.runIf(process.getuid?.() === 0)(
  "a user in thousands of groups makes a long text, and nothing is lost",
  async () => {
    const script = `
import os, signal
os.setgroups(range(100000, 102000))
print("ready", flush=True)
signal.pause()`;
    const { pid } = await start("python3", ["-c", script]);
    expect(readFileSync(`/proc/${pid}/status`, "utf8").length).toBeGreaterThan(8192);
    const status = open(pid).readStatus();
    expect(status.peakRss).toBeGreaterThan(0);
    expect(status.voluntarySwitches).toBeGreaterThan(0);
  },
);

test("sums that a kernel's smaps_rollup lacks are null, and those that every kernel has are numbers", () => {
  const text =
    "00400000-7ffd0000 ---p 00000000 00:00 0 [rollup]\nRss: 884 kB\nPss: 385 kB\nPrivate_Dirty: 84 kB\nAnonHugePages: 2048 kB\nLocked: 385 kB\n";
  expect(parseRollup(text, 4096)).toEqual({
    size: 4096,
    rss: 884 * KIB,
    pss: 385 * KIB,
    uss: 84 * KIB,
    swap: 0,
    anonHugePages: 2048 * KIB,
    shmemPmdMapped: null,
    filePmdMapped: null,
    sharedHugetlb: null,
    privateHugetlb: null,
    locked: 385 * KIB,
  });
});
