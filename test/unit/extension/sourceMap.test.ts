import { expect, test } from "vitest";
import { candidates, entries, mappingBetween, mappingsOf, origins } from "../../../src/extension/sourceMap.ts";

const of = (type: string, configuration: Record<string, unknown>) => mappingsOf({ type, configuration });

test.each([
  ["lldb-dap", { sourceMap: [["/build", "/home/me"]] }],
  ["lldb-dap", { sourceMap: { "/build": "/home/me" } }],
  ["lldb", { sourceMap: { "/build": "/home/me" } }],
  ["cppdbg", { sourceFileMap: { "/build": "/home/me" } }],
  ["cppdbg", { sourceFileMap: { "/build": { editorPath: "/home/me", useForBreakpoints: true } } }],
  ["cppdbg", { setupCommands: [{ text: "set substitute-path /build /home/me" }] }],
  ["gdb", { initCommands: ["set print pretty on", 'set substitute-path "/build" "/home/me"'] }],
  ["lldb-dap", { initCommands: ["settings set target.source-map /build '/home/me'"] }],
  // Here `from` is the path on this machine.
  ["go", { substitutePath: [{ from: "/home/me", to: "/build" }] }],
])("the source map of %s is understood: %o", (type, configuration) => {
  expect(of(type, configuration)).toEqual([{ from: "/build", to: "/home/me" }]);
});

test("several mappings of one command are each taken", () => {
  const command = 'settings append target.source-map /a /b "/c d" /e';
  expect(of("lldb-dap", { preRunCommands: [command] })).toEqual([
    { from: "/a", to: "/b" },
    { from: "/c d", to: "/e" },
  ]);
});

test("lldb-dap's folders for relative paths are taken, and no other debugger's", () => {
  expect(of("lldb-dap", { sourcePath: "/home/me" })).toEqual([{ from: "", to: "/home/me" }]);
  expect(of("lldb-dap", { debuggerRoot: "/home/me" })).toEqual([{ from: "", to: "/home/me" }]);
  expect(of("node", { sourcePath: "/home/me" })).toEqual([]);
});

test.each([
  { sourceMap: 7 },
  { sourceMap: [["/build"], "x", null, [1, 2]] },
  { sourceMap: { "/build": null } },
  { sourceFileMap: null, substitutePath: {}, setupCommands: "set substitute-path /a /b", initCommands: [null, 5, {}] },
  { initCommands: ["set substitute-path /only-one"] },
])("what is no source map is none: %o", (configuration) => {
  expect(of("lldb-dap", configuration)).toEqual([]);
});

test("the longest prefix wins, of equal ones the first, and the compiled path is tried last", () => {
  const mappings = [
    { from: "/build", to: "/short" },
    { from: "/build/src/", to: "/long" },
    { from: "/build", to: "/second" },
  ];
  expect(candidates("/build/src/a/b.c", mappings, [])).toEqual([
    "/long/a/b.c",
    "/short/src/a/b.c",
    "/second/src/a/b.c",
    "/build/src/a/b.c",
  ]);
});

test("only whole components are a prefix", () => {
  expect(candidates("/building/b.c", [{ from: "/build", to: "/x" }], [])).toEqual(["/building/b.c"]);
  expect(candidates("/build", [{ from: "/build", to: "/x/b.c" }], [])).toEqual(["/x/b.c", "/build"]);
  expect(candidates("/b.c", [{ from: "/", to: "/x" }], [])).toEqual(["/x/b.c", "/b.c"]);
});

test("paths are compared without dots and doubled slashes", () => {
  expect(candidates("/build/./obj/..//src/b.c", [{ from: "/build/src", to: "/x/" }], [])).toEqual([
    "/x/b.c",
    "/build/src/b.c",
  ]);
});

test("relative paths are looked for where the debugger says, then in the workspace's folders", () => {
  expect(candidates("./src/b.c", [{ from: ".", to: "/cwd" }], ["/one", "/two"])).toEqual([
    "/cwd/src/b.c",
    "/one/src/b.c",
    "/two/src/b.c",
  ]);
});

test("what was compiled below /proc/self/cwd is looked for in the workspace's folders too", () => {
  expect(candidates("/proc/self/cwd/pkg/b.cc", [], ["/one"])).toEqual(["/proc/self/cwd/pkg/b.cc", "/one/pkg/b.cc"]);
});

test("a mapping to no absolute path leads nowhere", () => {
  expect(candidates("/build/b.c", [{ from: "/build", to: "elsewhere" }], [])).toEqual(["/build/b.c"]);
});

test.each([
  ["/build/src/b.c", "/home/me/src/b.c", { from: "/build", to: "/home/me" }],
  ["/build/b.c", "/home/me/other.c", { from: "/build/b.c", to: "/home/me/other.c" }],
  ["b.c", "/home/me/b.c", { from: "b.c", to: "/home/me/b.c" }],
  ["/b.c", "/home/me/b.c", { from: "/", to: "/home/me" }],
])("from %s to %s follows a mapping that finds it", (compiled, chosen, mapping) => {
  expect(mappingBetween(compiled, chosen)).toEqual(mapping);
  expect(candidates(compiled, [mapping], [])[0]).toBe(chosen);
});

test("the setting is an object", () => {
  expect(entries({ "/build": "/home/me", bad: 5 })).toEqual([{ from: "/build", to: "/home/me" }]);
  expect(entries(["/build"])).toEqual([]);
});

test.each([
  ["/home/me/src/b.c", [{ from: "/build", to: "/home/me" }], [], "/build/src/b.c"],
  ["/home/me/src/b.c", [{ from: "/build/../compiled/", to: "/home/./me/" }], [], "/compiled/src/b.c"],
  ["/home/me/src/b.c", [{ from: "", to: "/home/me" }], [], "src/b.c"],
  ["/home/me/src/b.c", [{ from: "lib", to: "/home/me" }], [], "lib/src/b.c"],
  ["/home/me/src/b.c", [{ from: "lib", to: "/home/me" }], [], "/proc/self/cwd/lib/src/b.c"],
  ["/home/me/src/b.c", [], ["/home/me"], "src/b.c"],
  ["/home/me/src/b.c", [], ["/other", "/home/me"], "/proc/self/cwd/src/b.c"],
  ["/home/me/src/b.c", [], [], "/home/me/src/b.c"],
])("%s may have been compiled, with mappings %j and folders %j, as %s, which leads back to it", (...places) => {
  const [path, mappings, folders, compiled] = places;
  expect(origins(path, mappings, folders)).toContain(compiled);
  for (const origin of origins(path, mappings, folders)) expect(candidates(origin, mappings, folders)).toContain(path);
});

test("a file is no origin of one beside its folder", () => {
  expect(origins("/home/meadow/b.c", [{ from: "/build", to: "/home/me" }], ["/home/me"])).toEqual(["/home/meadow/b.c"]);
});
