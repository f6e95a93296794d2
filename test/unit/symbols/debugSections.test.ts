/** Debug sections as their readers get them, beside what readelf dumps of the same files. */
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { expect, onTestFinished, test, vi } from "vitest";
import { TimeSlice } from "../../../src/memory/timeSlice.ts";
import { FileBytes } from "../../../src/symbols/bytes.ts";
import { DebugSections } from "../../../src/symbols/debugSections.ts";
import { type Elf, readElf } from "../../../src/symbols/elf.ts";
import { compile } from "../fixtures.ts";
import { fileOf, place, run } from "./binutils.ts";

const SOURCES = join(import.meta.dirname, "../../fixtures/symbols");
const NAMES = [".debug_info", ".debug_abbrev", ".debug_line", ".debug_str", ".debug_aranges", ".debug_line_str"];

async function elfOf(path: string): Promise<Elf> {
  const bytes = new FileBytes(openSync(path, "r"));
  onTestFinished(() => bytes.close());
  const elf = await readElf(bytes, new TimeSlice());
  if (elf === null) throw new Error(`${path} is no ELF file.`);
  return elf;
}

async function sectionsOf(path: string): Promise<DebugSections> {
  return new DebugSections(await elfOf(path));
}

function contents(sections: DebugSections, name: string): Buffer {
  const bytes = sections.get(name);
  return bytes.read(0, bytes.size);
}

/** The bytes of a section as readelf dumps it, relocated. */
function readelfContents(path: string, name: string): Buffer {
  const line = /^ {2}0x[0-9a-f]+ ((?:[0-9a-f]{2,8} ){1,4})/;
  const words = run("readelf", "-R", name, path)
    .split("\n")
    .map((text) => line.exec(text)?.[1]);
  return Buffer.from(words.join("").replaceAll(/\s/g, ""), "hex");
}

/** Changes a field of a section's header, in a file of 64 bits. */
async function withHeader(path: string, name: string, field: number, value: (old: number) => number): Promise<Buffer> {
  const { header, sections } = await elfOf(path);
  const bytes = readFileSync(path);
  const index = sections.findIndex((section) => section.name === name);
  const at = header.sectionHeaders.offset + index * header.sectionHeaders.entrySize + field;
  bytes.writeBigUInt64LE(BigInt(value(Number(bytes.readBigUInt64LE(at)))), at);
  return bytes;
}

const SH_SIZE = 32;

const program = (flags: string[] = []) => compile("shapes.cpp", "symbols", ["-c", "-g", "-std=c++17", ...flags]);

/** A linked program, its debug sections compressed by objcopy. */
function compressed(method: string, flags: string[] = []): { plain: string; path: string } {
  const plain = compile("program.c", "symbols", ["-g", ...flags]);
  const path = place(`compressed-${method}-${flags.length}`);
  run("objcopy", `--compress-debug-sections=${method}`, plain, path);
  return { plain, path };
}

test.each([
  ["zlib", []],
  ["zlib-gnu", []],
  ["zstd", []],
  ["zlib", ["-m32"]],
  ["zstd", ["-m32"]],
])("sections compressed as %s %j are what they were before", async (method, flags) => {
  const { plain, path } = compressed(method, flags);
  expect(run("readelf", "-SW", path)).toMatch(method === "zlib-gnu" ? ".zdebug_info" : / C +0 +0 /);
  const [before, after] = [await sectionsOf(plain), await sectionsOf(path)];
  for (const name of NAMES) {
    expect(before.get(name).size).toBeGreaterThan(0);
    expect(contents(after, name)).toEqual(contents(before, name));
    expect(after.get(name)).toBe(after.get(name));
  }
});

test("a section that is not there has no bytes, nor has one that the file does not hold", async () => {
  const path = compile("program.c", "symbols", ["-g"]);
  expect((await sectionsOf(path)).get(".debug_types").size).toBe(0);
  const stripped = place("only-debug");
  run("objcopy", "--only-keep-debug", path, stripped);
  expect((await sectionsOf(stripped)).get(".text").size).toBe(0);
});

test.each(["zlib", "zlib-gnu", "zstd"])("what a section compressed as %s claims is not believed", async (method) => {
  const { plain, path } = compressed(method);
  const real = contents(await sectionsOf(plain), ".debug_info");
  const { sections } = await elfOf(path);
  const header = sections.find(({ name }) => /^\.z?debug_info$/.test(name));
  const claimed = async (size: bigint) => {
    const bytes = readFileSync(path);
    const at = (header?.offset ?? 0) + (method === "zlib-gnu" ? 4 : 8);
    if (method === "zlib-gnu") bytes.writeBigUInt64BE(size, at);
    else bytes.writeBigUInt64LE(size, at);
    return contents(await sectionsOf(fileOf("claimed", bytes)), ".debug_info");
  };
  expect(await claimed(BigInt(real.length))).toEqual(real);
  expect(await claimed(BigInt(real.length + 1000))).toEqual(real);
  for (const size of [0n, 1n, BigInt(real.length - 1), 1n << 31n, 1n << 40n, (1n << 64n) - 1n]) {
    expect(await claimed(size)).toHaveLength(0);
  }
});

test.each(["zlib", "zlib-gnu", "zstd"])("a damaged section compressed as %s has a part or nothing", async (method) => {
  const { plain, path } = compressed(method);
  const real = contents(await sectionsOf(plain), ".debug_info");
  const { sections } = await elfOf(path);
  const { name, offset, size } = sections.find(({ name }) => /^\.z?debug_info$/.test(name)) ?? expect.fail();
  for (let length = 0; length < size; length += 7) {
    const cut = fileOf("cut", await withHeader(path, name, SH_SIZE, () => length));
    const part = contents(await sectionsOf(cut), ".debug_info");
    expect(part.length).toBeLessThanOrEqual(real.length);
    if (method !== "zstd") expect(part).toEqual(real.subarray(0, part.length));
  }
  for (let at = 0; at < size; at += 5) {
    const bytes = readFileSync(path);
    bytes.writeUInt8((bytes[offset + at] as number) ^ (1 << (at % 8)), offset + at);
    expect(contents(await sectionsOf(fileOf("changed", bytes)), ".debug_info").length).toBeLessThanOrEqual(real.length);
  }
});

test("all sections together take no more memory than a few times the file and a little", async () => {
  const noughts = fileOf("noughts", Buffer.alloc(12 << 20));
  const both = place("both");
  const plain = compile("program.c", "symbols", ["-g"]);
  const added = [".debug_one", ".debug_two"].flatMap((name) => ["--add-section", `${name}=${noughts}`]);
  run("objcopy", ...added, plain, both);
  run("objcopy", "--compress-debug-sections=zlib", both);
  const sections = await sectionsOf(both);
  expect(sections.get(".debug_one").size).toBe(12 << 20);
  expect(sections.get(".debug_two").size).toBe(0);
  expect(sections.get(".debug_info").size).toBeGreaterThan(0);
});

test.each([true, false])(
  "frames of Zstandard one after the other are decompressed, by Node itself: %s",
  async (own) => {
    vi.doMock("node:zlib", async (original) => ({
      ...(await original<typeof import("node:zlib")>()),
      ...(!own && { zstdDecompressSync: undefined }),
    }));
    vi.resetModules();
    onTestFinished(() => void vi.doUnmock("node:zlib"));
    const { decompressZstd } = await import("../../../src/symbols/zstd.ts");
    const parts = ["one ".repeat(1000), "", "two", "x".repeat(70_000)].map((text) => Buffer.from(text));
    const skippable = Buffer.from("502a4d1803000000aabbcc", "hex");
    const data = Buffer.concat(parts.flatMap((part) => [zstdCompressSync(part), skippable]));
    const whole = Buffer.concat(parts);
    expect(decompressZstd(data, whole.length).equals(whole)).toBe(true);
    expect(decompressZstd(zstdCompressSync(whole), whole.length).equals(whole)).toBe(true);
    expect(() => decompressZstd(data, whole.length - 1)).toThrow();
    expect(decompressZstd(data.subarray(0, -30), whole.length).length).toBeLessThan(whole.length);
  },
);

test.each([
  "x86_64-linux-gnu",
  "i386-linux-gnu",
  "aarch64-linux-gnu",
  "armv7-linux-gnueabihf",
  "riscv64-linux-gnu",
  "s390x-linux-gnu",
  "powerpc64-linux-gnu",
  "powerpc64le-linux-gnu",
])("the debug sections of an object file for %s are relocated as readelf does it", async (target) => {
  for (const version of ["4", "5"]) {
    const path = place(`${target}.o`);
    const flags = [`-gdwarf-${version}`, "-O1", "-ffunction-sections", "-ffreestanding", "-c"];
    run("clang-19", `--target=${target}`, ...flags, join(SOURCES, "freestanding.c"), "-o", path);
    const elf = await elfOf(path);
    // Readelf gives sections no places: all begin at 0.
    const placed = new DebugSections({ ...elf, sections: elf.sections.map((header) => ({ ...header, address: 0n })) });
    const names = new Set(elf.sections.map(({ name }) => name).filter((name) => name.startsWith(".debug_")));
    let changed = 0;
    for (const name of names) {
      const relocated = contents(placed, name);
      expect(relocated.toString("hex"), name).toBe(readelfContents(path, name).toString("hex"));
      const header = elf.sections.find((section) => section.name === name);
      const before = elf.bytes.read(header?.offset ?? 0, header?.size ?? 0);
      if (!before.equals(relocated)) changed++;
    }
    expect(changed).toBeGreaterThan(0);
  }
});

test("relocations of compressed sections apply to what they decompress to", async () => {
  const [plain, packed] = [program(), place("packed.o")];
  run("objcopy", "--compress-debug-sections=zstd", plain, packed);
  const [before, after] = [await sectionsOf(plain), await sectionsOf(packed)];
  for (const name of NAMES) expect(contents(after, name).equals(contents(before, name))).toBe(true);
});

test("of an object file with type units all sections of a name are given, and offsets lead to the right one", async () => {
  const path = program(["-gdwarf-5", "-fdebug-types-section"]);
  const elf = await elfOf(path);
  const all = elf.sections.filter(({ name }) => name === ".debug_info");
  expect(all.length).toBeGreaterThan(2);
  const sections = new DebugSections(elf);
  const info = contents(sections, ".debug_info");
  expect(info).toHaveLength(all.reduce((sum, { size }) => sum + size, 0));
  // The types of the units, at the offsets that `.debug_aranges` and the lengths say.
  const compileUnit = contents(sections, ".debug_aranges").readUInt32LE(6);
  const [DW_UT_compile, DW_UT_type] = [1, 2];
  expect(info[compileUnit + 6]).toBe(DW_UT_compile);
  const types: (number | undefined)[] = [];
  for (let at = 0; at < info.length; at += 4 + info.readUInt32LE(at)) types.push(info[at + 6]);
  expect(types).toHaveLength(all.length);
  expect(types.filter((type) => type === DW_UT_type)).toHaveLength(all.length - 1);
});

test("an object file with any bytes of its headers and relocations changed is survived", async () => {
  const whole = readFileSync(program(["-gdwarf-5", "-fdebug-types-section", "-gz=zlib"]));
  const names = [...NAMES, ".debug_rnglists", ".debug_loclists", ".debug_str_offsets"];
  let state = 11;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const headers = Number(whole.readBigUInt64LE(40));
  for (let round = 0; round < 300; round++) {
    const bytes = Buffer.from(whole);
    for (let change = 0; change < 30; change++) {
      const at = random(2) === 0 ? headers + random(whole.length - headers - 8) : random(whole.length - 8);
      if (random(4) === 0) bytes.writeBigUInt64LE((1n << BigInt(random(64))) - 1n, at);
      else bytes[at] = random(256);
    }
    const sections = await sectionsOf(fileOf("mutated", bytes)).catch(() => null);
    const most = 4 * bytes.length + (16 << 20);
    const sizes = names.map((name) => sections?.get(name).size ?? 0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(most + bytes.length * names.length);
  }
});
