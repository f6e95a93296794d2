/** A damaged or hostile file gives null or a part of the answers: never a wrong name, an exception, or a hang. */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { expect, test } from "vitest";
import type { ElfSource, ElfSymbol } from "../../../src/memory/module.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { compile } from "../fixtures.ts";
import { fileOf, isOpen, open, place, withElf } from "./binutils.ts";

const program = () => compile("program.c", "elf", ["-nostdlib", "-static"]);
const narrow = () => compile("program.c", "elf", ["-m32", "-nostdlib", "-static"]);

test.each([
  ["64 bits", program],
  ["32 bits", narrow],
])(
  "a program of %s, cut anywhere, has a part of its sections, segments and symbols",
  async (_, path) => {
    const whole = readFileSync(path());
    const all = await withElf(path(), answers);
    const counts = new Set<number>();
    for (const length of interestingCuts(whole)) {
      const elf = await open(fileOf("cut", whole.subarray(0, length)));
      if (elf === null) {
        expect(length).toBeLessThan(64);
        continue;
      }
      const part = await answers(elf);
      elf.close();
      expect(all.segments).toEqual(expect.arrayContaining(part.segments));
      expect(all.sections).toEqual(expect.arrayContaining(part.sections));
      expect(all.symbols).toEqual(expect.arrayContaining(part.symbols));
      counts.add(part.symbols.length);
    }
    // From none to all of them.
    expect(counts).toContain(0);
    expect(counts).toContain(all.symbols.length);
  },
  30_000,
);

test("any field of the header and of the tables, set to an extreme, is survived", async () => {
  for (const path of [program(), narrow()]) {
    const whole = readFileSync(path);
    const wide = whole[4] === 2;
    const sections = wide ? Number(whole.readBigUInt64LE(40)) : whole.readUInt32LE(32);
    const fields = [...range(4, 64, 2), ...range(64, 64 + 200, 4), ...range(sections, whole.length - 8, 8)];
    for (const at of fields) {
      for (const value of [0n, 1n, 0x7fff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn, 0xffff_ffffn]) {
        const bytes = Buffer.from(whole);
        bytes.writeBigUInt64LE(value, at);
        await surviveAll(bytes);
      }
    }
  }
}, 60_000);

test("whatever a library without sections tells the dynamic linker is survived", async () => {
  for (const flags of [[], ["-m32", "-nostdlib"], ["-Wl,--hash-style=sysv"]]) {
    const whole = readFileSync(compile("program.c", "elf", ["-shared", "-fPIC", ...flags]));
    const wide = whole[4] === 2;
    const [programs, sections] = wide
      ? [Number(whole.readBigUInt64LE(32)), Number(whole.readBigUInt64LE(40))]
      : [whole.readUInt32LE(28), whole.readUInt32LE(32)];
    const header = range(programs, sections, wide ? 56 : 32).find((at) => whole.readUInt32LE(at) === 2) ?? 0;
    const dynamic = wide ? Number(whole.readBigUInt64LE(header + 8)) : whole.readUInt32LE(header + 4);
    // Hash tables, symbols and versions lie at the beginning of a library.
    const fields = [...range(dynamic, dynamic + 400, wide ? 8 : 4), ...range(programs + 400, 0x700, 12)];
    for (const at of fields) {
      for (const value of [0, 0x7fff_ffff, 0xffff_ffff]) {
        const bytes = Buffer.from(whole);
        bytes.writeUInt32LE(value, at);
        await surviveAll(bytes);
        bytes.fill(0, wide ? 40 : 32, wide ? 48 : 36);
        bytes.fill(0, wide ? 58 : 46, wide ? 64 : 52);
        await surviveAll(bytes);
      }
    }
  }
}, 120_000);

test("a thousand files with random bytes changed are survived", async () => {
  const whole = readFileSync(program());
  let state = 7;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const sections = Number(whole.readBigUInt64LE(40));
  for (let round = 0; round < 1000; round++) {
    const bytes = Buffer.from(whole);
    for (let change = 0; change <= random(8); change++) {
      // Headers, symbols and notes: code and data are not looked at.
      const at = random(2) === 0 ? random(0x300) : sections - 0x700 + random(whole.length - sections + 0x700);
      bytes[at] = random(256);
    }
    await surviveAll(bytes);
  }
}, 60_000);

test("a tiny file that claims the largest tables costs neither memory nor time", async () => {
  const whole = readFileSync(program());
  const sections = Number(whole.readBigUInt64LE(40));
  whole.writeUInt16LE(0xffff, 56);
  whole.writeUInt16LE(0, 60);
  whole.writeBigUInt64LE(0xffff_ffff_ffffn, sections + 32);
  for (let at = sections + 64; at + 64 <= whole.length; at += 64) whole.writeBigUInt64LE(0xffff_ffff_ffffn, at + 32);
  const before = process.memoryUsage().arrayBuffers;
  await surviveAll(whole);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
});

test("a sparse file of a terabyte that claims symbols without end is answered", async () => {
  const whole = readFileSync(program());
  const path = place("sparse");
  const descriptor = openSync(path, "w");
  ftruncateSync(descriptor, 2 ** 40);
  const sections = Number(whole.readBigUInt64LE(40));
  for (let at = sections + 64; at + 64 <= whole.length; at += 64) {
    if (whole.readUInt32LE(at + 4) === 2) whole.writeBigUInt64LE(2n ** 50n, at + 32);
  }
  writeSync(descriptor, whole, 0, whole.length, 0);
  closeSync(descriptor);
  await withElf(path, async (elf) => {
    const main = (await withElf(program(), answers)).symbols.find(({ name }) => name === "main");
    expect(await elf.symbolAt(main?.address ?? 0n)).toEqual(main);
  });
}, 60_000);

test("names that share their bytes a thousandfold do not become a thousand copies", async () => {
  const name = "x".repeat(60_000);
  const symbols = Array.from({ length: 20_000 }, (_, i) => i + 1);
  const bytes = programWithSymbols(`\0${name}\0`, symbols);
  const elf = await open(fileOf("shared-names", bytes));
  const all = (await elf?.allSymbols(100_000)) ?? [];
  const length = all.reduce((sum, symbol) => sum + symbol.name.length, 0);
  expect(all.length).toBeGreaterThan(0);
  expect(length).toBeLessThan(8 * bytes.length);
  elf?.close();
});

test("names without an end, out of range or longer than 64 KiB are none", async () => {
  const strings = `\0good\0${"y".repeat(70_000)}\0${"z".repeat(100)}`;
  const elf = await open(fileOf("bad-names", programWithSymbols(strings, [1, 6, 70_010, 80_000, 0xffff_ffff])));
  expect((await elf?.allSymbols(100))?.map(({ name }) => name)).toEqual(["good"]);
  elf?.close();
});

test("a file that shrinks after it was opened gives what is left", async () => {
  const path = fileOf("shrinking", readFileSync(program()));
  const elf = await open(path);
  const descriptor = openSync(path, "r+");
  ftruncateSync(descriptor, 0x200);
  closeSync(descriptor);
  expect(elf?.layout.sections.length).toBeGreaterThan(10);
  expect(await elf?.allSymbols(100)).toEqual([]);
  elf?.close();
});

/** Everything an ELF file can be asked. */
async function answers(elf: ElfSource): Promise<{ segments: unknown[]; sections: unknown[]; symbols: ElfSymbol[] }> {
  const { segments, sections, relro } = elf.layout;
  for (const { address, memorySize } of segments) expect(address + BigInt(memorySize)).toBeLessThanOrEqual(2n ** 64n);
  for (const { address, size } of sections) expect(address + BigInt(size)).toBeLessThanOrEqual(2n ** 64n);
  expect(relro?.end ?? 0n).toBeLessThanOrEqual(2n ** 64n);
  const symbols = new Map<string, ElfSymbol>();
  const keep = (symbol: ElfSymbol | null) =>
    symbol !== null && symbols.set(`${symbol.name} ${symbol.address}`, plain(symbol));
  // How far a symbol without a size goes depends on those that are left.
  const plain = ({ inferredSize: _, ...symbol }: ElfSymbol) => symbol;
  for (const symbol of (await elf.allSymbols(1_000_000)) ?? []) keep(symbol);
  for (const section of sections) {
    keep(await elf.symbolAt(section.address));
    keep(await elf.symbolAt(section.address + BigInt(section.size)));
    for (const symbol of (await elf.symbolsOf(section, "size", 0, 50)).symbols) keep(symbol);
    const { symbols: listed, uncovered } = await elf.symbolsOf(section, "address", 0, 1000);
    const gaps = listed.filter(({ type }) => type === "gap").map(({ size }) => size);
    expect(uncovered).toBeLessThanOrEqual(section.size);
    expect(gaps.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(uncovered);
  }
  for (const symbol of await elf.symbolsNamed("main")) expect(symbol.name).toBe("main");
  return {
    segments: [...segments],
    // Where the names are cut off, the sections are still known.
    sections: sections.filter(({ name }) => name !== ""),
    symbols: [...symbols.values()],
  };
}

async function surviveAll(bytes: Buffer): Promise<void> {
  const path = fileOf("hostile", bytes);
  const descriptor = openSync(path, "r");
  const elf = await openElf({ descriptor, path });
  if (elf !== null) {
    await answers(elf);
    elf.close();
  }
  expect(isOpen(descriptor, path)).toBe(false);
}

/** Lengths around the ends of the header, of the tables and of each section, and between them. */
function interestingCuts(elf: Buffer): number[] {
  const wide = elf[4] === 2;
  const sections = wide ? Number(elf.readBigUInt64LE(40)) : elf.readUInt32LE(32);
  const entrySize = wide ? 64 : 40;
  const ends = [0, 4, 6, 16, 52, 64, sections, elf.length];
  for (let at = sections; at + entrySize <= elf.length; at += entrySize) {
    const offset = wide ? Number(elf.readBigUInt64LE(at + 24)) : elf.readUInt32LE(at + 16);
    const size = wide ? Number(elf.readBigUInt64LE(at + 32)) : elf.readUInt32LE(at + 20);
    ends.push(at, offset, offset + size / 2, offset + size);
  }
  const cuts = ends.flatMap((end) => [end - 1, end, end + 1]).map(Math.floor);
  const between = range(64, elf.length, Math.ceil(elf.length / 50));
  return [...new Set([...cuts, ...between])].filter((length) => length >= 0 && length <= elf.length);
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step);
}

/**
 * The program, its section headers behind it again, with other strings and a symbol for each of these name offsets,
 * one byte after the other in `.text`.
 */
function programWithSymbols(strings: string, nameOffsets: number[]): Buffer {
  const whole = readFileSync(program());
  const headers = Buffer.from(whole.subarray(Number(whole.readBigUInt64LE(40))));
  const count = whole.readUInt16LE(60);
  const text = range(0, count, 1).find((i) => headers.readUInt32LE(i * 64 + 4) === 1 && headers[i * 64 + 8] === 6) ?? 0;
  const table = Buffer.alloc(nameOffsets.length * 24);
  for (const [i, name] of nameOffsets.entries()) {
    table.writeUInt32LE(name, i * 24);
    table[i * 24 + 4] = 0x12;
    table.writeUInt16LE(text, i * 24 + 6);
    table.writeBigUInt64LE(headers.readBigUInt64LE(text * 64 + 16) + BigInt(i), i * 24 + 8);
    table.writeBigUInt64LE(1n, i * 24 + 16);
  }
  const symtab = range(0, count, 1).find((i) => headers.readUInt32LE(i * 64 + 4) === 2) ?? 0;
  const strtab = headers.readUInt32LE(symtab * 64 + 40);
  headers.writeBigUInt64LE(BigInt(whole.length), symtab * 64 + 24);
  headers.writeBigUInt64LE(BigInt(table.length), symtab * 64 + 32);
  headers.writeBigUInt64LE(BigInt(whole.length + table.length), strtab * 64 + 24);
  headers.writeBigUInt64LE(BigInt(strings.length), strtab * 64 + 32);
  whole.writeBigUInt64LE(BigInt(whole.length + table.length + strings.length), 40);
  return Buffer.concat([whole, table, Buffer.from(strings, "latin1"), headers]);
}
