/** Which file the debug information comes from: made with objcopy and dwz, compared with gdb. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { TimeSlice } from "../../../src/memory/timeSlice.ts";
import { FileBytes } from "../../../src/symbols/bytes.ts";
import { type DebugFile, type DebugFileSearch, DebugFiles } from "../../../src/symbols/debugFiles.ts";
import { readElf } from "../../../src/symbols/elf.ts";
import { compile } from "../fixtures.ts";
import { readelfBuildId, run } from "./binutils.ts";
import { type Options, opened, search, temporaryFolder } from "./search.ts";

const PROGRAM = ["-g", "-O1"];
const WITHOUT_BUILD_ID = [...PROGRAM, "-Wl,--build-id=none"];

/** A folder with `program`, stripped of its debug information, and `program.debug`, which it names. */
function separate(flags = PROGRAM): { folder: string; program: string; debug: string } {
  const folder = temporaryFolder();
  const [program, debug] = [join(folder, "program"), join(folder, "program.debug")];
  const whole = compile("program.c", "symbols", flags);
  run("objcopy", "--only-keep-debug", whole, debug);
  run("objcopy", "--strip-debug", `--add-gnu-debuglink=${debug}`, whole, program);
  return { folder, program, debug };
}

async function find(path: string, options: Options = {}): Promise<DebugFileSearch> {
  return (await search(path, options)).found;
}

function move(from: string, to: string): string {
  mkdirSync(dirname(to), { recursive: true });
  renameSync(from, to);
  return to;
}

/** Where a file is by its build-id in a folder. */
function byBuildId(folder: string, file: string): string {
  const buildId = readelfBuildId(file) ?? expect.fail("It has no build-id.");
  return join(folder, ".build-id", buildId.slice(0, 2), `${buildId.slice(2)}.debug`);
}

/** The debug file that gdb finds. */
function gdbFinds(program: string, folder: string): string | undefined {
  const before = ["set debuginfod enabled off", `set debug-file-directory ${folder}`].flatMap((line) => ["-iex", line]);
  const list = String.raw`python print("\n".join(file.filename for file in gdb.objfiles()))`;
  const files = run("gdb", "-nx", "-batch", ...before, "-ex", list, program)
    .trim()
    .split("\n");
  return files.find((file) => basename(file) !== "program");
}

test("a program with debug information has it itself", async () => {
  const path = compile("program.c", "symbols", PROGRAM);
  const { file, refused } = await find(path);
  expect(file?.path).toBe(path);
  expect(refused).toEqual([]);
  expect(file?.sections.get(".debug_info").size).toBeGreaterThan(0);
});

test("a debug file is found where gdb finds it", async () => {
  const { folder, program, debug } = separate(WITHOUT_BUILD_ID);
  const other = temporaryFolder();
  const places = [debug, join(folder, ".debug", "program.debug"), join(other, folder, "program.debug")];
  for (const place of places.slice(1)) {
    mkdirSync(dirname(place), { recursive: true });
    copyFileSync(debug, place);
  }
  for (const place of places) {
    const { file, refused } = await find(program, { folders: [other] });
    expect(file?.path).toBe(place);
    expect(refused).toEqual([]);
    expect(gdbFinds(program, other)).toBe(place);
    rmSync(place);
  }
  expect(await find(program, { folders: [other] })).toEqual({ file: null, refused: [] });
});

test("a debug file is found by its build-id, before the one that the program names", async () => {
  const { program, debug } = separate();
  const other = temporaryFolder();
  const place = byBuildId(other, debug);
  mkdirSync(dirname(place), { recursive: true });
  copyFileSync(debug, place);
  const { file } = await find(program, { folders: [other] });
  expect(file?.path).toBe(place);
  expect(gdbFinds(program, other)).toBe(place);
  rmSync(place);
  expect((await find(program, { folders: [other] })).file?.path).toBe(debug);
});

test("the symbols that a program was stripped of are in its debug file", async () => {
  const { program, debug } = separate();
  run("strip", program);
  run("objcopy", `--add-gnu-debuglink=${debug}`, program);
  const { file } = await find(program);
  expect(file?.elf.sections.some(({ name }) => name === ".symtab")).toBe(true);
});

test("a debug file lies in a configured folder by its name alone", async () => {
  const { program, debug } = separate(WITHOUT_BUILD_ID);
  const other = temporaryFolder();
  const place = move(debug, join(other, "program.debug"));
  expect((await find(program, { folders: ["/nowhere", other] })).file?.path).toBe(place);
});

test("a debug file that debuginfod's client fetched is found; what no server had is passed over", async () => {
  const { program, debug } = separate();
  const home = temporaryFolder();
  const place = join(home, readelfBuildId(debug) ?? "", "debuginfo");
  vi.stubEnv("DEBUGINFOD_CACHE_PATH", home);
  onTestFinished(() => void vi.unstubAllEnvs());
  move(debug, place);
  expect((await find(program)).file?.path).toBe(place);
  vi.stubEnv("DEBUGINFOD_CACHE_PATH", undefined);
  vi.stubEnv("XDG_CACHE_HOME", dirname(home));
  renameSync(home, join(dirname(home), "debuginfod_client"));
  onTestFinished(() => rmSync(join(dirname(home), "debuginfod_client"), { recursive: true }));
  const cached = join(dirname(home), "debuginfod_client", readelfBuildId(program) ?? "", "debuginfo");
  expect((await find(program)).file?.path).toBe(cached);
  truncateSync(cached);
  expect(await find(program)).toEqual({ file: null, refused: [] });
});

test.runIf(existsSync(byBuildId("/usr/lib/debug", "/lib/x86_64-linux-gnu/libc.so.6")))(
  "the debug file of an installed package is found",
  async () => {
    const libc = "/lib/x86_64-linux-gnu/libc.so.6";
    expect(await find(libc)).toMatchObject({ file: { path: byBuildId("/usr/lib/debug", libc) }, refused: [] });
  },
);

test("a program by the name of a symbolic link has the debug file of the real one", async () => {
  const { program, debug } = separate(WITHOUT_BUILD_ID);
  const link = join(temporaryFolder(), "link");
  symlinkSync(program, link);
  expect((await find(link)).file?.path).toBe(debug);
  expect(gdbFinds(link, "/nowhere")).toBe(debug);
});

test("a program that was deleted has its debug file", async () => {
  const { program, debug } = separate();
  const bytes = new FileBytes(openSync(program, "r"));
  rmSync(program);
  const files = new DebugFiles(`${program} (deleted)`, { demangle: true, debugFolders: [] });
  const elf = (await readElf(bytes, new TimeSlice())) ?? expect.fail();
  expect((await files.find(elf, new TimeSlice())).file?.path).toBe(debug);
  files.close();
  bytes.close();
});

test("a debug file whose bytes changed since is refused for its CRC", async () => {
  const { program, debug } = separate();
  const crc = /CRC value: 0x([0-9a-f]+)/.exec(run("readelf", "--debug-dump=links", program))?.[1];
  writeFileSync(debug, "more", { flag: "a" });
  const { file, refused } = await find(program);
  expect(file).toBeNull();
  expect(refused).toEqual([{ path: debug, reason: expect.stringMatching(`^Its CRC is [0-9a-f]{8}, not 0*${crc}.$`) }]);
});

test("a debug file of another program is refused for its build-id", async () => {
  const { program, debug } = separate();
  const other = separate([...PROGRAM, "-DOTHER=1", "-O2"]);
  copyFileSync(other.debug, debug);
  const [is, wanted] = [readelfBuildId(debug), readelfBuildId(program)];
  const reason = `Its build-id is ${is}, not ${wanted}.`;
  expect(await find(program)).toEqual({ file: null, refused: [{ path: debug, reason }] });
  const folder = temporaryFolder();
  const place = move(debug, byBuildId(folder, program));
  expect((await find(program, { folders: [folder] })).refused).toEqual([{ path: place, reason }]);
});

test.each([
  ["no ELF file", (debug: string) => writeFileSync(debug, "text"), "It is no ELF file."],
  [
    "without debug information",
    (debug: string) => run("objcopy", "--strip-debug", debug),
    "It has no debug information.",
  ],
  [
    "of 32 bits",
    (debug: string) => copyFileSync(compile("program.c", "symbols", ["-g", "-m32"]), debug),
    "It is for another machine.",
  ],
  [
    "without a build-id",
    (debug: string) => copyFileSync(compile("program.c", "symbols", WITHOUT_BUILD_ID), debug),
    expect.stringMatching(/^It has no build-id; [0-9a-f]{40} is wanted\.$/),
  ],
])("a file %s in the place of a debug file is refused", async (_, spoil, reason) => {
  const { folder, program, debug } = separate();
  spoil(debug);
  const place = move(debug, byBuildId(folder, program));
  expect(await find(program, { folders: [folder] })).toEqual({ file: null, refused: [{ path: place, reason }] });
});

test("all files that are refused are told, once each, and the one that belongs is found after them", async () => {
  const { folder, program, debug } = separate();
  const other = temporaryFolder();
  const place = byBuildId(other, program);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, "text");
  mkdirSync(join(folder, ".debug"));
  copyFileSync(debug, join(folder, ".debug", basename(debug)));
  truncateSync(debug, 5000);
  const { files, found } = await search(program, { folders: [other, other] });
  expect(found.file?.path).toBe(join(folder, ".debug", basename(debug)));
  expect(found.refused.map(({ path }) => path)).toEqual([place, debug]);
  files.close();
});

test("a program that names itself as its debug file has none", async () => {
  const { program, debug } = separate();
  copyFileSync(program, debug);
  run("objcopy", "--remove-section=.gnu_debuglink", debug);
  run("objcopy", `--add-gnu-debuglink=${debug}`, debug);
  expect(await find(debug)).toEqual({ file: null, refused: [] });
});

test("what is no regular file is not opened", async () => {
  const { program, debug } = separate();
  rmSync(debug);
  run("mkfifo", debug);
  expect(await find(program)).toEqual({ file: null, refused: [] });
  rmSync(debug);
  symlinkSync("/dev/zero", debug);
  expect(await find(program)).toEqual({ file: null, refused: [] });
  rmSync(debug);
  mkdirSync(debug);
  expect(await find(program)).toEqual({ file: null, refused: [] });
});

test("a target's debug file lies below its root directory, where links count from there", async () => {
  const { program, debug } = separate();
  const root = temporaryFolder();
  move(program, join(root, "bin/program"));
  const place = byBuildId("/usr/lib/debug", join(root, "bin/program"));
  move(debug, join(root, "store/file"));
  mkdirSync(dirname(join(root, place)), { recursive: true });
  symlinkSync("/a/../store/./link", join(root, place));
  symlinkSync("file", join(root, "store/link"));
  mkdirSync(join(root, "a"));
  expect(await find("/bin/program", { root })).toMatchObject({ file: { path: place }, refused: [] });
});

test("a target's debug file may be on this machine; one below its root that does not belong is refused", async () => {
  const { folder, program, debug } = separate();
  const root = temporaryFolder();
  move(program, join(root, program));
  expect((await find(program, { root })).file?.path).toBe(debug);
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, debug), "text");
  const { file, refused } = await find(program, { root });
  expect(file?.path).toBe(debug);
  expect(refused).toEqual([{ path: debug, reason: "It is no ELF file." }]);
  rmSync(join(root, debug));
  symlinkSync(basename(debug), join(root, debug));
  expect((await find(program, { root })).file?.path).toBe(debug);
});

test("all that was opened is closed", async () => {
  const { folder, program, debug } = separate();
  const isOpen = () => readdirSync("/proc/self/fd").some((number) => linkOf(number) === debug);
  const { files, found } = await search(program, { folders: [folder] });
  expect(found.file?.path).toBe(debug);
  expect(isOpen()).toBe(true);
  files.close();
  expect(isOpen()).toBe(false);
  expect(found.file?.sections.get(".debug_info").size).toBe(0);
  writeFileSync(debug, "more", { flag: "a" });
  expect((await find(program)).file).toBeNull();
  expect(isOpen()).toBe(false);
});

test("a search that is ended closes what it opened, and can be begun anew", async () => {
  const { program, debug } = separate(WITHOUT_BUILD_ID);
  // Many slices long.
  truncateSync(debug, 1 << 29);
  const isOpen = () => readdirSync("/proc/self/fd").some((number) => linkOf(number) === debug);
  const { files, elf } = await opened(program);
  const controller = new AbortController();
  const ended = files.find(elf, new TimeSlice({ signal: controller.signal }));
  setImmediate(() => {
    expect(isOpen()).toBe(true);
    controller.abort(new Error("ended"));
  });
  await expect(ended).rejects.toThrow("ended");
  expect(isOpen()).toBe(false);
  expect((await files.find(elf, new TimeSlice())).refused).toHaveLength(1);
});

/** What a descriptor stands for. */
function linkOf(number: string): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${number}`);
  } catch {
    return null;
  }
}

/** Two programs whose debug information is partly in a file that they share, made by dwz. */
function sharing(...options: string[]): { folder: string; program: string; shared: string } {
  const folder = temporaryFolder();
  const whole = compile("shapes.cpp", "symbols", ["-c", "-g", "-std=c++17"]);
  const other = compile("other.cpp", "symbols", ["-c", "-g", "-std=c++17"]);
  const [program, shared] = [join(folder, "program"), join(folder, "shared")];
  run("g++", whole, other, "-o", program);
  copyFileSync(program, join(folder, "other"));
  run("dwz", ...options, "-m", shared, program, join(folder, "other"));
  return { folder, program, shared };
}

async function alternate(
  path: string,
  options: Options = {},
): Promise<{ file: DebugFile | null; refused: DebugFileSearch["refused"] }> {
  const { files, found } = await search(path, options);
  const file = found.file && (await files.alternate(found.file, new TimeSlice()));
  return { file, refused: found.refused };
}

test.each([[["-r"]], [[]], [["-r", "--dwarf-5"]]])(
  "the file that dwz %j made of what several share is found, by its name or its build-id",
  async (options) => {
    const { folder, program, shared } = sharing(...options);
    const found = await alternate(program);
    expect(found.file?.path).toBe(shared);
    expect(found.file?.sections.get(".debug_info").size).toBeGreaterThan(0);
    expect(found.refused).toEqual([]);

    const store = temporaryFolder();
    const elsewhere = move(shared, join(store, ".dwz", "shared"));
    expect((await alternate(program, { folders: [store] })).file?.path).toBe(elsewhere);
    const { file, refused } = await alternate(program);
    expect(file).toBeNull();
    expect(refused).toEqual([
      { path: expect.stringContaining("shared"), reason: expect.stringContaining("not found") },
    ]);
    if (options.includes("--dwarf-5")) return;
    const place = move(elsewhere, byBuildId(folder, elsewhere));
    expect((await alternate(program, { folders: [folder] })).file?.path).toBe(place);
  },
);

test.each([[["-r"]], [["-r", "--dwarf-5"]]])("a shared file of another time is refused (%j)", async (options) => {
  const { program, shared } = sharing(...options);
  const later = readFileSync(shared);
  const at = later.indexOf(options.length === 1 ? "GNU\0" : "\u0005\0\u0001\0\u0014", 0, "latin1") + 10;
  later[at] = (later[at] as number) ^ 1;
  writeFileSync(shared, later);
  const { file, refused } = await alternate(program);
  expect(file).toBeNull();
  expect(refused[0]).toEqual({ path: shared, reason: expect.stringMatching(/^Its build-id is \w{40}, not \w{40}\.$/) });
});
