/** A virtual address as the CPU takes it apart to find its page. Sources: Intel SDM 3A, 4.5; Arm ARM D8.2. */
import type { Address } from "./address.ts";

/** How a CPU finds pages: by tables of 512 entries, one below the other, down to pages of 4 KiB. */
export interface Paging {
  /** Linux's names of the tables, the top one first. */
  readonly tables: readonly string[];
  /** Of an address beyond what the tables hold, the bits above must be all the same; on AArch64 the top byte is free. */
  readonly topByteIgnored: boolean;
}

export const X86_64: Paging = { tables: ["PGD", "PUD", "PMD", "PTE"], topByteIgnored: false };
/** x86-64 with LA57: also those addresses that four levels would hold go through five, the first index being 0 then. */
export const X86_64_FIVE_LEVELS: Paging = { tables: ["PGD", "P4D", "PUD", "PMD", "PTE"], topByteIgnored: false };
/** AArch64 with pages of 4 KiB and 48 bits. */
export const AARCH64: Paging = { tables: ["PGD", "PUD", "PMD", "PTE"], topByteIgnored: true };

export interface VirtualAddress {
  /** Whether the CPU accepts it as an address at all. */
  readonly canonical: boolean;
  /** The index into each table, 0 to 511, from the top. */
  readonly tables: { readonly name: string; readonly index: number }[];
  /** In the page. */
  readonly offset: number;
}

export function takeApart(address: Address, { tables, topByteIgnored }: Paging): VirtualAddress {
  const bits = BigInt(PAGE_BITS + TABLE_BITS * tables.length);
  // On x86-64 the sign is the topmost translated bit; on AArch64, whose halves have all 48, it is bit 55.
  const [top, from] = topByteIgnored ? [56n, bits] : [64n, bits - 1n];
  const above = (address & ((1n << top) - 1n)) >> from;
  return {
    canonical: above === 0n || above === (1n << (top - from)) - 1n,
    tables: tables.map((name, level) => {
      const shift = PAGE_BITS + TABLE_BITS * (tables.length - 1 - level);
      return { name, index: Number((address >> BigInt(shift)) & TABLE_MASK) };
    }),
    offset: Number(address & PAGE_MASK),
  };
}

const PAGE_BITS = 12;
const PAGE_MASK = 0xfffn;
const TABLE_BITS = 9;
const TABLE_MASK = 0x1ffn;
