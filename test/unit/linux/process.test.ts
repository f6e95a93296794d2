import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { pageSize } from "../../../src/linux/pageSize.ts";
import { openProcess } from "../../../src/linux/process.ts";
import type { AddressSpace } from "../../../src/memory/addressSpace.ts";
import { type Region, USAGE_FIELDS } from "../../../src/memory/region.ts";
import { compile } from "../fixtures.ts";
import { KERNEL_NAMES, type PlainRegion, printLine, readPlainly } from "./plainSmaps.ts";
import { end, open, start, stop } from "./programs.ts";

const mainEnded = () => compile("mainended.c", "threads", ["-pthread"]);
const vmas = () => compile("vmas.c", "vmas");

/**
 * Every region says what a plain reading of smaps says. Other processes that map the same files may change PSS and what
 * is shared between the two readings: then both are done again.
 */
async function expectAgreement(smaps: string, read: () => Promise<AddressSpace>): Promise<AddressSpace> {
  for (let attempt = 1; ; attempt++) {
    const plain = readPlainly(readFileSync(smaps, "utf8"));
    const space = await read();
    try {
      expectSame(space, plain);
      return space;
    } catch (error) {
      if (attempt === 50) throw error;
    }
  }
}

function expectSame(space: AddressSpace, plain: PlainRegion[]): void {
  expect(space.length).toBe(plain.length);
  for (const [index, { line, fields, flags }] of plain.entries()) {
    const region = space.region(index);
    expect(printLine(region)).toBe(line);
    expect(region.usage?.flags).toEqual(flags);
    expect(region.usage?.thpEligible).toBe(fields.THPeligible === 1);
    for (const field of USAGE_FIELDS) expect(region.usage?.[field]).toBe((fields[KERNEL_NAMES[field]] ?? 0) * 1024);
  }
}

test.each([
  ["node", process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1e6)"]],
  ["python3", "/usr/bin/python3", ["-uc", "print(1); import time; time.sleep(1000)"]],
  ["bash", "bash", ["-c", "echo 1; read < <(sleep 1000)"]],
  ["a program with 5,000 more regions", vmas(), ["5000"]],
])("every number of every region of %s is the kernel's", async (_, command, args) => {
  const { pid } = await start(command, args);
  await stop(pid);
  const target = open(pid);
  await expectAgreement(`/proc/${pid}/smaps`, () => target.readSmaps());
  const maps = await target.readMaps();
  expect([...maps.regions()].map((region) => printLine(region)).join("\n")).toBe(
    readFileSync(`/proc/${pid}/maps`, "utf8").trimEnd(),
  );
  expect(maps.usage(0)).toBeNull();
});

test("the sums are those over all regions", async () => {
  const { pid } = await start(vmas(), ["1000"]);
  await stop(pid);
  const target = open(pid);
  const totals = target.readRollup();
  const regions = [...(await target.readSmaps()).regions()];
  const sum = (of: (region: Region) => number) => regions.reduce((total, region) => total + of(region), 0);
  expect(totals?.rss).toBe(sum((region) => region.usage?.rss ?? 0));
  expect(totals?.swap).toBe(sum((region) => region.usage?.swap ?? 0));
  // The kernel does not count its own vsyscall page.
  expect(totals?.size).toBe(sum((region) => (region.path === "[vsyscall]" ? 0 : region.size)));
  // The 1,000 pages are nobody else's; how the libraries are shared may change at any time.
  expect(totals?.uss).toBeGreaterThanOrEqual(1000 * 4096);
  expect(totals?.pss).toBeGreaterThanOrEqual(totals?.uss ?? 0);
  expect(totals?.pss).toBeLessThanOrEqual(totals?.rss ?? 0);
});

test("a 32-bit process is read like any other", async () => {
  const { child, pid } = await start("bash", [
    "-c",
    `echo ready; exec ${compile("bits32.c", "vmas", ["-m32", "-nostdlib", "-static", "-no-pie"])}`,
  ]);
  while (!readFileSync(`/proc/${pid}/maps`, "utf8").includes("bits32")) await sleep(1);
  const target = open(pid);
  const space = await expectAgreement(`/proc/${pid}/smaps`, () => target.readSmaps());
  expect(space.region(0).start).toBe(0x08048000n);
  child.kill();
});

test("maps answers with the same object as long as the regions are the same", async () => {
  const program = `import mmap, os, signal
def grow(*_):
    global more
    more = mmap.mmap(-1, 1 << 24)
    os.write(1, b"grown")
signal.signal(signal.SIGUSR1, grow)
os.write(1, b"ready")
while True: signal.pause()`;
  const { pid, child } = await start("/usr/bin/python3", ["-c", program]);
  const target = open(pid);
  const first = await target.readMaps();
  expect(await target.readMaps(first)).toBe(first);
  expect(await target.readMaps()).not.toBe(first);

  const withUsage = await target.readSmaps();
  expect(await target.readMaps(withUsage)).toBe(withUsage);
  expect(await target.readMaps(withUsage)).toBe(withUsage);

  child.kill("SIGUSR1");
  await once(child.stdout, "data");
  const changed = await target.readMaps(withUsage);
  expect(changed).not.toBe(withUsage);
  expect([...changed.regions()].some((region) => region.size >= 1 << 24)).toBe(true);
});

test("counters are those of stat and statm", async () => {
  const { pid } = await start(vmas(), ["100"]);
  await stop(pid);
  const target = open(pid);
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ");
  const [size, resident, shared] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ").map(Number);
  const page = Number(execFileSync("getconf", ["PAGESIZE"], { encoding: "utf8" }));
  expect(pageSize()).toBe(page);
  expect(target.identity).toEqual({ pid, startTime: Number(fields[21]), command: "vmas-vmas" });
  expect(target.readCounters()).toMatchObject({
    state: "T",
    minorFaults: Number(fields[9]),
    majorFaults: Number(fields[11]),
    threads: 1,
    vsz: (size ?? 0) * page,
    rss: (resident ?? 0) * page,
    shared: (shared ?? 0) * page,
  });
  expect(target.readCounters().minorFaults).toBeGreaterThan(100);
});

test("a command with spaces and parentheses does not confuse the counters", async () => {
  const { pid } = await start("/usr/bin/python3", [
    "-uc",
    "open('/proc/self/comm', 'w').write('a) R 1 (b'); print(1); import time; time.sleep(1000)",
  ]);
  await stop(pid);
  const target = open(pid);
  expect(target.identity.command).toBe("a) R 1 (b");
  expect(target.readCounters()).toMatchObject({ state: "T", threads: 1 });
});

test("threads have their own counters and stack pointers within their own stacks", async () => {
  const { pid } = await start(mainEnded());
  const target = open(pid);
  const tids = readdirSync(`/proc/${pid}/task`).map(Number);
  await expect.poll(() => target.readThreads()[1]?.state).toBe("S");
  expect(target.readThreads().map(({ tid, state, name }) => [tid, state, name])).toEqual([
    [tids[0], "Z", "threads-mainend"],
    [tids[1], "S", "threads-mainend"],
  ]);
  const space = await target.readMaps();
  const pointers = target.readStackPointers();
  expect([...pointers.keys()]).toEqual([tids[1]]);
  const stack = space.region(space.indexOf(pointers.get(tids[1] as number) as bigint));
  expect(stack).toMatchObject({ permissions: "rw-p", path: null });
  expect(stack.size).toBeGreaterThanOrEqual(1 << 16);
});

test("a process whose main thread has ended is read through another thread", async () => {
  const { pid } = await start(mainEnded());
  const target = open(pid);
  expect(readFileSync(`/proc/${pid}/maps`, "utf8")).toBe("");
  const [, tid] = readdirSync(`/proc/${pid}/task`);
  const space = await expectAgreement(`/proc/${pid}/task/${tid}/smaps`, () => target.readSmaps());
  expect((await target.readMaps()).length).toBe(space.length);
  expect(target.readCounters().rss).toBeGreaterThan(0);
  expect(target.readRollup()?.rss).toBeGreaterThan(0);
  expect(target.readExecutable()).toBe(mainEnded());
  const code = [...space.regions()].findIndex((region) => region.path === mainEnded());
  expect(target.openMapped(space, code)?.path).toBe(mainEnded());
});

test("after exec the new program is read", async () => {
  const { pid, child } = await start("bash", ["-c", `echo 1; read -t 1000 < <(sleep 0.3); exec ${vmas()} 10`]);
  const target = open(pid);
  const before = await target.readMaps();
  expect(target.readExecutable()).toMatch(/bash$/);
  await once(child.stdout, "data");
  const after = await target.readMaps(before);
  expect(after.paths).toContain(vmas());
  expect(after.paths).not.toContain(before.path(0));
  expect((await target.readSmaps()).length).toBe(after.length);
  expect(target.readExecutable()).toBe(vmas());
});

test("a zombie, a kernel thread and no process at all are said to be that", async () => {
  const { output } = await start(compile("zombie.c", "threads"));
  expect(() => openProcess(Number(output))).toThrowError(expect.objectContaining({ problem: "zombie" }));
  // kthreadd is 2, except in a container, which sees no kernel threads.
  if (existsSync("/proc/2/comm") && readFileSync("/proc/2/comm", "utf8") === "kthreadd\n") {
    expect(() => openProcess(2)).toThrowError(expect.objectContaining({ problem: "kernelThread" }));
  }
  for (const pid of [0, -1, 2 ** 31, 1.5, Number.NaN]) {
    expect(() => openProcess(pid)).toThrowError(expect.objectContaining({ problem: "gone" }));
  }
});

test("a process that ended is gone, whatever is asked", async () => {
  const running = await start(vmas(), ["10"]);
  const target = open(running.pid);
  const space = await target.readSmaps();
  await target.readMaps();
  target.readCounters();
  target.readRollup();
  await end(running);
  const gone = expect.objectContaining({
    problem: "gone",
    message: expect.stringContaining(`${running.pid} (vmas-vmas) has ended`),
  });
  expect(() => target.readCounters()).toThrowError(gone);
  expect(() => target.readThreads()).toThrowError(gone);
  expect(() => target.readStackPointers()).toThrowError(gone);
  expect(() => target.readRollup()).toThrowError(gone);
  expect(() => target.readExecutable()).toThrowError(gone);
  expect(() => target.openMapped(space, 0)).toThrowError(gone);
  await expect(target.readMaps(space)).rejects.toThrowError(gone);
  await expect(target.readSmaps()).rejects.toThrowError(gone);
  expect(() => openProcess(running.pid)).toThrowError(expect.objectContaining({ problem: "gone" }));
});

test("a process that ends while it is read is gone: half a picture is never given", async () => {
  const running = await start(vmas(), ["20000"]);
  const target = open(running.pid);
  await target.readSmaps();
  const reading = target.readSmaps();
  // Until we have asked for its exit status it is a zombie.
  const ended = expect(reading).rejects.toThrowError(
    expect.objectContaining({ problem: expect.stringMatching(/^(gone|zombie)$/) }),
  );
  await sleep(2);
  await end(running);
  await ended;
});

test("a process that has become a zombie is said to be one", async () => {
  const parent = "import subprocess, sys, time; print(subprocess.Popen(sys.argv[1:]).pid); time.sleep(1000)";
  const running = await start("/usr/bin/python3", ["-uc", parent, "sleep", "1000"]);
  const pid = Number(running.output);
  const target = open(pid);
  process.kill(pid, "SIGKILL");
  while (target.readCounters().state !== "Z") await sleep(1);
  await expect(target.readMaps()).rejects.toThrowError(expect.objectContaining({ problem: "zombie" }));
});

// Only root may choose a pid.
test.runIf(process.getuid?.() === 0)("a pid that was given to another process is still the old one's", async () => {
  const running = await start(vmas(), ["1"]);
  const target = open(running.pid);
  await end(running);
  // Longer than the tick that start times are counted in.
  await sleep(20);
  await start(compile("withpid.c", "threads"), [String(running.pid)]);
  expect(() => target.readCounters()).toThrowError(expect.objectContaining({ problem: "gone" }));
  await expect(target.readMaps()).rejects.toThrowError(expect.objectContaining({ problem: "gone" }));
  expect(open(running.pid).identity.startTime).toBeGreaterThan(target.identity.startTime);
});

test("a process that maps and unmaps all the time is read without overlaps", async () => {
  const program = `import mmap, os
os.write(1, b"ready")
while True:
    held = [mmap.mmap(-1, 4096 * (1 + i % 7), mmap.MAP_PRIVATE, i % 2 * 3) for i in range(100)]
    del held`;
  const { pid } = await start("/usr/bin/python3", ["-c", program]);
  const target = open(pid);
  for (let round = 0; round < 200; round++) {
    for (const space of [await target.readMaps(), await target.readSmaps()]) {
      const { start, end } = space.columns;
      for (let index = 1; index < space.length; index++) {
        expect(start[index]).toBeGreaterThanOrEqual(end[index - 1] as number);
      }
    }
  }
});

test("reading gives way to other work", async () => {
  const { pid } = await start(vmas(), ["20000"]);
  const target = open(pid);
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await target.readSmaps();
  clearInterval(timer);
  expect(turns).toBeGreaterThan(3);
});

test("lines far longer than a page are read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "process-memory-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { pid } = await start("python3", ["-c", LONG_NAMES], { cwd: folder });
  await stop(pid);
  const target = open(pid);
  const text = readFileSync(`/proc/${pid}/maps`, "utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  expect(Math.max(...lines.map((line) => line.length))).toBeGreaterThan(3 * 4096);
  for (const space of [await target.readMaps(), await target.readSmaps()]) {
    expect([...space.regions()].map((region) => printLine(region))).toEqual(lines);
  }
});

/** Maps a file with a path of some 3,700 newlines, for each of which the kernel prints four characters. */
const LONG_NAMES = `import mmap, os, time
for _ in range(18):
    os.mkdir("\\n" * 200)
    os.chdir("\\n" * 200)
file = os.open("file", os.O_RDWR | os.O_CREAT)
os.ftruncate(file, 100 * 4096)
maps = [mmap.mmap(file, 4096, offset=2 * i * 4096) for i in range(30)]
print("ready", flush=True)
time.sleep(1000)`;

test("readings that are asked for together do not disturb each other", async () => {
  const { pid } = await start(vmas(), ["3000"]);
  await stop(pid);
  const target = open(pid);
  const alone = await target.readSmaps();
  const together = await Promise.all([target.readSmaps(), target.readMaps(), target.readSmaps()]);
  const lines = (space: AddressSpace) => [...space.regions()].map((region) => printLine(region));
  for (const space of together) expect(lines(space)).toEqual(lines(alone));
});

test("a closed process holds nothing open and refuses to read on", async () => {
  const descriptors = () => readdirSync("/proc/self/fd").length;
  const { pid } = await start(vmas(), ["20000"]);
  const before = descriptors();
  const target = openProcess(pid);
  await target.readMaps();
  target.readCounters();
  target.readStatus();
  target.readForks(1);
  target.readRollup();
  const reading = expect(target.readSmaps()).rejects.toThrowError(expect.objectContaining({ problem: "gone" }));
  await sleep(1);
  target.close();
  target.close();
  await reading;
  expect(descriptors()).toBe(before);
  expect(() => target.readCounters()).toThrowError(expect.objectContaining({ problem: "gone" }));
});
