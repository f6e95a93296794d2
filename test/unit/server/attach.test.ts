import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { RowsPage } from "../../../src/protocol/server.ts";
import { compile } from "../fixtures.ts";
import { end, start, stop } from "../linux/programs.ts";
import { type Client, everyRow, forkServer, problemOf, startServer } from "./client.ts";

const DEMO = compile("demo.c", "demo", ["-g", "-lpthread"]);
const VMAS = compile("vmas.c", "vmas");
const ZOMBIE = compile("zombie.c", "threads");
const MAIN_ENDED = compile("mainended.c", "threads", ["-lpthread"]);

test("a process is attached, and tells of itself every interval", async () => {
  const { pid } = await start(DEMO);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 100 });
  const info = await server.attach(pid);
  const startTime = Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19]);
  expect(info).toEqual({
    target: `${pid}:${startTime}`,
    pid,
    startTime,
    command: expect.stringMatching(/^demo-demo/),
    executable: DEMO,
    limited: null,
  });
  const first = await server.changed(() => true, 0);
  expect(first).toMatchObject({ target: info.target, revision: 1, state: "running", limited: null, executable: DEMO });
  expect(first.regions).toBeGreaterThan(30);
  // It works in rounds that touch fresh pages.
  const later = await server.changed(({ sample }) => sample.minorFaults > first.sample.minorFaults + 20);
  expect(later.sample.rss).toBeGreaterThan(first.sample.rss);
  expect(server.changes.some(({ rates }) => rates.minor > 0)).toBe(true);
});

test("every thread of the server lets its targets go first", async () => {
  const { pid } = await start(DEMO);
  const server = await startServer();
  const { target } = await server.attach(pid);
  await server.ask("processMemory/refresh", { target });
  const threads = readdirSync(`/proc/${server.child.pid}/task`).map(Number);
  expect(threads.length).toBeGreaterThan(1);
  expect(new Set(threads.map((thread) => getPriority(thread) > getPriority(pid)))).toEqual(new Set([true]));
});

test("attaching twice gives the same target", async () => {
  const { pid } = await start(VMAS);
  const server = await startServer();
  const [one, other] = await Promise.all([server.attach(pid), server.attach(pid)]);
  expect(other).toEqual(one);
  expect(await server.attach(pid)).toEqual(one);
});

test("two targets are read side by side, and one of them forgotten", async () => {
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 50 });
  const [small, large] = await Promise.all(
    [10, 500].map(async (regions) => server.attach((await start(VMAS, [String(regions)])).pid)),
  );
  if (!small || !large) throw new Error("unreachable");
  const told = ({ target }: typeof small) => server.changed((notice) => notice.target === target);
  const [ofSmall, ofLarge] = await Promise.all([told(small), told(large)]);
  // The kernel may join a region with its neighbour.
  expect(Math.abs(ofLarge.regions - ofSmall.regions - 490)).toBeLessThan(3);
  await server.ask("processMemory/detach", { target: small.target });
  expect(await problemOf(server.children(small.target, "process"))).toEqual({
    problem: "gone",
    message: "This process is no longer looked at. Choose it again.",
  });
  const before = server.changes.length;
  await told(large);
  await told(large);
  expect(server.changes.slice(before).filter(({ target }) => target === small.target)).toEqual([]);
});

test("sums come from smaps for who is watched, from the kernel's own for who is not", async () => {
  const { pid } = await start(VMAS, ["1000"]);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 50 });
  const { target } = await server.attach(pid);
  const unwatched = await server.changed(({ totals }) => totals !== null);
  expect(unwatched.totals?.uss).toBeGreaterThan(1000 * 4096);
  expect((await server.ask("processMemory/rows", everyRow(target))).rows[0]?.rss).toBeNull();
  await server.tell("processMemory/watching", { targets: [target] });
  await server.changed(({ revision }) => revision > unwatched.revision);
  const { totals, rows } = await server.ask("processMemory/rows", everyRow(target));
  // The kernel's own sums leave out vsyscall.
  const watched = await server.changed((change) => change.totals?.size === totals.size);
  expect(totals).toMatchObject(watched.totals ?? {});
  expect(rows.reduce((sum, { rss }) => sum + (rss ?? 0), 0)).toBe(totals.rss);
  // Other processes that run the same program make some of its pages shared, or private again.
  expect(Math.abs((totals.uss ?? 0) - (unwatched.totals?.uss ?? 0))).toBeLessThan(100 * 4096);
});

test("the picture of an idle process keeps its revision", async () => {
  const { pid } = await start(VMAS, ["100"]);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 50 });
  const { target } = await server.attach(pid);
  await server.tell("processMemory/watching", { targets: [target] });
  const read = await server.changed(({ revision }) => revision > 1, 0);
  for (let i = 0; i < 5; i++) await server.changed(() => true);
  expect(server.changes.at(-1)?.revision).toBe(read.revision);
});

test("of an idle process that no view shows nothing is told until something is new", async () => {
  const script = `import signal, time
held = []
signal.signal(signal.SIGUSR1, lambda *_: held.append(bytearray(8 << 20)))
print("ready", flush=True)
while True: time.sleep(600)
`;
  const { pid } = await start("python3", ["-c", script]);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 50 });
  const { target } = await server.attach(pid);
  const samples = async () => (await server.ask("processMemory/timeline", { target, since: 0 })).samples.length;
  const ticks = async (count: number) => {
    const before = await samples();
    await expect.poll(samples).toBeGreaterThanOrEqual(before + count);
  };
  // What its start has left to tell.
  await ticks(10);
  const told = server.changes.length;
  await ticks(5);
  expect(server.changes.length).toBe(told);
  const grown = server.changed(() => true);
  process.kill(pid, "SIGUSR1");
  expect((await grown).rates.minor).toBeGreaterThan(0);
  await server.changed(({ sample, rates }) => rates.minor === 0 && sample.rss > 16 << 20);
  await server.tell("processMemory/watching", { targets: [target] });
  for (let i = 0; i < 5; i++) await server.changed(() => true);
});

test("a stop is read once and in full; then nothing until the target continues", async () => {
  const { pid } = await start(DEMO);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 50 });
  const { target } = await server.attach(pid);
  await stop(pid);
  await server.tell("processMemory/stopped", { target });
  const stopped = await server.changed(({ state, sample }) => state === "stopped" && sample.kinds !== undefined);
  const { rows } = await server.ask("processMemory/rows", everyRow(target));
  const smaps = readFileSync(`/proc/${pid}/smaps`, "latin1");
  const rss = [...smaps.matchAll(/^Rss: +(\d+) kB$/gm)].map(([, kib]) => Number(kib) * 1024);
  expect(rows.map((row) => row.rss)).toEqual(rss);
  const told = server.changes.length;
  await sleep(300);
  expect(server.changes.length).toBe(told);
  process.kill(pid, "SIGCONT");
  await server.tell("processMemory/continued", { target });
  const running = await server.changed(({ state }) => state === "running", told);
  expect(running.sample.marks).toEqual({ continue: 1 });
  await server.changed(({ sample }) => sample.minorFaults > stopped.sample.minorFaults);
  const { samples } = await server.ask("processMemory/timeline", { target, since: 0 });
  expect(samples.flatMap(({ marks }) => Object.keys(marks ?? {}))).toEqual(["stop", "continue"]);
  expect(samples.map(({ time }) => time)).toEqual(samples.map(({ time }) => time).sort((a, b) => a - b));
});

test("the time line has the RSS of each kind and the PSS where they were read, at a stop at once", async () => {
  const { pid } = await start(DEMO);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 0 });
  const { target } = await server.attach(pid);
  await stop(pid);
  await server.tell("processMemory/stopped", { target });
  const { sample, totals } = await server.changed(({ sample }) => sample.kinds !== undefined);
  const sums = Object.values(sample.kinds ?? {});
  expect(sums.reduce((sum, bytes) => sum + bytes, 0)).toBe(totals?.rss);
  expect(sample.pss).toBe(totals?.pss);
  const { rows } = await server.ask("processMemory/rows", everyRow(target));
  const heap = rows.filter(({ kind }) => kind === "heap").reduce((sum, { rss }) => sum + (rss ?? 0), 0);
  expect(sample.kinds?.heap).toBe(heap);
  const { samples } = await server.ask("processMemory/timeline", { target, since: 0 });
  expect(samples.filter(({ kinds }) => kinds)).toHaveLength(1);
  expect(samples.at(-1)).toEqual(sample);
});

test("who steps fast gets every mark, and the last stop in full", async () => {
  const { pid } = await start(VMAS, ["20000"]);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 0 });
  const { target } = await server.attach(pid);
  for (let i = 0; i < 10; i++) {
    void server.tell("processMemory/stopped", { target });
    void server.tell("processMemory/continued", { target });
  }
  await server.tell("processMemory/stopped", { target });
  const stops = () => server.changes.filter(({ sample }) => sample.marks?.stop);
  await server.changed(() => stops().length === 11, 0);
  const lastStop = server.changes.findLastIndex(({ sample }) => sample.marks?.stop);
  const read = await server.changed(({ totals }) => totals !== null, lastStop);
  expect(read.state).toBe("stopped");
  expect((await server.ask("processMemory/rows", everyRow(target))).rows.every(({ rss }) => rss !== null)).toBe(true);
  const { samples } = await server.ask("processMemory/timeline", { target, since: 0 });
  expect(samples.filter(({ marks }) => marks?.stop)).toHaveLength(11);
  expect(samples.filter(({ marks }) => marks?.continue)).toHaveLength(10);
});

test("an interval of 0 reads at stops and on request only", async () => {
  const { pid } = await start(DEMO);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 0 });
  const { target } = await server.attach(pid);
  await server.changed(() => true, 0);
  await sleep(300);
  expect(server.changes).toHaveLength(1);
  await server.ask("processMemory/refresh", { target });
  await server.changed(({ totals }) => totals !== null, 1);
  await server.tell("processMemory/stopped", { target });
  await server.changed(({ state }) => state === "stopped");
});

test("threads tell their faults, with rates since they were asked last", async () => {
  const { pid } = await start(DEMO);
  const server = await startServer();
  const { target } = await server.attach(pid);
  const { threads } = await server.ask("processMemory/threads", { target });
  expect(threads).toHaveLength(3);
  expect(threads[0]).toMatchObject({ tid: pid, minorRate: 0, majorRate: 0 });
  await sleep(300);
  const again = (await server.ask("processMemory/threads", { target })).threads;
  expect(again[0]?.minorRate).toBeGreaterThan(0);
});

test("a process that ends is said to have ended, and answers from its last picture", async () => {
  const program = await start(VMAS, ["100"]);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 50 });
  const { target } = await server.attach(program.pid);
  await server.ask("processMemory/refresh", { target });
  const before = await server.ask("processMemory/rows", everyRow(target));
  const [code] = (await server.children(target, "group:program")).filter(({ kind }) => kind === "code");
  await end(program);
  const problem = await server.ended(target);
  expect(problem).toMatchObject({ problem: "gone", message: expect.stringMatching(/vmas-vmas.*has ended/) });
  const last = server.changes.at(-1);
  expect(last).toMatchObject({ state: "ended", rates: { minor: 0, major: 0 }, sample: { marks: { exit: 1 } } });
  const ageless = ({ rows, ...page }: RowsPage) => ({ ...page, rows: rows.map((row) => ({ ...row, age: null })) });
  expect(ageless(await server.ask("processMemory/rows", everyRow(target)))).toEqual(ageless(before));
  const [text] = (await server.children(target, code?.id ?? "")).filter(({ name }) => name === ".text");
  const symbols = await server.children(target, text?.id ?? "");
  expect(symbols.map(({ name }) => name)).toContain("main");
  expect(
    (await server.ask("processMemory/picture", { target, from: 0, to: null, pixels: 500 })).length,
  ).toBeGreaterThan(100);
  expect(await problemOf(server.ask("processMemory/refresh", { target }))).toEqual(problem);
  expect(server.ends).toHaveLength(1);
});

test("a process that is killed while it is read ends like any other", async () => {
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 50 });
  for (const pause of [0, 5, 15, 40]) {
    const program = await start(VMAS, ["30000"]);
    const { target } = await server.attach(program.pid);
    const refreshed = server.ask("processMemory/refresh", { target }).catch((error: Error) => error.message);
    await sleep(pause);
    await end(program);
    expect(await server.ended(target)).toMatchObject({ problem: expect.stringMatching(/^(gone|zombie)$/) });
    await refreshed;
    const { total } = await server.ask("processMemory/rows", everyRow(target));
    expect(total).toBeGreaterThan(30_000);
  }
  expect(server.log).toEqual([]);
});

test("what cannot be attached is refused with a sentence", async () => {
  const server = await startServer();
  const { output } = await start(ZOMBIE);
  expect(await problemOf(server.attach(2 ** 22 + 1))).toMatchObject({
    problem: "gone",
    message: expect.stringContaining(`no process ${2 ** 22 + 1}`),
  });
  expect(await problemOf(server.attach(Number(output)))).toMatchObject({ problem: "zombie" });
  for (const nonsense of [-1, 0, 1.5, Number.NaN, "1/../1", null]) {
    const problem = await problemOf(server.ask("processMemory/attach", { pid: nonsense as number }));
    expect(problem.problem).toBe("gone");
  }
});

// Containers have none.
test.runIf(readFileSync("/proc/2/stat", { encoding: "utf8", flag: "a+" }).startsWith("2 (kthreadd)"))(
  "a kernel thread is refused with a sentence",
  async () => {
    const server = await startServer();
    expect(await problemOf(server.attach(2))).toMatchObject({
      problem: "kernelThread",
      message: expect.stringContaining("has no memory of its own"),
    });
  },
);

// Only root may become somebody else.
test.runIf(process.getuid?.() === 0)("another user's process shows its counters, and why not more", async () => {
  const { pid } = await start(VMAS, ["100"]);
  const server = await startServer({ uid: 65534, gid: 65534 });
  await server.tell("processMemory/settings", { interval: 50 });
  const { target, limited, executable } = await server.attach(pid);
  expect(limited).toMatchObject({ problem: "permission", message: expect.stringContaining("belongs to another user") });
  expect(executable).toBeNull();
  expect((await server.changed(() => true, 0)).limited).toEqual(limited);
  await server.tell("processMemory/watching", { targets: [target] });
  for (let i = 0; i < 3; i++) {
    const told = await server.changed(() => true);
    expect(told).toMatchObject({ limited, regions: 0, revision: 0, state: "running" });
    expect(told.sample.rss).toBeGreaterThan(100 * 4096);
  }
  expect(await server.children(target, "process")).toEqual([]);
  expect(await server.ask("processMemory/rows", everyRow(target))).toMatchObject({ total: 0, rows: [] });
  expect(await server.ask("processMemory/picture", { target, from: 0, to: null, pixels: 9 })).toMatchObject({
    length: 0,
  });
  expect(await problemOf(server.ask("processMemory/explain", { target, address: "0x1000" }))).toEqual(limited);
  expect(server.log).toEqual([]);
});

test("a process whose main thread has ended is shown whole", async () => {
  const { pid } = await start(MAIN_ENDED);
  const server = await startServer();
  const { target } = await server.attach(pid);
  await server.ask("processMemory/refresh", { target });
  expect((await server.children(target, "process")).map(({ id }) => id)).toContain("group:program");
  expect(server.ends).toEqual([]);
});

test("an exec is marked, and the new program takes the old one's place", async () => {
  const script = `echo ready; kill -STOP $$; exec ${VMAS} 50`;
  const { pid, child } = await start("sh", ["-c", script]);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 50 });
  const { target, executable } = await server.attach(pid);
  expect(executable).not.toBe(VMAS);
  await server.tell("processMemory/watching", { targets: [target] });
  await server.changed(({ totals }) => totals !== null, 0);
  const executed = once(child.stdout, "data");
  process.kill(pid, "SIGCONT");
  await executed;
  const told = await server.changed((notice) => notice.executable === VMAS, 0);
  expect(told).toMatchObject({ target, command: "vmas-vmas" });
  await server.ask("processMemory/refresh", { target });
  const program = await server.children(target, "group:program");
  expect(program.map(({ path }) => path)).toContain(VMAS);
  const { samples } = await server.ask("processMemory/timeline", { target, since: 0 });
  expect(samples.filter(({ marks }) => marks?.exec)).toHaveLength(1);
});

test("threads that start and end and children are marked, with how many, and what is resident is told by its kind", async () => {
  const script = `import os, signal, threading, time
threads, stop = [], threading.Event()
def begin(*_):
    threads.extend(threading.Thread(target=stop.wait) for _ in range(3))
    for thread in threads: thread.start()
    if os.fork() == 0:
        time.sleep(600)
        os._exit(0)
signal.signal(signal.SIGUSR1, begin)
signal.signal(signal.SIGUSR2, lambda *_: stop.set())
print("ready", flush=True)
while True: time.sleep(600)`;
  const { pid } = await start("python3", ["-c", script]);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 50 });
  const { target } = await server.attach(pid);
  const marks = () => marksOf(server, target);
  await server.changed(() => true);
  process.kill(pid, "SIGUSR1");
  await expect.poll(marks).toMatchObject({ threadStart: 3, fork: 1 });
  process.kill(pid, "SIGUSR2");
  await expect.poll(marks).toEqual({ threadStart: 3, threadExit: 3, fork: 1 });
  const { sample } = await server.changed(() => true);
  const kinds = (sample.rssAnon ?? 0) + (sample.rssFile ?? 0) + (sample.rssShmem ?? 0);
  // Newer kernels sum status and statm at different moments.
  expect(Math.abs(kinds - sample.rss)).toBeLessThan(1 << 20);
});

test("processes are listed, and debuggees found by who traces them", async () => {
  const { pid } = await start(VMAS, ["1"]);
  const server = await startServer();
  const { processes } = await server.ask("processMemory/processes", null);
  expect(processes.find((each) => each.pid === pid)).toMatchObject({
    command: "vmas-vmas",
    commandLine: `${VMAS} 1`,
    readable: true,
  });
  const found = server.ask("processMemory/findDebuggees", { ancestor: process.pid, program: null, taken: [] });
  expect((await found).pids).not.toContain(pid);
});

test("nonsense is refused with a sentence, and the server goes on", async () => {
  const { pid } = await start(VMAS, ["10"]);
  const server = await startServer();
  const { target } = await server.attach(pid);
  const ask = (params: object) => server.connection.sendRequest("processMemory/explain", params);
  expect(await problemOf(ask({ target, address: "somewhere" }))).toEqual({
    problem: "unreadable",
    message: "“somewhere” is no address: write it as 0x….",
  });
  expect((await problemOf(ask({ target }))).message).not.toBe("");
  expect(await problemOf(ask({}))).toMatchObject({ problem: "gone" });
  for (const node of [
    "",
    "nothing",
    "group:none",
    "region:",
    "section:0x",
    "more:1-x:0x1",
    "regions:0x1-0x2:group:heap",
  ]) {
    expect(await server.children(target, node)).toEqual([]);
  }
  const modulePlaces = server.ask("processMemory/modulePlaces", { target, module: 999 });
  expect(await modulePlaces).toEqual({ sections: [], symbols: null });
  await server.tell("processMemory/stopped", { target: "nobody" });
  expect((await server.children(target, "process")).length).toBeGreaterThan(0);
});

test("the server ends when its client is gone, over pipes and over IPC", async () => {
  for (const server of [await startServer(), await forkServer()]) {
    const { pid } = await start(VMAS, ["10"]);
    await server.attach(pid);
    const ended = once(server.child, "exit");
    if (server.child.connected) server.child.disconnect();
    else server.child.stdin?.end();
    await ended;
  }
});

test("the server ends as the protocol says", async () => {
  const server = await forkServer();
  const { pid } = await start(VMAS, ["10"]);
  await server.attach(pid);
  await server.connection.sendRequest("shutdown");
  const ended = once(server.child, "exit");
  await server.connection.sendNotification("exit");
  expect((await ended)[0]).toBe(0);
});

/** All marks of the time line, each with how often. */
async function marksOf(server: Client, target: string): Promise<Record<string, number>> {
  const { samples } = await server.ask("processMemory/timeline", { target, since: 0 });
  const sums: Record<string, number> = {};
  for (const { marks } of samples) {
    for (const [mark, times] of Object.entries(marks ?? {})) sums[mark] = (sums[mark] ?? 0) + times;
  }
  return sums;
}
