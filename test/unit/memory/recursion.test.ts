import { expect, test } from "vitest";
import { recursionIn } from "../../../src/memory/recursion.ts";
import type { CrashFrame } from "../../../src/protocol/crash.ts";

function frames(...names: (string | null)[]): CrashFrame[] {
  return names.map((name) => ({ name, pc: null, source: null }));
}

function times(count: number, ...names: string[]): string[] {
  return Array.from({ length: count }, () => names).flat();
}

const NOBODY = { counted: null, total: null };

test("a function that calls itself, with what it has called on top", () => {
  expect(recursionIn(frames(...times(20, "f")), NOBODY)).toEqual({ functions: ["f"], frames: null });
  expect(recursionIn(frames("memset", "g", ...times(20, "f")), NOBODY)).toEqual({ functions: ["f"], frames: null });
});

test("functions that call each other stand in the order of their calls", () => {
  expect(recursionIn(frames(...times(10, "c", "b", "a")), NOBODY)?.functions).toEqual(["a", "b", "c"]);
});

test("frames are counted where the recursion ends, or by who follows the stack, or by the adapter", () => {
  expect(recursionIn(frames("g", ...times(5, "f"), "main"), { counted: null, total: 7 })?.frames).toBe(5);
  expect(recursionIn(frames("g", ...times(20, "f")), { counted: 12_001, total: 12_003 })?.frames).toBe(12_000);
  expect(recursionIn(frames(...times(20, "f")), { counted: null, total: 12_003 })?.frames).toBe(12_003);
});

test("what is called twice, or has no name, is no recursion", () => {
  expect(recursionIn(frames("f", "f", "main"), NOBODY)).toBeNull();
  expect(recursionIn(frames("a", "b", "c", "main"), NOBODY)).toBeNull();
  expect(recursionIn(frames(null, null, null, null), NOBODY)).toBeNull();
  expect(recursionIn([], NOBODY)).toBeNull();
});

test("offsets and Rust's hashes make no difference between calls", () => {
  const names = ["f + 4", "f + 20", "f + 20", "f"];
  expect(recursionIn(frames(...names), NOBODY)?.functions).toEqual(["f"]);
  expect(recursionIn(frames(...times(4, "demo::f::h0123456789abcdef")), NOBODY)?.functions).toEqual(["demo::f"]);
});
