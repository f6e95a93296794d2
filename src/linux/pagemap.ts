/** The pages of a process. Sources: proc_pid_pagemap(5), Documentation/admin-guide/mm/pagemap.rst in Linux. */
import { readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Work } from "../memory/module.ts";
import { EXCLUSIVE, FILE, GUARD, HUGE, PRESENT, SWAPPED, WRITTEN, ZERO } from "../memory/pages.ts";
import { TimeSlice } from "../memory/timeSlice.ts";
import { MemoryFile } from "./memoryFile.ts";
import { pageSize } from "./pageSize.ts";
import type { ProcessDirectory } from "./processDirectory.ts";
import { PAGE_IS_HUGE, PAGE_IS_PFNZERO, PAGE_IS_PRESENT, PAGE_IS_SWAPPED, type SystemCalls } from "./systemCalls.ts";

/** Is told of so many pages from an address on, which are all in the same state. `frame` is the first one's, 0 if unknown. */
export type PageVisitor = (start: number, pages: number, state: number, frame: number) => void;

/**
 * `/proc/PID/pagemap`, kept open. It is read in slices, and between two of them whoever waits has a turn: other work of
 * this process, and the target where it wants to change its regions.
 */
export class Pagemap {
  readonly #file: MemoryFile;

  constructor(directory: ProcessDirectory) {
    this.#file = new MemoryFile(directory, "pagemap");
  }

  /**
   * Visits the pages of [start, end), multiples of a page: some two microseconds for each MiB, whether there are pages or not.
   * Throws what the kernel says.
   */
  read(start: number, end: number, visit: PageVisitor, work?: Work): Promise<void> {
    return this.#readRuns(Float64Array.of(start, end, 0), 1, visit, turnOf(work));
  }

  /**
   * Visits the pages of [start, end) that are in memory or swapped, which also tells {@link HUGE} and {@link ZERO}. What is
   * reserved and empty costs nothing, be it terabytes. Throws what the kernel says.
   */
  async scan(start: number, end: number, calls: SystemCalls, visit: PageVisitor, work?: Work): Promise<void> {
    const slice = turnOf(work);
    const runs = new Float64Array(3 * RUNS_AT_ONCE);
    let width = FIRST_WIDTH;
    for (let at = start; at < end; ) {
      const to = Math.min(end, at + width);
      const from = at;
      const begun = performance.now();
      const { count, walkedTo } = this.#file.ask((descriptor) =>
        calls.scanPages(descriptor, from, to, CATEGORIES, runs, FOUND_AT_ONCE),
      );
      width = performance.now() - begun < LONGEST_HOLD ? width * 2 : Math.max(FIRST_WIDTH, width / 8);
      await this.#readRuns(runs, count, visit, slice);
      at = walkedTo;
      if (slice.isOver) await pause(slice);
    }
  }

  /**
   * Visits the pages of [start, end), 8,192 at most, at once: those where nothing is mapped are not in memory. Throws what the
   * kernel says.
   */
  readAtOnce(start: number, end: number, visit: PageVisitor): void {
    this.#fill(start, end);
    visitEntries(start, 0, (end - start) / pageSize(), 0, visit);
  }

  close(): void {
    this.#file.close();
  }

  /** Visits runs of pages as {@link SystemCalls.scanPages} gives them, as many of them by one read as lie close together. */
  async #readRuns(runs: Float64Array, count: number, visit: PageVisitor, slice: TimeSlice): Promise<void> {
    const startOf = (run: number) => runs[3 * run] as number;
    const endOf = (run: number) => runs[3 * run + 1] as number;
    let at = 0;
    for (let run = 0; run < count; ) {
      at = Math.max(at, startOf(run));
      const most = at + PAGES_AT_ONCE * pageSize();
      let to = endOf(run);
      for (let next = run + 1; next < count && startOf(next) < most; next++) to = endOf(next);
      to = Math.min(to, most);
      this.#fill(at, to);
      while (run < count && startOf(run) < to) {
        const from = Math.max(at, startOf(run));
        const until = Math.min(to, endOf(run));
        const [first, last] = [(from - at) / pageSize(), (until - at) / pageSize()];
        visitEntries(from, first, last, scannedState(runs[3 * run + 2] as number), visit);
        if (endOf(run) > to) break;
        run++;
      }
      at = to;
      if (slice.isOver) await pause(slice);
    }
  }

  /** Reads the entries of the pages of [start, end); of those that no process can have they are noughts. */
  #fill(start: number, end: number): void {
    const length = ((end - start) / pageSize()) * ENTRY;
    const position = BigInt(start / pageSize()) * BigInt(ENTRY);
    const count = this.#file.ask((descriptor) => {
      const read = readSync(descriptor, bytes, 0, length, position);
      // Beyond the last address there is nothing, and nothing of a process that has ended: of that there is no first page.
      if (read === 0 && readSync(descriptor, bytes, 0, ENTRY, 0) === 0) {
        throw Object.assign(new Error("pagemap is empty."), { code: "ESRCH" });
      }
      return read;
    });
    bytes.fill(0, count, length);
  }
}

function turnOf(work?: Work): TimeSlice {
  return new TimeSlice({ ...work, slice: TURN });
}

async function pause(slice: TimeSlice): Promise<void> {
  await sleep(PAUSE);
  await slice.next();
}

/** Visits the pages of the entries first … last - 1, the first of which is at `start`; `known` is what is known of all. */
function visitEntries(start: number, first: number, last: number, known: number, visit: PageVisitor): void {
  for (let from = first; from < last; ) {
    const word = (entries[2 * from + 1] as number) & ~HIGH_OF_FRAME;
    // Frames are looked at where this may be the page of zeros, one by one.
    const isAlone = known === 0 && (word & (IS_PRESENT | IS_FILE | IS_EXCLUSIVE)) === IS_PRESENT;
    let to = from + 1;
    while (!isAlone && to < last && ((entries[2 * to + 1] as number) & ~HIGH_OF_FRAME) === word) to++;
    visit(start + (from - first) * pageSize(), to - from, stateOf(word, known), frameOf(from));
    from = to;
  }
}

function stateOf(word: number, known: number): number {
  // The kernel tells guards as if they were swapped.
  if (word & IS_GUARD) return GUARD;
  const isWritten = word & IS_WRITTEN ? WRITTEN : 0;
  if (word & IS_SWAPPED) return SWAPPED | (word & IS_FILE ? FILE : 0) | isWritten;
  if (!(word & IS_PRESENT)) return 0;
  // A huge page of zeros belongs to nobody, and so is none of anonymous memory.
  const isFile = word & IS_FILE && !(known & ZERO) ? FILE : 0;
  return PRESENT | isFile | (word & IS_EXCLUSIVE ? EXCLUSIVE : 0) | isWritten | known;
}

function frameOf(entry: number): number {
  if (!((entries[2 * entry + 1] as number) & IS_PRESENT)) return 0;
  return ((entries[2 * entry + 1] as number) & HIGH_OF_FRAME) * 2 ** 32 + (entries[2 * entry] as number);
}

function scannedState(categories: number): number {
  return (categories & PAGE_IS_HUGE ? HUGE : 0) | (categories & PAGE_IS_PFNZERO ? ZERO : 0);
}

/** An entry is 64 bits, its high half the second. */
const ENTRY = 8;
/** 64 KiB of entries, 32 MiB of memory. */
const PAGES_AT_ONCE = 8192;
/** For all that is read: the entries of a slice are looked at before anything else can happen. */
const bytes = Buffer.allocUnsafeSlow(PAGES_AT_ONCE * ENTRY);
const entries = new Uint32Array(bytes.buffer, bytes.byteOffset, PAGES_AT_ONCE * 2);

/** In the high half: bits 63, 62, 61, 58, 56 and 55, and 54 to 32 of the frame's number. */
const IS_PRESENT = 1 << 31;
const IS_SWAPPED = 1 << 30;
const IS_FILE = 1 << 29;
const IS_GUARD = 1 << 26;
const IS_EXCLUSIVE = 1 << 24;
const IS_WRITTEN = 1 << 23;
const HIGH_OF_FRAME = 0x7f_ffff;

/** Milliseconds of reading, and of pausing after them. */
const TURN = 0.5;
const PAUSE = 1;

/** Which pages a scan finds. Pages reserved in hugetlbfs are in {@link PAGE_IS_HUGE} alone: there is no memory yet. */
const CATEGORIES = PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_PFNZERO | PAGE_IS_HUGE;
const RUNS_AT_ONCE = 1024;
/** The target's regions cannot change while the kernel finds them: some 100 µs. */
const FOUND_AT_ONCE = 1 << 12;
/** Bytes; the next step is twice as wide as long as one takes less than this, in milliseconds. */
const FIRST_WIDTH = 1 << 28;
const LONGEST_HOLD = 0.2;
