/** Function, inlined calls, file, line and column at addresses agree with llvm-symbolizer, however a program was compiled. */
import { expect, test } from "vitest";
import { codeAddresses, compareFrames, openPlain, unexplained } from "./compare.ts";
import { HAS_SYMBOLIZERS } from "./symbolizers.ts";
import { build, isBuildable, VARIANTS } from "./variants.ts";

for (const variant of VARIANTS) {
  test.skipIf(!HAS_SYMBOLIZERS || !isBuildable(variant))(
    variant.name,
    async () => {
      const path = build(variant);
      const elf = await openPlain(path);
      try {
        // Most of a static program is of others, without debug information.
        const comparison = await compareFrames(path, elf, codeAddresses(path, path.includes("static") ? 20_000 : 500));
        expect(comparison.withLines).toBeGreaterThan(10);
        expect(unexplained(comparison)).toBe("");
      } finally {
        elf.close();
      }
    },
    120_000,
  );
}
