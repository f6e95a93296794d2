/** Large blocks of glibc's malloc, each in a mapping of its own. Source: glibc malloc/malloc.c, sysmalloc and _int_memalign. */
import type { AddressSpace } from "../memory/addressSpace.ts";
import { HEAD, IS_MMAPPED } from "./chunks.ts";
import type { Words } from "./words.ts";

/**
 * The chunk in region `index` that has the address; `null` where there is none. The kernel makes one region of mappings that
 * lie side by side, so they are followed from its beginning.
 */
export function mappedChunkAt(
  { columns }: AddressSpace,
  index: number,
  address: number,
  words: Words,
): { start: number; size: number } | null {
  const end = columns.end[index] as number;
  let at = columns.start[index] as number;
  for (let count = 0; at <= address && count < MOST; count++) {
    const chunk = chunkIn(at, end, words);
    if (!chunk) return null;
    if (address < chunk.start + chunk.size) return address >= chunk.start ? chunk : null;
    at = chunk.start + chunk.size;
  }
  return null;
}

/** The chunk of a mapping that begins at the address: in its first page, and where it is aligned it says how far into it. */
function chunkIn(mapping: number, end: number, words: Words): { start: number; size: number } | null {
  for (let before = 0; before < PAGE; before += 16) {
    const head = words.at(mapping + before + HEAD);
    if (head === null) return null;
    const size = head - IS_MMAPPED;
    const isWhole = (before + size) % PAGE === 0 && mapping + before + size <= end;
    if (isWhole && size >= SMALLEST && words.at(mapping + before) === before) return { start: mapping + before, size };
  }
  return null;
}

const PAGE = 4096;
/** Bytes: of a block of 128 KiB, the default of M_MMAP_THRESHOLD. */
const SMALLEST = 0x21000;
const MOST = 10_000;
