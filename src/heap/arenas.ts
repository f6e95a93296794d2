/**
 * The arenas of glibc's malloc, and the memory they cut into chunks. Source: glibc malloc/malloc.c, struct malloc_state, and
 * malloc/arena.c, struct heap_info, as they are on 64 bits.
 */
import type { AddressSpace } from "../memory/addressSpace.ts";
import { READ, WRITE } from "../memory/addressSpace.ts";
import { type Cache, type ChunkRange, HEAD, NON_MAIN_ARENA, PREV_INUSE, USER } from "./chunks.ts";
import type { Words } from "./words.ts";

/** An arena: a malloc_state. */
export interface Arena {
  readonly address: number;
  readonly layout: Layout;
}

/** Bytes from the beginning of a malloc_state. */
interface Layout {
  /** `null` where it has none. */
  readonly fastbins: number | null;
  readonly top: number;
  readonly bins: number;
  readonly next: number;
  readonly attachedThreads: number;
  readonly size: number;
}

/** Since glibc 2.27. */
const WITH_FASTBINS: Layout = {
  ...{ fastbins: 0x10, top: 0x60, bins: 0x70 },
  ...{ next: 0x870, attachedThreads: 0x880, size: 0x898 },
};
/** Since glibc 2.43. */
const WITHOUT_FASTBINS: Layout = {
  ...{ fastbins: null, top: 0x8, bins: 0x18 },
  ...{ next: 0x818, attachedThreads: 0x828, size: 0x840 },
};

/** Those of its arenas, where the main one's chunks are known: since glibc 2.43 they do not begin with a cache. */
function layoutOf({ cache }: ChunkRange): Layout {
  return cache ? WITH_FASTBINS : WITHOUT_FASTBINS;
}

/** The memory in which the main arena has its chunks, `[heap]`; whether they are malloc's is told by a cache, or the arena. */
export function mainRange(space: AddressSpace, words: Words): ChunkRange | null {
  const { start, end: ends, path } = space.columns;
  const heap = space.paths.indexOf("[heap]");
  let index = heap < 0 ? -1 : path.indexOf(heap);
  if (index < 0) return null;
  const first = start[index] as number;
  let end = first;
  for (; start[index] === end && path[index] === heap; index++) end = ends[index] as number;
  return { first, end, isMain: true, cache: cacheIn(first, 0, words) };
}

/** The arena and the chunks of the heap that has the address, of an arena other than the main one. */
export function otherRange(
  space: AddressSpace,
  address: number,
  main: ChunkRange,
  words: Words,
): { arena: Arena; range: ChunkRange } | null {
  const heap = address - (address % HEAP_MAX);
  const info = infoOf(space, heap, words);
  const home = info && infoOf(space, info.arena - (info.arena % HEAP_MAX), words);
  if (!info || !home || home.arena !== info.arena) return null;
  const arena = { address: info.arena, layout: layoutOf(main) };
  const isFirst = home.heap === info.heap;
  const first = isFirst ? firstChunk(arena) : heap + infoSize(info.arena);
  const cache = isFirst ? cacheOf(arena, words) : null;
  return { arena, range: { first, end: heap + info.size, isMain: false, cache } };
}

/** The arena, and those that are linked with it. */
export function arenasFrom({ address, layout }: Arena, words: Words): Arena[] {
  const arenas = [{ address, layout }];
  for (let next = words.at(address + layout.next); next && next !== address && arenas.length < MOST_ARENAS; ) {
    arenas.push({ address: next, layout });
    next = words.at(next + layout.next);
  }
  return arenas;
}

/** The cache of the thread that an arena other than the main one was made for: its first block. `null` where there is none. */
export function cacheOf(arena: Arena, words: Words): Cache | null {
  return [0x20, 0x30].includes(arena.address % HEAP_MAX) ? cacheIn(firstChunk(arena), NON_MAIN_ARENA, words) : null;
}

/** The first chunk of an arena that is not the main one. */
function firstChunk({ address, layout }: Arena): number {
  return Math.ceil((address + layout.size) / 16) * 16;
}

/**
 * Finds the main arena in the writable memory of the C library, or of a program that has it in itself, by its shape: its
 * bins have chunks, or are empty and point to themselves.
 */
export function findMainArena(space: AddressSpace, range: ChunkRange, words: Words): Arena | null {
  const layout = layoutOf(range);
  for (const { start, end } of libraryData(space))
    for (let address = start; address + layout.size <= end; address += 16)
      if (isMainArena({ address, layout }, range, words)) return { address, layout };
  return null;
}

/** Whether there is the main arena at the address, whose chunks are in the range. */
export function isMainArena({ address: arena, layout }: Arena, { first, end }: ChunkRange, words: Words): boolean {
  const isChunk = (address: number | null) =>
    address !== null && address >= first && address < end && address % 16 === 0;
  if (!isChunk(words.at(arena + layout.top))) return false;
  let empty = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const at = arena + layout.bins + bin * 16;
    for (const link of [words.at(at), words.at(at + 8)]) {
      // A bin is linked as a chunk that has its links where a free chunk has them.
      if (link === at - 16) empty++;
      else if (!isChunk(link)) return false;
    }
  }
  return empty >= FEWEST_EMPTY;
}

/** Where the memory is whose variables malloc's are. */
function* libraryData(space: AddressSpace): Generator<{ start: number; end: number }> {
  const { start, end, permissions, inode } = space.columns;
  for (const isWanted of [isLibrary, () => true])
    for (let index = 0; index < space.length; index++) {
      if (permissions[index] !== (READ | WRITE) || inode[index] === 0) continue;
      const path = space.region(index).path;
      if (path === null || !isWanted(path)) continue;
      const from = start[index] as number;
      yield { start: from, end: Math.min(end[index] as number, from + LARGEST_DATA) };
      // The program's own comes first; nobody else's has malloc in it.
      if (isWanted !== isLibrary) return;
    }
}

function isLibrary(path: string): boolean {
  return /\/libc(-[\d.]+)?\.so(\.6)?$/.test(path);
}

interface HeapInfo {
  readonly heap: number;
  readonly arena: number;
  readonly size: number;
}

function infoOf(space: AddressSpace, heap: number, words: Words): HeapInfo | null {
  const index = space.indexOf(BigInt(heap));
  if (index < 0 || space.columns.permissions[index] !== (READ | WRITE) || space.columns.inode[index] !== 0) return null;
  const arena = words.at(heap);
  const size = words.at(heap + 16);
  if (arena === null || size === null || arena % 16 !== 0 || arena === 0) return null;
  if (size % 4096 !== 0 || size < 4096 || size > HEAP_MAX || heap + size > (space.columns.end[index] as number))
    return null;
  return [0x20, 0x30].includes(arena % HEAP_MAX) ? { heap, arena, size } : null;
}

/** An arena that is not the main one stands behind its first heap's heap_info, which has grown in glibc 2.35. */
function infoSize(arena: number): number {
  return arena % HEAP_MAX;
}

/** The cache that the first chunk of an arena is, by its size and as long as it is in use; `null` where it is none. */
function cacheIn(chunk: number, flags: number, words: Words): Cache | null {
  const head = words.at(chunk + HEAD);
  for (const [size, lists] of CACHES) {
    if (head !== (size | PREV_INUSE | flags)) continue;
    const next = words.at(chunk + size + HEAD);
    return next !== null && next & PREV_INUSE ? { address: chunk + USER, lists } : null;
  }
  return null;
}

/** Of glibc 2.30 to 2.41. */
export const CACHE_SIZE = 0x290;
/** How many lists the caches have, by the sizes of their chunks; the second is that of glibc 2.42. */
const CACHES: readonly (readonly [size: number, lists: number])[] = [
  [CACHE_SIZE, 64],
  [0x300, 76],
];
/** HEAP_MAX_SIZE: bytes that a heap may have, and what it is aligned to. */
const HEAP_MAX = 1 << 26;
const BINS = 127;
/** Of the 254 ends of bins: no heap has free chunks of every size. */
const FEWEST_EMPTY = 8;
const MOST_ARENAS = 256;
/** Bytes: malloc's variables are among the first. */
const LARGEST_DATA = 1 << 20;
