/** Units, line number programs and address ranges are read a part at a time: wherever a part ends, nothing is lost. */
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Bytes, FileBytes, MemoryBytes } from "../../../../src/symbols/bytes.ts";
import { DwarfFile } from "../../../../src/symbols/dwarf/dwarfFile.ts";
import { type Functions, readFunctions } from "../../../../src/symbols/dwarf/functions.ts";
import { scratch } from "../../../../src/symbols/loops.ts";
import { Random } from "../../../fuzz/random.ts";
import { openPlain } from "./compare.ts";
import {
  abbreviation,
  bytes,
  elfWith,
  lineTable,
  sleb,
  TEXT,
  times,
  UNIT_HEADER,
  u16,
  u32,
  u64,
  uleb,
  unit,
  withLength,
} from "./writeDwarf.ts";

const folder = mkdtempSync(join(tmpdir(), "long-units-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([300, 20_000, 200_000])("the functions of a unit are found among entries of up to %d bytes", (longest) => {
  const random = new Random(longest);
  const entries: Buffer[] = [];
  let size = UNIT_HEADER;
  const add = (...parts: readonly (number | string | Buffer)[]) => {
    const entry = bytes(...parts);
    entries.push(entry);
    size += entry.length;
  };
  const functions: { entry: number; end: number }[] = [];
  const addFunction = (...parts: readonly (number | string | Buffer)[]) => {
    const entry = size;
    add(...parts);
    functions.push({ entry, end: size });
  };
  const code = () => bytes(u64(TEXT.address + functions.length * 16), u32(16));
  // What follows the children of an entry.
  const sibling = (children: Buffer) => u32(size + 1 + 4 + children.length);
  add(UNIT, u64(TEXT.address), u32(TEXT.size), u32(0), NAMESPACE);
  for (let entry = 0; entry < 1200; entry++) {
    const members = bytes(times(random.below(2000), bytes(MEMBER, u32(1))), 0);
    const name = "f".repeat(random.below(300));
    switch (random.below(6)) {
      case 0:
        addFunction(FUNCTION, name, code());
        break;
      case 1: {
        const inside = bytes(name, code(), members);
        addFunction(FUNCTION_WITH_SIBLING, sibling(inside), inside);
        break;
      }
      case 2:
        for (let many = random.below(2000); many > 0; many--) add(STRUCTURE_WITH_SIBLING, sibling(Buffer.of(0)), 0);
        break;
      case 3:
        add(STRUCTURE, members);
        break;
      case 4:
        add(times(random.below(20_000), bytes(uleb(MEMBER_OF_LONG_CODE), u32(2))));
        break;
      default: {
        const length = random.below(longest);
        // Were it read as entries, they would end here.
        add(CONSTANT, uleb(length), times(length, Buffer.of(0)), name);
      }
    }
  }
  const path = join(folder, `entries${longest}`);
  writeFileSync(path, unit(Buffer.concat([...entries, Buffer.of(0, 0)])));
  const found = functionsIn(path, true);
  const placed = functions.map((_, index) => found.at(TEXT.address + index * 16 + 7));
  expect(placed.map((at) => at && { entry: at.entry, end: at.end })).toEqual(functions);
  expect(functions.length).toBeGreaterThan(300);
});

test.each([true, false].flatMap((littleEndian) => [0, 1, 2, 3, 4].map((cut) => ({ littleEndian, cut }))))(
  "what follows an entry is found where a part ends in its sibling: %o",
  ({ littleEndian, cut }) => {
    const children = bytes(times(30_000, bytes(MEMBER, u32(1))), 0);
    // The first part begins with the first entry; the reference has four bytes.
    const place = scratch.length - (4 - cut) - 1;
    const before = bytes(FUNCTION_UNIT, ...fillers(place - 1));
    const end = UNIT_HEADER + place + 1 + 4 + children.length;
    const inOrder = (number: Buffer) => (littleEndian ? number : Buffer.from(number).reverse());
    const code = bytes(inOrder(u64(TEXT.address)), inOrder(u32(16)));
    const entries = bytes(before, STRUCTURE_WITH_SIBLING, inOrder(u32(end)), children, FUNCTION, "behind", code, 0);
    const body = bytes(inOrder(u16(5)), 1, 8, u32(0), entries);
    const path = join(folder, `sibling${littleEndian}${cut}`);
    writeFileSync(path, bytes(inOrder(u32(body.length)), body));
    expect(functionsIn(path, littleEndian).at(TEXT.address)?.entry).toBe(end);
  },
);

test.each([3, 127, 128, 16_383, 16_384, 17_000])("entries with the code %d are gone beyond", async (code) => {
  const members = Array.from({ length: 18_000 }, (_, index) =>
    abbreviation(index + 3, 0x0d, false, [DW_AT_type, DATA4]),
  );
  const functions = [0, 1, 2].map((place) => bytes(2, `f${place}`, u64(TEXT.address + place * 16), u32(16)));
  const member = bytes(uleb(code), u32(0x02020202));
  const path = write(`code${code}`, {
    ".debug_abbrev": bytes(
      abbreviation(1, 0x11, true, [DW_AT_low_pc, ADDRESS, DW_AT_high_pc, DATA4]),
      abbreviation(2, 0x2e, false, [DW_AT_name, STRING, DW_AT_low_pc, ADDRESS, DW_AT_high_pc, DATA4]),
      ...members,
      0,
    ),
    ".debug_info": unit(
      bytes(1, u64(TEXT.address), u32(TEXT.size), ...functions.flatMap((each) => [member, member, each]), 0),
    ),
  });
  for (const place of [0, 1, 2]) {
    expect(await functionsAt(path, [BigInt(TEXT.address + place * 16 + 3)])).toEqual([`f${place}`]);
  }
});

test.each([0, 1, 2, 3, 4, 5])(
  "an entry whose code begins %d bytes before the end of a part is gone beyond",
  async (left) => {
    const [member, other] = [3, 128];
    const before = bytes(1, u64(TEXT.address), u32(TEXT.size), 2);
    const first = (name: string) => bytes(4, name, u64(TEXT.address), u32(16));
    const room = scratch.length - left - before.length - first("").length;
    const aligned = first("f".repeat(room % 5));
    const entries = [before, aligned, times(Math.floor(room / 5), bytes(member, u32(0))), uleb(other), u32(0x01010101)];
    const second = bytes(4, "second", u64(TEXT.address + 16), u32(16));
    const members = [member, other].map((code) => abbreviation(code, 0x0d, false, [DW_AT_type, DATA4]));
    const path = write(`code-at-end${left}`, {
      ".debug_abbrev": bytes(
        abbreviation(1, 0x11, true, [DW_AT_low_pc, ADDRESS, DW_AT_high_pc, DATA4]),
        abbreviation(2, 0x39, true, []),
        ...members,
        abbreviation(4, 0x2e, false, [DW_AT_name, STRING, DW_AT_low_pc, ADDRESS, DW_AT_high_pc, DATA4]),
        0,
      ),
      ".debug_info": unit(bytes(...entries, second, 0, 0)),
    });
    expect(await functionsAt(path, [BigInt(TEXT.address + 17)])).toEqual(["second"]);
  },
);

test.each([
  ["one after the other", (index: number) => index],
  ["far from one another", (index: number) => index * 100_003],
])("abbreviations of a table with hundreds of kB are found, their codes %s", async (_, codeOf) => {
  const random = new Random(7);
  const count = 20_000;
  // Behind the unit's own: each has a function's attributes among others, of which the constants are in no entry.
  const table = Array.from({ length: count }, (_, index) => {
    const others = Array.from({ length: random.below(6) }, () => [
      uleb(0x2000 + random.below(4000)),
      uleb(IMPLICIT_CONST),
    ]);
    const constants = others.flatMap((other) => [...other, sleb(random.below(1 << 30) - (1 << 29))]);
    const own = [DW_AT_name, STRING, DW_AT_low_pc, ADDRESS, DW_AT_high_pc, DATA4].map(uleb);
    return bytes(uleb(codeOf(index + 2)), uleb(0x2e), 0, ...constants, ...own, 0, 0);
  });
  const used = Array.from({ length: 300 }, (_, index) => (index === 0 ? count - 1 : random.below(count)));
  const entries = used.map((index, place) =>
    bytes(uleb(codeOf(index + 2)), `f${index}`, u64(TEXT.address + place * 16), u32(16)),
  );
  const path = write(`table${codeOf(2)}`, {
    ".debug_abbrev": bytes(
      abbreviation(codeOf(1), 0x11, true, [DW_AT_low_pc, ADDRESS, DW_AT_high_pc, DATA4]),
      ...table,
      0,
    ),
    ".debug_info": unit(bytes(uleb(codeOf(1)), u64(TEXT.address), u32(TEXT.size), ...entries, 0)),
  });
  expect(
    await functionsAt(
      path,
      used.map((_, place) => BigInt(TEXT.address + place * 16 + 3)),
    ),
  ).toEqual(used.map((index) => `f${index}`));
  for (const place of [0, 150, 299]) {
    expect(await functionsAt(path, [BigInt(TEXT.address + place * 16 + 3)])).toEqual([`f${used[place]}`]);
  }
});

test.each([0, 150, 300_000])(
  "the rows of a long program are found between instructions of %d bytes",
  async (longest) => {
    const random = new Random(longest + 1);
    const program = [bytes(0, 9, DW_LNE_set_address, u64(TEXT.address), DW_LNS_set_file, uleb(0))];
    const rows: { address: number; line: number; column: number }[] = [];
    let [address, line, column] = [TEXT.address, 1, 0];
    const lineOf = (to: number) => bytes(DW_LNS_advance_line, sleb(to - line));
    for (let row = 0; row < 30_000; row++) {
      const advance = 1 + random.below(random.below(8) === 0 ? 140 : 8);
      const to = 1 + random.below(random.below(4) === 0 ? 60_000 : 60);
      const columnHere = random.below(random.below(4) === 0 ? 20_000 : 100);
      const isPadded = random.below(3) > 0;
      program.push(
        lineOf(to),
        bytes(DW_LNS_advance_pc, uleb(advance), DW_LNS_set_column, isPadded ? padded(columnHere) : uleb(columnHere)),
      );
      if (random.below(3) === 0) program.push(bytes(DW_LNS_negate_stmt, DW_LNS_set_file, uleb(0)));
      const isLong = longest > 150 ? row === 20_000 : random.below(10) === 0;
      if (isLong && longest > 0) {
        const length = longest > 150 ? longest : 1 + random.below(longest);
        program.push(bytes(0, uleb(length), DW_LNE_of_nobody, times(length - 1, bytes(1))));
      }
      program.push(bytes(DW_LNS_copy));
      [address, line, column] = [address + advance, to, columnHere];
      rows.push({ address, line, column });
    }
    program.push(bytes(0, 1, DW_LNE_end_sequence));
    const path = write(`lines${longest}`, {
      ".debug_info": unit(bytes(UNIT, u64(TEXT.address), u32(TEXT.size), u32(0), 0)),
      ".debug_line": lineTable(Buffer.concat(program)),
    });
    const expected = rows.slice(0, -1);
    const sources = await sourcesAt(path, expected);
    expect(sources).toEqual(expected.map(({ line, column }) => ({ file: "/src/main.c", line, column })));
    for (let index = 0; index < expected.length; index += 997) {
      expect(await sourcesAt(path, expected.slice(index, index + 1))).toEqual(sources.slice(index, index + 1));
    }
  },
);

test("a unit is found by a set of address ranges that is longer than a part, and by those around it", async () => {
  const functions = ["short", "long", "behind", "last"].map((name, index) => ({
    name,
    unit: unit(bytes(FUNCTION_UNIT, FUNCTION, name, u64(TEXT.address + index * 0x40000), u32(0x40000), 0)),
  }));
  const offset = (index: number) => functions.slice(0, index).reduce((sum, { unit }) => sum + unit.length, 0);
  const set = (index: number, count: number) => {
    const size = 0x40000 / count;
    const start = TEXT.address + index * 0x40000;
    const tuples = Array.from({ length: count }, (_, tuple) => bytes(u64(start + tuple * size), u64(size)));
    return withLength(bytes(u16(2), u32(offset(index)), 8, 0, u32(0), ...tuples, u64(0), u64(0)));
  };
  const path = write("ranges", {
    ".debug_info": bytes(...functions.map(({ unit }) => unit)),
    // So long that the third one begins in one part and ends in the next.
    ".debug_aranges": bytes(set(0, 4), set(1, 0x8000), set(2, 0x1000), set(3, 0x2000)),
  });
  for (const [index, { name }] of functions.entries()) {
    for (const at of [0, 0x1fff8, 0x3ffff]) {
      const address = BigInt(TEXT.address + index * 0x40000 + at);
      expect(await functionsAt(path, [address])).toEqual([name]);
      expect(await functionsAt(path, [address, address])).toEqual([name, name]);
    }
  }
});

/** The functions of the unit that a file is. */
function functionsIn(path: string, littleEndian: boolean): Functions {
  const info = new FileBytes(openSync(path, "r"));
  const sections: Record<string, Bytes> = { ".debug_info": info, ".debug_abbrev": new MemoryBytes(ABBREVIATIONS) };
  const file = new DwarfFile({
    sections: { get: (name) => sections[name] ?? new MemoryBytes(Buffer.alloc(0)) },
    littleEndian,
    isDiscarded: () => false,
  });
  const compiled = file.unit(0);
  if (compiled === null) throw new Error("The unit is not read.");
  const found = readFunctions(compiled, false);
  info.close();
  return found;
}

/** Entries that have so many bytes together. */
function fillers(size: number): Buffer[] {
  // Those of five and of nine.
  const longer = [0, 4, 3, 2, 1][size % 5] as number;
  return [times(longer, bytes(LONGER_MEMBER, u64(1))), times((size - 9 * longer) / 5, bytes(MEMBER, u32(1)))];
}

function write(name: string, sections: Readonly<Record<string, Uint8Array>>): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    elfWith({
      ".debug_abbrev": ABBREVIATIONS,
      ...sections,
    }),
  );
  return path;
}

async function functionsAt(path: string, addresses: readonly bigint[]): Promise<(string | null | undefined)[]> {
  const elf = await openPlain(path);
  try {
    return (await elf.framesAt(addresses)).map(([frame]) => frame?.function);
  } finally {
    elf.close();
  }
}

async function sourcesAt(path: string, rows: readonly { readonly address: number }[]) {
  const elf = await openPlain(path);
  try {
    return await elf.sourcesOf(rows.map(({ address }) => BigInt(address)));
  } finally {
    elf.close();
  }
}

/** A number of three bytes at most, in ten. @see DWARF 5 §7.6 */
function padded(value: number): Buffer {
  const digits = [value % 128, (value >> 7) % 128, value >> 14, 0, 0, 0, 0, 0, 0, 0];
  return Buffer.from(digits.map((digit, index) => (index < 9 ? digit | 0x80 : digit)));
}

/** Codes of abbreviations. */
const [UNIT, NAMESPACE, FUNCTION, FUNCTION_WITH_SIBLING] = [1, 2, 3, 4];
const [STRUCTURE_WITH_SIBLING, STRUCTURE, MEMBER, LONGER_MEMBER, CONSTANT, FUNCTION_UNIT] = [5, 6, 7, 8, 9, 10];
/** A code of two bytes, the first of which by itself is that of another entry. */
const MEMBER_OF_LONG_CODE = 0x80 + LONGER_MEMBER;

const DW_AT_sibling = 0x01;
const DW_AT_name = 0x03;
const DW_AT_stmt_list = 0x10;
const DW_AT_low_pc = 0x11;
const DW_AT_high_pc = 0x12;
const DW_AT_const_value = 0x1c;
const DW_AT_type = 0x49;

const ADDRESS = 0x01;
const DATA4 = 0x06;
const DATA8 = 0x07;
const STRING = 0x08;
const BLOCK = 0x09;
const REF4 = 0x13;
const SEC_OFFSET = 0x17;
const IMPLICIT_CONST = 0x21;

const DW_LNS_copy = 1;
const DW_LNS_advance_pc = 2;
const DW_LNS_advance_line = 3;
const DW_LNS_set_file = 4;
const DW_LNS_set_column = 5;
const DW_LNS_negate_stmt = 6;
const DW_LNE_end_sequence = 1;
const DW_LNE_set_address = 2;
const DW_LNE_of_nobody = 0x90;

const ABBREVIATIONS = bytes(
  abbreviation(UNIT, 0x11, true, [DW_AT_low_pc, ADDRESS, DW_AT_high_pc, DATA4, DW_AT_stmt_list, SEC_OFFSET]),
  abbreviation(NAMESPACE, 0x39, true, []),
  abbreviation(FUNCTION, 0x2e, false, [DW_AT_name, STRING, DW_AT_low_pc, ADDRESS, DW_AT_high_pc, DATA4]),
  abbreviation(FUNCTION_WITH_SIBLING, 0x2e, true, [
    ...[DW_AT_sibling, REF4, DW_AT_name, STRING, DW_AT_low_pc, ADDRESS, DW_AT_high_pc, DATA4],
  ]),
  abbreviation(STRUCTURE_WITH_SIBLING, 0x13, true, [DW_AT_sibling, REF4]),
  abbreviation(STRUCTURE, 0x13, true, []),
  abbreviation(MEMBER, 0x0d, false, [DW_AT_type, DATA4]),
  abbreviation(CONSTANT, 0x34, false, [DW_AT_const_value, BLOCK, DW_AT_name, STRING]),
  abbreviation(LONGER_MEMBER, 0x0d, false, [DW_AT_type, DATA8]),
  abbreviation(FUNCTION_UNIT, 0x11, true, []),
  ...Array.from({ length: MEMBER_OF_LONG_CODE - FUNCTION_UNIT }, (_, index) =>
    abbreviation(FUNCTION_UNIT + 1 + index, 0x0d, false, [DW_AT_type, DATA4]),
  ),
  0,
);
