import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Definition, ElfSource } from "../../../../src/memory/module.ts";
import { MOST_DEFINITIONS } from "../../../../src/symbols/dwarf/debugInfo.ts";
import { openElf } from "../../../../src/symbols/elfFile.ts";
import { compile } from "../../fixtures.ts";

const FOLDER = join(import.meta.dirname, "../../../fixtures/costs");

async function open(path: string): Promise<ElfSource> {
  const elf = await openElf({ descriptor: openSync(path, "r"), path });
  if (!elf) throw new Error(`${path} is no ELF file.`);
  onTestFinished(() => elf.close());
  return elf;
}

// A Rust compiler is more than `npm test` installs: where there is one, it is used.
const hasRust = spawnSync("rustc", ["--version"]).status === 0;

/** What a source of the fixtures defines, as the program says that was compiled from it. */
async function definitionsIn(source: string, program: string): Promise<Definition[]> {
  return (await open(program)).definitionsIn([join(FOLDER, source)]);
}

/** The number of the line with the text. */
function lineOf(source: string, text: string): number {
  const lines = readFileSync(join(FOLDER, source), "utf8").split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

/** Address and size of the symbols that nm shows, by their plain names without what follows a dot or a bracket. */
function nm(program: string): Map<string, string[]> {
  const symbols = new Map<string, string[]>();
  for (const line of execFileSync("nm", ["-SC", program], { encoding: "utf8" }).split("\n")) {
    const [, address, size, name = ""] = /^([0-9a-f]+) ([0-9a-f]+) \w (.*)$/.exec(line) ?? [];
    const plain = name.replace(/^.*?\b(\w+::)*((~|operator.*)?\w*).*$/, "$2").replace(/^$/, name);
    if (address && size)
      symbols.set(plain, [...(symbols.get(plain) ?? []), extent(BigInt(`0x${address}`), Number(`0x${size}`))]);
  }
  return symbols;
}

function extent(address: bigint, size: number): string {
  return `${address.toString(16)}+${size}`;
}

function extentsOf({ extents }: Definition): string[] {
  return extents.map(({ address, size }) => extent(address, size));
}

function shortly({ name, line, type, isThreadLocal }: Definition): string {
  return `${line} ${type} ${name}${isThreadLocal ? " of each thread" : ""}`;
}

test.each([
  ["", "-gdwarf-5"],
  ["", "-gdwarf-4"],
  ["-O2", "-gdwarf-5"],
  ["-gsplit-dwarf", "-gdwarf-5"],
])("functions and variables of C stand on their lines, with the bytes that nm says: %s %s", async (...flags) => {
  const program = compile("costs.c", "costs", ["-g", ...flags.filter((flag) => flag !== "")]);
  const found = await definitionsIn("costs.c", program);
  const at = (text: string) => lineOf("costs.c", text);
  expect(found.map(shortly).sort()).toEqual(
    [
      `${at("static char lut[")} variable lut`,
      `${at("static char seen[")} variable seen`,
      `${at("char filled[")} variable filled`,
      `${at("const char words[")} variable words`,
      `${at("int first = 1")} variable first`,
      `${at("int first = 1")} variable second`,
      `${at("__thread int each")} variable each of each thread`,
      `${at("static int looked;")} variable looked`,
      `${at("main(int count")} function main`,
      // Where it is inlined it has no code of its own.
      ...(flags[0] === "-O2" ? [] : [`${at("static int look(void)")} function look`]),
    ].sort(),
  );
  const symbols = nm(program);
  for (const definition of found.filter(({ isThreadLocal }) => !isThreadLocal)) {
    expect(symbols.get(definition.name) ?? symbols.get(`${definition.name}.0`), definition.name).toEqual(
      extentsOf(definition),
    );
  }
});

test("definitions of C++ stand where they are, not where they are declared; of templates there are several", async () => {
  const program = compile("templates.cpp", "costs", ["-g"]);
  const found = await definitionsIn("templates.cpp", program);
  const at = (text: string) => lineOf("templates.cpp", text);
  expect(found.map(shortly).sort()).toEqual(
    [
      `${at("Item add(Item item)")} function add`,
      `${at("Item add(Item item)")} function add`,
      `${at("bool operator<")} function operator<`,
      `${at("Item Shelf<Item>::sold")} variable sold`,
      `${at("Item Shelf<Item>::sold")} variable sold`,
      `${at("long Till::total = 5")} variable total`,
      `${at("Till::Till() {")} function Till`,
      `${at("Till::~Till() {")} function ~Till`,
      `${at("Till::close() {")} function close`,
      `${at("Number twice(Number")} function twice<double>`,
      `${at("Number twice(Number")} function twice<int>`,
      `${at("int main()")} function main`,
    ].sort(),
  );
});

test.runIf(hasRust)("functions and statics of Rust, and each copy of a generic one", async () => {
  const program = compile("statics.rs", "costs", ["-g"]);
  const found = await definitionsIn("statics.rs", program);
  const at = (text: string) => lineOf("statics.rs", text);
  expect(found.map(shortly)).toEqual(
    expect.arrayContaining([
      `${at("static mut LUT")} variable LUT`,
      `${at("static WORDS")} variable WORDS`,
      `${at("fn add(")} function add<u8>`,
      `${at("fn add(")} function add<u32>`,
      `${at("pub fn sum(")} function sum`,
      `${at("fn main(")} function main`,
    ]),
  );
  const lut = found.find(({ name }) => name === "LUT");
  expect(lut?.extents).toEqual([{ address: expect.any(BigInt), size: 1 << 20 }]);
});

test("a file is found by its whole path alone, however that was written", async () => {
  const path = join(FOLDER, "costs.c");
  const elf = await open(compile("costs.c", "costs", ["-g", `-ffile-prefix-map=${FOLDER}=/compiled/./here/../there`]));
  const count = async (...files: string[]) => (await elf.definitionsIn(files)).length;
  expect(await count("/compiled/there/costs.c")).toBeGreaterThan(5);
  expect(await count("/compiled/x/../there/./costs.c")).toBeGreaterThan(5);
  expect(await count(path, "/compiled/there/costs.c")).toBeGreaterThan(5);
  for (const other of [path, "costs.c", "there/costs.c", "/costs.c", "/compiled/there/other.c", ""]) {
    expect(await count(other), other).toBe(0);
  }
  expect(await count()).toBe(0);
});

test("a source that was compiled under a relative path is found by that", async () => {
  const root = join(FOLDER, "../../..");
  const elf = await open(compile("costs.c", "costs", ["-g", `-ffile-prefix-map=${root}=.`]));
  expect((await elf.definitionsIn(["test/fixtures/costs/costs.c"])).length).toBeGreaterThan(5);
  expect(await elf.definitionsIn(["costs/costs.c"])).toEqual([]);
});

test.each([0, 1])("of a file with too many definitions none are told: %i too many", async (more) => {
  const folder = mkdtempSync(join(tmpdir(), "definitions-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [source, program] = [join(folder, "many.c"), join(folder, "many.o")];
  const names = Array.from({ length: MOST_DEFINITIONS + more }, (_, at) => `v${at}`);
  writeFileSync(source, `char ${names.join(", ")};\n`);
  execFileSync("cc", ["-g", "-shared", "-o", program, source]);
  expect(await (await open(program)).definitionsIn([source])).toHaveLength(more > 0 ? 0 : MOST_DEFINITIONS);
});
