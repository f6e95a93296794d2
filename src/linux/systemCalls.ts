/**
 * What the kernel answers by system calls that Node does not have. They are made through koffi, which is optional: where
 * it is missing, or is not built for this machine, the same questions are answered from the files of /proc.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { getSystemErrorName } from "node:util";
import type koffi from "koffi";
import type { Address } from "../memory/address.ts";
import type { RegionBounds } from "../memory/bounds.ts";

/** Everything throws what the kernel says: ESRCH where the process has ended, or executes another program now. */
export interface SystemCalls {
  /** Whether this kernel has PROCMAP_QUERY (Linux ≥ 6.11), and this process may use it. */
  readonly hasQueryMap: boolean;
  /** Whether this kernel has PAGEMAP_SCAN (Linux ≥ 6.7), and this process may use it. */
  readonly hasScanPages: boolean;
  /**
   * The region that holds the address; `null` where none does. It costs the same however many regions there are. Of the
   * kernel's own `[vsyscall]`, which maps shows at the end, it knows nothing.
   * @param maps an open `/proc/PID/maps`
   */
  queryMap(maps: number, address: Address): RegionBounds | null;
  /**
   * Finds the pages of [start, end) that are in any of the categories. Ranges without pages cost next to nothing.
   * @param pagemap an open `/proc/PID/pagemap`
   * @param start the address of a page, as `end`; at most 2 ** 47, where the user's half of the addresses ends (2 ** 56
   * with tables of five levels)
   * @param categories bits `PAGE_IS_*`. EINVAL where this kernel does not know one of them.
   * @param runs gets three numbers for each run of like pages: start, end, and which of the categories they are in
   * @param most pages that are found at once: the target's memory map is locked while the kernel looks. 0 for no limit
   * @returns how many runs were written, and from where to go on: that is `end` unless `runs` was too short or the
   * pages were too many
   * @see PAGEMAP_SCAN(2const)
   */
  scanPages(
    pagemap: number,
    start: number,
    end: number,
    categories: number,
    runs: Float64Array,
    most?: number,
  ): { count: number; walkedTo: number };
  /**
   * Reads memory of a process as it could itself, so nothing of what it has protected from reading. EPERM where this user
   * may not attach to it. A pid that is used again is not noticed.
   * @returns bytes, fewer where what can be read ends
   * @see process_vm_readv(2)
   */
  readMemory(pid: number, address: Address, into: Buffer): number;
}

/** Categories of pages. @see Documentation/admin-guide/mm/pagemap.rst in Linux */
/** Not write-protected by the mark of `userfaultfd`, in a region that has one. */
export const PAGE_IS_WRITTEN = 1 << 1;
/** Of a file or of shared memory. */
export const PAGE_IS_FILE = 1 << 2;
export const PAGE_IS_PRESENT = 1 << 3;
export const PAGE_IS_SWAPPED = 1 << 4;
/** The kernel's page of zeros. */
export const PAGE_IS_PFNZERO = 1 << 5;
/** A huge page, transparent or of hugetlbfs. */
export const PAGE_IS_HUGE = 1 << 6;
/** Written since 4 was written to `clear_refs`. Linux ≥ 6.8; without CONFIG_MEM_SOFT_DIRTY no page ever is. */
export const PAGE_IS_SOFT_DIRTY = 1 << 7;

/** `null` where koffi is not there. It is loaded by the first call, which takes some 10 ms. */
export function systemCalls(): SystemCalls | null {
  if (known === undefined) known = load();
  return known;
}

let known: SystemCalls | null | undefined;

type Koffi = typeof koffi;

function load(): SystemCalls | null {
  if (process.platform !== "linux") return null;
  try {
    const koffi: Koffi = createRequire(import.meta.filename)("koffi");
    // The structures below are those of 64 bits.
    return koffi.sizeof("void *") === 8 ? new Calls(koffi) : null;
  } catch {
    return null;
  }
}

class Calls implements SystemCalls {
  readonly hasQueryMap: boolean;
  readonly hasScanPages: boolean;
  readonly #koffi: Koffi;
  readonly #ioctl: (file: number, request: number, argument: BigUint64Array) => number;
  readonly #readv: (
    pid: number,
    local: BigUint64Array,
    locals: number,
    remote: BigUint64Array,
    remotes: number,
    flags: number,
  ) => number;
  /** `struct procmap_query`: size, flags, address, …; start, end, flags, page size, offset, inode of the region. */
  readonly #query = new BigUint64Array(13);
  /** `struct pm_scan_arg`: size, flags, start, end, walked to, runs, their number, most pages, …, any of, return. */
  readonly #scan = new BigUint64Array(12);
  readonly #local = new BigUint64Array(2);
  readonly #remote = new BigUint64Array(2);

  /** Throws where the C library lacks one of the functions. */
  constructor(koffi: Koffi) {
    this.#koffi = koffi;
    const library = koffi.load(null);
    this.#ioctl = library.func("int ioctl(int file, unsigned long request, void *argument)");
    this.#readv = library.func(
      "long process_vm_readv(int pid, void *local, ulong locals, void *remote, ulong remotes, ulong flags)",
    );
    this.#query[0] = BigInt(this.#query.byteLength);
    this.#scan[0] = BigInt(this.#scan.byteLength);
    this.hasQueryMap = works("/proc/self/maps", (file) => this.queryMap(file, 0n));
    this.hasScanPages = works("/proc/self/pagemap", (file) =>
      this.scanPages(file, 0, 1, PAGE_IS_PRESENT, new Float64Array(3)),
    );
  }

  queryMap(maps: number, address: Address): RegionBounds | null {
    const query = this.#query;
    query[2] = address;
    const result = this.#ask(maps, PROCMAP_QUERY, query);
    if (result === -constants.errno.ENOENT) return null;
    if (result < 0) throw systemError("PROCMAP_QUERY", result);
    return {
      start: Number(query[3]),
      end: Number(query[4]),
      // PROCMAP_QUERY_VMA_READABLE … _SHARED are the same bits.
      permissions: Number(query[5]),
      fileOffset: Number(query[7]),
      inode: Number(query[8]),
    };
  }

  scanPages(
    pagemap: number,
    start: number,
    end: number,
    categories: number,
    runs: Float64Array,
    most = 0,
  ): { count: number; walkedTo: number } {
    const scan = this.#scan;
    scan[2] = BigInt(start);
    scan[3] = BigInt(end);
    scan[5] = this.#koffi.address(runs);
    scan[6] = BigInt(Math.floor(runs.length / 3));
    scan[7] = BigInt(most);
    scan[10] = scan[11] = BigInt(categories);
    const count = this.#ask(pagemap, PAGEMAP_SCAN, scan);
    if (count < 0) throw systemError("PAGEMAP_SCAN", count);
    // A process that has ended looks as if it had no page; reading its pagemap gives nothing.
    if (count === 0 && readSync(pagemap, oneEntry, 0, 8, 0) === 0)
      throw systemError("PAGEMAP_SCAN", -constants.errno.ESRCH);
    // The kernel has written integers of 64 bits; what address.ts says of addresses makes doubles of them in their place.
    const words = new Uint32Array(runs.buffer, runs.byteOffset, 6 * count);
    for (let index = 0; index < 3 * count; index++)
      runs[index] = (words[2 * index] as number) + (words[2 * index + 1] as number) * 2 ** 32;
    return { count, walkedTo: Number(scan[4]) };
  }

  readMemory(pid: number, address: Address, into: Buffer): number {
    this.#local[0] = this.#koffi.address(into);
    this.#remote[0] = address;
    this.#local[1] = this.#remote[1] = BigInt(into.length);
    const count = this.#retried(() => this.#readv(pid, this.#local, 1, this.#remote, 1, 0));
    if (count === -constants.errno.EFAULT) return 0;
    if (count < 0) throw systemError("process_vm_readv", count);
    return count;
  }

  #ask(file: number, request: number, argument: BigUint64Array): number {
    return this.#retried(() => this.#ioctl(file, request, argument));
  }

  /** The negative error number where a call fails. */
  #retried(call: () => number): number {
    for (;;) {
      const result = call();
      if (result >= 0) return result;
      const errno = this.#koffi.errno();
      if (errno !== constants.errno.EINTR) return -errno;
    }
  }
}

/** Tried on this process itself. */
function works(path: string, question: (file: number) => unknown): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    question(file);
    return true;
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function systemError(call: string, result: number): Error {
  const code = getSystemErrorName(result);
  return Object.assign(new Error(`${call} says ${code}.`), { code });
}

const oneEntry = Buffer.allocUnsafeSlow(8);

/** `_IOWR('f', 17, struct procmap_query)`. @see linux/fs.h */
const PROCMAP_QUERY = 0xc068_6611;

/** `_IOWR('f', 16, struct pm_scan_arg)`. @see linux/fs.h */
const PAGEMAP_SCAN = 0xc060_6610;
