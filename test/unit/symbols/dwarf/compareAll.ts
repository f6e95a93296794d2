/**
 * Compares more addresses of more files than `npm test` has the time for, and prints what differs:
 * `npm run compare`, or `npm run compare -- ADDRESSES FILE…` for files of your own.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { codeAddresses, compareFrames, openPlain, report } from "./compare.ts";
import { build, isBuildable, VARIANTS } from "./variants.ts";

const [count = "20000", ...paths] = process.argv.slice(2);
const files = paths.length > 0 ? paths : [...VARIANTS.filter(isBuildable).map(build), ...debuggedFiles()];
const total = { compared: 0, withLines: 0, differences: new Map<string, number>() };
for (const path of files) {
  const elf = await openPlain(path);
  try {
    const comparison = await compareFrames(path, elf, codeAddresses(path, Number(count)));
    process.stdout.write(`${path}: ${report(comparison)}\n`);
    total.compared += comparison.compared;
    total.withLines += comparison.withLines;
    for (const [reason, { count }] of comparison.differences) {
      total.differences.set(reason, (total.differences.get(reason) ?? 0) + count);
    }
  } finally {
    elf.close();
  }
}
process.stdout.write(`In all ${total.compared} addresses, ${total.withLines} with lines.\n`);
for (const [reason, count] of total.differences) process.stdout.write(`${String(count).padStart(8)}  ${reason}\n`);

/** Files with debug information, their own or apart, that nobody here wrote: those that this machine has. */
function debuggedFiles(): string[] {
  const toolchains = join(homedir(), ".rustup/toolchains");
  const rust = existsSync(toolchains)
    ? readdirSync(toolchains).flatMap((name) => {
        const library = join(toolchains, name, "lib/rustlib/x86_64-unknown-linux-gnu/lib");
        const std = existsSync(library) ? readdirSync(library).filter((file) => file.startsWith("libstd-")) : [];
        return [
          ...["cargo", "rustfmt", "clippy-driver"].map((program) => join(toolchains, name, "bin", program)),
          ...std.filter((file) => file.endsWith(".so")).map((file) => join(library, file)),
        ];
      })
    : [];
  const go = execFileSync("sh", ["-c", "command -v dlv || true"], { encoding: "utf8" }).trim();
  return [
    process.execPath,
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib/x86_64-linux-gnu/libm.so.6",
    "/lib64/ld-linux-x86-64.so.2",
    "/usr/bin/python3.11",
    ...rust,
    go,
  ].filter((path) => path !== "" && existsSync(path));
}
