/** Debug information that nobody here wrote, as far as this machine has some. */
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeAddresses, compareFrames, openPlain, unexplained } from "./compare.ts";
import { HAS_SYMBOLIZERS } from "./symbolizers.ts";

const toolchains = join(homedir(), ".rustup/toolchains");
const rust = existsSync(toolchains)
  ? readdirSync(toolchains).map((name) => join(toolchains, name, "lib/rustlib/x86_64-unknown-linux-gnu/lib"))
  : [];
const FILES = [
  process.execPath,
  "/lib/x86_64-linux-gnu/libc.so.6",
  "/lib/x86_64-linux-gnu/libm.so.6",
  "/lib64/ld-linux-x86-64.so.2",
  "/usr/bin/python3.11",
  ...rust.filter(existsSync).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^libstd-.*\.so$/.test(name))
      .map((name) => join(folder, name)),
  ),
].filter(existsSync);

test.skipIf(!HAS_SYMBOLIZERS).each(FILES)(
  "%s agrees with llvm-symbolizer",
  async (path) => {
    const elf = await openPlain(path);
    try {
      const comparison = await compareFrames(path, elf, codeAddresses(path, 1500));
      expect(unexplained(comparison)).toBe("");
    } finally {
      elf.close();
    }
  },
  60_000,
);
