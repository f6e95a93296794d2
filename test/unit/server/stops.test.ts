import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import type { StepCost, StopOrder } from "../../../src/protocol/server.ts";
import { LiveTarget } from "../../../src/server/liveTarget.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { compile } from "../fixtures.ts";
import { type Running, start, stop } from "../linux/programs.ts";
import { readAll, readNumbers } from "../webview/panelPage.ts";
import { type Client, startServer } from "./client.ts";

const MIB = 2 ** 20;
const NOTHING = { count: 0, bytes: 0 };

/** The program of test/fixtures/steps, at its first stop. */
class Stepped {
  readonly server: Client;
  readonly target: string;
  readonly running: Running;
  /** What the kernel counts of faults at each stop. */
  readonly faults: number[] = [];

  private constructor(server: Client, target: string, running: Running) {
    this.server = server;
    this.target = target;
    this.running = running;
  }

  static async start(): Promise<Stepped> {
    const running = await start(compile("steps.c", "steps", ["-g", "-pthread"]), ["ask"]);
    const server = await startServer();
    await server.tell("processMemory/settings", { interval: 0 });
    const stepped = new Stepped(server, (await server.attach(running.pid)).target, running);
    await stepped.stop();
    return stepped;
  }

  /** Stops it and has it read. */
  async stop(): Promise<void> {
    const { server, target, running } = this;
    await stop(running.pid);
    this.faults.push(faultsOf(running.pid));
    await server.tell("processMemory/stopped", { target });
    await server.ask("processMemory/refresh", { target });
  }

  async continue(): Promise<void> {
    const { server, target, running } = this;
    await server.tell("processMemory/continued", { target });
    process.kill(running.pid, "SIGCONT");
  }

  /** Lets it do what comes next, and stops it again. */
  async step(): Promise<StepCost> {
    const { running, server, target } = this;
    await this.continue();
    process.kill(running.pid, "SIGUSR1");
    await once(running.child.stdout, "data");
    await this.stop();
    const { stops } = await server.ask("processMemory/stops", { target, sort: "stop", limit: 1 });
    return stops[0] as StepCost;
  }

  async stops(sort: StopOrder, limit = 10): Promise<number[]> {
    const { stops } = await this.server.ask("processMemory/stops", { target: this.target, sort, limit });
    return stops.map(({ stop }) => stop);
  }
}

/** The same program read without a server; `step` lets it do what comes next. */
async function looked() {
  const running = await start(compile("steps.c", "steps", ["-g", "-pthread"]), ["ask"]);
  await stop(running.pid);
  const target = new LiveTarget(running.pid, openElf);
  onTestFinished(() => target.close());
  const step = async () => {
    process.kill(running.pid, "SIGCONT");
    process.kill(running.pid, "SIGUSR1");
    await once(running.child.stdout, "data");
    await stop(running.pid);
  };
  return { target, pid: running.pid, step };
}

function faultsOf(pid: number): number {
  return Number(
    readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")[7],
  );
}

test("each step tells faults, RSS by kind, mappings and the heap since the stop before", async () => {
  const stepped = await Stepped.start();
  const heap = await stepped.step();
  expect(heap).toMatchObject({ stop: 2, since: 1, kinds: { heap: MIB }, heap: MIB });
  expect(heap.changes).toMatchObject({ added: NOTHING, grown: { count: 1, bytes: MIB }, removed: NOTHING });
  const map = await stepped.step();
  expect(map).toMatchObject({ stop: 3, since: 2, kinds: { anonymous: MIB }, heap: 0 });
  expect(map.changes).toMatchObject({ added: { count: 1, bytes: 4 * MIB }, grown: NOTHING, removed: NOTHING });
  const protect = await stepped.step();
  expect(protect.heap).toBe(0);
  expect(protect.kinds?.anonymous).toBeUndefined();
  expect(protect.changes).toMatchObject({ protection: { count: 1, bytes: MIB }, added: NOTHING, removed: NOTHING });
  const unmap = await stepped.step();
  expect(unmap).toMatchObject({ kinds: { anonymous: -MIB } });
  expect(unmap.changes).toMatchObject({ removed: { count: 1, bytes: MIB }, added: NOTHING });
  const threaded = await stepped.step();
  expect(threaded.kinds).toMatchObject({ anonymous: MIB });
  expect(threaded.kinds?.threadStack).toBeGreaterThan(0);

  const steps = [heap, map, protect, unmap, threaded];
  // A step may be the first to touch a page of a library's code.
  for (const { rss, kinds } of steps) expect(rss).toBe(Object.values(kinds ?? {}).reduce((sum, kind) => sum + kind, 0));
  expect(steps.map(({ minorFaults }) => minorFaults)).toEqual(
    steps.map((_, at) => (stepped.faults[at + 1] as number) - (stepped.faults[at] as number)),
  );
  expect(heap.minorFaults).toBeGreaterThanOrEqual(256);
  expect(steps.map(({ otherThreads }) => otherThreads)).toEqual([0, 0, 0, 0, 1]);
  for (const [at, step] of steps.entries()) expect(step.sinceTime).toBe(steps[at - 1]?.time ?? step.sinceTime);

  expect(await stepped.stops("stop")).toEqual([6, 5, 4, 3, 2]);
  expect(await stepped.stops("mapped", 3)).toEqual([6, 3, 2]);
  expect((await stepped.stops("unmapped"))[0]).toBe(5);
  expect((await stepped.stops("heap"))[0]).toBe(2);
  expect((await stepped.stops("rss")).at(-1)).toBe(5);
});

test("the notice of a stop has what the step cost, and that of a running target nothing", async () => {
  const stepped = await Stepped.start();
  expect(stepped.server.changes.at(-1)?.step).toBeUndefined();
  const cost = await stepped.step();
  const told = await stepped.server.changed(({ step }) => typeof step?.rss === "number", 0);
  expect(told.step).toEqual(cost);
  const { samples } = await stepped.server.ask("processMemory/timeline", { target: stepped.target, since: 0 });
  const times = samples.flatMap(({ time, marks }) => (marks?.stop ? [time] : []));
  expect(times).toEqual([cost.sinceTime, cost.time]);
  const running = stepped.server.changed(({ state }) => state === "running");
  await stepped.continue();
  expect((await running).step).toBeUndefined();
});

test("a step over stops that were not read is counted from the last one that was", async () => {
  const { target, step } = await looked();
  await readAll(target, "stop");
  // As where the debugger has continued before the reading's turn comes.
  for (let times = 0; times < 2; times++) {
    await target.read("counters", "stop");
    expect(target.changed.step).toBeUndefined();
    await target.read("counters", "continue");
  }
  await step();
  await readAll(target, "stop");
  expect(target.changed.step).toMatchObject({ stop: 4, since: 1, kinds: { heap: MIB }, heap: MIB });
});

test("what was read of a target that went on before it was read is not told", async () => {
  const { target, pid, step } = await looked();
  await readAll(target, "stop");
  await step();
  await target.read("regions", "stop");
  process.kill(pid, "SIGCONT");
  await readNumbers(target);
  expect(target.changed.step).toMatchObject({ stop: 2, rss: null, kinds: null, heap: MIB });
  await step();
  await readAll(target, "stop");
  expect(target.changed.step).toMatchObject({ stop: 3, rss: null, kinds: null, changes: { added: { count: 1 } } });
});
