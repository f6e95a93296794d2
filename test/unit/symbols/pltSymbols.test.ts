/** Entries of procedure linkage tables, as objdump names them. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ElfSymbol } from "../../../src/memory/module.ts";
import { compile } from "../fixtures.ts";
import {
  allOfNm,
  fileOf,
  HAS_LIBRARIES_OF_32_BITS,
  has,
  place,
  pltSymbols,
  REAL_FILES,
  run,
  withElf,
} from "./binutils.ts";

const SOURCE = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int count, char **words) {
  void *(*pointer)(size_t) = malloc;
  printf("%d %s\\n", atoi(words[0]), strdup(words[count - 1]));
  return puts(pointer(3)) + (malloc(4) != 0);
}
`;

function entries(path: string): Promise<readonly ElfSymbol[]> {
  return withElf(path, async (elf) =>
    ((await elf.allSymbols(1_000_000)) ?? []).filter(({ name }) => name.endsWith("@plt")),
  );
}

const forms: [form: string, ...flags: string[]][] = [
  ["lazily bound"],
  ["bound at start", "-Wl,-z,now"],
  ["at fixed addresses", "-no-pie", "-fno-pic"],
  ["without a table for calls", "-fno-plt"],
  ["with protected branches", "-fcf-protection", "-Wl,-z,ibtplt"],
  ["with protected branches, bound at start", "-fcf-protection", "-Wl,-z,ibtplt", "-Wl,-z,now"],
  ["a library", "-shared", "-fPIC"],
  ["of 32 bits", "-m32"],
  ["of 32 bits, at fixed addresses", "-m32", "-no-pie", "-fno-pic"],
  ["of 32 bits, a library with protected branches", "-m32", "-shared", "-fPIC", "-fcf-protection", "-Wl,-z,ibtplt"],
  ["of gold", "-fuse-ld=gold"],
  ["of lld", "-fuse-ld=lld"],
];

const hasLld = has("clang-19") && has("ld.lld-19") && has("llvm-objdump-19");

const possible = forms.filter(
  (flags) => (HAS_LIBRARIES_OF_32_BITS || !flags.includes("-m32")) && (hasLld || !flags.includes("-fuse-ld=lld")),
);

describe.each(possible)("a program %s", (form, ...flags) => {
  test("has the entries that objdump names, of their sizes", async () => {
    const path = place(`plt-${form.replaceAll(/\W+/g, "-")}`);
    const compiler = flags.includes("-fuse-ld=lld") ? "clang-19" : "gcc";
    run(compiler, "-o", path, fileOf("plt.c", Buffer.from(SOURCE)), ...flags);
    const found = await entries(path);
    const expected = pltSymbols(path);
    const text = ({ name, address, size }: { name: string; address: bigint | number; size: number }) =>
      `${name} ${address} ${size}`;
    expect(found.map(text)).toEqual(
      expected.map(text).sort((a, b) => Number(a.split(" ")[1]) - Number(b.split(" ")[1])),
    );
    expect(found.length > 2).toBe(!flags.includes("-fno-plt"));
    await withElf(path, async (elf) => {
      for (const { name, address } of found) {
        expect(await elf.symbolAt(address + 5n)).toMatchObject({ name, address, type: "function" });
        expect(await elf.symbolsNamed(name)).toMatchObject([{ address }]);
      }
    });
  });
});

test("in static programs they are named after the functions that are chosen at start", async () => {
  for (const flags of [["-static"], ["-static-pie"], ["-static", "-m32"]]) {
    if (flags.includes("-m32") && !HAS_LIBRARIES_OF_32_BITS) continue;
    const path = place(`plt${flags.join("")}`);
    run("gcc", "-o", path, fileOf("plt.c", Buffer.from(SOURCE)), ...flags);
    const names = (await entries(path)).map(({ name }) => name.replace("@plt", ""));
    const chosen = new Set(allOfNm(path).flatMap(({ name, kind }) => (kind === "i" ? [name] : [])));
    expect(names.filter((name) => !chosen.has(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(5);
    expect(names.join(" ")).toMatch(/\b(strlen|strchr|memcpy)\b/);
  }
});

test
  .runIf(hasLld)
  .each([
    ["plain"],
    ["with protected branches", "-mbranch-protection=bti", "-Wl,-z,force-bti"],
    [
      "with protected branches and return addresses",
      "-mbranch-protection=standard",
      "-Wl,-z,force-bti",
      "-Wl,-z,pac-plt",
    ],
  ])("for AArch64 %s they are those of llvm-objdump", async (form, ...flags) => {
  const source = fileOf(
    "arm.c",
    Buffer.from('int puts(const char *); int other(int); int f(int n) { return puts("") + other(n); }\n'),
  );
  const path = place(`arm-${form.replaceAll(" ", "-")}`);
  const target = ["--target=aarch64-linux-gnu", "-nostdlib", "-shared", "-fPIC", "-fuse-ld=lld"];
  run("clang-19", ...target, ...flags, "-o", path, source);
  const labels = run("llvm-objdump-19", "-d", "-j", ".plt", path).matchAll(/^([0-9a-f]+) <(.*@plt)>:$/gm);
  const expected = Array.from(labels, ([, address, name]) => ({ name, address: BigInt(`0x${address}`) }));
  const found = await entries(path);
  expect(found.map(({ name, address }) => ({ name, address }))).toEqual(expected);
  expect(found.map(({ name }) => name).sort()).toEqual(["other@plt", "puts@plt"]);
  const [first, second] = found;
  expect(Number((second?.address ?? 0n) - (first?.address ?? 0n))).toBe(first?.size);
});

test.each(REAL_FILES)("%s has the entries that objdump names", async (path) => {
  const found = new Map((await entries(path)).map(({ name, address }) => [Number(address), name]));
  const wrong = pltSymbols(path).filter(({ name, address }) => found.get(address) !== name);
  expect(wrong).toEqual([]);
});

test("tables whose code or relocations are damaged name what is left", async () => {
  const path = compile("program.c", "elf", ["-shared", "-fPIC"]);
  const whole = readFileSync(path);
  const all = new Set((await entries(path)).map(({ name, address }) => `${name} ${address}`));
  for (let at = 0; at < 0x1100; at += 3) {
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, at, at + 8);
    if (damaged.subarray(0, 16).compare(whole.subarray(0, 16)) !== 0) continue;
    await withElf(fileOf("plt-damaged", damaged), async (elf) => {
      expect((await elf.allSymbols(1000))?.length).toBeGreaterThanOrEqual(0);
    });
  }
  expect(all.size).toBe(5);
});
