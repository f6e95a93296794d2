/** What readelf and nm say of programs and libraries that nobody here wrote, this engine says too. */
import { describe, expect, test } from "vitest";
import type { Section } from "../../../src/memory/module.ts";
import {
  type NmSymbol,
  nmSymbols,
  REAL_FILES,
  readelfBuildId,
  readelfSections,
  readelfSegments,
  withElf,
} from "./binutils.ts";

describe.each(REAL_FILES)("%s", (path) => {
  test("has the sections, segments, relro and build-id that readelf prints", () =>
    withElf(path, async ({ layout }) => {
      expect(layout.sections.length).toBeGreaterThan(10);
      expect(layout.sections).toEqual(readelfSections(path));
      expect(layout.segments).toEqual(readelfSegments(path, "LOAD"));
      const [relro] = readelfSegments(path, "GNU_RELRO");
      const expected = relro && { start: relro.address, end: relro.address + BigInt(relro.memorySize) };
      expect(layout.relro).toEqual(expected ?? null);
      expect(layout.buildId).toBe(readelfBuildId(path));
    }));

  const symbols = nmSymbols(path);

  test(
    "has each symbol of nm at its address, with its size",
    () =>
      withElf(path, async (elf) => {
        const aliases = byAddress(symbols);
        const wrong: unknown[] = [];
        for (const [address, same] of aliases) {
          const found = await elf.symbolAt(BigInt(address));
          const isThere = same.some(({ name, size }) => name === found?.name && size === found.size);
          // A label within a function is the function's.
          const isWithin = same.every(({ size }) => size === 0) && found !== null && found.size > 0;
          if (!isThere && !isWithin) wrong.push({ same, found });
        }
        expect(wrong).toEqual([]);
        expect(aliases.size).toBeGreaterThan(10);
      }),
    60_000,
  );

  test(
    "answers for random addresses what a search through all of nm's symbols finds",
    () =>
      withElf(path, async (elf) => {
        const { sections } = elf.layout;
        const wrong: unknown[] = [];
        for (const address of randomAddresses(
          sections.filter(({ threadLocal }) => !threadLocal),
          500,
        )) {
          const found = await elf.symbolAt(BigInt(address));
          const expected = searchAll(symbols, sections, address);
          const isExpected = expected.some(({ name, size }) => name === found?.name && size === found.size);
          const isNone = found === null && expected.length === 0;
          if (!isExpected && !isNone) wrong.push({ address, found, expected });
        }
        expect(wrong).toEqual([]);
      }),
    60_000,
  );

  test(
    "answers the first question, when few symbols have been read, as it does later",
    () =>
      withElf(path, async (elf) => {
        const sections = elf.layout.sections.filter(({ threadLocal }) => !threadLocal);
        for (let count = 0; count < 10; count++) await elf.symbolAt(BigInt(count));
        for (const address of randomAddresses(sections, 40)) {
          const first = await withElf(path, (fresh) => fresh.symbolAt(BigInt(address)));
          expect(first).toEqual(await elf.symbolAt(BigInt(address)));
        }
      }),
    60_000,
  );

  test(
    "pages the symbols of each section by size as nm sorts them",
    () =>
      withElf(path, async (elf) => {
        const sections = elf.layout.sections.filter(({ threadLocal, size }) => !threadLocal && size > 0);
        let seen = 0;
        for (const section of sections) {
          const [from, to] = [Number(section.address), Number(section.address) + section.size];
          const inSection = symbols.filter(({ address }) => address >= from && address < to);
          const sizes = inSection.flatMap(({ size }) => (size > 0 ? [size] : [])).sort((a, b) => b - a);
          const first = await elf.symbolsOf(section, "size", 0, 100);
          expect([section.name, first.total]).toEqual([section.name, inSection.length]);
          const shown = first.symbols.map(({ size, inferredSize }) => inferredSize ?? size);
          expect(shown).toEqual([...shown].sort((a, b) => b - a));
          const told = first.symbols.flatMap(({ size }) => (size > 0 ? [size] : []));
          expect(told).toEqual(sizes.slice(0, told.length));
          const known = new Set(inSection.map(key));
          expect(first.symbols.filter((symbol) => !known.has(key(symbol)))).toEqual([]);
          seen += first.total;
        }
        expect(seen).toBeGreaterThan(10);
      }),
    60_000,
  );
});

const key = ({ name, address, size }: { name: string; address: bigint | number; size: number }) =>
  `${name} ${address} ${size}`;

/** The symbols of which one has to answer for an address: the rules of the engine, written down plainly. */
function searchAll(symbols: readonly NmSymbol[], sections: readonly Section[], address: number): NmSymbol[] {
  const covers = symbols.filter((symbol) => symbol.address <= address && address < symbol.address + symbol.size);
  if (covers.length > 0) {
    const innermost = Math.max(...covers.map((symbol) => symbol.address));
    return covers.filter((symbol) => symbol.address === innermost);
  }
  const holds = new Set(
    sections
      .filter(({ address: start, size }) => start <= address && address < start + BigInt(size))
      .map((s) => s.name),
  );
  const before = symbols.filter(
    (symbol) =>
      symbol.address <= address && (symbol.size > 0 || symbol.address === address || holds.has(symbol.section)),
  );
  const last = before.at(-1)?.address ?? 0;
  const nearest = before.filter((symbol) => symbol.address === last);
  // A label within a function ends with it.
  const isWithin = symbols.some((symbol) => symbol.address <= last && last < symbol.address + symbol.size);
  return isWithin && last < address ? [] : nearest;
}

function byAddress(symbols: readonly NmSymbol[]): Map<number, NmSymbol[]> {
  const aliases = new Map<number, NmSymbol[]>();
  for (const symbol of symbols) {
    const known = aliases.get(symbol.address);
    if (known === undefined) aliases.set(symbol.address, [symbol]);
    else known.push(symbol);
  }
  return aliases;
}

/** The same addresses in each run, spread over the sections. */
function randomAddresses(sections: readonly Section[], count: number): number[] {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: count }, () => {
    const section = sections[Math.floor(random() * sections.length)];
    return section === undefined ? 0 : Number(section.address) + Math.floor(random() * section.size);
  });
}
