import { defineConfig } from "vitest/config";

/** The benchmark that needs a window. */
export default defineConfig({
  test: {
    include: ["test/bench/window.ts"],
    hookTimeout: 120_000,
    reporters: ["dot"],
    expect: { poll: { timeout: 15_000 } },
  },
});
