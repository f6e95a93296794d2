import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseStackLimit } from "../../../src/linux/threadStacks.ts";
import type { ThreadStack } from "../../../src/memory/threadStacks.ts";
import { compile } from "../fixtures.ts";
import { imageOf } from "../memory/images.ts";
import { open, type Running, start, stop } from "./programs.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Waits until the program has said all of `lines` lines, and gives its words. */
async function linesOf({ child, output }: Running, lines: number): Promise<string[][]> {
  let text = output;
  while (text.split("\n").length <= lines) text += await new Promise((said) => child.stdout.once("data", said));
  return text
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
}

async function stacksOf(pid: number): Promise<ThreadStack[]> {
  const space = await imageOf(pid).read("maps");
  return open(pid).readThreadStacks(space);
}

test("each thread's stack tells its size, what is used, how deep it went and what is left", async () => {
  const running = await start(compile("stacks.c", "stacks", ["-O0", "-pthread"]));
  const words = await linesOf(running, 4);
  await stop(running.pid);
  const stacks = await stacksOf(running.pid);
  const stackOf = (name: string) => {
    const [, tid, top] = words.find(([first]) => first === name) ?? [];
    const stack = stacks.find(({ thread }) => thread === Number(tid));
    if (!stack) throw new Error(`The stack of ${name} was not found.`);
    expect(BigInt(top ?? 0)).toBeGreaterThan(stack.start);
    expect(BigInt(top ?? 0)).toBeLessThan(stack.end);
    return stack;
  };
  expect(stacks).toHaveLength(4);

  const shallow = stackOf("shallow");
  // glibc takes the guard out of the size that was asked for, or puts it on top.
  expect([MIB, MIB - 4 * KIB]).toContain(shallow.size);
  expect(shallow.used).toBeLessThanOrEqual(32 * KIB);
  expect(shallow.deepest).toBeLessThanOrEqual(32 * KIB);
  expect(shallow.left).toBeGreaterThan(MIB - 64 * KIB);
  expect(shallow.warning).toBeNull();

  const deep = stackOf("deep");
  expect(deep.deepest).toBeGreaterThanOrEqual(600 * KIB);
  expect(deep.deepest).toBeLessThan(640 * KIB);
  expect(deep.left).toBeGreaterThan(MIB - 64 * KIB);
  expect(deep.warning).toBeNull();

  const full = stackOf("full");
  // What is below the pointer was touched by the calls that wait there.
  expect(full.left).toBeGreaterThan(16 * KIB);
  expect(full.left).toBeLessThanOrEqual(20 * KIB);
  expect(full.warning).toMatch(
    /^Only \d+(\.\d+)? KiB of this stack of (1 MiB|1020 KiB) are left: it is about to overflow\.$/,
  );

  const main = stackOf("main");
  expect(main.thread).toBe(running.pid);
  expect(main.size).toBe(parseStackLimit(readFileSync(`/proc/${running.pid}/limits`, "utf8")));
  expect(main.warning).toBeNull();
});

test("used pages are those that smaps counts, in every stack of a stopped process", async () => {
  const running = await start(compile("stacks.c", "stacks", ["-O0", "-pthread"]));
  await linesOf(running, 4);
  await stop(running.pid);
  const space = await imageOf(running.pid).read("smaps");
  const stacks = await open(running.pid).readThreadStacks(space);
  expect(stacks).toHaveLength(4);
  for (const { end, used } of stacks) {
    const usage = space.usage(space.indexOf(end - 1n));
    expect(used).toBe((usage?.rss ?? 0) + (usage?.swap ?? 0));
  }
});

test("the main stack is as large as its limit, and it is said when it was nearly used up", async () => {
  const program = compile("stacks.c", "stacks", ["-O0", "-pthread"]);
  const running = await start("sh", ["-c", `ulimit -s 512; exec ${program} 480`]);
  await linesOf(running, 4);
  await stop(running.pid);
  const main = (await stacksOf(running.pid)).find(({ thread }) => thread === running.pid);
  expect(main?.size).toBe(512 * KIB);
  expect(main?.deepest).toBeGreaterThanOrEqual(480 * KIB);
  expect(main?.left).toBeGreaterThan(480 * KIB);
  expect(main?.warning).toMatch(/^This stack of 512 KiB was once used up to its last \d+ KiB: it may overflow\.$/);
});

test("where the limit is unlimited, what is mapped below bounds the main stack", async () => {
  const { pid } = await start("sh", [
    "-c",
    "ulimit -s unlimited; exec python3 -c \"print('ready', flush=True); input()\" </dev/zero",
  ]);
  await stop(pid);
  const space = await imageOf(pid).read("maps");
  const stacks = await open(pid).readThreadStacks(space);
  const main = stacks.find(({ thread }) => thread === pid);
  const below = space.indexOf((main?.end ?? 0n) - 1n) - 1;
  expect(main?.start).toBe(BigInt((space.columns.end[below] as number) + 256 * 4 * KIB));
});

test("the threads of a Python program have stacks", async () => {
  const script = `
import threading, time
for _ in range(3): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
print("ready", flush=True)
time.sleep(1000)`;
  const { pid } = await start("python3", ["-c", script]);
  await stop(pid);
  const stacks = await stacksOf(pid);
  expect(stacks).toHaveLength(4);
  for (const { size, used, left, deepest } of stacks) {
    expect(used).toBeGreaterThan(0);
    expect(deepest).toBeGreaterThanOrEqual(used ?? 0);
    expect(left).toBeLessThan(size);
  }
});

test("a limit is read as the kernel prints it, and none where the line is missing", () => {
  expect(
    parseStackLimit("Limit  Soft\nMax stack size            8388608              unlimited            bytes\n"),
  ).toBe(8 * MIB);
  expect(parseStackLimit("Max stack size            unlimited            unlimited            bytes\n")).toBe(
    Number.POSITIVE_INFINITY,
  );
  expect(parseStackLimit("")).toBe(Number.POSITIVE_INFINITY);
});
