import { expect, test } from "vitest";
import { type Block, blocksOf } from "../../../src/server/groups.ts";
import { pagesAt } from "./spaces.ts";

const BASE = 0x7f00_1234_5000;

function blocksAt(addresses: number[]): Block[] {
  return blocksOf(
    pagesAt(addresses),
    addresses.map((_, index) => index),
  );
}

/** `count` pages, `distance` pages apart. */
function pages(count: number, distance = 1): number[] {
  return Array.from({ length: count }, (_, i) => BASE + i * distance * 4096);
}

test("blocks hold every region once, in address order", () => {
  for (const addresses of [pages(2), pages(1001), pages(60_000), pages(3000, 1000), [4096, 2 ** 64 - 4096]]) {
    const blocks = blocksAt(addresses);
    expect(blocks.length).toBeGreaterThan(1);
    expect(blocks.length).toBeLessThanOrEqual(16);
    expect(blocks.flatMap(({ indexes }) => indexes)).toEqual(addresses.map((_, index) => index));
    for (const { from, to, indexes } of blocks) {
      const strangers = indexes.filter((index) => (addresses[index] ?? 0) < from || (addresses[index] ?? 0) >= to);
      expect(strangers).toEqual([]);
    }
  }
});

test("blocks keep their bounds when regions come and go", () => {
  const bounds = (addresses: number[]) => blocksAt(addresses).map(({ from, to }) => `${from}-${to}`);
  const before = pages(20_000, 2);
  const without = before.filter((_, i) => i % 97 !== 5);
  const more = [...before, ...before.slice(0, 9000).map((address) => address + 4096)].sort((a, b) => a - b);
  expect(bounds(without)).toEqual(bounds(before));
  expect(bounds(more)).toEqual(bounds(before));
});
