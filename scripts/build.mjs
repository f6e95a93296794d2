// Builds what is looked at: Process Memory itself and the demo program.
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DEMO, NODE, ROOT } from "./places.mjs";
import { run, step } from "./progress.mjs";

/** @param {string[]} options of esbuild.js */
export function buildExtension(...options) {
  return step("Building Process Memory", () => run(NODE, ["esbuild.js", ...options], { cwd: ROOT }));
}

/** Compiles the demo where its source is newer than its program, or lay elsewhere when it was compiled. */
export async function compileDemo() {
  const source = join(DEMO, "demo.c");
  const program = join(DEMO, "build", "demo");
  if (changed(program) > changed(source) && readFileSync(program).includes(source)) return;
  mkdirSync(join(DEMO, "build"), { recursive: true });
  await step("Compiling the demo", () => run("cc", ["-g", "-O0", "-pthread", "-o", program, source]));
}

/** @param {string} file */
function changed(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
