/**
 * The first address that a file is asked for is looked for in a quicker way, and what was inlined into a function that is
 * asked about again comes from a table: each address has the same answer every time.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { ElfSource } from "../../../../src/memory/module.ts";
import { codeAddresses, openPlain } from "./compare.ts";
import { build, isBuildable, VARIANTS } from "./variants.ts";
import { abbreviation, bytes, elfWith, u16, u32, u64, unit, withLength } from "./writeDwarf.ts";

const folder = mkdtempSync(join(tmpdir(), "first-question-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  "gcc -O2 DWARF 2",
  "gcc -O2 DWARF 5",
  "gcc 64-bit DWARF 5",
  "gcc 32 bit",
  "gcc zlib",
  "gcc position-dependent",
  "gcc function sections, some dropped",
  "gcc GNU pubnames and .gdb_index",
  "gcc without .debug_aranges",
  "gcc split DWARF 5",
  "clang -O2 DWARF 5",
])("%s: each address asked for first has the frames that it has among many", async (name) => {
  const variant = VARIANTS.find((each) => each.name === name);
  if (variant === undefined) throw new Error(`There is no variant ${name}.`);
  const path = build(variant);
  const addresses = codeAddresses(path, 80);
  const [first, many] = [await askedFirst(path, addresses), await askedTogether(path, addresses)];
  expect(many.filter(({ frames }) => frames.length > 0).length).toBeGreaterThan(20);
  expect(first).toEqual(many);
});

test("addresses asked for one by one, more than are remembered, have the same symbols again", async () => {
  const [variant] = VARIANTS;
  if (variant === undefined) throw new Error("There is no variant.");
  const path = build(variant);
  const [start = 0n] = codeAddresses(path, 1);
  const addresses = Array.from({ length: 5000 }, (_, index) => start + BigInt(index));
  const elf = await openPlain(path);
  try {
    const first = await symbolsAt(elf, addresses);
    expect(new Set(first.map((symbol) => symbol?.name)).size).toBeGreaterThan(2);
    expect(await symbolsAt(elf, addresses)).toEqual(first);
    expect(await symbolsAt(elf, addresses.toReversed())).toEqual(first.toReversed());
  } finally {
    elf.close();
  }
});

test("of ranges that overlap the one that begins last answers, of those the last; what was left out does not", async () => {
  const functions = [
    { name: "outer", low: 0x2000, size: 0x1000 },
    { name: "inner", low: 0x2400, size: 0x100 },
    { name: "again", low: 0x2400, size: 0x80 },
    { name: "apart", low: 0x5000, size: 0x100 },
  ];
  const units = functions.map(({ name, low, size }) => unit(bytes(1, 2, name, u64(low), u64(size), 0)));
  const offset = (index: number) => units.slice(0, index).reduce((sum, { length }) => sum + length, 0);
  const set = (index: number, ...tuples: [number, number][]) => {
    const ends = [...tuples, [0, 0] as const].map(([low, size]) => bytes(u64(low), u64(size)));
    return withLength(bytes(u16(2), u32(offset(index)), 8, 0, u32(0), ...ends));
  };
  const path = join(folder, "overlapping");
  writeFileSync(
    path,
    elfWith({
      ".debug_abbrev": bytes(
        abbreviation(1, DW_TAG_compile_unit, true, []),
        abbreviation(2, DW_TAG_subprogram, false, [
          ...[DW_AT_name, DW_FORM_string],
          ...[DW_AT_low_pc, DW_FORM_addr],
          ...[DW_AT_high_pc, DW_FORM_data8],
        ]),
        0,
      ),
      ".debug_info": bytes(...units),
      ".debug_aranges": bytes(
        set(0, [0, 0x10000], [0x2000, 0x1000], [0x7000, 0]),
        set(1, [0x2400, 0x100]),
        set(2, [0x2400, 0x80], [0x6000, 2 ** 63]),
        // Of a version that nobody knows: the set behind it is not aligned.
        withLength(bytes(u16(9), u32(0))),
        set(3, [0x5000, 0x100]),
      ),
    }),
  );
  const addresses = [0x2000n, 0x23ffn, 0x2400n, 0x2450n, 0x2480n, 0x24ffn, 0x2500n, 0x2fffn, 0x5010n, 0x6000n, 0x7000n];
  const names = ["outer", "outer", "again", "again", "inner", "inner", "outer", "outer", "apart", undefined, undefined];
  for (const answers of [await askedFirst(path, addresses), await askedTogether(path, addresses)]) {
    expect(answers.map(({ frames }) => frames[0]?.function)).toEqual(names);
  }
});

test.each([
  { linker: "lld", compiler: "clang-19" },
  { linker: "gold", compiler: "gcc" },
])("of functions that $linker folded into one the first answers, with its own line", async ({ linker, compiler }) => {
  const body = "return x * 37 + 5;";
  const source = `int first(int x) {\n${body}\n}\nint second(int x) {\n${body}\n}\nint main(void) { return first(1) + second(2); }\n`;
  const flags = `-g -O1 -fno-inline -ffunction-sections -fuse-ld=${linker} -Wl,--icf=all`;
  const variant = {
    name: `${linker} folds functions`,
    commands: `cat > folded.c <<'END'\n${source}END\n${compiler} ${flags} -o program folded.c`,
  };
  expect(isBuildable(variant)).toBe(true);
  const path = build(variant);
  const symbols = execFileSync("nm", [path], { encoding: "utf8" });
  const [first, second] = ["first", "second"].map(
    (name) => new RegExp(`^([0-9a-f]+) T ${name}$`, "m").exec(symbols)?.[1],
  );
  expect(first).toBe(second);
  const address = BigInt(`0x${first}`);
  for (const answers of [await askedFirst(path, [address]), await askedTogether(path, [address, address + 3n])]) {
    const [frame] = answers[0]?.frames ?? [];
    expect([frame?.function, frame?.source?.line]).toEqual(["first", 2]);
  }
});

/** What a file says of each address when it is the first that it is asked for. */
async function askedFirst(path: string, addresses: readonly bigint[]) {
  const answers = [];
  for (const address of addresses) answers.push(...(await askedTogether(path, [address])));
  return answers;
}

async function symbolsAt(elf: ElfSource, addresses: readonly bigint[]) {
  const symbols = [];
  for (const address of addresses) symbols.push(await elf.symbolAt(address));
  return symbols;
}

async function askedTogether(path: string, addresses: readonly bigint[]) {
  const elf = await openPlain(path);
  try {
    const frames = await elf.framesAt(addresses);
    for (let again = 0; again < 3; again++) expect(await elf.framesAt(addresses)).toEqual(frames);
    const symbols = await Promise.all(addresses.map((address) => elf.symbolAt(address)));
    return addresses.map((address, index) => ({
      address,
      frames: frames[index] ?? [],
      symbol: symbols[index] ?? null,
    }));
  } finally {
    elf.close();
  }
}

const DW_TAG_compile_unit = 0x11;
const DW_TAG_subprogram = 0x2e;
const DW_AT_name = 3;
const DW_AT_low_pc = 0x11;
const DW_AT_high_pc = 0x12;
const DW_FORM_addr = 1;
const DW_FORM_data8 = 7;
const DW_FORM_string = 8;
