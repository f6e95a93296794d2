/** Symbols by name: of the file or of the source, with and without arguments and versions. */
import { openSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import type { ElfSource } from "../../../src/memory/module.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { compile } from "../fixtures.ts";
import { allOfNm, fileOf, place, REAL_FILES, run, withElf } from "./binutils.ts";

async function demangled(path: string): Promise<ElfSource> {
  const elf = await openElf({ descriptor: openSync(path, "r"), path });
  if (elf === null) throw new Error(`${path} is no ELF file.`);
  onTestFinished(() => elf.close());
  return elf;
}

const namesOf = async (elf: ElfSource, name: string) => (await elf.symbolsNamed(name)).map(({ name }) => name);

test("a function of C++ is found by its name, its name with arguments and its name in the file", async () => {
  const source = `namespace space { struct Thing { Thing(); ~Thing(); int method(int) const; int method(char);
  bool operator==(const Thing &) const; operator bool() const; template <class T> T made(T); static int counter; }; }
using space::Thing;
Thing::Thing() {} Thing::~Thing() {} int Thing::method(int) const { return 1; } int Thing::method(char) { return 2; }
bool Thing::operator==(const Thing &) const { return true; } Thing::operator bool() const { return true; }
template <class T> T Thing::made(T t) { return t; } template int Thing::made(int); int Thing::counter = 3;
namespace { int hidden(int n) { return n; } } int (*used)(int) = hidden;
extern "C" int plain() { return 4; }
`;
  const path = place("search.so");
  run("g++", "-shared", "-fPIC", "-O0", "-o", path, fileOf("search.cpp", Buffer.from(source)));
  const elf = await demangled(path);
  const one = ["space::Thing::method(int) const"];
  expect(await namesOf(elf, "space::Thing::method(int) const")).toEqual(one);
  expect(await namesOf(elf, "_ZNK5space5Thing6methodEi")).toEqual(one);
  expect((await namesOf(elf, "space::Thing::method")).sort()).toEqual(["space::Thing::method(char)", ...one]);
  // Two each: for whole objects and for their parts.
  expect(await namesOf(elf, "space::Thing::Thing")).toEqual(["space::Thing::Thing()", "space::Thing::Thing()"]);
  expect(await namesOf(elf, "space::Thing::~Thing")).toEqual(["space::Thing::~Thing()", "space::Thing::~Thing()"]);
  expect(await namesOf(elf, "space::Thing::operator==")).toEqual([
    "space::Thing::operator==(space::Thing const&) const",
  ]);
  expect(await namesOf(elf, "space::Thing::operator bool")).toEqual(["space::Thing::operator bool() const"]);
  expect(await namesOf(elf, "space::Thing::made<int>")).toEqual(["space::Thing::made<int>(int)"]);
  expect(await namesOf(elf, "space::Thing::counter")).toEqual(["space::Thing::counter"]);
  expect(await namesOf(elf, "(anonymous namespace)::hidden")).toEqual(["(anonymous namespace)::hidden(int)"]);
  expect(await namesOf(elf, "plain")).toEqual(["plain"]);
  for (const other of ["method", "Thing", "space", "plai", "lain", "", "space::Thing::metho", "operator bool"]) {
    expect([other, await namesOf(elf, other)]).toEqual([other, []]);
  }
});

test("names that are the ends of others are found", async () => {
  const source = "int name_of_it; int of_it; static int it; int *use = &it;";
  const path = place("tails.so");
  run("gcc", "-shared", "-fPIC", "-o", path, fileOf("tails.c", Buffer.from(source)));
  await withElf(path, async (elf) => {
    for (const name of ["name_of_it", "of_it", "it"]) expect(await namesOf(elf, name)).toEqual([name]);
  });
});

test("a version tells which of several symbols is meant", async () => {
  const source = `int old(void) { return 1; } int new(void) { return 2; } int other(void) { return 3; }
__asm__(".symver old,f@VERS_1"); __asm__(".symver new,f@@VERS_2");
`;
  const path = place("versions.so");
  const script = fileOf(
    "versions.map",
    Buffer.from("VERS_1 { global: f; other; local: *; }; VERS_2 { global: f; } VERS_1;"),
  );
  run("gcc", "-shared", "-fPIC", `-Wl,--version-script=${script}`, "-o", path, fileOf("v.c", Buffer.from(source)));
  for (const file of [path, place("versions-stripped.so")]) {
    if (file !== path) run("strip", "-o", file, path);
    await withElf(file, async (elf) => {
      const all = (await elf.symbolsNamed("f")).map(({ name, version }) => `${name} ${version}`);
      expect(all.sort()).toEqual(["f @@VERS_2", "f @VERS_1"]);
      const [old] = await elf.symbolsNamed("f@VERS_1");
      const [recent] = await elf.symbolsNamed("f@@VERS_2");
      expect([old?.version, recent?.version]).toEqual(["@VERS_1", "@@VERS_2"]);
      expect(old?.address).not.toBe(recent?.address);
      expect((await elf.symbolAt(old?.address ?? 0n))?.name).toMatch(/^(f|old)$/);
      expect(await elf.symbolsNamed("VERS_1")).toMatchObject([{ place: "absolute" }]);
    });
  }
});

test.each(REAL_FILES)(
  "in %s the dynamic symbols have the versions that nm prints",
  (path) =>
    withElf(path, async (elf) => {
      const text = ({ name, version = "" }: { name: string; version?: string }) => name + version;
      const dynamic = allOfNm(path, "-D").filter(({ kind, type }) => kind !== "A" && type !== "TLS");
      const wrong: unknown[] = [];
      const step = Math.ceil(dynamic.length / 50);
      for (const symbol of dynamic.filter((_, index) => index % step === 0)) {
        const found = await elf.symbolsNamed(symbol.name);
        const hasStatic = found.length > 0 && found.every(({ version }) => version === undefined);
        if (!hasStatic && !found.some((other) => text(other) === text(symbol))) wrong.push({ symbol, found });
      }
      expect(wrong).toEqual([]);
    }),
  60_000,
);

test("a search is told how far it is, and ends when it is told to", async () => {
  await withElf(process.execPath, async (elf) => {
    await elf.symbolAt(0n);
    const told: number[] = [];
    // An operator: every mangled name has to be read.
    const found = await elf.symbolsNamed("v8::Isolate::operator delete", { progress: (done) => told.push(done) });
    expect(found.length).toBeLessThan(5);
    expect(told.length).toBeGreaterThan(5);
    for (const done of told) expect(done).toBeLessThanOrEqual(1);
    const controller = new AbortController();
    const search = elf.symbolsNamed("v8::operator new", { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(search).rejects.toThrow("enough");
  });
});

test("names that share their bytes or have no end are searched within bounds", async () => {
  await withElf(compile("program.c", "elf", ["-nostdlib", "-static"]), async (elf) => {
    expect((await elf.symbolsNamed("x".repeat(100_000))).length).toBe(0);
    expect((await elf.symbolsNamed("\0")).length).toBe(0);
  });
});
