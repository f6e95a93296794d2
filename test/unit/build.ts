/** Before all tests: dist/, which some of them run as it ships, is built where a source is newer. */
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

export function setup(): void {
  const built = changed(join(ROOT, "dist/panel.js"));
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).map((name) =>
    join(ROOT, "src", name),
  );
  if ([...sources, join(ROOT, "esbuild.js")].every((source) => changed(source) < built)) return;
  execFileSync(process.execPath, ["esbuild.js"], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
}

/** When the file was last written, in milliseconds; 0 where there is none. */
function changed(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
