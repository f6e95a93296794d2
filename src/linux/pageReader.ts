import { writeFileSync } from "node:fs";
import type { Address } from "../memory/address.ts";
import type { AddressSpace } from "../memory/addressSpace.ts";
import type { Work } from "../memory/module.ts";
import { extentsOf } from "../memory/pageExtents.ts";
import {
  EXCLUSIVE,
  FILE,
  GUARD,
  HUGE,
  type Page,
  PageCells,
  type PageFrame,
  type PagesReading,
  PRESENT,
  SWAPPED,
  WRITTEN,
  ZERO,
} from "../memory/pages.ts";
import { formatBytes } from "../memory/size.ts";
import { TargetError } from "../memory/target.ts";
import type { TouchedPages } from "../memory/threadStacks.ts";
import { Frames } from "./frames.ts";
import { numaNodes } from "./numaMaps.ts";
import { Pagemap, type PageVisitor } from "./pagemap.ts";
import { pageSize } from "./pageSize.ts";
import type { ProcessDirectory } from "./processDirectory.ts";
import { hasSoftDirty } from "./softDirty.ts";
import { type SystemCalls, systemCalls } from "./systemCalls.ts";

/** Tells what the single pages of a process are like. Everything may throw a {@link TargetError}. */
export class PageReader {
  readonly #directory: ProcessDirectory;
  readonly #inWords: (error: unknown) => TargetError;
  readonly #pagemap: Pagemap;
  readonly #frames = new Frames();
  #isMarked = false;

  constructor(directory: ProcessDirectory, inWords: (error: unknown) => TargetError) {
    this.#directory = directory;
    this.#inWords = inWords;
    this.#pagemap = new Pagemap(directory);
  }

  /** Whether it has to know which regions are empty, from smaps: only then large ones cost no time. */
  get wantsNumbers(): boolean {
    return scanning() === null;
  }

  /**
   * Reads the pages of the range, which is rounded to whole pages, into at most so many cells.
   * @param space the regions, as they are known
   * @param end an address below the end of all addresses
   */
  async readCells(space: AddressSpace, start: Address, end: Address, most: number, work?: Work): Promise<PagesReading> {
    const page = BigInt(pageSize());
    const [from, to] = [Number((start / page) * page), Number(((end + page - 1n) / page) * page)];
    if (!(from < to)) throw new TargetError("unreadable", "The range has no pages: its end must be above its start.");
    const cells = new PageCells(from, to, pageSize(), most);
    const time = Date.now();
    const calls = scanning();
    const notes: string[] = [];
    let isZeroTold = true;
    const visit: PageVisitor = (first, pages, state, frame) => {
      const isZero = calls !== null || mayBeZero(state) === false ? false : this.#frames.isZero(frame);
      if (isZero === null) isZeroTold = false;
      cells.add(first, pages, isZero ? state | ZERO : state);
    };
    const isWhole = await this.#tried(() => {
      this.#pagemap.readAtOnce(0, pageSize(), () => undefined);
      return this.#readRegions(space, from, to, calls, visit, notes, work);
    });
    if (!isZeroTold) notes.push(NO_ZERO);
    if (!calls) notes.push(NO_HUGE);
    if (!hasSoftDirty()) notes.push(NO_SOFT_DIRTY);
    const told = TOLD | (calls ? HUGE : 0) | (isZeroTold ? ZERO : 0) | (this.#isMarked ? WRITTEN : 0);
    return { cells, time, told, isWhole, notes };
  }

  /**
   * Counts the pages of all regions: Rss, Anonymous and Swap of smaps, in KiB. Those of the kernel's own regions, which no
   * process can have, are 0. `null` where the pages that are there cannot be found but by looking at all.
   * @param only the indexes of the regions whose pages are counted, ascending; all unless given
   */
  async countPages(
    space: AddressSpace,
    work: Work,
    only?: Uint32Array,
  ): Promise<Record<"rss" | "anonymous" | "swap", Uint32Array> | null> {
    const calls = scanning();
    if (!calls) return null;
    const [rss, anonymous, swap] = [0, 1, 2].map(() => new Uint32Array(space.length)) as [
      Uint32Array,
      Uint32Array,
      Uint32Array,
    ];
    const { start: starts, end: ends } = space.columns;
    let index = 0;
    const kib = pageSize() / 1024;
    const visit: PageVisitor = (first, pages, state) => {
      const end = first + pages * pageSize();
      while (index < space.length && (ends[index] as number) <= first) index++;
      for (let at = index; at < space.length && (starts[at] as number) < end; at++) {
        const [from, to] = [Math.max(first, starts[at] as number), Math.min(end, ends[at] as number)];
        const size = ((to - from) / pageSize()) * kib;
        if (state & SWAPPED) swap[at] = (swap[at] as number) + size;
        if (!(state & PRESENT) || state & ZERO) continue;
        rss[at] = (rss[at] as number) + size;
        if (!(state & FILE)) anonymous[at] = (anonymous[at] as number) + size;
      }
    };
    await this.#tried(async () => {
      const last = lastOfProcess(space);
      if (!only) await this.#pagemap.scan(0, last, calls, visit, work);
      for (const each of only ?? []) {
        const [from, to] = [starts[each] as number, ends[each] as number];
        if (to <= last) await this.#pagemap.scan(from, to, calls, visit, work);
      }
    });
    return { rss, anonymous, swap };
  }

  /** The state of the page that holds the address, in microseconds: without {@link HUGE} and {@link ZERO}. */
  readState(address: Address): number {
    let state = 0;
    this.#visitAtOnce(startOfPage(address), 1, (_, __, found) => {
      state = found;
    });
    return state;
  }

  /** How many of so many bytes from the address on are in memory, up to the first that is not. */
  presentFrom(address: Address, length: number): number {
    const start = startOfPage(address);
    const before = Number(address) - start;
    let end = start;
    this.#visitAtOnce(start, Math.ceil((before + length) / pageSize()), (from, pages, state) => {
      if (from === end && state & PRESENT) end += pages * pageSize();
    });
    return Math.max(0, Math.min(length, end - start - before));
  }

  /** Of the pages of [from, end), multiples of a page, those that have been touched. Of more than a GiB the upper one may do. */
  async touched(from: number, end: number): Promise<TouchedPages> {
    let used = 0;
    let lowest: number | null = null;
    const visit: PageVisitor = (start, pages, state) => {
      if (!(state & (PRESENT | SWAPPED))) return;
      used += pages * pageSize();
      lowest ??= start;
    };
    const calls = scanning();
    await this.#tried(() =>
      calls
        ? this.#pagemap.scan(from, end, calls, visit)
        : this.#pagemap.read(Math.max(from, end - LARGEST_LOOKED_AT), end, visit),
    );
    return { used, lowest };
  }

  /** Reads all about the page that holds the address. */
  readPage(space: AddressSpace, address: Address, work?: Work): Promise<Page> {
    return this.#tried(async () => {
      const start = startOfPage(address);
      const notes: string[] = [];
      let [state, number] = [0, 0];
      const visit: PageVisitor = (_, __, found, frame) => {
        [state, number] = [found, frame];
      };
      const calls = scanning();
      this.#pagemap.readAtOnce(start, start + pageSize(), visit);
      if (calls && state & PRESENT) await this.#pagemap.scan(start, start + pageSize(), calls, visit, work);
      const frame = this.#frame(state, number, notes);
      const isZero = calls ? (state & ZERO) !== 0 : mayBeZero(state) ? this.#frames.isZero(number) : false;
      if (!hasSoftDirty()) notes.push(NO_SOFT_DIRTY);
      if (state & GUARD) notes.push("It is a guard (MADV_GUARD_INSTALL): touching it is a SIGSEGV.");
      const nodes = await this.#nodes(space, address, notes, work);
      const told =
        TOLD | (calls ? HUGE : 0) | (isZero === null ? 0 : ZERO) | (this.#isMarked && hasSoftDirty() ? WRITTEN : 0);
      return { address, state: isZero ? state | ZERO : state, told, frame, nodes, notes };
    });
  }

  /**
   * From now on {@link WRITTEN} tells which pages are written: 4 is written to `/proc/PID/clear_refs`, whereupon each page
   * is write-protected once and its first write costs the process a fault. The mark is one for all who look at it.
   */
  async mark(): Promise<void> {
    if (!hasSoftDirty()) throw new TargetError("unreadable", NO_SOFT_DIRTY);
    await this.#tried(() => writeFileSync(this.#directory.path("clear_refs"), "4"));
    this.#isMarked = true;
  }

  close(): void {
    this.#pagemap.close();
    this.#frames.close();
  }

  /** Answers whether all of them were looked at; the notes say what was not. */
  async #readRegions(
    space: AddressSpace,
    start: number,
    end: number,
    calls: SystemCalls | null,
    visit: PageVisitor,
    notes: string[],
    work?: Work,
  ): Promise<boolean> {
    if (calls) {
      const last = lastOfProcess(space);
      if (last > start) await this.#pagemap.scan(start, Math.min(end, last), calls, visit, work);
    }
    const from = calls ? Math.max(start, KERNEL_HALF) : start;
    const { extents, empty, refused } = extentsOf(space, from, end, MOST_READ);
    for (const extent of extents) await this.#pagemap.read(extent.start, extent.end, visit, work);
    if (empty > 0) {
      notes.push(`${formatBytes(empty)} had no pages when their numbers were read, and were not looked at again.`);
    }
    if (refused > 0) {
      notes.push(
        `${formatBytes(refused)} were not looked at: without PAGEMAP_SCAN (Linux ≥ 6.7, and the library koffi) that would take too long. Choose a smaller range.`,
      );
    }
    return empty === 0 && refused === 0;
  }

  #frame(state: number, number: number, notes: string[]): PageFrame | null {
    if (!(state & PRESENT)) return null;
    if (number !== 0) return this.#frames.frame(number);
    notes.push("Its frame in physical memory is not known: only those with the capability CAP_SYS_ADMIN are told.");
    return null;
  }

  async #nodes(space: AddressSpace, address: Address, notes: string[], work?: Work): Promise<Page["nodes"]> {
    const index = space.indexOf(address);
    if (index < 0) {
      notes.push("Nothing is mapped there.");
      return [];
    }
    let before = 0;
    for (let region = 0; region <= index; region++) before += space.usageOf(region, "rss") ?? 0;
    if (before > MOST_COUNTED) {
      notes.push("Its NUMA nodes were not asked for: the process would have to wait while the kernel counts.");
      return [];
    }
    const start = space.columns.start[index] as number;
    for (const place of this.#directory.memoryPlaces()) {
      try {
        const nodes = await numaNodes(this.#directory.path(`${place}numa_maps`), start, work?.signal);
        if (nodes.length > 0) return nodes;
      } catch {
        work?.signal?.throwIfAborted();
        // A kernel without NUMA has no such file.
      }
    }
    return [];
  }

  #visitAtOnce(start: number, pages: number, visit: PageVisitor): void {
    try {
      this.#pagemap.readAtOnce(start, start + pages * pageSize(), visit);
    } catch (error) {
      throw this.#inWords(error);
    }
  }

  async #tried<Result>(read: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await read();
    } catch (error) {
      throw this.#inWords(error);
    }
  }
}

/** `null` where the pages that are there cannot be found but by looking at all. */
function scanning(): SystemCalls | null {
  const calls = systemCalls();
  return calls?.hasScanPages ? calls : null;
}

/** Where the last region ends that is not the kernel's own. */
function lastOfProcess(space: AddressSpace): number {
  const { start, end } = space.columns;
  let index = space.length - 1;
  while (index >= 0 && (start[index] as number) >= KERNEL_HALF) index--;
  return index < 0 ? 0 : (end[index] as number);
}

function startOfPage(address: Address): number {
  return Number(address - (address % BigInt(pageSize())));
}

/** The page of zeros is anonymous memory that many have. */
function mayBeZero(state: number): boolean {
  return (state & (PRESENT | FILE | EXCLUSIVE)) === PRESENT;
}

const TOLD = PRESENT | SWAPPED | FILE | EXCLUSIVE | GUARD;
/** Bytes whose entries are read in a few seconds. */
const MOST_READ = 2 ** 40;
/** Bytes of a range whose entries are read one by one. */
const LARGEST_LOOKED_AT = 2 ** 30;
/** Bytes in memory whose nodes the kernel counts in a few milliseconds. */
const MOST_COUNTED = 2 ** 30;
/** The lowest address that belongs to the kernel, which shows its `[vsyscall]` there. */
const KERNEL_HALF = 2 ** 63;

const NO_HUGE =
  "Which pages are huge cannot be told here: that takes PAGEMAP_SCAN (Linux ≥ 6.7) and the optional library koffi.";
const NO_ZERO =
  "Pages of zeros cannot be told from other shared ones: that takes PAGEMAP_SCAN (Linux ≥ 6.7, and the library koffi), or root.";
const NO_SOFT_DIRTY =
  "Which pages were written cannot be told: this kernel was built without soft-dirty pages (CONFIG_MEM_SOFT_DIRTY).";
