/** From a source line to its code: what gdb says, and the way back. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPlain } from "./compare.ts";
import { build, VARIANTS } from "./variants.ts";

const SOURCES = join(import.meta.dirname, "../../../fixtures/symbols");

test.each([
  ["C -O0 DWARF 5", "program.c"],
  ["C 32 bit", "program.c"],
  ["clang C -O0", "program.c"],
  ["gcc -O0 DWARF 5", "shapes.hpp"],
  ["gcc -O2 DWARF 2", "shapes.cpp"],
  ["clang -O2 DWARF 5", "shapes.cpp"],
])("the code of the lines of %s, %s, is where gdb finds it", async (name, file) => {
  const variant = VARIANTS.find((each) => each.name === name);
  if (variant === undefined) throw new Error(`There is no variant ${name}.`);
  const path = build(variant);
  const count = readFileSync(join(SOURCES, file), "utf8").split("\n").length - 1;
  const lines = Array.from({ length: count }, (_, index) => index + 1);
  const theirs = gdbLines(path, file, lines);
  const elf = await openPlain(path);
  try {
    expect(theirs.size).toBeGreaterThan(5);
    for (const [line, addresses] of theirs) {
      const ours = await elf.addressesOf(file, line);
      for (const address of addresses) expect(ours, `${file}:${line}`).toContain(address);
      // In optimized code one address begins several lines; there it says the last.
      if (!name.includes("-O0")) continue;
      for (const chain of await elf.framesAt(ours)) {
        expect(chain[0]?.source?.line, `${file}:${line}`).toBe(line);
        expect(chain[0]?.source?.file.endsWith(`/${file}`)).toBe(true);
      }
    }
  } finally {
    elf.close();
  }
});

/** Where the code of lines begins, for those that have some. */
function gdbLines(path: string, file: string, lines: readonly number[]): Map<number, bigint[]> {
  const questions = lines.flatMap((line) => ["-ex", `info line ${file}:${line}`]);
  const output = execFileSync("gdb", ["-nx", "-batch", ...questions, path], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, DEBUGINFOD_URLS: "" },
  });
  const found = new Map<number, bigint[]>();
  for (const [, line, address = "0"] of output.matchAll(/^Line (\d+) of .* starts at address (0x\w+)/gm)) {
    found.set(Number(line), [...(found.get(Number(line)) ?? []), BigInt(address)]);
  }
  return found;
}
