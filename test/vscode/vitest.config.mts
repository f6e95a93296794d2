import { defineConfig } from "vitest/config";

/** The suite inside a real VS Code: a window for each file, one after the other, each test building on the one before. */
export default defineConfig({
  test: {
    include: ["test/vscode/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
  },
});
