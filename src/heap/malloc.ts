/** The blocks of glibc's malloc, found in a target's memory as it is. */
import { setImmediate as turn } from "node:timers/promises";
import type { Address } from "../memory/address.ts";
import { type AddressSpace, READ, WRITE } from "../memory/addressSpace.ts";
import type { Block } from "../memory/block.ts";
import type { TargetMemory } from "../memory/target.ts";
import { wordSizeOf } from "../memory/telescope.ts";
import { type Arena, arenasFrom, cacheOf, findMainArena, isMainArena, mainRange, otherRange } from "./arenas.ts";
import { type Chunk, type ChunkRange, ChunkWalk, HEAD, STEP, USER } from "./chunks.ts";
import { type FreeLists, isListed } from "./freed.ts";
import { mappedChunkAt } from "./mapped.ts";
import { Words } from "./words.ts";

/**
 * Finds the blocks of malloc, and of calloc, new and what else is made of it. Nothing is called in the target: its chunks
 * are followed from the heap's beginning, and where they do not fit together there is no answer.
 */
export class Malloc {
  readonly #target: TargetMemory;
  /** Where the main arena was found last. */
  #mainArena: Arena | null = null;
  /** The ways through large heaps, by where they begin, as far as they were gone since the target ran. */
  readonly #walks = new Map<number, ChunkWalk>();
  /** How long the target had run when they began. */
  #runTime: number | null = null;

  constructor(target: TargetMemory) {
    this.#target = target;
  }

  /**
   * The block that has the address, or ends in the eight bytes before it, which are its neighbour's size. `null` where there
   * is none, it is none of malloc's, or so far into a large heap that it is not reached in time: asked again, while the
   * target stands still, the way is gone on. Throws a {@link TargetError}.
   */
  readonly blockAt = async (space: AddressSpace, address: Address): Promise<Block | null> => {
    const index = space.indexOf(address);
    const isWritable = index >= 0 && space.columns.permissions[index] === (READ | WRITE);
    if (!isWritable || space.columns.inode[index] !== 0 || wordSizeOf(space) !== 8) return null;
    const words = new Words(this.#target);
    const main = mainRange(space, words);
    if (!main || !(main.cache || this.#findMain(space, main, words))) return null;
    // What a program gets begins 16 bytes behind its chunk's beginning, and ends 8 bytes behind its end.
    const at = Number(address) - USER;
    const isIn = ({ first, end }: ChunkRange) => at >= first && at < end;
    const other = isIn(main) ? null : otherRange(space, Number(address), main, words);
    const range = other ? other.range : main;
    if (!isIn(range)) {
      const chunk = mappedChunkAt(space, index, at, words);
      return chunk && blockOf(chunk, chunk.size - USER, "used");
    }
    const chunk = await this.#chunkAt(range, at);
    if (!chunk) return null;
    const near = new Words(this.#target);
    const findLists = () => listsOf(main, other ? other.arena : this.#findMain(space, main, near), near);
    return blockOf(
      chunk,
      chunk.size - HEAD,
      stateOf(chunk, range, () => isListed(chunk, findLists, near)),
    );
  };

  async #chunkAt(range: ChunkRange, at: number): Promise<Chunk | null> {
    const isLarge = range.end - range.first > LARGE;
    const runTime = isLarge ? this.#target.readRunTime() : null;
    const walk = this.#walkOf(range, runTime);
    const begun = Date.now();
    for (let slice = 1; ; slice++) {
      const found = walk.find(at, new Words(this.#target, STEP), Date.now() + SLICE);
      // What is found in several slices is true only where nothing has changed between them.
      if (found !== undefined) return slice === 1 || this.#target.readRunTime() === runTime ? found : null;
      if (runTime === null || Date.now() - begun > PATIENCE) return null;
      await turn();
    }
  }

  #walkOf(range: ChunkRange, runTime: number | null): ChunkWalk {
    if (runTime === null || runTime !== this.#runTime) this.#walks.clear();
    this.#runTime = runTime;
    const walk = this.#walks.get(range.first) ?? new ChunkWalk(range);
    if (runTime !== null) this.#walks.set(range.first, walk);
    return walk;
  }

  #findMain(space: AddressSpace, range: ChunkRange, words: Words): Arena | null {
    if (this.#mainArena === null || !isMainArena(this.#mainArena, range, words)) {
      this.#mainArena = findMainArena(space, range, words);
    }
    return this.#mainArena;
  }
}

function blockOf({ start }: Chunk | { start: number }, size: number, state: Block["state"]): Block {
  return { allocator: "glibc malloc", start: BigInt(start + USER), size, state };
}

function stateOf({ start, isTop, isFree }: Chunk, range: ChunkRange, isFreed: () => boolean | null): Block["state"] {
  if (isTop) return "unused";
  if (start + USER === range.cache?.address) return "own";
  const freed = isFree || isFreed();
  return freed === null ? null : freed ? "freed" : "used";
}

function listsOf(main: ChunkRange, arena: Arena | null, words: Words): FreeLists {
  const arenas = arena ? arenasFrom(arena, words) : [];
  const caches = [main.cache, ...arenas.map((each) => cacheOf(each, words))].filter((cache) => cache !== null);
  const attached = arena && words.at(arena.address + arena.layout.attachedThreads);
  const isAlone = arenas.length === 1 && attached !== null && attached <= 1;
  return { arena, caches, areAllCaches: isAlone && main.cache !== null };
}

/** Bytes: the way through smaller heaps is gone anew each time. */
const LARGE = 1 << 20;
/** Milliseconds. */
const SLICE = 5;
const PATIENCE = 250;
