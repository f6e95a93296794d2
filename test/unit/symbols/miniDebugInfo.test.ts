/** Symbols in `.gnu_debugdata`, made as gdb's manual says under "MiniDebugInfo". */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { TimeSlice } from "../../../src/memory/timeSlice.ts";
import { decompressXz } from "../../../src/symbols/xz.ts";
import { compile } from "../fixtures.ts";
import { allOfNm, fileOf, has, nmSymbols, place, run, withElf } from "./binutils.ts";

/** The program without its `.symtab`, the functions of which are in `.gnu_debugdata`. */
function withMiniDebugInfo(program: string, name: string, ...compression: string[]): string {
  const dynamic = new Set(allOfNm(program, "-D").map(({ name }) => name));
  const functions = allOfNm(program).filter(({ name, kind }) => "TtD".includes(kind) && !dynamic.has(name));
  const keep = fileOf(`${name}.keep`, Buffer.from(functions.map(({ name }) => `${name}\n`).join("")));
  run("objcopy", "--only-keep-debug", program, place(`${name}.debug`));
  const mini = place(`${name}.mini`);
  run("objcopy", "-S", "--remove-section", ".comment", `--keep-symbols=${keep}`, place(`${name}.debug`), mini);
  run("strip", "--strip-all", "-R", ".comment", "-o", place(`${name}.stripped`), program);
  writeFileSync(`${mini}.xz`, execFileSync("xz", ["-c", ...compression, mini]));
  run("objcopy", `--add-section=.gnu_debugdata=${mini}.xz`, place(`${name}.stripped`), place(name));
  return place(name);
}

const describeWithXz = describe.runIf(has("xz"));

describeWithXz.each([
  ["a program", []],
  ["a program of 32 bits", ["-m32", "-nostdlib"]],
  ["a library", ["-shared", "-fPIC"]],
])("%s", (form, flags) => {
  test("has its functions, local ones too, at their addresses", async () => {
    const program = compile("program.c", "elf", [
      "-fno-inline",
      ...flags,
      ...(flags.length > 1 ? [] : ["-nostartfiles"]),
    ]);
    const file = withMiniDebugInfo(program, `mini-${form.replaceAll(" ", "-")}`);
    expect(run("readelf", "-SW", file)).not.toContain(".symtab");
    const functions = allOfNm(program).filter(({ kind }) => "Tt".includes(kind));
    expect(functions.map(({ name }) => name)).toContain("local_twin");
    await withElf(file, async (elf) => {
      for (const { name, address, size } of functions) {
        const found = await elf.symbolsNamed(name);
        expect(found.map(({ address, size }) => ({ address, size }))).toContainEqual({
          address: BigInt(address),
          size,
        });
        if (size > 0) expect((await elf.symbolAt(BigInt(address)))?.size).toBe(size);
      }
      const { sections } = elf.layout;
      const text = sections.find(({ name }) => name === ".text") ?? sections[0];
      expect(text && (await elf.symbolsOf(text, "size", 0, 0)).total).toBe(
        nmSymbols(program).filter(({ section, kind }) => section === ".text" && "Tt".includes(kind)).length +
          [
            ...new Set(
              allOfNm(program, "-D")
                .filter(({ kind }) => "iW".includes(kind))
                .map(({ name }) => name),
            ),
          ].length,
      );
    });
  });
});

test.runIf(has("xz"))("what is damaged adds nothing, and takes nothing away", async () => {
  const program = compile("program.c", "elf", ["-shared", "-fPIC"]);
  const whole = readFileSync(withMiniDebugInfo(program, "mini-whole"));
  const start = whole.indexOf(Buffer.from("\xfd7zXZ\0", "latin1"));
  for (const at of [0, 7, 12, 20, 24, 30, 40, 100, 200, 300]) {
    const damaged = Buffer.from(whole);
    damaged[start + at] = 0xff ^ (damaged[start + at] as number);
    await withElf(fileOf("mini-damaged", damaged), async (elf) => {
      const names = (await elf.allSymbols(1000))?.map(({ name }) => name);
      expect(names).toContain("visible_name");
    });
  }
});

describeWithXz("xz streams", () => {
  const program = readFileSync(compile("program.c", "elf", ["-nostdlib", "-static"]));
  const xz = (input: Buffer, ...options: string[]) =>
    execFileSync("xz", ["-c", ...options], { input, maxBuffer: 2 ** 30 });
  const read = (bytes: Buffer, limit = 2 ** 30) => decompressXz(bytes, limit, new TimeSlice());

  test.each([
    ["the usual way", []],
    ["in blocks of their own", ["--block-size=100000"]],
    ["with other models", ["--lzma2=preset=9,lc=0,lp=3,pb=1,dict=4KiB"]],
    ["with most models", ["--lzma2=lc=4,lp=0,pb=4"]],
    ["with SHA-256", ["--check=sha256"]],
    ["without a check", ["--check=none"]],
    ["quickly", ["-0"]],
  ])("that are compressed %s", async (_, options) => {
    expect((await read(xz(program, ...options)))?.equals(program)).toBe(true);
  });

  test("of nothing, of noughts and of noise", async () => {
    const noise = randomBytes(300_000);
    for (const input of [Buffer.alloc(0), Buffer.alloc(3_000_000), noise, Buffer.concat([noise, program, noise])]) {
      expect((await read(xz(input)))?.equals(input)).toBe(true);
    }
  });

  test("no further than the limit, and none that are cut off or have other filters", async () => {
    const zeros = xz(Buffer.alloc(3_000_000));
    expect(await read(zeros, 2_999_999)).toBeNull();
    expect(await read(zeros, 3_000_000)).toHaveLength(3_000_000);
    for (let length = 0; length < zeros.length; length += 7) {
      const part = await read(zeros.subarray(0, length));
      expect(part === null || part.length === 3_000_000).toBe(true);
    }
    expect(await read(xz(program, "--x86", "--lzma2"))).toBeNull();
  });
});
