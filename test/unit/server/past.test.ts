import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type HexAddress, toHex } from "../../../src/memory/address.ts";
import { unpackPicture } from "../../../src/memory/pictureMessage.ts";
import type { ExplanationMessage, Picture, RegionRow, RowsPage } from "../../../src/protocol/server.ts";
import type { Treemap, TreemapNode } from "../../../src/protocol/treemap.ts";
import { compile } from "../fixtures.ts";
import { type Running, start } from "../linux/programs.ts";
import { type Client, startServer } from "./client.ts";

const MIB = 2 ** 20;

interface Looked extends Running {
  readonly server: Client;
  readonly target: string;
  /** Where 4 MiB come and go. */
  readonly place: HexAddress;
}

/** A process that is read at its stops alone. */
async function looked(): Promise<Looked> {
  const running = await start(compile("passing.c", "vmas"));
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 0 });
  const { target } = await server.attach(running.pid);
  return { ...running, server, target, place: toHex(BigInt(running.output.trim())) };
}

async function mapOrUnmap({ pid, child }: Looked): Promise<void> {
  process.kill(pid, "SIGUSR1");
  await once(child.stdout, "data");
}

/** Everything is read at a stop; answers when that was. */
async function stopAndGo({ server, target }: Looked): Promise<number> {
  await server.tell("processMemory/stopped", { target });
  await server.ask("processMemory/refresh", { target });
  await server.tell("processMemory/continued", { target });
  const { samples } = await server.ask("processMemory/timeline", { target, since: 0 });
  return samples.findLast(({ marks }) => marks?.stop)?.time ?? Number.NaN;
}

function rowsAt({ server, target, place }: Looked, at: number | null): Promise<RowsPage> {
  const order = { sort: "start", descending: false } as const;
  return server.ask("processMemory/rows", { target, at, filter: `addr:${place}`, ...order, offset: 0, limit: 10 });
}

async function pictureAt({ server, target, place }: Looked, at: number | null): Promise<Picture> {
  const query = { target, at, from: 0, to: null, pixels: 1000, selected: place };
  return unpackPicture(await server.ask("processMemory/picture", query));
}

function treemapAt({ server, target, place }: Looked, at: number | null): Promise<Treemap> {
  const size = { width: 800, height: 600 };
  const query = { target, at, measure: "rss", root: "process", ...size, selected: place } as const;
  return server.ask("processMemory/treemap", query);
}

function explainedAt({ server, target, place }: Looked, at: number | null): Promise<ExplanationMessage> {
  return server.ask("processMemory/explain", { target, address: place, at, withSource: true });
}

function nodesOf(node: TreemapNode): TreemapNode[] {
  return [node, ...node.children.flatMap(nodesOf)];
}

test("rows, picture, treemap and explanation tell how it was at a stop, when that is past", async () => {
  const passing = await looked();
  const { place } = passing;
  const before = await stopAndGo(passing);
  await mapOrUnmap(passing);
  const there = await stopAndGo(passing);
  await mapOrUnmap(passing);
  const gone = await stopAndGo(passing);

  for (const [at, isThere] of [
    [before, false],
    [there, true],
    [there + (gone - there) / 2, true],
    [gone, false],
    [null, false],
  ] as const) {
    const time = at === null ? null : isThere ? there : at;
    const { rows, regions, ...page } = await rowsAt(passing, at);
    expect([page.time, regions]).toEqual([time, isThere ? 1 : 0]);
    const picture = await pictureAt(passing, at);
    expect(picture.time).toBe(time);
    expect(picture.selected?.start ?? null).toBe(isThere ? place : null);
    const treemap = await treemapAt(passing, at);
    expect(treemap.time).toBe(time);
    const box = nodesOf(treemap.root).find(({ start }) => start === place);
    expect(box?.value ?? null).toBe(isThere ? MIB : null);
    const explanation = await explainedAt(passing, at);
    expect(explanation.time).toBe(time);
    expect(explanation.region?.start ?? null).toBe(isThere ? place : null);
    if (isThere) expect(rows[0]).toMatchObject({ start: place, size: 4 * MIB, rss: MIB, permissions: "rw-p" });
  }
});

test("the numbers of a past moment are as old as they were then, however long ago that is", async () => {
  const passing = await looked();
  await mapOrUnmap(passing);
  const there = await stopAndGo(passing);
  const ageAt = async () => ((await rowsAt(passing, there)).rows[0] as RegionRow).age;
  const age = await ageAt();
  expect(age).not.toBeNull();
  await sleep(100);
  await stopAndGo(passing);
  expect(await ageAt()).toBe(age);
  expect((await explainedAt(passing, there)).region?.age).toBe(age);
});

test("what was mapped at an address that is unmapped now is told, with the stops between which it went", async () => {
  const passing = await looked();
  await mapOrUnmap(passing);
  const there = await stopAndGo(passing);
  await mapOrUnmap(passing);
  const gone = await stopAndGo(passing);
  const { verdict, region } = await explainedAt(passing, null);
  expect(region).toBeNull();
  expect(verdict).toMatchObject({
    what: "gone",
    was: { start: passing.place, lastSeen: { stop: 1 }, firstMissed: { stop: 2 } },
  });
  if (verdict.what !== "gone") throw new Error("It is not gone.");
  // Each stop was read twice: at once, and when all was asked for.
  expect(verdict.was.lastSeen.time).toBeGreaterThanOrEqual(there);
  expect(verdict.was.firstMissed.time).toBe(gone);
  await mapOrUnmap(passing);
  await stopAndGo(passing);
  expect((await explainedAt(passing, null)).verdict.what).toBe("mapped");
  expect((await explainedAt(passing, gone)).verdict).toEqual(verdict);
});

test("before the first reading it was as it was found then, and after the end it still is what it was", async () => {
  const passing = await looked();
  const { child, server, target } = passing;
  await mapOrUnmap(passing);
  const there = await stopAndGo(passing);
  child.kill("SIGKILL");
  await once(child, "exit");
  await server.ask("processMemory/refresh", { target }).catch(() => undefined);
  expect((await rowsAt(passing, there)).regions).toBe(1);
  const first = await rowsAt(passing, 0);
  expect(first.regions).toBe(0);
  expect(first.time).toBeLessThan(there);
  expect((await pictureAt(passing, 0)).stretches.length).toBeGreaterThan(5);
});
