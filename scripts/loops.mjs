// Compiles the symbol engine's loops (src/symbols/loops, AssemblyScript) to WebAssembly: `npm run loops`, when they change.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { MEMORY_SIZE } from "../src/symbols/loops/layout.ts";
import { BIN, NODE, ROOT } from "./places.mjs";

/** The source that has the compiled module in it, so that nothing has to be found and read at run time. */
export const COMPILED = join(ROOT, "src/symbols/compiledLoops.ts");

const PAGE = 1 << 16;

/**
 * What {@link COMPILED} has to be. Functions stay as they are written, none is put into another: V8 counts how many bytes
 * of code a function goes through, and makes those that go through many anew in the background. In a first answer that
 * would come too late, and would only hold it up. Small loops stay below.
 */
export function compileLoops() {
  const pages = `${Math.ceil(MEMORY_SIZE / PAGE)}`;
  const options = ["-O1", "--noAssert", "--runtime", "stub", "--initialMemory", pages, "--maximumMemory", pages];
  const compiler = [join(BIN, "asc"), "src/symbols/loops/index.ts", ...options, "--outFile"];
  const module = execFileSync(NODE, compiler, { cwd: ROOT });
  return `/** What \`npm run loops\` makes of src/symbols/loops. */\nexport const LOOPS =\n  "${module.toString("base64")}";\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync(COMPILED, compileLoops());
