/** What the kernel tells root of page frames. Sources: proc_kpageflags(5), proc_kpagecount(5), linux/kernel-page-flags.h. */
import type { PageFrame } from "../memory/pages.ts";
import { ProcFile } from "./procFile.ts";

/** Opened when first asked; where that is not allowed nothing is told. */
export class Frames {
  readonly #flags = new FrameTable("/proc/kpageflags");
  readonly #counts = new FrameTable("/proc/kpagecount");
  #zero = 0;

  /** @param number not 0 */
  frame(number: number): PageFrame {
    const flags = this.#flags.read(number);
    const mappings = this.#counts.read(number);
    return {
      number,
      flags: FLAGS.filter((name, bit) => name !== "" && flags !== null && (flags >> BigInt(bit)) & 1n),
      mappings: mappings === null ? null : Number(mappings),
    };
  }

  /** Whether it is the kernel's page of zeros; `null` where that is not told, as of frame 0, which stands for no frame. */
  isZero(number: number): boolean | null {
    if (number === 0) return null;
    if (number === this.#zero) return true;
    const flags = this.#flags.read(number);
    if (flags === null) return null;
    const isZero = ((flags >> KPF_ZERO_PAGE) & 1n) === 1n;
    if (isZero) this.#zero = number;
    return isZero;
  }

  close(): void {
    this.#flags.close();
    this.#counts.close();
  }
}

/** A number of 64 bits for each frame. */
class FrameTable {
  readonly #path: string;
  readonly #file = new ProcFile();
  readonly #entry = Buffer.alloc(8);
  #refused = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** `null` where it may not be read or there is no such frame. */
  read(frame: number): bigint | null {
    if (this.#refused) return null;
    try {
      if (!this.#file.isOpen) this.#file.open(this.#path);
      return this.#file.read(this.#entry, 0, frame * 8) === 8 ? this.#entry.readBigUInt64LE(0) : null;
    } catch {
      this.#refused = true;
      return null;
    }
  }

  close(): void {
    this.#file.close();
  }
}

/** By bit; those from 32 on may change with the kernel, and what 34 means has. */
const FLAGS: readonly string[] = [
  ...["LOCKED", "ERROR", "REFERENCED", "UPTODATE", "DIRTY", "LRU", "ACTIVE", "SLAB", "WRITEBACK", "RECLAIM", "BUDDY"],
  ...["MMAP", "ANON", "SWAPCACHE", "SWAPBACKED", "COMPOUND_HEAD", "COMPOUND_TAIL", "HUGE", "UNEVICTABLE", "HWPOISON"],
  ...["NOPAGE", "KSM", "THP", "OFFLINE", "ZERO_PAGE", "IDLE", "PGTABLE", "", "", "", "", ""],
  ...["RESERVED", "MLOCKED", "", "PRIVATE", "PRIVATE_2", "OWNER_PRIVATE", "ARCH", "UNCACHED", "SOFTDIRTY"],
  ...["ARCH_2", "ARCH_3"],
];

const KPF_ZERO_PAGE = 24n;
