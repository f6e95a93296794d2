/** Files whose section table is cut off: what the dynamic linker is told has to do. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compile } from "../fixtures.ts";
import { allOfNm, debugFile, fileOf, REAL_FILES, readelfBuildId, readelfSegments, withElf } from "./binutils.ts";

const forms: [form: string, path: () => string][] = [
  ["a library", () => compile("program.c", "elf", ["-shared", "-fPIC"])],
  ["a library of 32 bits", () => compile("program.c", "elf", ["-shared", "-fPIC", "-m32", "-nostdlib"])],
  [
    "a library with the older hash table",
    () => compile("program.c", "elf", ["-shared", "-fPIC", "-Wl,--hash-style=sysv"]),
  ],
  [
    "a library with the newer hash table",
    () => compile("program.c", "elf", ["-shared", "-fPIC", "-Wl,--hash-style=gnu"]),
  ],
  ...REAL_FILES.map((path): [string, () => string] => [path, () => path]),
];

describe.each(forms)("%s", (form, path) => {
  test("has its dynamic symbols with their versions", async () => {
    const bytes = readFileSync(path());
    if (bytes[4] === 2) bytes.writeBigUInt64LE(0n, 40);
    else bytes.writeUInt32LE(0, 32);
    bytes.fill(0, bytes[4] === 2 ? 58 : 46, bytes[4] === 2 ? 64 : 52);
    const stripped = fileOf(`stripped-${form.replaceAll(/\W/g, "-")}`, bytes);
    await withElf(stripped, async (elf) => {
      expect(elf.layout.sections).toEqual([]);
      expect(elf.layout.segments).toEqual(readelfSegments(path(), "LOAD"));
      expect(elf.layout.buildId).toBe(readelfBuildId(path()));
      const dynamic = allOfNm(path(), "-D").filter(({ kind, type }) => kind !== "A" && type !== "TLS");
      const found = (await elf.allSymbols(1_000_000)) ?? [];
      // Where this machine has a debug file its symbols, which tell no versions, take their place.
      const hasDebugFile = debugFile(path()) !== null;
      const text = ({ name, version = "", address }: { name: string; version?: string; address: bigint | number }) =>
        `${name}${hasDebugFile ? "" : version} ${address}`;
      const all = new Set(found.map(text));
      expect(dynamic.map(text).filter((symbol) => !all.has(symbol))).toEqual([]);
      if (!hasDebugFile) expect(all.size).toBe(new Set(dynamic.map(text)).size);
      for (const { address, size } of dynamic.slice(0, 200)) {
        if (size > 0) expect((await elf.symbolAt(BigInt(address)))?.size).toBeGreaterThan(0);
      }
    });
  }, 60_000);
});
