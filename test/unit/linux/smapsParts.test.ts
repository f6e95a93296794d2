/** smaps read a part after the other, while the process runs. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { AddressSpace } from "../../../src/memory/addressSpace.ts";
import type { Pace } from "../../../src/memory/target.ts";
import { compile } from "../fixtures.ts";
import { end, open, start, stop } from "./programs.ts";

type Step = Awaited<ReturnType<Pace["pause"]>>;

/** Answers the same after so many reads each. */
function every(reads: number, step: Step): Pace {
  let count = 0;
  return { isFull: false, pause: async () => (++count % reads === 0 ? step : "go on") };
}

async function collect(parts: AsyncGenerator<AddressSpace>): Promise<AddressSpace[]> {
  const all: AddressSpace[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

/** The regions, without what other processes change that map the same files: how much of a page is this one's. */
function regionsOf(parts: readonly AddressSpace[]) {
  return parts
    .flatMap((part) => [...part.regions()])
    .map(({ usage, ...region }) => ({ ...region, rss: usage?.rss, anonymous: usage?.anonymous, flags: usage?.flags }));
}

const vmas = () => compile("vmas.c", "vmas");
const END = { problem: expect.stringMatching(/^(gone|zombie)$/) };

test.each([1, 3, 1_000_000])("parts of %d reads have together what a reading at once has", async (reads) => {
  const { pid } = await start(vmas(), ["3000"]);
  await stop(pid);
  const target = open(pid);
  const parts = await collect(target.readSmapsParts(every(reads, "part")));
  expect(parts.length > 10).toBe(reads < 10);
  expect(regionsOf(parts)).toEqual(regionsOf([await target.readSmaps()]));
});

test("a reading that is ended gives no more parts, and the next begins anew", async () => {
  const { pid } = await start(vmas(), ["3000"]);
  const target = open(pid);
  let pauses = 0;
  const steps: Pace = { isFull: false, pause: async () => (++pauses < 10 ? "part" : "end") };
  expect(await collect(target.readSmapsParts(steps))).toHaveLength(9);
  expect(regionsOf(await collect(target.readSmapsParts(every(1000, "go on")))).length).toBeGreaterThan(3000);
});

test("read in full it is one part, or none where that is ended", async () => {
  const { pid } = await start(compile("vmas.c", "vmas"), ["5000"]);
  await stop(pid);
  const target = open(pid);
  const full = (step: "go on" | "end"): Pace => ({ isFull: true, pause: async () => step });
  const parts = await collect(target.readSmapsParts(full("go on")));
  expect(parts).toHaveLength(1);
  expect(regionsOf(parts)).toEqual(regionsOf([await target.readSmaps()]));
  expect(await collect(target.readSmapsParts(full("end")))).toEqual([]);
});

test("other readings in between are not disturbed, nor do they disturb it", async () => {
  const { pid } = await start(vmas(), ["3000"]);
  await stop(pid);
  const target = open(pid);
  const whole = regionsOf([await target.readSmaps()]);
  const parts: AddressSpace[] = [];
  for await (const part of target.readSmapsParts(every(50, "part"))) {
    parts.push(part);
    expect(regionsOf([await target.readSmaps()])).toEqual(whole);
  }
  expect(regionsOf(parts)).toEqual(whole);
});

test("a process that is killed in the middle is said to have ended", async () => {
  const running = await start(vmas(), ["20000"]);
  const target = open(running.pid);
  const reading = (async () => {
    for await (const _ of target.readSmapsParts(every(1, "part"))) await sleep(1);
    await collect(target.readSmapsParts(every(1, "part")));
  })();
  const ended = expect(reading).rejects.toThrowError(expect.objectContaining(END));
  await sleep(30);
  await end(running);
  await ended;
});

test("where another program is executed in the middle the reading ends, and the next reads that", async () => {
  const program = 'import os, time; os.write(1, b"ready"); time.sleep(0.3); os.execv("/bin/sleep", ["sleep", "1000"])';
  const { pid } = await start("/usr/bin/python3", ["-c", program]);
  const target = open(pid);
  const executable = target.readExecutable();
  for await (const _ of target.readSmapsParts(every(1, "part"))) {
    while (target.readExecutable() === executable) await sleep(10);
  }
  const regions = regionsOf(await collect(target.readSmapsParts(every(1, "part"))));
  expect(regions.some(({ path }) => path?.endsWith("/sleep"))).toBe(true);
});
