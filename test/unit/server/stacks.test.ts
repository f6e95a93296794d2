import { expect, test } from "vitest";
import { stackInWords } from "../../../src/memory/threadStacks.ts";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import { startServer } from "./client.ts";

const KIB = 1024;

/** A server that looks at four threads that stand still on stacks of known depths. */
async function look() {
  const { pid } = await start(compile("stacks.c", "stacks", ["-O0", "-pthread"]));
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 0 });
  const { target } = await server.attach(pid);
  while ((await server.ask("processMemory/threads", { target })).threads.length < 4);
  await stop(pid);
  await server.ask("processMemory/refresh", { target });
  return { server, target, pid };
}

test("each thread tells its stack", async () => {
  const { server, target, pid } = await look();
  const { threads } = await server.ask("processMemory/threads", { target });
  expect(threads).toHaveLength(4);
  for (const { tid, stack } of threads) {
    expect(stack).toMatchObject({ thread: tid, start: expect.stringMatching(/^0x/), pointer: expect.any(String) });
    expect(BigInt(stack?.pointer ?? 0)).toBeGreaterThan(BigInt(stack?.start ?? 0));
  }
  expect(threads[0]).toMatchObject({ tid: pid, stack: { warning: null } });
  expect(threads.filter(({ stack }) => stack?.warning)).toHaveLength(1);
});

test("the tree's stacks tell what is used of them, and which is about to overflow", async () => {
  const { server, target } = await look();
  const nodes = await server.children(target, "group:stacks");
  const stacks = nodes.filter(({ kind }) => kind === "stack" || kind === "threadStack");
  expect(stacks).toHaveLength(4);
  for (const { rss, stack } of stacks) {
    expect(stack?.used).toBe(rss);
    expect(stack?.deepest).toBeGreaterThanOrEqual(stack?.used ?? 0);
  }
  expect(stacks.filter(({ stack }) => (stack?.deepest ?? 0) >= 600 * KIB)).toHaveLength(2);
  expect(stacks.flatMap(({ stack }) => stack?.warning ?? [])).toEqual([expect.stringContaining("about to overflow")]);
  for (const node of nodes) if (!stacks.includes(node)) expect(node.stack).toBeUndefined();
});

test("a notice of a change has what status tells", async () => {
  const { server } = await look();
  const { status, sample } = await server.changed(() => true, 0);
  expect(status.peakRss).toBeGreaterThanOrEqual(sample.rss);
  expect((status.rssAnon ?? 0) + (status.rssFile ?? 0) + (status.rssShmem ?? 0)).toBeGreaterThan(0);
});

test("a stack in words", () => {
  expect(stackInWords({ size: 8192 * KIB, used: 12 * KIB, deepest: 40 * KIB })).toBe(
    "12 KiB of 8 MiB used, deepest 40 KiB",
  );
  expect(stackInWords({ size: 8192 * KIB, used: null, deepest: null })).toBe("8 MiB");
});
