/** What two processes still have in common of private memory after a fork. Source: proc_pid_pagemap(5), proc_kpageflags(5). */
import type { SharedPages } from "../memory/sharers.ts";
import type { TimeSlice } from "../memory/timeSlice.ts";
import { pageSize } from "./pageSize.ts";
import type { ProcessDirectory } from "./processDirectory.ts";
import { ProcFile } from "./procFile.ts";

/**
 * Compares the anonymous pages of both processes in [start, end), multiples of a page: of a mapped file those that were
 * written. With the right to see page frames (CAP_SYS_ADMIN) those are counted that are the same; without it all that both
 * have and neither has alone. Throws what the kernel says.
 */
export async function compareSharedPages(
  ours: ProcessDirectory,
  theirs: ProcessDirectory,
  start: number,
  end: number,
  slice: TimeSlice,
): Promise<SharedPages> {
  const files = [new Pagemap(ours), new Pagemap(theirs)] as const;
  const zeros = new ZeroPages();
  try {
    let shared = 0;
    let present = 0;
    let exact = zeros.areTold;
    const [first, last] = [start / pageSize(), end / pageSize()];
    for (let at = first; at < last; at += PAGES_AT_ONCE) {
      const count = Math.min(PAGES_AT_ONCE, last - at);
      const [our, their] = [files[0].read(at, count), files[1].read(at, count)];
      for (let page = 0; page < count; page++) {
        const high = our[page * 2 + 1] as number;
        if ((high & (PRESENT | OF_FILE)) !== PRESENT) continue;
        present++;
        const theirHigh = their[page * 2 + 1] as number;
        if ((theirHigh & (PRESENT | OF_FILE)) !== PRESENT) continue;
        const frame = frameOf(our, page);
        if (frame === 0) exact = false;
        const isShared =
          frame === 0 ? !((high | theirHigh) & EXCLUSIVE) : frame === frameOf(their, page) && !zeros.has(frame);
        if (isShared) shared++;
      }
      if (slice.isOver) await slice.next();
    }
    return { shared, present, counted: end - start, exact };
  } finally {
    for (const file of files) file.close();
    zeros.close();
  }
}

function frameOf(entries: Uint32Array, page: number): number {
  return ((entries[page * 2 + 1] as number) & HIGH_OF_FRAME) * 2 ** 32 + (entries[page * 2] as number);
}

class Pagemap {
  readonly #file = new ProcFile();
  readonly #bytes = Buffer.alloc(PAGES_AT_ONCE * ENTRY);
  readonly #entries = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, PAGES_AT_ONCE * 2);

  constructor(directory: ProcessDirectory) {
    this.#file.open(directory.path("pagemap"));
  }

  /** Two numbers for each page, low and high; noughts where the process has ended. */
  read(page: number, count: number): Uint32Array {
    const read = this.#file.read(this.#bytes.subarray(0, count * ENTRY), 0, page * ENTRY);
    this.#bytes.fill(0, read);
    return this.#entries;
  }

  close(): void {
    this.#file.close();
  }
}

/** The pages that every process has where it read what it never wrote. Who may see frames sees them in kpageflags. */
class ZeroPages {
  readonly #file = new ProcFile();
  readonly #flags = Buffer.alloc(ENTRY);
  readonly areTold: boolean;

  constructor() {
    this.areTold = this.#open();
  }

  has(frame: number): boolean {
    if (!this.areTold) return false;
    const read = this.#file.read(this.#flags, 0, frame * ENTRY);
    return read === ENTRY && (this.#flags.readUInt32LE(0) & KPF_ZERO_PAGE) !== 0;
  }

  close(): void {
    this.#file.close();
  }

  #open(): boolean {
    try {
      this.#file.open("/proc/kpageflags");
      return true;
    } catch {
      return false;
    }
  }
}

/** 32 KiB of entries, 16 MiB of memory. */
const PAGES_AT_ONCE = 4096;
const ENTRY = 8;

/** In the high half of an entry: bits 63, 61, 56, and 54 to 32 of the frame's number. */
const PRESENT = 1 << 31;
const OF_FILE = 1 << 29;
const EXCLUSIVE = 1 << 24;
const HIGH_OF_FRAME = 0x7f_ffff;

const KPF_ZERO_PAGE = 1 << 24;
