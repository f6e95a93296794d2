/** Variables with static storage: what gdb says of them. */
import { posix } from "node:path";
import { expect, test } from "vitest";
import { openPlain } from "./compare.ts";
import { type GdbVariable, gdbVariables } from "./gdbVariables.ts";
import { build, isBuildable, VARIANTS } from "./variants.ts";

const NAMES = [
  "gcc -O0 DWARF 5",
  "gcc -O2 DWARF 2",
  "gcc 64-bit DWARF 4",
  "gcc type units DWARF 5",
  "gcc split DWARF 5",
  "gcc dwz",
  "gcc 32 bit",
  "clang -O0 DWARF 5",
  "clang -O2 DWARF 4",
  "clang one merged .debug_names",
  "clang split DWARF 4",
  "C -O0 DWARF 5",
  "C -O2 DWARF 4, common",
  "C 32 bit",
  "clang C -O0",
];

test.each(VARIANTS.filter((variant) => NAMES.includes(variant.name) && isBuildable(variant)))(
  "$name",
  async (variant) => {
    const path = build(variant);
    const theirs = gdbVariables(path);
    const elf = await openPlain(path);
    try {
      const ours: GdbVariable[] = [];
      for (const { address } of theirs) {
        const found = await elf.variableAt(BigInt(address));
        ours.push({
          name: found?.name ?? "",
          address: `0x${found?.address.toString(16)}`,
          type: found?.type ?? "",
          size: found?.size ?? 0,
          file: found?.source?.file ?? "",
          line: found?.source?.line ?? 0,
        });
      }
      expect(theirs.length).toBeGreaterThan(8);
      expect(ours.map(normal)).toEqual(theirs.map(normal));
    } finally {
      elf.close();
    }
  },
  60_000,
);

/** What can be said in several ways is said in one: `long int` and `long`, a name with its scope or without. */
function normal(variable: GdbVariable): GdbVariable {
  const type = variable.type
    .replace("{…}", "{...}")
    .replaceAll("volatile const", "const volatile")
    .replace(/\b((long|short|unsigned|signed|int|char)\b ?)+/g, (words) => {
      const sorted = words.trim().split(" ").sort();
      return sorted.length > 1 ? sorted.filter((word) => word !== "int").join(" ") : words;
    })
    .replace(/ ?([*&[\](),<>]) ?/g, "$1");
  return {
    ...variable,
    name: variable.name.replace(/^.*::/, "").replace(/^_ZN12_GLOBAL__N_1L?\d+(\w+)E$/, "$1"),
    type,
    file: posix.normalize(variable.file),
  };
}
