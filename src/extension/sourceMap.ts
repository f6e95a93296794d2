/**
 * Where on this machine a source file may be that was compiled elsewhere: as the session's debugger is told it, each in
 * its own words, and by the setting of this extension. Pure: paths in, paths out.
 */
import { type Fields, fieldsOf, textOf } from "./dap.ts";

/** Files below `from`, as they were compiled, are below `to`. An empty `from` stands for all relative paths. */
export interface Mapping {
  readonly from: string;
  readonly to: string;
}

/**
 * Where the file may be, the likeliest first: by the mapping with the longest prefix, of equal ones by the first; then as
 * it was compiled; then, of a relative path or one below `/proc/self/cwd` (Bazel), below the workspace's folders.
 */
export function candidates(path: string, mappings: readonly Mapping[], folders: readonly string[]): string[] {
  const clean = normal(path);
  const relative = clean.startsWith(SELF) ? clean.slice(SELF.length) : clean;
  const mapped = mappings
    .filter(({ to }) => to.startsWith("/"))
    .map(({ from, to }) => ({ from: normal(from), to }))
    .sort((a, b) => b.from.length - a.from.length)
    .flatMap(({ from, to }) => {
      const rest = below(clean, from) ?? below(relative, from);
      return rest === null ? [] : [join(to, rest)];
    });
  const own = clean.startsWith("/") ? [clean] : [];
  const inFolders = relative.startsWith("/") ? [] : folders.map((folder) => join(folder, relative));
  return [...new Set([...mapped, ...own, ...inFolders])];
}

/** Under which paths a file of this machine may have been compiled: those that it is a candidate of. */
export function origins(path: string, mappings: readonly Mapping[], folders: readonly string[]): string[] {
  const clean = normal(path);
  const from = (folder: string, start: string) => {
    const rest = below(clean, normal(folder));
    return rest === null || rest === "" ? [] : [start === "" ? rest : join(start, rest)];
  };
  const mapped = mappings.flatMap((mapping) => from(mapping.to, normal(mapping.from)));
  const known = [clean, ...mapped, ...folders.flatMap((folder) => from(folder, ""))];
  return [...new Set(known.flatMap((each) => (each.startsWith("/") ? [each] : [each, SELF + each])))];
}

/** The mappings that a debug session's configuration has. */
export function mappingsOf({
  type,
  configuration,
}: {
  readonly type: string;
  readonly configuration: Fields;
}): Mapping[] {
  const { sourceMap, sourceFileMap, substitutePath, sourcePath, debuggerRoot } = configuration;
  return [
    // CodeLLDB: an object; lldb-dap: that, or pairs.
    ...(Array.isArray(sourceMap) ? sourceMap.flatMap(pair) : entries(sourceMap)),
    // cppdbg: an object whose values may be objects with the path in the editor.
    ...entries(sourceFileMap),
    // delve: `from` is the path here, `to` the one that was compiled.
    ...list(substitutePath).flatMap((each) => mapping(fieldsOf(each).to, fieldsOf(each).from)),
    ...COMMANDS.flatMap((key) => list(configuration[key]).flatMap(commandMappings)),
    // lldb-dap: where relative paths begin.
    ...(type.startsWith("lldb") ? [...mapping("", sourcePath), ...mapping("", debuggerRoot)] : []),
  ];
}

/** The mappings of an object: from the compiled path to the one here. */
export function entries(value: unknown): Mapping[] {
  if (Array.isArray(value)) return [];
  return Object.entries(fieldsOf(value)).flatMap(([from, to]) => mapping(from, textOf(to) ?? fieldsOf(to).editorPath));
}

/** The mapping that would have found a file: what remains of both paths without the components that they end with alike. */
export function mappingBetween(compiled: string, chosen: string): Mapping {
  const from = normal(compiled).split("/");
  const to = chosen.split("/");
  while (from.length > 1 && to.length > 2 && from.at(-1) === to.at(-1)) {
    from.pop();
    to.pop();
  }
  return { from: from.join("/") || "/", to: to.join("/") };
}

/** Where debuggers are given commands at their start: strings, or objects with a text. */
const COMMANDS = ["setupCommands", "initCommands", "preRunCommands", "postRemoteConnectCommands", "attachCommands"];

const SELF = "/proc/self/cwd/";

/** Of gdb `set substitute-path FROM TO`, of lldb `settings set target.source-map FROM TO …`. */
function commandMappings(command: unknown): Mapping[] {
  const text = textOf(command) ?? textOf(fieldsOf(command).text) ?? "";
  const paths = /^\W*(?:set\s+substitute-path|settings\s+(?:set|append)\s+target\.source-map)\s+(.*)$/s.exec(text)?.[1];
  const words = Array.from((paths ?? "").matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), ([, a, b, c]) => a ?? b ?? c ?? "");
  return words.flatMap((from, i) => (i % 2 === 0 ? mapping(from, words[i + 1]) : []));
}

function pair(value: unknown): Mapping[] {
  return Array.isArray(value) ? mapping(value[0], value[1]) : [];
}

function mapping(from: unknown, to: unknown): Mapping[] {
  return typeof from === "string" && typeof to === "string" && to !== "" ? [{ from, to }] : [];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Without `.` and doubled slashes, and with `..` taken back; no slash at the end. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + parts.join("/");
}

/** What of a path is below a folder, by whole components; `null` where it is elsewhere. */
function below(path: string, folder: string): string | null {
  if (folder === "") return path.startsWith("/") ? null : path;
  if (folder === "/") return path.startsWith("/") ? path.slice(1) : null;
  if (path === folder) return "";
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;
}

function join(folder: string, rest: string): string {
  return normal(`${folder}/${rest}`);
}
