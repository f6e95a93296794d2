import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/unit/**/*.test.ts"],
    testTimeout: 30_000,
    globalSetup: "test/unit/build.ts",
    // Workers run the sources as they are; the package says nothing of their kind of module.
    execArgv: ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"],
  },
});
