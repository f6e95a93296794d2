/**
 * Where debug files are looked for, in order. Sources: gdb manual, "Separate Debug Files" and "Separate debug info in
 * DWARF"; debuginfod(8), "CACHE"; dwz(1).
 */
import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";

/** Where distributions keep debug files. */
const GLOBAL_FOLDER = "/usr/lib/debug";

/** A file's path and, where that is a symbolic link or has some in it, the path that it stands for. */
export function namesOf(path: string): string[] {
  try {
    return unique([path, realpathSync(path)]);
  } catch {
    // Deleted, or a path of another root directory.
    return [path];
  }
}

/** The folders of a file, by {@link namesOf}. */
export function foldersOf(path: string): string[] {
  return unique(namesOf(path).map((name) => dirname(name)));
}

/** The debug file of a build-id. */
export function buildIdPaths(buildId: string, folders: readonly string[]): string[] {
  const name = join(".build-id", buildId.slice(0, 2), `${buildId.slice(2)}.debug`);
  return [...[GLOBAL_FOLDER, ...folders].map((folder) => join(folder, name)), debuginfodPath(buildId)];
}

/** Where the client of debuginfod keeps the debug file of a build-id that it fetched. */
function debuginfodPath(buildId: string): string {
  const { DEBUGINFOD_CACHE_PATH, XDG_CACHE_HOME } = process.env;
  const cache = DEBUGINFOD_CACHE_PATH || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "debuginfod_client");
  return join(cache, buildId, "debuginfo");
}

/**
 * The debug file that `.gnu_debuglink` names.
 * @param own the folders of the ELF file
 */
export function debugLinkPaths(name: string, own: readonly string[], folders: readonly string[]): string[] {
  return unique([
    ...own.flatMap((folder) => [join(folder, name), join(folder, ".debug", name), join(GLOBAL_FOLDER, folder, name)]),
    ...folders.flatMap((folder) => [...own.map((below) => join(folder, below, name)), join(folder, name)]),
  ]);
}

/**
 * The file that several debug files share.
 * @param own the folders of the debug file
 */
export function sharedPaths(
  name: string,
  buildId: string,
  own: readonly string[],
  folders: readonly string[],
): string[] {
  const shared = name.includes("/.dwz/") ? name.slice(name.lastIndexOf("/.dwz/") + 1) : join(".dwz", basename(name));
  return unique([
    ...own.map((folder) => resolve(folder, name)),
    ...buildIdPaths(buildId, folders),
    ...[GLOBAL_FOLDER, ...folders].map((folder) => join(folder, shared)),
  ]);
}

/**
 * The file of a split unit (`.dwo`).
 * @param own the folders of the ELF file and its debug file
 */
export function splitPaths(
  name: string,
  compilationDirectory: string,
  own: readonly string[],
  folders: readonly string[],
): string[] {
  return unique([
    // A folder that is told as a relative one counts from the program.
    ...own.slice(0, 1).map((folder) => resolve(folder, compilationDirectory, name)),
    ...[...own, ...folders].flatMap((folder) => [join(folder, name), join(folder, basename(name))]),
    ...folders.map((folder) => join(folder, resolve("/", compilationDirectory, name))),
  ]);
}

/** The file with all split units (`.dwp`) of an ELF file or its debug file. */
export function packagePaths(files: readonly string[], folders: readonly string[]): string[] {
  return unique([
    ...files.map((path) => `${path}.dwp`),
    ...files.flatMap((path) => folders.map((folder) => join(folder, `${basename(path)}.dwp`))),
  ]);
}

function unique(paths: readonly string[]): string[] {
  return [...new Set(paths)];
}
