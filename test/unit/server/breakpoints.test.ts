import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { MemoryBreakpoint, MemoryCondition } from "../../../src/protocol/breakpoints.ts";
import { compile } from "../fixtures.ts";
import { type Running, start } from "../linux/programs.ts";
import { type Client, startServer } from "./client.ts";

const PLACE = "0x123400000000";
const END = "0x123400400000";
const INTERVAL = 100;
const MIB = 2 ** 20;

interface Looked extends Running {
  readonly server: Client;
  readonly target: string;
  /** Where its orders are written. */
  readonly orders: string;
}

/** A process that is read ten times a second by a server that knows the breakpoints already, or is told them later. */
async function looked(conditions: MemoryCondition[] = [], interval = INTERVAL): Promise<Looked> {
  const folder = mkdtempSync(join(tmpdir(), "breakpoints-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const orders = join(folder, "orders");
  execFileSync("mkfifo", [orders]);
  const running = await start(compile("breakpoints.c", "breakpoints"), [orders]);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval, breakpoints: numbered(conditions) });
  const { target } = await server.attach(running.pid);
  await server.changed(() => true, 0);
  return { ...running, server, target, orders };
}

/** Their ids are their places. */
function numbered(conditions: MemoryCondition[]): MemoryBreakpoint[] {
  return conditions.map((condition, index) => ({ id: String(index), condition }));
}

async function setBreakpoints(process: Looked, conditions: MemoryCondition[]): Promise<void> {
  await process.server.tell("processMemory/settings", { interval: INTERVAL, breakpoints: numbered(conditions) });
  await readAgain(process);
}

/** The process does it; answers when it has. */
async function order({ child, orders }: Looked, what: string, number = 0): Promise<void> {
  const done = once(child.stdout, "data");
  appendFileSync(orders, `${what} ${number}\n`);
  await done;
}

/** At least one whole reading has been made from now on. */
async function readAgain({ server, target }: Looked): Promise<void> {
  const count = async () => (await server.ask("processMemory/timeline", { target, since: 0 })).samples.length;
  const before = await count();
  await expect.poll(count).toBeGreaterThanOrEqual(before + 2);
}

/** The sentences, without the changing numbers. */
function sentences({ server }: Looked): string[] {
  return server.hits.flatMap(({ hits }) => hits.map(({ sentence }) => sentence));
}

test("resident memory that passes a limit is told once, and again when it was below meanwhile", async () => {
  const process = await looked([{ when: "passes", what: "rss", bytes: 20 * MIB }]);
  await readAgain(process);
  expect(sentences(process)).toEqual([]);
  for (const count of [1, 2]) {
    await order(process, "big", 30);
    const [hit] = (await process.server.hit(count - 1)).hits;
    expect(hit?.id).toBe("0");
    expect(hit?.sentence).toMatch(/^Resident memory passed 20 MiB: it is 3\d(\.\d)? MiB\.$/);
    await readAgain(process);
    expect(process.server.hits).toHaveLength(count);
    await order(process, "free");
    await readAgain(process);
  }
});

test("what was passed before the process was looked at is told; what was passed before the breakpoint was set is not", async () => {
  const process = await looked([{ when: "passes", what: "rss", bytes: 4096 }]);
  expect((await process.server.hit(0)).target).toBe(process.target);
  const conditions: MemoryCondition[] = [{ when: "passes", what: "vsz", bytes: 8192 }];
  await setBreakpoints(process, conditions);
  await readAgain(process);
  expect(process.server.hits).toHaveLength(1);
});

test("a kind's size is watched though no view shows the regions", async () => {
  const process = await looked([{ when: "passes", what: "heap", bytes: 8 * MIB }]);
  await order(process, "big", 30);
  await readAgain(process);
  expect(sentences(process)).toEqual([]);
  await order(process, "touch", 9);
  await process.server.hit(0);
  expect(sentences(process)[0]).toMatch(/^Size of heap passed 8 MiB: it is 1\d(\.\d)? MiB\.$/);
});

test("growth is measured from the last stop, and told once until the next", async () => {
  const process = await looked([{ when: "grows", what: "heap", bytes: 4 * MIB }]);
  const { server, target } = process;
  await order(process, "touch", 3);
  await readAgain(process);
  await server.tell("processMemory/stopped", { target });
  await server.changed(({ state }) => state === "stopped");
  await server.tell("processMemory/continued", { target });
  await order(process, "touch", 3);
  await readAgain(process);
  expect(sentences(process)).toEqual([]);
  await order(process, "touch", 2);
  await server.hit(0);
  expect(sentences(process)).toEqual(["Size of heap grew by 5 MiB since the last stop: it is 9.13 MiB."]);
  await order(process, "touch", 6);
  await readAgain(process);
  expect(server.hits).toHaveLength(1);
});

test("page faults that pass a rate are told, and not what came while it stood still", async () => {
  const process = await looked([{ when: "faults", what: "all", rate: 2000 }]);
  const { server } = process;
  await order(process, "fault", 100);
  await readAgain(process);
  expect(sentences(process)).toEqual([]);
  void order(process, "fault", 5000);
  await server.hit(0);
  expect(sentences(process)[0]).toMatch(/^Page faults passed 2,000 a second: there were [\d,]+ a second\.$/);
});

test("a range that is mapped, replaced, protected or unmapped is told, and where", async () => {
  const range = { start: PLACE, end: END } as const;
  const process = await looked([
    { when: "mapped", ...range },
    { when: "unmapped", ...range },
    { when: "protected", ...range },
  ]);
  await order(process, "big", 1);
  await readAgain(process);
  expect(sentences(process)).toEqual([]);
  await order(process, "map");
  await process.server.hit(0);
  await order(process, "protect");
  await process.server.hit(1);
  await order(process, "remap");
  await process.server.hit(2);
  await order(process, "unmap");
  await process.server.hit(3);
  await readAgain(process);
  expect(sentences(process)).toEqual([
    `${PLACE}-${END} was mapped: anonymous rw-p.`,
    "0x123400100000-0x123400200000 changed its protection: anonymous was rw-p and is r--p.",
    `${PLACE}-${END} was mapped: breakpoints-breakpoints rw-p.`,
    `${PLACE}-0x123400100000 was unmapped: it was anonymous rw-p.`,
    `${PLACE}-${END} was unmapped: it was breakpoints-breakpoints rw-p.`,
  ]);
});

test("a part of a range is enough, and what lies beside it does not count", async () => {
  const process = await looked([
    { when: "protected", start: "0x1234001ff000", end: "0x123400300000" },
    { when: "protected", start: "0x123400200000", end: END },
    { when: "mapped", start: "0x1233ffff0000", end: PLACE },
  ]);
  await order(process, "map");
  await readAgain(process);
  await order(process, "protect");
  const { hits } = await process.server.hit(0);
  await readAgain(process);
  expect(hits.map(({ id }) => id)).toEqual(["0"]);
  expect(process.server.hits).toHaveLength(1);
});

test("what changed before the breakpoint was set is not told, however long the regions were not read", async () => {
  const process = await looked();
  await order(process, "map");
  await readAgain(process);
  await setBreakpoints(process, [{ when: "mapped", start: PLACE, end: END }]);
  await readAgain(process);
  expect(sentences(process)).toEqual([]);
});

test("one that is taken away is tested no more", async () => {
  const process = await looked([{ when: "mapped", start: PLACE, end: END }]);
  await setBreakpoints(process, []);
  await order(process, "map");
  await readAgain(process);
  expect(process.server.hits).toEqual([]);
});

test("where the process is read at stops alone they are tested there", async () => {
  const process = await looked([{ when: "passes", what: "heap", bytes: 4 * MIB }], 0);
  await order(process, "touch", 5);
  await sleep(3 * INTERVAL);
  expect(process.server.hits).toEqual([]);
  await process.server.tell("processMemory/stopped", { target: process.target });
  await process.server.hit(0);
  expect(sentences(process)).toEqual(["Size of heap passed 4 MiB: it is 6.13 MiB."]);
});
