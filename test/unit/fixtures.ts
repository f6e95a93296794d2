/** Compiles the programs of test/fixtures for the tests that look at them. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, renameSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const COMPILERS: Record<string, string> = { ".c": "gcc", ".cc": "g++", ".cpp": "g++", ".rs": "rustc" };

/**
 * Compiles `test/fixtures/<name>/<source>` into `.cache/fixtures/`, where the source is newer than what is there, and
 * answers the program's path. The flags stand after the source, so that `-lpthread` works; other flags give another file.
 */
export function compile(source: string, name: string, flags: string[] = []): string {
  const input = join(ROOT, "test", "fixtures", name, source);
  const compiler = COMPILERS[extname(source)];
  if (compiler === undefined) throw new Error(`No compiler is known for ${input}.`);
  const variant = flags.length === 0 ? "" : `-${createHash("sha1").update(flags.join("\0")).digest("hex").slice(0, 8)}`;
  const output = join(ROOT, ".cache", "fixtures", `${name}-${basename(source, extname(source))}${variant}`);
  if (changed(output) > changed(input)) return output;
  mkdirSync(dirname(output), { recursive: true });
  // Tests run side by side: nobody may start a program that is half written.
  const unfinished = `${output}.${process.pid}`;
  execFileSync(compiler, ["-o", unfinished, input, ...flags], { stdio: ["ignore", "inherit", "inherit"] });
  renameSync(unfinished, output);
  return output;
}

/** When the file was last written, in milliseconds; 0 where there is none. */
function changed(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
