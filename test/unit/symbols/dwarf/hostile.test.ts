/**
 * Files that are made to cost much: a few of their bytes stand for work or memory without end. Each is answered, in part
 * perhaps, within seconds and without more memory than four times its size.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, expect, test, vi } from "vitest";
import { Asker, failureOf } from "../../../fuzz/fuzz.ts";
import {
  abbreviation,
  bytes,
  elfWith,
  lineTable,
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

const TAG = {
  array: 1,
  pointer: 0x0f,
  unit: 0x11,
  subroutine: 0x15,
  typedef: 0x16,
  inlined: 0x1d,
  subprogram: 0x2e,
  variable: 0x34,
  block: 0x0b,
  parameter: 5,
  imported: 0x3d,
};
const AT = {
  sibling: 1,
  location: 2,
  name: 3,
  stmtList: 0x10,
  lowPc: 0x11,
  highPc: 0x12,
  import: 0x18,
  origin: 0x31,
  specification: 0x47,
  type: 0x49,
  ranges: 0x55,
  linkageName: 0x6e,
  dwoName: 0x76,
};
const FORM = { addr: 1, data4: 6, string: 8, strp: 0x0e, ref4: 0x13, secOffset: 0x17, exprloc: 0x18, present: 0x19 };

// Who hangs is found out by the time that it takes of a processor.
vi.setConfig({ testTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), "hostile-"));
const asker = new Asker();
afterAll(() => {
  asker.end();
  rmSync(folder, { recursive: true });
});

const LOW = u64(TEXT.address);
const SIZE = u32(TEXT.size);
/** Abbreviation 1: a unit with all the code, with children. */
const UNIT = abbreviation(1, TAG.unit, true, [AT.lowPc, FORM.addr, AT.highPc, FORM.data4, AT.stmtList, FORM.secOffset]);
const unitEntry = (line = 0) => bytes(1, LOW, SIZE, u32(line));
const LINES = lineTable(bytes(0, uleb(9), 2, LOW, 0x20, 0x80, 2, uleb(TEXT.size), 0, 1, 1));

const CASES: Record<string, () => Buffer> = {
  "an abbreviation with a hundred thousand attributes, used by a million entries": () => {
    const attributes = [AT.name, FORM.string, ...Array.from({ length: 100_000 }, () => [AT.name, FORM.present]).flat()];
    return elfWith({
      ".debug_abbrev": bytes(UNIT, abbreviation(2, TAG.subprogram, false, attributes), 0),
      ".debug_info": unit(bytes(unitEntry(), times(1_000_000, bytes(2, "")), 0)),
      ".debug_line": LINES,
    });
  },
  "abbreviations without end, for each of a hundred thousand units from another place on": () =>
    elfWith({
      ".debug_abbrev": times(300_000, abbreviation(1, TAG.unit, false, [AT.name, FORM.string])),
      ".debug_info": Buffer.concat(Array.from({ length: 100_000 }, (_, index) => unit(bytes(1, "x"), index * 7))),
    }),
  "functions that share one long list of ranges": () => {
    const list = times(200_000, bytes(4, uleb(16), uleb(32)));
    return elfWith({
      ".debug_abbrev": bytes(
        UNIT,
        abbreviation(2, TAG.subprogram, false, [AT.ranges, FORM.secOffset, AT.name, FORM.string]),
        0,
      ),
      ".debug_info": unit(bytes(unitEntry(), times(100_000, bytes(2, u32(12), "f")), 0)),
      ".debug_rnglists": withLength(bytes(u16(5), 8, 0, u32(0), list, 0)),
      ".debug_line": LINES,
    });
  },
  "functions that share one long list of empty ranges": () => {
    const list = times(400_000, bytes(4, uleb(16), uleb(16)));
    return elfWith({
      ".debug_abbrev": bytes(
        UNIT,
        abbreviation(2, TAG.subprogram, false, [AT.ranges, FORM.secOffset, AT.name, FORM.string]),
        0,
      ),
      ".debug_info": unit(bytes(unitEntry(), times(100_000, bytes(2, u32(12), "f")), 0)),
      ".debug_rnglists": withLength(bytes(u16(5), 8, 0, u32(0), list, 0)),
      ".debug_line": LINES,
    });
  },
  "units that share one long list of ranges": () =>
    elfWith({
      ".debug_abbrev": bytes(abbreviation(1, TAG.unit, false, [AT.ranges, FORM.secOffset]), 0),
      ".debug_info": times(100_000, unit(bytes(1, u32(12)))),
      ".debug_rnglists": withLength(
        bytes(u16(5), 8, 0, u32(0), times(100_000, bytes(4, uleb(0x2000), uleb(0x2010))), 0),
      ),
    }),
  "three hundred thousand inlined calls in one another, all at the same address, with long names": () => {
    const inlined = abbreviation(3, TAG.inlined, true, [
      AT.origin,
      FORM.ref4,
      AT.lowPc,
      FORM.addr,
      AT.highPc,
      FORM.data4,
    ]);
    const origin = UNIT_HEADER + unitEntry().length;
    return elfWith({
      ".debug_abbrev": bytes(
        UNIT,
        abbreviation(2, TAG.subprogram, false, [AT.name, FORM.string]),
        inlined,
        abbreviation(4, TAG.subprogram, true, [AT.lowPc, FORM.addr, AT.highPc, FORM.data4]),
        0,
      ),
      ".debug_info": unit(
        bytes(unitEntry(), 2, "n".repeat(60_000), 4, LOW, SIZE, times(300_000, bytes(3, u32(origin), LOW, SIZE))),
      ),
      ".debug_line": LINES,
    });
  },
  "a million blocks in one another": () =>
    elfWith({
      ".debug_abbrev": bytes(
        UNIT,
        abbreviation(2, TAG.subprogram, true, [AT.lowPc, FORM.addr, AT.highPc, FORM.data4]),
        abbreviation(3, TAG.block, true, []),
        0,
      ),
      ".debug_info": unit(bytes(unitEntry(), 2, LOW, SIZE, times(1_000_000, bytes(3)))),
      ".debug_line": LINES,
    }),
  "a function that is its own origin and declaration": () => {
    const self = u32(UNIT_HEADER + unitEntry().length);
    return elfWith({
      ".debug_abbrev": bytes(
        UNIT,
        abbreviation(2, TAG.subprogram, false, [
          AT.origin,
          FORM.ref4,
          AT.specification,
          FORM.ref4,
          AT.lowPc,
          FORM.addr,
          AT.highPc,
          FORM.data4,
        ]),
        0,
      ),
      ".debug_info": unit(bytes(unitEntry(), 2, self, self, LOW, SIZE, 0)),
      ".debug_line": LINES,
    });
  },
  "a long name that many functions have": () => {
    const count = 100_000;
    const functions = Array.from({ length: count }, (_, index) =>
      bytes(2, u32(0), u64(TEXT.address + index * 10), u32(10)),
    );
    return elfWith({
      ".debug_abbrev": bytes(
        UNIT,
        abbreviation(2, TAG.subprogram, false, [AT.name, FORM.strp, AT.lowPc, FORM.addr, AT.highPc, FORM.data4]),
        0,
      ),
      ".debug_info": unit(bytes(unitEntry(), ...functions, 0)),
      ".debug_str": bytes("n".repeat(60_000)),
      ".debug_line": LINES,
    });
  },
  "a pointer to a pointer, a hundred thousand deep": () => variableOf(100_000, (next) => bytes(2, next)),
  "a pointer to itself": () => variableOf(1, (next) => bytes(2, next)),
  "function types whose parameters are function types, twice each": () =>
    variableOf(60, (next) => bytes(3, next, 4, next, 4, next, 0)),
  "a type with a long name that many variables have": () => {
    const variables = Array.from({ length: 20_000 }, (_, index) =>
      bytes(4, u32(UNIT_HEADER + unitEntry().length), "v", uleb(9), 3, u64(TEXT.address + index * 8)),
    );
    return elfWith({
      ".debug_abbrev": bytes(
        UNIT,
        abbreviation(2, TAG.typedef, false, [AT.name, FORM.string]),
        abbreviation(4, TAG.variable, false, [AT.type, FORM.ref4, AT.name, FORM.string, AT.location, FORM.exprloc]),
        0,
      ),
      ".debug_info": unit(bytes(unitEntry(), 2, "t".repeat(60_000), ...variables, 0)),
      ".debug_line": LINES,
    });
  },
  "a long line program that a hundred thousand units share": () =>
    elfWith({
      ".debug_abbrev": bytes(
        abbreviation(1, TAG.unit, false, [AT.lowPc, FORM.addr, AT.highPc, FORM.data4, AT.stmtList, FORM.secOffset]),
        0,
      ),
      ".debug_info": Buffer.concat(
        Array.from({ length: 100_000 }, (_, index) =>
          unit(bytes(1, u64(TEXT.address + index * 100), u32(100), u32(0))),
        ),
      ),
      ".debug_line": lineTable(bytes(0, uleb(9), 2, LOW, times(1_000_000, bytes(0x20)), 0, 1, 1)),
    }),
  "a line table with a million files that many units share": () =>
    elfWith({
      ".debug_abbrev": bytes(
        abbreviation(1, TAG.unit, false, [AT.lowPc, FORM.addr, AT.highPc, FORM.data4, AT.stmtList, FORM.secOffset]),
        0,
      ),
      ".debug_info": Buffer.concat(
        Array.from({ length: 20_000 }, (_, index) => unit(bytes(1, u64(TEXT.address + index * 50), u32(50), u32(0)))),
      ),
      ".debug_line": lineTable(bytes(0, uleb(9), 2, LOW, 0x20, 2, uleb(TEXT.size), 0, 1, 1), 1_000_000),
    }),
  "a line program that never makes a row": () =>
    elfWith({
      ".debug_abbrev": bytes(UNIT, 0),
      ".debug_info": unit(bytes(unitEntry(), 0)),
      ".debug_line": lineTable(bytes(0, uleb(9), 2, LOW, times(1_000_000, bytes(2, 1)), 0, 1, 1)),
    }),
  "a line program of a million sequences at the same address": () =>
    elfWith({
      ".debug_abbrev": bytes(UNIT, 0),
      ".debug_info": unit(bytes(unitEntry(), 0)),
      ".debug_line": lineTable(times(300_000, bytes(0, uleb(9), 2, LOW, 1, 2, uleb(TEXT.size), 0, 1, 1))),
    }),
  "units that import one another, twice each": () => {
    const length = UNIT_HEADER + 1 + 10 + 1;
    return elfWith({
      ".debug_abbrev": bytes(
        abbreviation(1, TAG.unit, true, []),
        abbreviation(2, TAG.imported, false, [AT.import, 0x10]),
        0,
      ),
      ".debug_info": Buffer.concat(
        Array.from({ length: 100 }, (_, index) => {
          const next = u32(((index + 1) % 100) * length + UNIT_HEADER);
          return unit(bytes(1, 2, next, 2, next, 0));
        }),
      ),
    });
  },
  "a section that claims to be a terabyte when it is decompressed": () =>
    elfWith({
      ".zdebug_info": bytes(Buffer.from("ZLIB"), Buffer.from([0, 0, 1, 0, 0, 0, 0, 0]), deflateSync(unit(bytes(1)))),
    }),
  "a section that decompresses to a thousand times its size": () => {
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(1n << 30n);
    return elfWith({
      ".zdebug_info": bytes(Buffer.from("ZLIB"), size, deflateSync(Buffer.alloc(1 << 30))),
      ".debug_abbrev": bytes(UNIT, 0),
    });
  },
};

test.each(Object.entries(CASES))(
  "%s",
  async (_, make) => {
    const path = join(folder, "program");
    writeFileSync(path, make());
    expect(failureOf(await asker.ask(path), folder)).toBeNull();
  },
  60_000,
);

test.each(["the file with the split unit", "the separate debug file"])(
  "a pipe in the place of %s is not waited for",
  async (what) => {
    const path = join(folder, "program");
    const pipe = join(folder, "pipe.debug");
    execFileSync("mkfifo", [pipe]);
    const link = bytes("pipe.debug", 0, u32(0));
    const skeleton = bytes(1, pipe, LOW, SIZE);
    const sections: Record<string, Uint8Array> =
      what === "the separate debug file"
        ? { ".gnu_debuglink": link }
        : {
            ".debug_abbrev": bytes(
              abbreviation(1, TAG.unit, false, [AT.dwoName, FORM.string, AT.lowPc, FORM.addr, AT.highPc, FORM.data4]),
              0,
            ),
            ".debug_info": withLength(bytes(u16(5), 4, 8, u32(0), u64(1), skeleton)),
          };
    writeFileSync(path, elfWith(sections));
    const outcome = await asker.ask(path);
    rmSync(pipe);
    expect(failureOf(outcome, folder)).toBeNull();
  },
  60_000,
);

/** A variable at the beginning of `.text` whose type is the first of these; each refers to the next, the last to itself. */
function variableOf(count: number, type: (reference: Buffer) => Buffer): Buffer {
  const variable = (reference: Buffer) => bytes(5, reference, "v", uleb(9), 3, LOW);
  const first = UNIT_HEADER + unitEntry().length + variable(u32(0)).length;
  const size = type(u32(0)).length;
  const types = Array.from({ length: count }, (_, index) => type(u32(first + Math.min(index + 1, count - 1) * size)));
  return elfWith({
    ".debug_abbrev": bytes(
      UNIT,
      abbreviation(2, TAG.pointer, false, [AT.type, FORM.ref4]),
      abbreviation(3, TAG.subroutine, true, [AT.type, FORM.ref4]),
      abbreviation(4, TAG.parameter, false, [AT.type, FORM.ref4]),
      abbreviation(5, TAG.variable, false, [AT.type, FORM.ref4, AT.name, FORM.string, AT.location, FORM.exprloc]),
      0,
    ),
    ".debug_info": unit(bytes(unitEntry(), variable(u32(first)), ...types, 0)),
    ".debug_line": LINES,
  });
}
