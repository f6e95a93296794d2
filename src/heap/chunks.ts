/**
 * The chunks of glibc's malloc, one behind the other: each begins with the size of the one before, which that one's user
 * has while it is in use, and its own size, whose low bits are flags. Source: glibc malloc/malloc.c, struct malloc_chunk.
 */
import type { Words } from "./words.ts";

/** A stretch of memory that is chunks from `first` to `end`. */
export interface ChunkRange {
  readonly first: number;
  readonly end: number;
  /** Whether it is of the main arena, which grows by brk(2). */
  readonly isMain: boolean;
  /** The cache that its first block is; `null` where it is none. */
  readonly cache: Cache | null;
}

/** A thread's tcache_perthread_struct: for each of its lists a number of 16 bits, and then for each the first block. */
export interface Cache {
  readonly address: number;
  readonly lists: number;
}

export interface Chunk {
  readonly start: number;
  readonly size: number;
  /** Whether it lies in one of the lists of free chunks that its neighbour knows of: not of a thread's cache, nor a fastbin. */
  readonly isFree: boolean;
  /** Whether it is the last one, of which others are cut. */
  readonly isTop: boolean;
}

/** Goes from chunk to chunk, which is the only way to find where one begins, and remembers where it has been. */
export class ChunkWalk {
  readonly range: ChunkRange;
  /** Where chunks begin, ascending: one for each {@link STEP} bytes or so. */
  readonly #known: number[];

  constructor(range: ChunkRange) {
    this.range = range;
    this.#known = [range.first];
  }

  /**
   * The chunk that has the address in it. `undefined` where it is not reached before the time, of `Date.now`; another call
   * goes on from there. `null` where what stands there are no chunks, or is not in memory.
   */
  find(address: number, words: Words, until: number): Chunk | null | undefined {
    if (address < this.range.first || address >= this.range.end) return null;
    let at = this.#known[this.#lastKnown(address)] as number;
    let head = words.at(at + HEAD);
    let before = 0;
    for (let steps = 1; ; steps++) {
      if (head === null) return null;
      const size = head - (head % 16);
      const next = at + size;
      if (!this.#isSound(head, size, next) || !fitsBefore(head, at, before, words)) return null;
      const isTop = next === this.range.end;
      const nextHead = isTop ? PREV_INUSE : words.at(next + HEAD);
      if (address < next) {
        if (nextHead === null || !(isTop || this.#mayFollow(nextHead, next))) return null;
        const isFree = (nextHead & PREV_INUSE) === 0;
        if (isFree && words.at(next) !== size) return null;
        return { start: at, size, isFree, isTop };
      }
      if (next - (this.#known.at(-1) as number) >= STEP) this.#known.push(next);
      if (steps % LOOKS === 0 && Date.now() >= until) return undefined;
      [before, at, head] = [size, next, nextHead];
    }
  }

  #isSound(head: number, size: number, next: number): boolean {
    const flags = head % 16;
    // A chunk of its own mapping is in no heap; bit 3 means nothing; the main arena's chunks are of no other.
    const isOdd = (flags & (IS_MMAPPED | 8)) !== 0 || (this.range.isMain && (flags & NON_MAIN_ARENA) !== 0);
    return !isOdd && size >= SMALLEST && next <= this.range.end;
  }

  /** Whether it is the size of a chunk, or of what stands where memory that is not malloc's follows. */
  #mayFollow(head: number, at: number): boolean {
    const size = head - (head % 16);
    return size === FENCEPOST || this.#isSound(head, size, at + size);
  }

  #lastKnown(address: number): number {
    let [low, high] = [0, this.#known.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#known[middle] as number) <= address) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Whether it says of a free chunk before it the size that this has. */
function fitsBefore(head: number, at: number, before: number, words: Words): boolean {
  return (head & PREV_INUSE) !== 0 || before === 0 || words.at(at) === before;
}

/** Bytes from a chunk's beginning to its own size, and to what the program gets. */
export const HEAD = 8;
export const USER = 16;

export const PREV_INUSE = 1;
export const IS_MMAPPED = 2;
export const NON_MAIN_ARENA = 4;

/** MINSIZE. */
const SMALLEST = 32;
const FENCEPOST = 16;
/** Bytes between two chunks that are remembered. */
export const STEP = 1 << 14;
/** Chunks between two looks at the clock. */
const LOOKS = 1024;
