import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { AT_BASE, AT_ENTRY, AT_PAGESZ, AT_PHDR, parseAuxiliaryVector } from "../../../src/linux/auxv.ts";
import { parseMarks } from "../../../src/linux/marks.ts";
import { placeMarks } from "../../../src/memory/marks.ts";
import { compile } from "../fixtures.ts";
import { imageOf } from "../memory/images.ts";
import { open, start, stop } from "./programs.ts";

/** A vector of words of 4 or 8 bytes. */
function vectorOf(width: 4 | 8, words: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(words.length * width);
  for (const [index, word] of words.entries()) {
    if (width === 8) bytes.writeBigUInt64LE(word, index * 8);
    else bytes.writeUInt32LE(Number(word), index * 4);
  }
  return bytes;
}

const PAIRS = [
  33n,
  0xf7fc5000n,
  16n,
  0x178bfbffn,
  6n,
  4096n,
  3n,
  0x56555034n,
  7n,
  0xf7fc7000n,
  9n,
  0x56556070n,
  0n,
  0n,
];

test.each([4, 8] as const)("a vector of words of %s bytes is told by what makes sense", (width) => {
  const vector = parseAuxiliaryVector(vectorOf(width, PAIRS));
  expect(vector?.get(AT_PAGESZ)).toBe(4096n);
  expect(vector?.get(AT_PHDR)).toBe(0x56555034n);
  expect(vector?.get(AT_BASE)).toBe(0xf7fc7000n);
  expect(vector?.get(AT_ENTRY)).toBe(0x56556070n);
  expect(vector?.size).toBe(6);
});

test("bytes that are no vector are none", () => {
  const cut = vectorOf(8, PAIRS).subarray(0, 30);
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(64), Buffer.alloc(333, 0xff), cut]) {
    expect(parseAuxiliaryVector(bytes)).toBeNull();
  }
});

test("the marks of the auxiliary vector are those that the loader prints", async () => {
  const { pid, output } = await start("sleep", ["1000"], { env: { ...process.env, LD_SHOW_AUXV: "1" } });
  const marks = open(pid).readMarks();
  for (const name of ["AT_PHDR", "AT_BASE", "AT_ENTRY", "AT_RANDOM", "AT_SYSINFO_EHDR"] as const) {
    const [, printed = ""] = new RegExp(`^${name}: +(0x[0-9a-f]+)$`, "m").exec(output) ?? [];
    expect([name, marks.get(name)]).toEqual([name, BigInt(printed)]);
  }
});

test("each mark of a program lies in the region that it is named after", async () => {
  const { pid } = await start(compile("demo.c", "demo", ["-g", "-O0", "-pthread"]));
  await stop(pid);
  const image = imageOf(pid);
  const space = await image.read("maps");
  const marks = open(pid).readMarks();
  const placed = new Map(
    placeMarks(space, marks).map(({ name, region }) => [name, region < 0 ? "nowhere" : space.kind(region)]),
  );
  expect(Object.fromEntries(placed)).toEqual({
    start_code: "code",
    end_code: "code",
    start_data: expect.stringMatching(/^(relro|data)$/),
    end_data: "data",
    start_brk: "heap",
    start_stack: "stack",
    arg_start: "stack",
    arg_end: "stack",
    env_start: "stack",
    env_end: "stack",
    AT_PHDR: "rodata",
    AT_ENTRY: "code",
    AT_BASE: "rodata",
    AT_SYSINFO_EHDR: "vdso",
    AT_RANDOM: "stack",
    AT_EXECFN: "stack",
  });
  const [argument = ""] = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
  const [from = 0n, to = 0n] = [marks.get("arg_start"), marks.get("arg_end")];
  expect(Number(to - from)).toBe(argument.length + 1);
});

test("marks that may not be read are left out: the kernel prints 0, and 1 for the code", () => {
  const fields = Array.from({ length: 50 }, () => "0");
  fields[24 - 1] = fields[25 - 1] = "1";
  expect(parseMarks(`812 (a) b) S ${fields.slice(1).join(" ")}\n`, null).size).toBe(0);
});

test("a 32-bit program has its marks too", async () => {
  const program = compile("bits32.c", "vmas", ["-m32", "-nostdlib", "-static", "-no-pie"]);
  const { pid } = await start("sh", ["-c", `echo ready; exec ${program}`]);
  while (!readFileSync(`/proc/${pid}/maps`, "utf8").includes("bits32")) await sleep(1);
  const space = await imageOf(pid).read("maps");
  const kinds = new Map(placeMarks(space, open(pid).readMarks()).map(({ name, region }) => [name, space.kind(region)]));
  expect(kinds.get("AT_ENTRY")).toBe("code");
  expect(kinds.get("AT_SYSINFO_EHDR")).toBe("vdso");
  expect(kinds.get("AT_RANDOM")).toBe("stack");
});
