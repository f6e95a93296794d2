/**
 * The first addresses that a file is asked for are looked for among the symbols near each, later ones among all in order:
 * both ways give the same.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ElfSymbol } from "../../../src/memory/module.ts";
import { Random } from "../../fuzz/random.ts";
import { fileOf, place, run, withElf } from "./binutils.ts";
import { bigEndian } from "./rewrite.ts";

const SYMBOLS = 9000;
/** Bytes of each of the two sections. */
const SIZE = 0x100000;
const TYPES = ["function", "object", "notype", "gnu_indirect_function"];
/** Of which the last reach over both sections, further than 32 bits tell. */
const SIZES = ["0", "0", "0", "24", "300", "0x100000000", "0x200000010"];

test.each([
  { order: "by address", sorted: true },
  { order: "in any order", sorted: false },
])("of symbols $order", { timeout: 60_000 }, async ({ sorted }) => {
  const path = program(sorted);
  const bigPath = fileOf(`near-big-${sorted}`, bigEndian(readFileSync(path)));
  const addresses = await withElf(path, async (elf) => {
    const random = new Random(2);
    const symbols = (await elf.allSymbols(SYMBOLS)) ?? [];
    // Where symbols begin, right before, and anywhere.
    return Array.from(
      { length: 600 },
      (_, index) => random.of(symbols).address + BigInt([0, -1, random.below(500)][index % 3] ?? 0),
    );
  });
  const among = await withElf(path, async (elf) => {
    for (let few = 0n; few < 4n; few++) await elf.symbolAt(few);
    return Promise.all(addresses.map((address) => elf.symbolAt(address)));
  });
  expect(new Set(among.map((symbol) => symbol?.size)).size).toBeGreaterThan(3);
  for (const file of [path, bigPath]) {
    const first: (ElfSymbol | null)[] = [];
    for (const address of addresses) first.push(await withElf(file, (elf) => elf.symbolAt(address)));
    expect(first).toEqual(among);
  }
});

/** A program with symbols of all kinds in two sections, and what is none. */
function program(sorted: boolean): string {
  const random = new Random(1);
  const places = Array.from({ length: SYMBOLS }, () => random.below(2 * SIZE));
  if (sorted) places.sort((a, b) => a - b);
  const lines = places.map((at, index) => {
    const section = at < SIZE ? "one" : "two";
    const size = SIZES[random.below(1000) === 0 ? 5 + random.below(2) : random.below(5)];
    const binding = random.below(3) === 0 ? `.globl s${index}\n` : "";
    return `${binding}.set s${index}, ${section} + ${at % SIZE}\n.type s${index}, @${TYPES[random.below(4)]}\n.size s${index}, ${size}\n`;
  });
  const sections = `.text\none: .skip ${SIZE}\n.section .other, "ax"\ntwo: .skip ${SIZE}\n`;
  const source = place(`near-${sorted}.s`);
  writeFileSync(source, `${sections}${lines.join("")}.globl _start\n.set _start, one\n`);
  const path = place(`near-${sorted}`);
  run("gcc", "-nostdlib", "-static", "-o", path, source);
  return fileOf(`near-${sorted}-damaged`, damaged(readFileSync(path), random));
}

/** Takes what makes it one from some of the symbols: the name, the section, the type. */
function damaged(elf: Buffer, random: Random): Buffer {
  const sections = Number(elf.readBigUInt64LE(40));
  for (let at = sections; at + 64 <= elf.length; at += 64) {
    if (elf.readUInt32LE(at + 4) !== SHT_SYMTAB) continue;
    const start = Number(elf.readBigUInt64LE(at + 24));
    const end = start + Number(elf.readBigUInt64LE(at + 32));
    for (let symbol = start; symbol < end; symbol += 24) {
      const kind = random.below(12);
      if (kind === 0) elf.writeUInt32LE(random.of([0, 0xffff_ff00]), symbol);
      if (kind === 1) elf.writeUInt16LE(random.of([SHN_UNDEF, SHN_ABS, SHN_COMMON, 0x7000]), symbol + 6);
      if (kind === 2) elf.writeUInt8(random.of([STT_SECTION, STT_FILE, STT_TLS]), symbol + 4);
    }
  }
  return elf;
}

const SHT_SYMTAB = 2;
const SHN_UNDEF = 0;
const SHN_ABS = 0xfff1;
const SHN_COMMON = 0xfff2;
const STT_SECTION = 3;
const STT_FILE = 4;
const STT_TLS = 6;
