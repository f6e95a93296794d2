import type { Address } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";
import type { Counters, ThreadCounters, Totals } from "./counters.ts";
import type { ElfSource, Work } from "./module.ts";
import type { StackLimits } from "./threadStacks.ts";
import type { Paging } from "./virtualAddress.ts";

/**
 * Where a target's picture comes from: a live process (`linux/process.ts`), later a core file or a saved snapshot.
 * Every method may throw a {@link TargetError}.
 */
export interface TargetSource extends TargetMemory {
  /** `/proc/PID/stat` and `statm`: the cheap reading of every tick, and all that another user's process grants. */
  readCounters(): Counters;
  readThreads(): ThreadCounters[];
  /**
   * The regions without usage. Answers `previous` itself when nothing changed since it was read.
   */
  readMaps(previous?: AddressSpace): Promise<AddressSpace>;
  /** The regions with usage. Gives way to other work between slices of about a millisecond. */
  readSmaps(): Promise<AddressSpace>;
  /**
   * The regions with usage, a part after the other in address order, read at a pace: while smaps is read the kernel keeps
   * the target's own mmap and munmap waiting. Ends early where the target executes another program.
   */
  readSmapsParts(pace: Pace): AsyncGenerator<AddressSpace>;
  /**
   * The regions of the space with their pages counted, with pauses: what can be read of a running target that has regions
   * for which smaps would keep it waiting for long. `null` where the pages that are there cannot be found quickly.
   * @param work its signal ends it
   * @param only the indexes of the regions that are wanted, ascending; all unless given
   */
  readPagesOnly(space: AddressSpace, work: Work, only?: Uint32Array): Promise<AddressSpace | null>;
  /** Sums over all regions without reading each, from `smaps_rollup`; `null` where the kernel has none (< 4.14). */
  readRollup(): Totals | null;
  /** Stack pointers of the threads that tell (those that are stopped or blocked in a system call). */
  readStackPointers(): Map<number, Address>;
  /** What `/proc/PID/exe` names, ` (deleted)` kept; `null` where it can't be read. */
  readExecutable(): string | null;
  /**
   * Opens the file that region `index` of the space maps, as the target sees it (through `/proc/PID/root`, or
   * `map_files` where it was deleted). `null` where it can't be opened or is not the mapped one.
   */
  openMapped(space: AddressSpace, index: number): MappedFile | null;
  close(): void;
}

/** What is asked about single addresses of a target. Every method may throw a {@link TargetError}. */
export interface TargetMemory {
  readonly identity: TargetIdentity;
  /** How its processor finds pages; `null` where that is not known. */
  readonly paging: Paging | null;
  /** The stack pointer of a thread that is stopped or blocked in a system call; `null` of one that does not tell. */
  readStackPointer(thread: number): Address | null;
  /** How far the main stack may grow. */
  readStackLimits(): StackLimits;
  /** The state of the page that holds the address, bits of pages.ts; `null` where the kernel does not tell. */
  readPageState(address: Address): number | null;
  /** The size of the file that region `index` of the space maps; `null` where it is no file, or may not be opened. */
  readFileSize(space: AddressSpace, index: number): number | null;
  /** Reads bytes from the address on, and answers how many: fewer where what can be read ends, 0 where nothing can. */
  readMemory(address: Address, into: Uint8Array): number;
  /**
   * Reads bytes from the address on as far as they are in memory, some MiB at most, and answers how many: reading others
   * would bring them there.
   */
  readPresent(address: Address, into: Uint8Array): number;
  /**
   * Nanoseconds that its threads have run: while they are the same, it has changed nothing in its memory. `null` while one
   * of them runs, or where the kernel does not tell.
   */
  readRunTime(): number | null;
}

/** Says how fast is read. */
export interface Pace {
  /** Whether it is read as fast as the kernel can, in one part: nobody is kept waiting who would notice. */
  readonly isFull: boolean;
  /** Asked between two reads: to go on, to give what has been read so far as a part and go on, or to end. */
  pause(): Promise<"go on" | "part" | "end">;
}

/** An open file: a descriptor and where it was opened. The receiver closes it. */
export interface MappedFile {
  readonly descriptor: number;
  /** As the target names it. */
  readonly path: string;
  /** The target's root directory, where it sees other files than this process: in a container, say. */
  readonly root?: string;
  /** The part of it that is the file, in bytes, where it is a target's memory; else it is the whole. */
  readonly part?: { readonly offset: number; readonly size: number };
}

/** Opens an ELF file. Takes over the descriptor; `null` where it is no ELF file. */
export type OpenElf = (file: MappedFile) => Promise<ElfSource | null>;

/** A pid alone may be reused; with its start time it is one process. */
export interface TargetIdentity {
  readonly pid: number;
  /** Clock ticks after boot, field 22 of `/proc/PID/stat`. */
  readonly startTime: number;
  /** `comm`, at most 15 bytes. */
  readonly command: string;
}

export type TargetProblem =
  /** No such process, or it ended while it was read. */
  | "gone"
  /** Ended, but its parent has not yet waited for it. */
  | "zombie"
  /** A kernel thread: it has no address space. */
  | "kernelThread"
  /** Another user's, or not dumpable: only counters are readable. */
  | "permission"
  /** The host is not Linux. */
  | "notLinux"
  /** Anything else the kernel said. */
  | "unreadable";

/** Something about a target cannot be done. The message is a sentence for the user that says what to do. */
export class TargetError extends Error {
  readonly problem: TargetProblem;

  constructor(problem: TargetProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TargetError";
    this.problem = problem;
  }
}
