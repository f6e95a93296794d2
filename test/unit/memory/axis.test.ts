import { expect, test } from "vitest";
import { toHex } from "../../../src/memory/address.ts";
import type { AddressSpace } from "../../../src/memory/addressSpace.ts";
import { FoldedAxis } from "../../../src/memory/axis.ts";
import { classify } from "../../../src/memory/classify.ts";
import { regionName } from "../../../src/memory/names.ts";
import { start } from "../linux/programs.ts";
import { imageOf, spaceOf } from "./images.ts";

const SMALL = `
555555554000-555555555000 r--p 00000000 00:00 0 
555555555000-555555557000 r-xp 00000000 00:00 0 
7ffff0000000-7ffff0400000 rw-p 00000000 00:00 0 
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`.trimStart();

test("a region is as long as one and the logarithm of its pages, a gap one unit", () => {
  const axis = new FoldedAxis(classified(SMALL));
  expect(axis.length).toBe(1 + 2 + 1 + 11 + 1 + 1);
  expect(axis.position(0x555555554000n)).toBe(0);
  expect(axis.position(0x555555555000n)).toBe(1);
  expect(axis.position(0x555555556000n)).toBe(2);
  expect(axis.position(0x555555557000n)).toBe(3);
  expect(axis.position(0x7ffff0000000n)).toBe(4);
  expect(axis.position(0xffffffffff600000n)).toBe(16);
  expect(axis.position(0xffffffffff600800n)).toBe(16.5);
});

test("addresses outside of all regions lie at the nearer end", () => {
  const axis = new FoldedAxis(classified(SMALL));
  expect(axis.position(0x10n)).toBe(0);
  expect(axis.position(0xffff_ffff_ffff_ffffn)).toBe(axis.length);
  expect(axis.address(-5)).toBe(0x555555554000n);
  expect(axis.address(axis.length + 5)).toBe(0xffffffffff601000n);
});

test("an empty address space has no length", () => {
  const axis = new FoldedAxis(classified(""));
  expect(axis.length).toBe(0);
  expect(axis.address(3)).toBe(0n);
  expect(axis.position(3n)).toBe(0);
  expect(axis.stretches(0, 100, 100)).toEqual([]);
});

test("positions grow with addresses, and lead back to them", async () => {
  const space = await nodesSpace();
  const axis = new FoldedAxis(space);
  let before = -1;
  for (const { start, end, size } of space.regions()) {
    for (const address of [start, start + BigInt(size / 2), end - 1n]) {
      const position = axis.position(address);
      expect(position).toBeGreaterThan(before);
      before = position;
      const back = axis.address(position);
      // Within what a double can tell apart.
      expect(Math.abs(Number(back - address))).toBeLessThanOrEqual(Math.max(1, size / 2 ** 40));
    }
  }
});

test("close by, the picture has a stretch for each region and each gap, with its name and sizes", async () => {
  const space = await nodesSpace();
  const axis = new FoldedAxis(space);
  const stretches = axis.stretches(0, axis.length, 1_000_000);
  const regions = stretches.filter(({ kind }) => kind !== null);
  expect(
    regions.map(({ start, end, kind, name, size, rss, regions }) => [start, end, kind, name, size, rss, regions]),
  ).toEqual(
    Array.from(space.regions(), (region, index) => [
      toHex(region.start),
      toHex(region.end),
      region.kind,
      regionName(space, index),
      region.size,
      region.usage?.rss,
      1,
    ]),
  );
  expectUnbroken(stretches, 0, axis.length);
});

test("from afar, the picture has at most two stretches a pixel, and still shows every byte", async () => {
  const space = await nodesSpace();
  const axis = new FoldedAxis(space);
  for (const pixels of [1, 7, 40]) {
    const stretches = axis.stretches(0, axis.length, pixels);
    expect(stretches.length).toBeLessThanOrEqual(2 * pixels);
    expectUnbroken(stretches, 0, axis.length);
    const sum = stretches.reduce((sum, { kind, size }) => sum + (kind === null ? 0 : size), 0);
    expect(sum).toBe([...space.regions()].reduce((sum, { size }) => sum + size, 0));
    expect(stretches.reduce((sum, { regions }) => sum + regions, 0)).toBe(space.length);
  }
});

test("a part of the picture is that of the whole", async () => {
  const axis = new FoldedAxis(await nodesSpace());
  const whole = axis.stretches(0, axis.length, 1_000_000);
  for (let step = 0; step < 400; step++) {
    const [from, to] = [(axis.length * step) / 400, (axis.length * (step + 7)) / 400];
    expect(axis.stretches(from, to, 1_000_000)).toEqual(
      whole.filter((stretch) => stretch.to > from && stretch.from < to),
    );
  }
});

test("stretches that are put together have the kind of the largest part", () => {
  const axis = new FoldedAxis(classified(SMALL));
  const [all] = axis.stretches(0, axis.length, 1);
  expect(all).toMatchObject({ kind: "anonymous", name: null, regions: 4, rss: null });
});

function classified(text: string): AddressSpace {
  const space = spaceOf(text);
  classify(space, new Map(), 1);
  return space;
}

async function nodesSpace(): Promise<AddressSpace> {
  const { pid } = await start("node", ["-e", "console.log('ready'); setInterval(() => {}, 1000)"]);
  return imageOf(pid).read("smaps");
}

function expectUnbroken(stretches: readonly { from: number; to: number }[], from: number, to: number): void {
  expect(stretches[0]?.from).toBe(from);
  expect(stretches.at(-1)?.to).toBe(to);
  for (const [index, stretch] of stretches.entries()) {
    expect(stretch.to).toBeGreaterThan(stretch.from);
    if (index > 0) expect(stretch.from).toBe(stretches[index - 1]?.to);
  }
}
