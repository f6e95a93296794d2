import { expect, test } from "vitest";
import { AARCH64, type Paging, takeApart, X86_64, X86_64_FIVE_LEVELS } from "../../../src/memory/virtualAddress.ts";

/** The address that has these indexes. */
function together(indexes: number[], offset: number): bigint {
  return indexes.reduce((address, index) => (address << 9n) | BigInt(index), 0n) * 4096n + BigInt(offset);
}

test("an address of four levels has an index of nine bits for each table", () => {
  const { tables, offset, canonical } = takeApart(together([255, 510, 3, 511], 0xabc), X86_64);
  expect(tables).toEqual([
    { name: "PGD", index: 255 },
    { name: "PUD", index: 510 },
    { name: "PMD", index: 3 },
    { name: "PTE", index: 511 },
  ]);
  expect(offset).toBe(0xabc);
  expect(canonical).toBe(true);
});

test("with five levels a common address has 0 in the top table", () => {
  const { tables } = takeApart(0x7fff_ffff_f000n, X86_64_FIVE_LEVELS);
  expect(tables.map(({ name, index }) => `${name} ${index}`)).toEqual([
    "PGD 0",
    "P4D 255",
    "PUD 511",
    "PMD 511",
    "PTE 511",
  ]);
  expect(takeApart(together([200, 1, 2, 3, 4], 5), X86_64_FIVE_LEVELS).tables.map(({ index }) => index)).toEqual([
    200, 1, 2, 3, 4,
  ]);
});

test.each<[string, Paging, bigint, boolean]>([
  ["the last of the lower half", X86_64, 0x7fff_ffff_ffffn, true],
  ["the first beyond it", X86_64, 0x8000_0000_0000n, false],
  ["the last before the upper half", X86_64, 0xffff_7fff_ffff_ffffn, false],
  ["the first of the upper half", X86_64, 0xffff_8000_0000_0000n, true],
  ["vsyscall", X86_64, 0xffff_ffff_ff60_0000n, true],
  ["one that only five levels reach", X86_64_FIVE_LEVELS, 0x00ff_ffff_ffff_f000n, true],
  ["the first beyond five levels", X86_64_FIVE_LEVELS, 0x0100_0000_0000_0000n, false],
  ["the last of AArch64's lower half", AARCH64, 0x0000_ffff_ffff_ffffn, true],
  ["one with a tag in the top byte", AARCH64, 0xab00_ffff_ffff_ffffn, true],
  ["the first beyond AArch64's lower half", AARCH64, 0x0001_0000_0000_0000n, false],
])("whether the CPU takes it for an address: %s", (_, paging, address, canonical) => {
  expect(takeApart(address, paging).canonical).toBe(canonical);
});
