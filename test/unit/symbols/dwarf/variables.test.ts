/** Variables with static storage: what gdb says of them. */
import { posix } from "node:path";
import { expect, test } from "vitest";
import {
  DW_AT_byte_size,
  DW_AT_location,
  DW_AT_lower_bound,
  DW_AT_name,
  DW_AT_type,
  DW_AT_upper_bound,
  DW_FORM_data1,
  DW_FORM_exprloc,
  DW_FORM_implicit_const,
  DW_FORM_ref4,
  DW_FORM_string,
  DW_TAG_array_type,
  DW_TAG_subrange_type,
  DW_TAG_variable,
} from "../../../../src/symbols/dwarf/constants.ts";
import { fileOf } from "../binutils.ts";
import { openPlain } from "./compare.ts";
import { type GdbVariable, gdbVariables } from "./gdbVariables.ts";
import { build, isBuildable, VARIANTS } from "./variants.ts";
import { abbreviation, bytes, elfWith, sleb, TEXT, UNIT_HEADER, u32, u64, uleb, unit } from "./writeDwarf.ts";

const DW_TAG_compile_unit = 0x11;
const DW_TAG_base_type = 0x24;
const DW_OP_addr = 3;

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

test("constants in abbreviations may be negative", async () => {
  const [UNIT, CHARACTER, ARRAY, RANGE, VARIABLE] = [1, 2, 3, 4, 5];
  const constant = (name: number, value: number) => bytes(uleb(name), uleb(DW_FORM_implicit_const), sleb(value));
  const abbreviations = [
    abbreviation(UNIT, DW_TAG_compile_unit, true, []),
    abbreviation(CHARACTER, DW_TAG_base_type, false, [DW_AT_name, DW_FORM_string, DW_AT_byte_size, DW_FORM_data1]),
    abbreviation(ARRAY, DW_TAG_array_type, true, [DW_AT_type, DW_FORM_ref4]),
    bytes(
      ...[uleb(RANGE), uleb(DW_TAG_subrange_type), 0],
      ...[constant(DW_AT_lower_bound, -300), constant(DW_AT_upper_bound, -1), 0, 0],
    ),
    abbreviation(VARIABLE, DW_TAG_variable, false, [
      ...[DW_AT_name, DW_FORM_string, DW_AT_type, DW_FORM_ref4, DW_AT_location, DW_FORM_exprloc],
    ]),
  ];
  const character = UNIT_HEADER + 1;
  const array = character + bytes(CHARACTER, "char", 1).length;
  const place = bytes(DW_OP_addr, u64(TEXT.address));
  const path = fileOf(
    "negative-constants",
    elfWith({
      ".debug_abbrev": bytes(...abbreviations, 0),
      ".debug_info": unit(
        bytes(
          ...[UNIT, CHARACTER, "char", 1, ARRAY, u32(character), RANGE, 0],
          ...[VARIABLE, "letters", u32(array), place.length, place, 0],
        ),
      ),
    }),
  );
  const elf = await openPlain(path);
  try {
    expect(await elf.variableAt(BigInt(TEXT.address + 299))).toMatchObject({
      name: "letters",
      type: "char[300]",
      size: 300,
    });
  } finally {
    elf.close();
  }
});

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
