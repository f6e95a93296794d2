/** What a section's pages show: its symbols, and the bytes that none covers. */
import { describe, expect, test } from "vitest";
import type { ElfSource, ElfSymbol, Section } from "../../../src/memory/module.ts";
import { compile } from "../fixtures.ts";
import { allOfNm, fileOf, HAS_LIBRARIES_OF_32_BITS, nmSymbols, place, REAL_FILES, run, withElf } from "./binutils.ts";

const FILES = [
  ...REAL_FILES,
  compile("program.c", "elf", ["-nostdlib", "-static"]),
  compile("program.c", "elf", ["-shared", "-fPIC", "-m32", "-nostdlib"]),
  compile("program.c", "symbols", ["-static"]),
];

describe.each(FILES)("%s", (path) => {
  const symbols = nmSymbols(path);

  test(
    "by address symbols and gaps follow each other, and the gaps are what nm's symbols leave",
    () =>
      withElf(path, async (elf) => {
        for (const section of elf.layout.sections.filter(({ threadLocal, size }) => !threadLocal && size > 0)) {
          // Of static programs objdump names no entries.
          if (section.name === ".plt" && !symbols.some(({ section }) => section === ".plt")) continue;
          const { entries, uncovered } = await pages(elf, section);
          const gaps = entries.filter(({ type }) => type === "gap");
          expect(entries.map(({ address }) => address)).toEqual(
            [...entries.map(({ address }) => address)].sort(byValue),
          );
          expect(gaps.reduce((sum, { size }) => sum + size, 0)).toBe(uncovered);
          expect(gaps.map(({ address, size }) => [Number(address), size])).toEqual(gapsOf(section, symbols));
          const largest = await elf.symbolsOf(section, "size", 0, 0);
          expect(largest).toEqual({ total: entries.length - gaps.length, symbols: [], uncovered });
        }
      }),
    60_000,
  );

  test(
    "no symbol answers within a gap, and one does outside of gaps",
    () =>
      withElf(path, async (elf) => {
        for (const section of elf.layout.sections.filter(({ threadLocal, size }) => !threadLocal && size > 0)) {
          const { entries } = await pages(elf, section);
          const step = Math.ceil(entries.length / 100);
          for (const { type, address, size, inferredSize = size } of entries.filter((_, index) => index % step === 0)) {
            const last = address + BigInt(inferredSize) - 1n;
            if (type === "gap") {
              expect(await elf.symbolAt(last)).toBeNull();
              // The mark of a section's end may stand where the gap begins.
              expect((await elf.symbolAt(address))?.size ?? 0).toBe(0);
            } else {
              expect(await elf.symbolAt(address)).not.toBeNull();
              if (inferredSize > 0) expect(await elf.symbolAt(last)).not.toBeNull();
            }
          }
        }
      }),
    60_000,
  );
});

test("a symbol without a size answers up to the next one, the end of its section, or not at all", () => {
  const source = `.text
first: nop; nop
second: nop
.globl sized
.type sized, @function
sized: nop; nop; nop
inside: nop
.size sized, 5
nop
nop; nop
last: nop; nop; nop
`;
  const file = place("sizes");
  run("as", "-o", place("sizes.o"), fileOf("sizes.s", Buffer.from(source)));
  run("ld", "-e", "0", "-o", file, place("sizes.o"));
  return withElf(file, async (elf) => {
    const text = elf.layout.sections.find(({ name }) => name === ".text");
    if (!text) throw new Error("There is no .text.");
    const { entries } = await pages(elf, text);
    expect(entries.map(({ name, size, inferredSize, type }) => [name, size, inferredSize, type])).toEqual([
      ["first", 0, 2, "other"],
      ["second", 0, 1, "other"],
      ["sized", 5, undefined, "function"],
      ["inside", 0, undefined, "other"],
      ["", 2, undefined, "gap"],
      ["last", 0, 3, "other"],
    ]);
    const { symbols } = await elf.symbolsOf(text, "size", 0, 10);
    expect(symbols.map(({ name }) => name)).toEqual(["sized", "last", "first", "second", "inside"]);
    expect((await elf.symbolAt(text.address + 7n))?.name).toBe("sized");
    expect(await elf.symbolAt(text.address + 8n)).toBeNull();
  });
});

describe("thread-local variables are in their sections, by their place in the template", () => {
  test.each([
    ["of 64 bits", []],
    ...(HAS_LIBRARIES_OF_32_BITS ? [["of 32 bits", ["-m32"]] as [string, string[]]] : []),
    ["a library", ["-shared", "-fPIC"]],
    ["static", ["-static"]],
    ["not linked", ["-c"]],
  ])("%s", (_, flags) => {
    const path = compile("program.c", "symbols", flags);
    return withElf(path, async (elf) => {
      const found: string[] = [];
      for (const section of elf.layout.sections.filter(({ threadLocal }) => threadLocal)) {
        const { entries } = await pages(elf, section);
        for (const { name, address, size, type, place } of entries) {
          if (type === "gap") continue;
          expect([type, place]).toEqual(["object", "threadLocal"]);
          expect(address).toBeGreaterThanOrEqual(section.address);
          expect(address + BigInt(size)).toBeLessThanOrEqual(section.address + BigInt(section.size));
          found.push(`${section.name} ${name} ${size}`);
        }
      }
      const expected = allOfNm(path).filter(({ type }) => type === "TLS");
      expect(found.sort()).toEqual(expected.map(({ section, name, size }) => `${section} ${name} ${size}`).sort());
      expect(found).toContain(".tdata per_thread 4");
      expect(await elf.symbolsNamed("per_thread")).toMatchObject([{ size: 4, place: "threadLocal" }]);
    });
  });
});

const byValue = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);

/** All pages by address. */
async function pages(elf: ElfSource, section: Section): Promise<{ entries: ElfSymbol[]; uncovered: number }> {
  const entries: ElfSymbol[] = [];
  for (;;) {
    const { total, symbols, uncovered } = await elf.symbolsOf(section, "address", entries.length, 50_000);
    entries.push(...symbols);
    if (entries.length >= total) return { entries, uncovered };
  }
}

/** The bytes of a section that no symbol covers, one without a size up to the next or the end of its section. */
function gapsOf(section: Section, symbols: readonly { address: number; size: number; section: string }[]): number[][] {
  const [start, end] = [Number(section.address), Number(section.address) + section.size];
  const gaps: number[][] = [];
  let covered = start;
  for (let from = 0, to = 0; from < symbols.length && covered < end; from = to) {
    const address = symbols[from]?.address ?? 0;
    while (symbols[to]?.address === address) to++;
    if (address >= end) break;
    const same = symbols.slice(from, to);
    const size = Math.max(...same.map(({ size }) => size));
    const isOwn = same.some((symbol) => symbol.section === section.name);
    const next = Math.min(symbols[to]?.address ?? end, end);
    if (address > covered) gaps.push([covered, address - covered]);
    const reach = size > 0 ? address + size : isOwn && address >= covered ? next : covered;
    covered = Math.min(end, Math.max(covered, address, reach));
  }
  if (covered < end) gaps.push([covered, end - covered]);
  return gaps.filter(([, size = 0]) => size > 0);
}
