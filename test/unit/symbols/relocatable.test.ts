/** Files that are not linked, and core files: whose addresses are not yet, or no longer, those of sections. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compile } from "../fixtures.ts";
import { allOfNm, fileOf, has, place, readelfSegments, run, withElf } from "./binutils.ts";

const forms: [form: string, path: () => string][] = [
  ["of 64 bits", () => compile("program.c", "elf", ["-c"])],
  ["of 32 bits", () => compile("program.c", "elf", ["-c", "-m32"])],
  [
    "with a section for each function",
    () => compile("program.c", "symbols", ["-c", "-ffunction-sections", "-fdata-sections"]),
  ],
  ["of C++", () => compile("shapes.cpp", "symbols", ["-c", "-O2"])],
];
if (has("clang-19")) forms.push(["of clang", () => compiled("clang-19", "program.c", "symbols")]);

describe.each(forms)("an object file %s", (_, path) => {
  test("has its sections one after the other, code first", () =>
    withElf(path(), async ({ layout }) => {
      const { sections } = layout;
      expect(layout.segments).toEqual([]);
      expect(sections.map(({ name, size }) => `${name} ${size}`).sort()).toEqual(
        Array.from(allocated(path()), ({ name, size }) => `${name} ${size}`).sort(),
      );
      expect(sections[0]).toMatchObject({ address: 0n, executable: true });
      for (const [index, { address, size, executable }] of sections.entries()) {
        const next = sections[index + 1];
        if (next) expect(next.address).toBeGreaterThanOrEqual(address + BigInt(size));
        if (next?.executable) expect(executable).toBe(true);
      }
    }));

  test("has each symbol of nm, as far into its section as nm says", () =>
    withElf(path(), async (elf) => {
      const tables = await Promise.all(
        elf.layout.sections.map(async (section) => {
          const { symbols } = await elf.symbolsOf(section, "size", 0, 10_000);
          return symbols.map(
            ({ name, address, size }) => `${section.name} ${name} ${address - section.address} ${size}`,
          );
        }),
      );
      const expected = allOfNm(path())
        .filter(({ section }) => elf.layout.sections.some(({ name }) => name === section))
        .map(({ name, section, address, size }) => `${section} ${name} ${address} ${size}`);
      expect(tables.flat().sort()).toEqual(expected.sort());
      expect(expected.length).toBeGreaterThan(10);
    }));
});

test("in an object file with a single section of code addresses are those of nm", async () => {
  const path = compile("program.c", "elf", ["-c"]);
  const functions = allOfNm(path).filter(({ section, size }) => section === ".text" && size > 0);
  await withElf(path, async (elf) => {
    for (const { address, size } of functions) {
      const same = functions
        .filter((other) => other.address === address && other.size === size)
        .map(({ name }) => name);
      expect(same).toContain((await elf.symbolAt(BigInt(address)))?.name);
    }
  });
  expect(functions.length).toBeGreaterThan(6);
});

test("variables that the linker has yet to place and plain numbers are found by name alone", async () => {
  const source = fileOf(
    "common.c",
    Buffer.from('int tentative[6]; long other;\n__asm__(".globl answer\\nanswer = 42\\n");\n'),
  );
  run("gcc", "-c", "-fcommon", "-o", place("common.o"), source);
  await withElf(place("common.o"), async (elf) => {
    expect(await elf.symbolsNamed("tentative")).toEqual([
      { name: "tentative", address: 16n, size: 24, type: "object", place: "common" },
    ]);
    expect(await elf.symbolsNamed("answer")).toEqual([
      { name: "answer", address: 42n, size: 0, type: "other", place: "absolute" },
    ]);
    expect(await elf.symbolAt(16n)).toBeNull();
    expect(await elf.symbolAt(42n)).toBeNull();
    expect((await elf.allSymbols(100))?.map(({ name }) => name)).toEqual([]);
  });
});

test("sections that claim to be too large for any memory have no place", async () => {
  const bytes = readFileSync(compile("program.c", "elf", ["-c"]));
  const table = Number(bytes.readBigUInt64LE(40));
  for (let at = table; at + 64 <= bytes.length; at += 64) bytes.writeBigUInt64LE(2n ** 52n, at + 32);
  await withElf(fileOf("huge.o", bytes), async (elf) => {
    expect(elf.layout.sections.length).toBeLessThan(3);
    expect(await elf.allSymbols(1000)).toEqual(expect.any(Array));
  });
});

test("a core file has its segments, and neither sections nor symbols", async () => {
  // As a process that has ended would have left it.
  const bytes = readFileSync(compile("program.c", "elf", ["-nostdlib", "-static"]));
  bytes.writeUInt16LE(4, 16);
  bytes.writeBigUInt64LE(0n, 40);
  bytes.fill(0, 58, 64);
  const core = fileOf("core", bytes);
  expect(run("readelf", "-h", core)).toContain("CORE");
  await withElf(core, async (elf) => {
    expect(elf.layout.segments).toEqual(readelfSegments(core, "LOAD"));
    expect(elf.layout.segments.length).toBeGreaterThan(2);
    expect(elf.layout.sections).toEqual([]);
    expect(await elf.allSymbols(100)).toEqual([]);
    expect(await elf.symbolsNamed("main")).toEqual([]);
    expect(await elf.symbolAt(elf.layout.segments[0]?.address ?? 0n)).toBeNull();
    expect(await elf.framesAt([0x401000n])).toEqual([[]]);
  });
});

/** The sections with SHF_ALLOC as readelf prints them. */
function allocated(path: string): { name: string; size: number }[] {
  return run("readelf", "-SW", path)
    .split("\n")
    .map((line) => /^ *\[ *\d+\] (\S*) +\w+ +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) [0-9a-f]+ +([A-Zop]*) +\d/.exec(line))
    .filter((match) => match?.[3]?.includes("A"))
    .map((match) => ({ name: match?.[1] ?? "", size: Number(`0x${match?.[2]}`) }));
}

function compiled(compiler: string, source: string, folder: string): string {
  const output = place(`${compiler}-${source}.o`);
  run(compiler, "-c", "-o", output, `test/fixtures/${folder}/${source}`);
  return output;
}
