/**
 * Whether a small chunk whose neighbour takes it for used is free all the same: in a thread's cache or in a fastbin. Source:
 * glibc malloc/malloc.c, struct tcache_entry and PROTECT_PTR.
 */
import { type Arena, CACHE_SIZE } from "./arenas.ts";
import { type Cache, type Chunk, HEAD, USER } from "./chunks.ts";
import type { Words } from "./words.ts";

/** Where lists of free chunks begin. */
export interface FreeLists {
  /** The arena of the chunk; `null` where it was not found. */
  readonly arena: Arena | null;
  /** The threads' caches that are known. */
  readonly caches: readonly Cache[];
  /** Whether no other thread can have a cache. */
  readonly areAllCaches: boolean;
}

/** `null` where it cannot be told. What is in no list by what stands in it does not need them. */
export function isListed(chunk: Chunk, findLists: () => FreeLists, words: Words): boolean | null {
  if (!mayBeListed(chunk, words)) return false;
  const lists = findLists();
  const isMixed = areMixed(lists.caches, words);
  const answers = [isCached(chunk, lists, isMixed, words), isInFastbin(chunk, lists, isMixed, words)];
  return answers.includes(true) ? true : answers.includes(null) ? null : false;
}

/** Whether links stand where a chunk in a list has them. */
function mayBeListed({ start, size }: Chunk, words: Words): boolean {
  const list = { element: start, size, isMixed: null, most: 0 };
  const isLinked = (element: number, link: number) => nextIn({ ...list, link }, element, words) !== undefined;
  const bin = (size - SMALLEST) / 16;
  if (bin >= CACHE_BINS) return mayBeLarge(start + USER, words);
  return isLinked(start + USER, 0) || (bin < FASTBINS && isLinked(start, USER));
}

function isCached({ start, size }: Chunk, lists: FreeLists, isMixed: boolean | null, words: Words): boolean | null {
  const bin = (size - SMALLEST) / 16;
  const mark = words.exact(start + USER + KEY);
  // Lists of larger blocks have them of several sizes: what may be in one is not looked for.
  if (bin >= CACHE_BINS) return [mark, null].includes(keyOf(lists.caches, words)) ? null : false;
  // In caches the links are between what programs get.
  const list = { element: start + USER, link: 0, size, isMixed, most: MOST_CACHED };
  if (mark === 0n || nextIn(list, list.element, words) === undefined) return false;
  const answers = lists.caches.map((cache) => isInList(list, words.at(entryOf(cache, bin)), words));
  if (answers.includes(true)) return true;
  if (answers.includes(null)) return null;
  if (lists.areAllCaches) return false;
  // What is in any cache has the key behind its link; what was in one and then in another list may have it still.
  const key = keyOf(lists.caches, words);
  return key === null || mark === null || mark === key || isCacheAt(mark, words) ? null : false;
}

function isInFastbin(
  { start, size }: Chunk,
  { arena }: FreeLists,
  isMixed: boolean | null,
  words: Words,
): boolean | null {
  const bin = (size - SMALLEST) / 16;
  const list = { element: start, link: USER, size, isMixed, most: MOST_IN_FASTBIN };
  if (bin >= FASTBINS || nextIn(list, start, words) === undefined) return false;
  if (arena === null) return null;
  const { address, layout } = arena;
  return layout.fastbins !== null && isInList(list, words.at(address + layout.fastbins + bin * 8), words);
}

interface List {
  /** What is looked for. */
  readonly element: number;
  /** Bytes from an element to its link. */
  readonly link: number;
  /** Of each one's chunk. */
  readonly size: number;
  /** Whether a link is mixed with its own address, as it is since glibc 2.32; `null` where that is not known. */
  readonly isMixed: boolean | null;
  /** Elements that are looked at. */
  readonly most: number;
}

/** `null` where what stands there is no such list, or a longer one. */
function isInList(list: List, first: number | null, words: Words): boolean | null {
  if (first !== 0 && !isElement(list, first, words)) return null;
  let at = first;
  for (let count = 0; at !== 0; count++) {
    if (at === list.element) return true;
    const next: number | undefined = count < list.most ? nextIn(list, at as number, words) : undefined;
    if (next === undefined) return null;
    at = next;
  }
  return false;
}

/** The next element of the list, 0 behind the last; `undefined` where what stands there is no link of such a list. */
function nextIn(list: List, at: number, words: Words): number | undefined {
  const stored = words.at(at + list.link);
  if (stored === null) return undefined;
  const isLink = (address: number) => address === 0 || isElement(list, address, words);
  const unmixed = unmix(stored, at + list.link);
  if (list.isMixed !== false && isLink(unmixed)) return unmixed;
  return list.isMixed !== true && isLink(stored) ? stored : undefined;
}

function isElement({ link, size }: List, at: number | null, words: Words): at is number {
  return at !== null && sizeOf(at + link - USER, words) === size;
}

/** PROTECT_PTR. */
function unmix(link: number, place: number): number {
  return Number(BigInt(link) ^ (BigInt(place) >> 12n));
}

/** The first block of each cache's lists, with its size. */
function* entriesOf(caches: readonly Cache[], words: Words): Generator<{ entry: number; size: number }> {
  for (const cache of caches)
    for (let bin = 0; bin < CACHE_BINS; bin++) {
      const [entry, size] = [words.at(entryOf(cache, bin)), SMALLEST + bin * 16];
      if (entry && sizeOf(entry - USER, words) === size) yield { entry, size };
    }
}

function areMixed(caches: readonly Cache[], words: Words): boolean | null {
  for (const { entry, size } of entriesOf(caches, words)) {
    const stored = words.at(entry);
    if (stored === null) continue;
    const next = unmix(stored, entry);
    return stored !== 0 && (next === 0 || sizeOf(next - USER, words) === size);
  }
  return null;
}

/**
 * What malloc writes into each block in a cache, to find what is freed twice: since glibc 2.34 one number for all, before
 * that the cache's address. `null` where all caches are empty.
 */
function keyOf(caches: readonly Cache[], words: Words): bigint | null {
  for (const { entry } of entriesOf(caches, words)) return words.exact(entry + KEY);
  return null;
}

/** Whether a link to another large block stands at a block's beginning, and behind it what may be a key. */
function mayBeLarge(block: number, words: Words): boolean {
  const [link, mark] = [words.at(block), words.exact(block + KEY)];
  if (link === null || mark === null || mark < BEYOND_USER) return false;
  const next = unmix(link, block);
  return next === 0 || (sizeOf(next - USER, words) ?? 0) >= SMALLEST + CACHE_BINS * 16;
}

function isCacheAt(address: bigint, words: Words): boolean {
  return address % 16n === 0n && address < BEYOND_USER && sizeOf(Number(address) - USER, words) === CACHE_SIZE;
}

/** `null` where it is not in memory. */
function sizeOf(chunk: number, words: Words): number | null {
  const head = chunk % 16 === 0 && chunk > 0 ? words.at(chunk + HEAD) : null;
  return head && head - (head % 8);
}

/** Where a cache has the first block of a list. */
function entryOf({ address, lists }: Cache, bin: number): number {
  return address + lists * 2 + bin * 8;
}

/** Of the smallest chunks, in the first list; each next one's are 16 bytes larger. */
const SMALLEST = 32;
/** Lists of a cache that are by 16 bytes; glibc 2.42 may be told to keep larger blocks in some more. */
const CACHE_BINS = 64;
/** Lists up to the default of `global_max_fast`, 128 bytes. */
const FASTBINS = 7;
/** Blocks: by default 7 are kept, by `glibc.malloc.tcache_count` up to 65,535. */
const MOST_CACHED = 1000;
const MOST_IN_FASTBIN = 5000;
/** Bytes from a cached block's beginning to its key. */
const KEY = 8;
const BEYOND_USER = 1n << 47n;
