// Where things are.
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The clone. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** Everything that is downloaded or made on the way; ignored by git, and may be deleted at any time. */
export const CACHE = join(ROOT, ".cache");
export const DEMO = join(ROOT, "test", "fixtures", "demo");
export const DEBUGGERS = join(ROOT, "test", "fixtures", "debuggers");

/** The programs of the packages: Node 24 among them. */
export const BIN = join(ROOT, "node_modules", ".bin");
export const NODE = join(BIN, "node");

/** @returns {string} PATH with the packages' programs first */
export function path() {
  const rest = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== BIN);
  return [BIN, ...rest].join(delimiter);
}

/**
 * Whether one of these programs is on the machine's own PATH (those of the packages do not count).
 * @param {string[]} names or paths of files
 * @returns {string | null} the path of the first one
 */
export function findProgram(names) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  for (const name of names) {
    const places = name.startsWith("/") ? [name] : folders.map((folder) => join(folder, name));
    const found = places.find((program) => existsSync(program));
    if (found !== undefined) return found;
  }
  return null;
}

/**
 * The C headers of a Node installation, where it has them: without them node-gyp would download some.
 * @param {string} node the path of a `node`
 * @returns {string | null} the folder to name as `npm_config_nodedir`
 */
export function headers(node) {
  const prefix = dirname(dirname(realpathSync(node)));
  const candidates = [prefix, ...["x64", "arm64"].map((cpu) => join(prefix, "node_modules", `node-linux-${cpu}`))];
  return candidates.find((folder) => existsSync(join(folder, "include", "node", "node_api.h"))) ?? null;
}
