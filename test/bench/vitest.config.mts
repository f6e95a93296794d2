import { defineConfig } from "vitest/config";

/** The benchmarks that need a browser: one of the panel alone, one of a window of VS Code. */
export default defineConfig({
  test: {
    include: ["test/bench/panel.ts", "test/bench/window.ts"],
    fileParallelism: false,
    hookTimeout: 120_000,
    reporters: ["dot"],
    expect: { poll: { timeout: 15_000 } },
  },
});
