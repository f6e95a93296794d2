/**
 * What was inlined into a function is kept when it is asked about for the third time: it answers as before, and what is kept
 * has an end.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect, test } from "vitest";
import { openPlain } from "./compare.ts";
import { abbreviation, bytes, elfWith, times, u16, u32, u64, unit, withLength } from "./writeDwarf.ts";

const folder = mkdtempSync(join(tmpdir(), "inlined-calls-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  { place: "near by", far: 0x8000 },
  { place: "too far away for a table", far: 2 ** 40 },
])("calls and blocks answer as they are nested, each time; a part of the code is $place", async ({ far }) => {
  const hot = 0x2000;
  const lists = [
    [hot, 0x200, far, 0x100],
    [hot + 0x170, 8, far + 0x10, 8],
  ].map((list) => rangeList(...list));
  const [ofFunction, ofCall] = [u32(LISTS_HEADER), u32(LISTS_HEADER + (lists[0]?.length ?? 0))];
  const code = (from: number, to: number) => bytes(u64(hot + from), u32(to - from));
  const path = write("nested", {
    ".debug_info": unit(
      bytes(
        bytes(UNIT, ofFunction, FUNCTION, ofFunction, "function"),
        bytes(CALL, code(0x10, 0x40), "outer", CALL, code(0x18, 0x20), "inner", 0, 0),
        // A block that does not say where it is, with one that does.
        bytes(BARE_BLOCK, BLOCK, code(0x50, 0x60), CALL, code(0x50, 0x80), "in a block", 0, 0, 0),
        // Of calls that overlap the later one answers, without what is inside of the earlier one.
        bytes(CALL, code(0x100, 0x140), "first", CALL, code(0x100, 0x140), "in first", 0, 0),
        bytes(CALL, code(0x120, 0x160), "second", 0),
        bytes(SPREAD_CALL, ofCall, "spread", 0),
        bytes(CALL, code(0x180, 0x180), "empty", CALL, code(0x180, 0x190), "in empty", 0, 0),
        0,
        0,
      ),
    ),
    ".debug_rnglists": withLength(bytes(u16(5), 8, 0, u32(0), ...lists)),
  });
  const expected: readonly (readonly [number, ...string[]])[] = [
    [hot, "function"],
    [hot + 0x10, "outer", "function"],
    [hot + 0x17, "outer", "function"],
    [hot + 0x18, "inner", "outer", "function"],
    [hot + 0x1f, "inner", "outer", "function"],
    [hot + 0x20, "outer", "function"],
    [hot + 0x40, "function"],
    [hot + 0x50, "in a block", "function"],
    [hot + 0x60, "function"],
    [hot + 0x100, "in first", "first", "function"],
    [hot + 0x120, "second", "function"],
    [hot + 0x140, "second", "function"],
    [hot + 0x160, "function"],
    [hot + 0x170, "spread", "function"],
    [hot + 0x178, "function"],
    [hot + 0x188, "function"],
    [far, "function"],
    [far + 0x17, "spread", "function"],
    [far + 0x18, "function"],
  ];
  const elf = await openPlain(path);
  try {
    for (let question = 0; question < 5; question++) {
      for (const [address, ...names] of expected) {
        const [frames = []] = await elf.framesAt([BigInt(address)]);
        expect([address, ...frames.map((frame) => frame.function)]).toEqual([address, ...names]);
      }
    }
  } finally {
    elf.close();
  }
});

test("of six hundred functions with a thousand inlined calls each no more than 16 MiB is kept", async () => {
  const [count, size] = [600, 0x1000];
  const start = (index: number) => 0x10000 + index * size;
  const functions = Array.from({ length: count }, (_, index) =>
    bytes(
      FUNCTION,
      u32(LISTS_HEADER + index * RANGE_SIZE),
      `function ${index}`,
      times(1000, bytes(CALL, u64(start(index)), u32(16), "", 0)),
      bytes(CALL, u64(start(index) + 16), u32(16), `call ${index}`, 0),
      0,
    ),
  );
  const lists = Array.from({ length: count }, (_, index) => rangeList(start(index), size));
  expect(lists[0]?.length).toBe(RANGE_SIZE);
  const path = write("many", {
    ".debug_info": unit(bytes(UNIT, u32(LISTS_HEADER + count * RANGE_SIZE), ...functions, 0)),
    ".debug_rnglists": withLength(bytes(u16(5), 8, 0, u32(0), ...lists, rangeList(start(0), count * size))),
  });
  const elf = await openPlain(path);
  try {
    const addresses = Array.from({ length: count }, (_, index) => BigInt(start(index) + 20));
    const names = addresses.map((_, index) => [`call ${index}`, `function ${index}`]);
    await elf.framesAt(addresses);
    const before = keptBytes();
    for (let question = 0; question < 4; question++) {
      const frames = await elf.framesAt(addresses);
      expect(frames.map((chain) => chain.map((frame) => frame.function))).toEqual(names);
    }
    const kept = keptBytes() - before;
    expect(kept).toBeGreaterThan(8 << 20);
    expect(kept).toBeLessThan(17 << 20);
  } finally {
    elf.close();
  }
});

/** Bytes of typed arrays that are still used. */
function keptBytes(): number {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  // What the first finds is freed by another thread, which the second waits for.
  gc();
  gc();
  return process.memoryUsage().arrayBuffers;
}

/** A file with these sections and the abbreviations below. */
function write(name: string, sections: Readonly<Record<string, Uint8Array>>): string {
  const path = join(folder, name);
  const code = [DW_AT_low_pc, DW_FORM_addr, DW_AT_high_pc, DW_FORM_data4];
  const ranges = [DW_AT_ranges, DW_FORM_sec_offset];
  const text = [DW_AT_name, DW_FORM_string];
  const abbreviations = bytes(
    abbreviation(UNIT, DW_TAG_compile_unit, true, ranges),
    abbreviation(FUNCTION, DW_TAG_subprogram, true, [...ranges, ...text]),
    abbreviation(CALL, DW_TAG_inlined_subroutine, true, [...code, ...text]),
    abbreviation(SPREAD_CALL, DW_TAG_inlined_subroutine, true, [...ranges, ...text]),
    abbreviation(BLOCK, DW_TAG_lexical_block, true, code),
    abbreviation(BARE_BLOCK, DW_TAG_lexical_block, true, []),
    0,
  );
  writeFileSync(path, elfWith({ ".debug_abbrev": abbreviations, ...sections }));
  return path;
}

/** A list of ranges: addresses and sizes in turn. @see DWARF 5 §7.25 */
function rangeList(...ranges: readonly number[]): Buffer {
  const entries: Buffer[] = [];
  for (let at = 0; at < ranges.length; at += 2) {
    entries.push(bytes(DW_RLE_start_length, u64(ranges[at] as number), padded(ranges[at + 1] as number)));
  }
  return bytes(...entries, 0);
}

/** A number as a LEB128 of four bytes. */
function padded(value: number): Buffer {
  return Buffer.from([0, 7, 14, 21].map((shift) => ((value >>> shift) & 0x7f) | (shift < 21 ? 0x80 : 0)));
}

/** Bytes of the header of `.debug_rnglists`, and of a list with one range. */
const LISTS_HEADER = 12;
const RANGE_SIZE = 14;

const [UNIT, FUNCTION, CALL, SPREAD_CALL, BLOCK, BARE_BLOCK] = [1, 2, 3, 4, 5, 6];
const DW_TAG_lexical_block = 0x0b;
const DW_TAG_compile_unit = 0x11;
const DW_TAG_inlined_subroutine = 0x1d;
const DW_TAG_subprogram = 0x2e;
const DW_AT_name = 3;
const DW_AT_low_pc = 0x11;
const DW_AT_high_pc = 0x12;
const DW_AT_ranges = 0x55;
const DW_FORM_addr = 1;
const DW_FORM_data4 = 6;
const DW_FORM_string = 8;
const DW_FORM_sec_offset = 0x17;
const DW_RLE_start_length = 7;
