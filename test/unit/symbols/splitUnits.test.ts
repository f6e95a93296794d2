/** Split units: those of `.dwo` files, and the same ones packaged by two tools. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TimeSlice } from "../../../src/memory/timeSlice.ts";
import { MemoryBytes } from "../../../src/symbols/bytes.ts";
import type { DebugFileSearch } from "../../../src/symbols/debugFiles.ts";
import { DwarfFile } from "../../../src/symbols/dwarf/dwarfFile.ts";
import type { Unit } from "../../../src/symbols/dwarf/unit.ts";
import { PackageIndex } from "../../../src/symbols/packageIndex.ts";
import type { SplitUnit } from "../../../src/symbols/splitUnits.ts";
import { run } from "./binutils.ts";
import { type Options, search, temporaryFolder } from "./search.ts";

/** Two units without headers, so that compiling them again and again takes no time. */
const SOURCES = {
  one: `struct Point { int x, y; };
struct Line { Point from, to; static int count; };
enum class Side { LEFT, RIGHT };
int Line::count = 3;
Line line;
Side side;
extern int length(const Line &);
int main(int count, char **) {
  line.to.x = count;
  return side == Side::RIGHT ? Line::count : length(line);
}`,
  two: `struct Point { int x, y; };
struct Line { Point from, to; static int count; };
namespace { struct Counter { long calls; struct Inner { short all; } inner; } counter; }
static inline int distance(int a, int b) { return a < b ? b - a : a - b; }
int length(const Line &line) {
  counter.calls++;
  return distance(line.from.x, line.to.x) + distance(line.from.y, line.to.y) + counter.inner.all;
}`,
};
const SECTIONS = [".debug_info", ".debug_abbrev", ".debug_line", ".debug_loc", ".debug_loclists", ".debug_rnglists"];

/** A way to compile split units. */
interface Way {
  readonly compiler: string;
  readonly version: "4" | "5";
}

/** A tool that packages them. */
interface PackagedWay extends Way {
  readonly packager: string;
}

const GCC_4: PackagedWay = { compiler: "g++", version: "4", packager: "dwp" };
/** Binutils' dwp knows DWARF 4 alone, and LLVM's never ends with what gcc makes of DWARF 5. */
const PACKAGED: PackagedWay[] = [
  GCC_4,
  { compiler: "clang++-19", version: "4", packager: "dwp" },
  { compiler: "clang++-19", version: "4", packager: "llvm-dwp-19" },
  { compiler: "clang++-19", version: "5", packager: "llvm-dwp-19" },
];
const WAYS: Way[] = [GCC_4, { compiler: "g++", version: "5" }, ...PACKAGED.slice(2)];

/** A folder with `program` and its `.dwo` files. */
function build({ compiler, version }: Way, ...flags: string[]): string {
  const folder = temporaryFolder();
  const options = ["-O1", "-gsplit-dwarf", `-gdwarf-${version}`, ...flags];
  const objects = Object.entries(SOURCES).map(([name, text]) => {
    writeFileSync(join(folder, `${name}.cpp`), text);
    run("env", "-C", folder, compiler, ...options, "-c", `${name}.cpp`, "-o", `${name}.o`);
    return join(folder, `${name}.o`);
  });
  run(compiler, ...objects, "-o", join(folder, "program"));
  return folder;
}

function dwoFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".dwo"));
}

interface Found {
  /** By the names of their files. */
  readonly units: Map<string, SplitUnit>;
  readonly skeletons: Map<string, Unit>;
  readonly refused: DebugFileSearch["refused"];
}

/** The split units of a program, as far as they are found. */
async function splitUnits(program: string, options: Options = {}): Promise<Found> {
  const { files, found } = await search(program, options);
  const debug = found.file ?? expect.fail("It has no debug information.");
  const { littleEndian } = debug.elf.header.format;
  const dwarf = new DwarfFile({ sections: debug.sections, littleEndian, isDiscarded: () => false });
  const [units, skeletons] = [new Map<string, SplitUnit>(), new Map<string, Unit>()];
  for (const { offset } of dwarf.headers) {
    const skeleton = dwarf.unit(offset) ?? expect.fail();
    const { dwoName, dwoId } = skeleton.root;
    if (dwoName === null || dwoId === null) continue;
    skeletons.set(dwoName, skeleton);
    const { compilationDirectory } = skeleton;
    const unit = await files.split(debug, { dwoName, dwoId, compilationDirectory }, new TimeSlice());
    if (unit !== null) units.set(dwoName, unit);
  }
  return { units, skeletons, refused: found.refused };
}

/** What reads a split unit. */
function dwarfOf({ sections, littleEndian }: SplitUnit, skeleton: Unit | undefined): DwarfFile {
  return new DwarfFile({ sections, littleEndian, isDiscarded: () => false, ...(skeleton && { skeleton }) });
}

function contents(unit: SplitUnit, name: string): Buffer {
  const bytes = unit.sections.get(name);
  return bytes.read(0, bytes.size);
}

test.each(PACKAGED)("split units of $compiler, DWARF $version, are the same in a package by $packager", async (way) => {
  const folder = build(way);
  const program = join(folder, "program");
  const single = await splitUnits(program);
  expect([...single.units.keys()].sort()).toEqual(dwoFiles(folder).sort());
  expect(single.refused).toEqual([]);

  run("env", "-C", folder, way.packager, "-e", "program", "-o", "program.dwp");
  for (const name of dwoFiles(folder)) rmSync(join(folder, name));
  const packaged = await splitUnits(program);
  expect([...packaged.units.keys()]).toEqual([...single.units.keys()]);
  expect(packaged.refused).toEqual([]);
  for (const [name, unit] of packaged.units) {
    const other = single.units.get(name) ?? expect.fail();
    expect(unit.path).toBe(join(folder, "program.dwp"));
    expect(other.path).toBe(join(folder, name));
    for (const section of SECTIONS) expect(contents(unit, section), section).toEqual(contents(other, section));
    expect(contents(unit, ".debug_str").length).toBeGreaterThan(0);
    // A text by its index: the packager wrote the indexes anew.
    const { root } = dwarfOf(unit, packaged.skeletons.get(name)).unit(unit.offset) ?? expect.fail();
    expect(root.name).toBe(name.replace(".dwo", ".cpp"));
  }
});

test.each(PACKAGED)("type units of $compiler, DWARF $version, are found by their signatures", async (way) => {
  const folder = build(way, "-fdebug-types-section");
  run("env", "-C", folder, way.packager, "-e", "program", "-o", "program.dwp");
  const listed = run("llvm-dwarfdump-19", "--debug-tu-index", join(folder, "program.dwp"));
  const signatures = [...listed.matchAll(/^ +\d+ (0x[0-9a-f]{16})/gm)].map(([, digits = ""]) => BigInt(digits));
  expect(signatures.length).toBeGreaterThan(2);
  const { units, skeletons } = await splitUnits(join(folder, "program"));
  const [[name, unit] = expect.fail()] = units;
  for (const signature of signatures) {
    const type = unit.typeUnit(signature) ?? expect.fail();
    expect(dwarfOf(type, skeletons.get(name)).typeOfSignature(signature)).not.toBeNull();
  }
  expect(unit.typeUnit(1n)).toBeNull();
});

test.each(WAYS)("type units of a .dwo of $compiler, DWARF $version, are in its sections", async (way) => {
  const folder = build(way, "-fdebug-types-section");
  const { units, skeletons } = await splitUnits(join(folder, "program"));
  expect(units.size).toBe(2);
  for (const [name, unit] of units) {
    const dwarf = dwarfOf(unit, skeletons.get(name));
    expect(dwarf.unit(unit.offset)?.root.name).toBe(name.replace(".dwo", ".cpp"));
    const inInfo = dwarf.headers.filter(({ signature }) => signature !== null).length;
    expect(inInfo > 0 || unit.sections.get(".debug_types").size > 0).toBe(true);
  }
});

test("split units are found beside a program that was moved, and in a configured folder", async () => {
  const folder = build(GCC_4);
  const [moved, store] = [temporaryFolder(), temporaryFolder()];
  renameSync(join(folder, "program"), join(moved, "program"));
  const places = [folder, moved, store];
  for (const [index, place] of places.entries()) {
    const { units, refused } = await splitUnits(join(moved, "program"), { folders: [store] });
    expect(Array.from(units.values(), ({ path }) => path).sort()).toEqual(
      dwoFiles(place)
        .sort()
        .map((name) => join(place, name)),
    );
    expect(refused).toEqual([]);
    for (const name of dwoFiles(place)) renameSync(join(place, name), join(places[index + 1] ?? store, name));
  }
});

test("split units that are not there are told by their names", async () => {
  const folder = build(GCC_4);
  rmSync(join(folder, "one.dwo"));
  const { units, refused } = await splitUnits(join(folder, "program"));
  expect([...units.keys()]).toEqual(["two.dwo"]);
  expect(refused).toEqual([{ path: "one.dwo", reason: expect.stringContaining("not found") }]);
});

test.each(WAYS)("split units of another compilation are refused ($compiler, DWARF $version)", async (way) => {
  const folder = build(way);
  const path = join(folder, "one.dwo");
  copyFileSync(join(folder, "two.dwo"), path);
  const { units, refused, skeletons } = await splitUnits(join(folder, "program"));
  expect([...units.keys()]).toEqual(["two.dwo"]);
  const wanted = skeletons.get("one.dwo")?.root.dwoId?.toString(16);
  expect(refused[0]).toEqual({ path, reason: expect.stringMatching(`^Its DWO id is [0-9a-f]{16}, not 0*${wanted}.$`) });
  writeFileSync(path, "text");
  expect((await splitUnits(join(folder, "program"))).refused[0]).toEqual({ path, reason: "It is no ELF file." });
  copyFileSync(join(folder, "one.o"), path);
  expect((await splitUnits(join(folder, "program"))).refused[0]).toEqual({
    path,
    reason: "It has no split unit.",
  });
});

test("a package of another program, or none, is passed over for the split units", async () => {
  const [folder, other] = [build(GCC_4), build(GCC_4, "-O2", "-DOTHER")];
  run("env", "-C", other, "dwp", "-e", "program", "-o", "program.dwp");
  copyFileSync(join(other, "program.dwp"), join(folder, "program.dwp"));
  const { units } = await splitUnits(join(folder, "program"));
  expect(Array.from(units.values(), ({ path }) => path).sort()).toEqual(
    ["one.dwo", "two.dwo"].map((name) => join(folder, name)),
  );
  copyFileSync(join(other, "one.o"), join(folder, "program.dwp"));
  const { units: without, refused } = await splitUnits(join(folder, "program"));
  expect(without.size).toBe(2);
  expect(refused).toEqual([{ path: join(folder, "program.dwp"), reason: "It has no index of split units." }]);
});

test("a package lies beside the debug file of a stripped program, or in a configured folder", async () => {
  const folder = build(GCC_4);
  const [program, debug] = [join(folder, "program"), join(folder, "debug/program.debug")];
  run("env", "-C", folder, "dwp", "-e", "program", "-o", "program.dwp");
  for (const name of dwoFiles(folder)) rmSync(join(folder, name));
  mkdirSync(join(folder, "debug"));
  run("objcopy", "--only-keep-debug", program, debug);
  run("objcopy", "--strip-debug", `--add-gnu-debuglink=${debug}`, program);
  const options = { folders: [join(folder, "debug")] };
  for (const [from, to] of [
    ["program.dwp", "debug/program.debug.dwp"],
    ["debug/program.debug.dwp", "debug/program.dwp"],
  ] as const) {
    renameSync(join(folder, from), join(folder, to));
    const { units, refused } = await splitUnits(program, options);
    expect(Array.from(units.values(), ({ path }) => path)).toEqual(Array(2).fill(join(folder, to)));
    expect(refused).toEqual([]);
  }
});

/** The hash table of an index of version 5 with four slots, and one column. */
function index(slots: readonly [signature: bigint, row: number][], claims: { units?: number; slots?: number } = {}) {
  const bytes = Buffer.alloc(16 + slots.length * 12 + 4 + 8 * 3);
  const header = [5, 1, claims.units ?? 3, claims.slots ?? slots.length];
  for (const [at, value] of header.entries()) bytes.writeUInt32LE(value, at * 4);
  for (const [slot, [signature, row]] of slots.entries()) {
    bytes.writeBigUInt64LE(signature, 16 + slot * 8);
    bytes.writeUInt32LE(row, 16 + slots.length * 8 + slot * 4);
  }
  const rows = 16 + slots.length * 12;
  bytes.writeUInt32LE(1, rows);
  for (const row of [0, 1, 2]) {
    bytes.writeUInt32LE(100 * row, rows + 4 + row * 4);
    bytes.writeUInt32LE(10 + row, rows + 16 + row * 4);
  }
  return PackageIndex.read(new MemoryBytes(bytes), { wide: true, littleEndian: true });
}

test("an index is searched to its end and no further", () => {
  const full = index([
    [0n, 1],
    [1n, 2],
    [2n, 3],
    [7n, 4],
  ]);
  expect(full?.find(2n)?.get(".debug_info")).toEqual({ offset: 200, size: 12 });
  expect(full?.find(4n)).toBeNull();
  expect(full?.find(0xffff_ffff_ffff_ffffn)).toBeNull();
  // Row 4 of three.
  expect(full?.find(7n)).toBeNull();
});

test.each([
  ["no slots", { slots: 0 }],
  ["slots that are no power of two", { slots: 3 }],
  ["more slots than there are", { slots: 1 << 30 }],
  ["more units than there are", { units: 0xffff_ffff }],
])("an index with %s is none", (_, claims) => {
  expect(
    index(
      [
        [1n, 1],
        [0n, 0],
        [0n, 0],
        [0n, 0],
      ],
      claims,
    ),
  ).toBeNull();
});

test("a package with any of its bytes changed is survived", async () => {
  const folder = build(GCC_4);
  run("env", "-C", folder, "dwp", "-e", "program", "-o", "program.dwp");
  for (const name of dwoFiles(folder)) rmSync(join(folder, name));
  const whole = readFileSync(join(folder, "program.dwp"));
  const listed = run("readelf", "-SW", join(folder, "program.dwp"));
  const [, start = "", size = ""] = /\.debug_cu_index +PROGBITS +0+ ([0-9a-f]+) ([0-9a-f]+)/.exec(listed) ?? [];
  for (let at = 0; at < Number(`0x${size}`); at += 3) {
    for (const value of [0, 1, 0xff]) {
      const bytes = Buffer.from(whole);
      bytes[Number(`0x${start}`) + at] = value;
      writeFileSync(join(folder, "program.dwp"), bytes);
      const { units } = await splitUnits(join(folder, "program"));
      for (const unit of units.values()) for (const name of SECTIONS) contents(unit, name);
      expect(units.size).toBeLessThanOrEqual(2);
    }
  }
});
