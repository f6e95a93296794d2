import { defineConfig } from "vitest/config";

/**
 * The suite inside a real VS Code: a window for each file, one after the other, each test building on the one before. When
 * the window moves its focus or draws a view anew is not ours to say: a test that fails is tried once more, and those that
 * passed only then are named at the end.
 */
export default defineConfig({
  test: {
    include: ["test/vscode/**/*.test.ts"],
    fileParallelism: false,
    retry: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
  },
});
