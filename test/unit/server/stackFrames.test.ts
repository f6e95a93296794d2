import { expect, test } from "vitest";
import { countFrames, MOST_FRAMES } from "../../../src/server/stackFrames.ts";

const PC = 0x40_1000n;
const CALLER = 0x40_1020n;

/** Frame pointers that lead from frame to frame of 32 bytes, `frames` times; each returns to the same function. */
function stackOf(frames: number) {
  const first = 0x7fff_0000_0000n;
  const last = first + 32n * BigInt(frames);
  const readMemory = (address: bigint, into: Uint8Array) => {
    const view = new DataView(into.buffer, into.byteOffset, into.length);
    for (let at = 0; at < into.length; at += 8) {
      const place = address + BigInt(at);
      const isPointer = place % 32n === 0n;
      const value = isPointer ? place + 32n : place % 32n === 8n ? CALLER : 0n;
      view.setBigUint64(at, place < last ? value : 0n, true);
    }
    return into.length;
  };
  return { memory: { readMemory }, registers: new Map([["rbp", first]]) };
}

const FRAMES = [PC, CALLER, CALLER, CALLER].map((pc) => ({
  name: "f",
  pc: `0x${pc.toString(16)}` as const,
  source: null,
}));

test("the frames of a recursion are counted as far as they have its program counters", () => {
  const { memory, registers } = stackOf(1000);
  expect(countFrames(memory, registers, FRAMES)).toBe(1001);
});

test("a stack without limit is not followed to its end", () => {
  const { memory, registers } = stackOf(2 * MOST_FRAMES);
  expect(countFrames(memory, registers, FRAMES)).toBeNull();
});
