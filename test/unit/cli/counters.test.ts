import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import { startDemo } from "../memory/images.ts";
import { json, procmem, procmemAs } from "./procmem.ts";

/** Runs procmem watch --json, and gives its samples. */
function samplesOf(pid: number, ...args: (string | number)[]) {
  const { stdout, stderr, status } = procmem("watch", pid, "--json", ...args);
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("faults are those that getrusage tells the process, to the last one: its own, a thread's and its children's", async () => {
  const child = spawn(compile("faults.c", "faults", ["-pthread"]), { stdio: ["pipe", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  for (let round = 1; round <= 5; round++) {
    const [said] = await once(child.stdout, "data");
    const [minor, major, childMinor, childMajor, tid, threadMinor, threadMajor] = String(said).split(" ").map(Number);
    const [sample] = samplesOf(child.pid ?? 0, "--count", 1, "--threads");
    expect(sample).toMatchObject({
      minorFaults: minor,
      majorFaults: major,
      childMinorFaults: childMinor,
      childMajorFaults: childMajor,
    });
    const thread = sample.threads.find((each: { tid: number }) => each.tid === tid);
    expect(thread).toMatchObject({ minorFaults: threadMinor, majorFaults: threadMajor });
    expect(minor).toBeGreaterThanOrEqual(round * 220);
    expect(threadMinor).toBeGreaterThanOrEqual(round * 70);
    expect(childMinor).toBeGreaterThanOrEqual(round * 30);
    child.stdin.write("\n");
  }
});

test("rates are differences of the counters over time, the children's too", async () => {
  const script = `
import os, time
print("ready", flush=True)
while True:
  if os.fork() == 0: os._exit(0)
  os.wait()
  time.sleep(0.01)`;
  const { pid } = await start("python3", ["-c", script]);
  const [first, second] = samplesOf(pid, "--count", 2, "--interval", 100);
  expect(first).toMatchObject({ minorFaultRate: 0, childMinorFaultRate: 0 });
  const seconds = (second.time - first.time) / 1000;
  expect(second.childMinorFaults).toBeGreaterThan(first.childMinorFaults);
  expect(second.childMinorFaultRate).toBeCloseTo((second.childMinorFaults - first.childMinorFaults) / seconds, 5);
});

test("a sample of a stopped process agrees with status and smaps_rollup", async () => {
  const { pid } = await startDemo();
  await stop(pid);
  const [sample] = samplesOf(pid, "--count", 1);
  const bytes = (file: string, name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/${file}`, "utf8"))?.[1]) * 1024;
  expect(sample).toMatchObject({ state: "T", command: expect.any(String), pss: expect.any(Number) });
  expect(sample.uss).toBe(bytes("smaps_rollup", "Private_Clean") + bytes("smaps_rollup", "Private_Dirty"));
  expect(sample.swap).toBe(bytes("smaps_rollup", "Swap"));
  expect(sample.lockedPss).toBe(bytes("smaps_rollup", "Locked"));
  expect(sample.hugePages).toEqual({
    anonymous: bytes("smaps_rollup", "AnonHugePages"),
    shared: bytes("smaps_rollup", "ShmemPmdMapped"),
    files: bytes("smaps_rollup", "FilePmdMapped"),
    sharedHugetlb: bytes("smaps_rollup", "Shared_Hugetlb"),
    privateHugetlb: bytes("smaps_rollup", "Private_Hugetlb"),
  });
  expect(sample.status).toMatchObject({
    peakVsz: bytes("status", "VmPeak"),
    peakRss: bytes("status", "VmHWM"),
    rssAnon: bytes("status", "RssAnon"),
    rssShmem: bytes("status", "RssShmem"),
    pageTables: bytes("status", "VmPTE"),
  });
  expect(sample.status.rssAnon + sample.status.rssFile + sample.status.rssShmem).toBe(sample.rss);
});

test("with --threads each sample has the threads, their faults and their stacks", async () => {
  const { pid } = await start(compile("stacks.c", "stacks", ["-O0", "-pthread"]));
  while (samplesOf(pid, "--count", 1)[0].status.threads < 4) await sleep(5);
  await stop(pid);
  const [sample] = samplesOf(pid, "--count", 1, "--threads");
  expect(sample.threads).toHaveLength(4);
  for (const thread of sample.threads) {
    expect(Object.keys(thread)).toEqual([
      ...["tid", "name", "state", "minorFaults", "majorFaults", "voluntarySwitches", "involuntarySwitches"],
      ...["minorFaultRate", "majorFaultRate", "stack"],
    ]);
    const fields = readFileSync(`/proc/${pid}/task/${thread.tid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    expect(thread).toMatchObject({ state: "T", minorFaults: Number(fields[7]), majorFaults: Number(fields[9]) });
    const status = readFileSync(`/proc/${pid}/task/${thread.tid}/status`, "utf8");
    expect(status).toContain(`\nvoluntary_ctxt_switches:\t${thread.voluntarySwitches}\n`);
    expect(status).toContain(`\nnonvoluntary_ctxt_switches:\t${thread.involuntarySwitches}\n`);
    expect(Object.keys(thread.stack)).toEqual([
      ...["start", "end", "pointer", "thread", "size", "used", "deepest", "left", "warning"],
    ]);
  }
  const text = procmem("watch", pid, "--count", 1, "--threads").stdout.trimEnd().split("\n");
  expect(text).toHaveLength(2 + 4);
  expect(text[2]).toMatch(/^ {2}\d+ stacks\S+ T: \d+ minor and 0 major faults, 0\.0 minor\/s; stack .* used, deepest /);
});

test("counters shows them in words, the marks with their regions, and the stacks", async () => {
  const { pid } = await startDemo();
  await stop(pid);
  const { stdout, stderr, status } = procmem("counters", pid);
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(stdout).toMatch(/^ {2}state +stopped$/m);
  expect(stdout).toMatch(/^ {2}RSS +.*, highest .*$/m);
  expect(stdout).toMatch(/^start_brk +0x[0-9a-f]+ {2}\[heap\] rw-p +the heap begins$/m);
  expect(stdout).toMatch(/^AT_SYSINFO_EHDR +0x[0-9a-f]+ {2}\[vdso\] r-xp +the vdso$/m);
  expect(stdout).toMatch(new RegExp(`^ {2}${pid} .* stack .* of .* used, deepest .*$`, "m"));
});

test("counters --json has the target, all of a sample, and the marks", async () => {
  const { pid } = await startDemo();
  await stop(pid);
  const answer = json("counters", pid);
  expect(answer.target).toMatchObject({ pid, executable: expect.stringContaining("demo") });
  expect(answer.threads.length).toBe(answer.status.threads);
  const entry = answer.marks.find(({ name }: { name: string }) => name === "AT_ENTRY");
  expect(BigInt(entry.address)).toBeGreaterThanOrEqual(BigInt(entry.region.start));
  expect(entry.region).toMatchObject({ kind: "code", module: answer.target.executable });
});

test.runIf(process.getuid?.() === 0)("of another user's process the counters remain", async () => {
  const { pid } = await startDemo();
  const { stdout, stderr, status } = procmemAs({ uid: 65534, gid: 65534 }, "counters", pid, "--json");
  expect(status).toBe(0);
  expect(stderr.match(/belongs to another user/g)).toHaveLength(1);
  const answer = JSON.parse(stdout);
  expect(answer).toMatchObject({ pss: null, hugePages: null, marks: [], status: { peakRss: expect.any(Number) } });
  for (const { stack } of answer.threads) expect(stack).toBeNull();
});

test("map --wide has the columns of pmap -X, its numbers and its sums", async () => {
  const { pid } = await start(compile("demo.c", "demo", ["-static", "-pthread"]));
  await stop(pid);
  const cellsOf = (text: string) =>
    text
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/));
  // Other demos map the same source file: where one comes or goes meanwhile, both are asked again.
  for (let attempt = 1; ; attempt++) {
    const pmap = cellsOf(execFileSync("pmap", ["-X", "-p", String(pid)], { encoding: "utf8" }));
    const { stdout, stderr, status } = procmem("map", pid, "--wide");
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    try {
      expect(cellsOf(stdout)).toEqual(pmap);
      return;
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
});

test("map --wide stands in columns, and is not for programs", async () => {
  const { pid } = await startDemo();
  const [, header = "", first = ""] = procmem("map", pid, "--wide").stdout.split("\n");
  expect(first.indexOf("/")).toBe(header.indexOf("Mapping"));
  expect(procmem("map", pid, "--wide", "--json")).toMatchObject({ status: 2, stdout: "" });
});
