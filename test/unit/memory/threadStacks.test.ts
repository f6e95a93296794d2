import { expect, test } from "vitest";
import { classify } from "../../../src/memory/classify.ts";
import { lowestOf, stackRegions, threadStack } from "../../../src/memory/threadStacks.ts";
import { spaceOf } from "./images.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const LIMITS = { size: 8 * MIB, gap: MIB };

/** A heap, a thread's stack above its guard, and the main stack. */
const MAPS = `555555554000-555555575000 rw-p 00000000 00:00 0                          [heap]
7ffff6fff000-7ffff7000000 ---p 00000000 00:00 0 
7ffff7000000-7ffff7800000 rw-p 00000000 00:00 0 
7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]
`;

function spaceWith(pointers: ReadonlyMap<number, bigint>, maps = MAPS) {
  const space = spaceOf(maps);
  space.columns.module.fill(-1);
  classify(space, pointers, 2);
  return space;
}

test("a thread that runs keeps the stack that it had, and the main thread has always its own", () => {
  const space = spaceWith(new Map([[7, 0x7ffff77ff000n]]));
  expect(stackRegions(space, 1, new Map())).toEqual([
    { thread: 7, index: 2, pointer: null },
    { thread: 1, index: 3, pointer: null },
  ]);
});

test("a thread on memory that is no stack, or on nothing, has none", () => {
  const space = spaceWith(new Map());
  const pointers = new Map([
    [7, 0x555555555000n],
    [8, 0x10n],
    [9, 0xffffffffffffffffn],
  ]);
  expect(stackRegions(space, 1, pointers)).toEqual([{ thread: 1, index: 3, pointer: null }]);
});

test("the main stack that has grown since it was read is known by the pointer below its start", () => {
  const space = spaceWith(new Map());
  expect(stackRegions(space, 1, new Map([[1, 0x7ffffffd0000n]]))).toEqual([
    { thread: 1, index: 3, pointer: 0x7ffffffd0000n },
  ]);
});

test("the main stack grows to its limit, or to the gap above accessible memory, or to memory that is not", () => {
  const end = 0x7ffffffff000;
  expect(lowestOf(spaceWith(new Map()), 3, LIMITS)).toBe(end - 8 * MIB);
  const unlimited = { size: Number.POSITIVE_INFINITY, gap: MIB };
  expect(lowestOf(spaceWith(new Map()), 3, unlimited)).toBe(0x7ffff7800000 + MIB);
  const guarded = MAPS.replace("7ffff7800000 rw-p", "7ffff7800000 ---p");
  expect(lowestOf(spaceWith(new Map(), guarded), 3, unlimited)).toBe(0x7ffff7800000);
  // Lowered below what it has already.
  expect(lowestOf(spaceWith(new Map()), 3, { size: 4 * KIB, gap: MIB })).toBe(0x7ffffffde000);
});

test.each([
  [8 * MIB, 900 * KIB, null],
  [8 * MIB, 800 * KIB, "Only 800 KiB of this stack of 8 MiB are left: it is about to overflow."],
  [256 * KIB, 65 * KIB, null],
  [256 * KIB, 63 * KIB, "Only 63 KiB of this stack of 256 KiB are left: it is about to overflow."],
  [64 * KIB, 20 * KIB, null],
  [64 * KIB, 15 * KIB, "Only 15 KiB of this stack of 64 KiB are left: it is about to overflow."],
])("of a stack of %s bytes with %s left it is said: %s", (size, left, warning) => {
  const end = 0x7ffff7800000;
  const maps = `${(end - size - 4096).toString(16)}-${(end - size).toString(16)} ---p 00000000 00:00 0 
${(end - size).toString(16)}-${end.toString(16)} rw-p 00000000 00:00 0 
`;
  const pointer = BigInt(end - size + left);
  const space = spaceWith(new Map([[7, pointer]]), maps);
  const stack = threadStack(space, { thread: 7, index: 1, pointer }, LIMITS, null);
  expect(stack).toMatchObject({ size, left, used: null, deepest: null, warning });
});

test("a stack that was never touched is 0 deep", () => {
  const space = spaceWith(new Map([[7, 0x7ffff77ff000n]]));
  const touched = { used: 0, lowest: null };
  expect(threadStack(space, { thread: 7, index: 2, pointer: null }, LIMITS, touched)).toMatchObject({
    deepest: 0,
    used: 0,
    left: null,
    warning: null,
  });
});
