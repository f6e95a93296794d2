import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { COMPILED, compileLoops } from "../../../scripts/loops.mjs";
import { MEMORY_SIZE } from "../../../src/symbols/loops/layout.ts";
import { memory } from "../../../src/symbols/loops.ts";

test("what is in the source tree is what the compiler makes of the loops: else run `npm run loops`", () => {
  expect(readFileSync(COMPILED, "utf8")).toBe(compileLoops());
});

test("all that the loops share with the engine has room in their memory", () => {
  expect(memory.byteLength).toBeGreaterThanOrEqual(MEMORY_SIZE);
  expect(memory.byteLength - MEMORY_SIZE).toBeLessThan(1 << 16);
});
