/** A live process, read from /proc alone: nothing is attached to it and nothing in it is stopped. */
import { readlinkSync } from "node:fs";
import type { Address } from "../memory/address.ts";
import type { AddressSpace } from "../memory/addressSpace.ts";
import type { RegionBounds } from "../memory/bounds.ts";
import type { Counters, DetailedTotals, ProcessStatus, ThreadCounters } from "../memory/counters.ts";
import type { Marks } from "../memory/marks.ts";
import type { Work } from "../memory/module.ts";
import { type MappedFile, type Pace, TargetError, type TargetIdentity, type TargetSource } from "../memory/target.ts";
import type { ThreadRun } from "../memory/threadRuns.ts";
import { type StackLimits, stackRegions, type ThreadStack } from "../memory/threadStacks.ts";
import { withPagesOnly } from "../memory/usage.ts";
import type { Paging } from "../memory/virtualAddress.ts";
import { Children } from "./children.ts";
import { openMappedFile } from "./mappedFile.ts";
import { RegionScanner } from "./maps.ts";
import { MapsText } from "./mapsText.ts";
import { readMarksAt } from "./marks.ts";
import { MemoryBytes } from "./memoryBytes.ts";
import { Block, type Blocks, MemoryFile } from "./memoryFile.ts";
import { PageReader } from "./pageReader.ts";
import { pageSize } from "./pageSize.ts";
import { paging } from "./paging.ts";
import { kernelThread, targetError, zombie } from "./problem.ts";
import { ProcessDirectory } from "./processDirectory.ts";
import { errorCode, ProcFile } from "./procFile.ts";
import { parseRollup } from "./rollup.ts";
import { fileSize } from "./sharedObject.ts";
import { type SmapsTable, SmapsTableScanner } from "./smapsTable.ts";
import { readStackPointer, readStackPointers } from "./stackPointers.ts";
import { isZombie, mainThreadEnded, type Stat } from "./stat.ts";
import { hasMemory, parseStatus } from "./status.ts";
import { systemCalls } from "./systemCalls.ts";
import { readThreadCounters } from "./threadCounters.ts";
import { readRunTime, readThreadRuns } from "./threadRuns.ts";
import { readStackLimits, readThreadStacks } from "./threadStacks.ts";

/**
 * Opens a process. Throws a {@link TargetError} `notLinux`, `gone`, `zombie` or `kernelThread`. One whose memory may not
 * be read is opened all the same, for its counters.
 */
export function openProcess(pid: number): Process {
  if (process.platform !== "linux") {
    throw new TargetError(
      "notLinux",
      "Process Memory shows Linux processes, and this is no Linux: it can't look here.",
    );
  }
  let directory: ProcessDirectory | undefined;
  try {
    directory = new ProcessDirectory(pid);
    return new Process(pid, directory);
  } catch (error) {
    directory?.close();
    if (["ENOENT", "ENOTDIR", "ESRCH"].includes(errorCode(error))) {
      throw new TargetError("gone", `There is no process ${pid}, or /proc hides it from this user.`, { cause: error });
    }
    if (["EACCES", "EPERM"].includes(errorCode(error))) {
      const what = `/proc hides process ${pid} from this user (its mount option hidepid).`;
      throw new TargetError("permission", `${what} Run VS Code's server (or procmem) as the same user or as root.`);
    }
    throw targetError(error, { pid, command: "?" });
  }
}

export class Process implements TargetSource {
  readonly identity: TargetIdentity;
  /** Its single pages. */
  readonly pages: PageReader;
  readonly #directory: ProcessDirectory;
  readonly #statm = new ProcFile();
  readonly #status = new ProcFile();
  readonly #children: Children;
  readonly #maps: MemoryFile;
  readonly #smaps: MemoryFile;
  /** The kernel goes on quickly only where the last read of a descriptor ended. */
  readonly #smapsParts: MemoryFile;
  readonly #rollup: MemoryFile;
  readonly #memory: MemoryBytes;
  readonly #mapsText = new MapsText();
  readonly #blocks: Blocks = [new Block(), new Block()];
  readonly #smapsScanner = new RegionScanner();
  /** The reading of regions under way: the next waits for it, since they share files and blocks. */
  #reading: Promise<unknown> = Promise.resolve();

  /** Use {@link openProcess}. Takes the directory over unless it throws. */
  constructor(pid: number, directory: ProcessDirectory) {
    const stat = directory.stat();
    this.identity = { pid, startTime: stat.startTime, command: stat.command };
    if (stat.kernelThread) throw kernelThread(this.identity);
    if (isZombie(stat)) throw zombie(this.identity);
    this.#directory = directory;
    this.#children = new Children(directory);
    this.#maps = new MemoryFile(directory, "maps");
    this.#smaps = new MemoryFile(directory, "smaps");
    this.#smapsParts = new MemoryFile(directory, "smaps");
    this.#rollup = new MemoryFile(directory, "smaps_rollup");
    this.#memory = new MemoryBytes(directory);
    this.pages = new PageReader(directory, (error) => this.#problem(error));
  }

  readCounters(): Counters {
    return this.#reported(() => {
      const stat = this.#directory.stat();
      const [size = 0, resident = 0, shared = 0] = this.#readStatm(stat).split(" ").map(Number);
      return {
        time: Date.now(),
        command: stat.command,
        state: stat.state,
        minorFaults: stat.minorFaults,
        majorFaults: stat.majorFaults,
        childMinorFaults: stat.childMinorFaults,
        childMajorFaults: stat.childMajorFaults,
        cpuTime: stat.cpuTime,
        threads: stat.threads,
        vsz: size * pageSize(),
        rss: resident * pageSize(),
        shared: shared * pageSize(),
      };
    });
  }

  /** How many children it has that began since it was asked last; `threads`: how many threads it has. */
  readForks(threads: number): number {
    return this.#reported(() => this.#children.begun(threads));
  }

  /** `/proc/PID/status`: cheap, and granted to everybody. */
  readStatus(): ProcessStatus {
    return this.#reported(() => {
      if (!this.#status.isOpen) this.#status.open(this.#directory.path("status"));
      const status = parseStatus(this.#status.text());
      if (!hasMemory(status) && mainThreadEnded(this.#directory.stat())) {
        // The sizes are the same in all threads.
        for (const [, text] of this.#directory.readOfThreads("status")) {
          const ofThread = parseStatus(text);
          if (hasMemory(ofThread)) return ofThread;
        }
      }
      return status;
    });
  }

  /** Empty where they may not be read. */
  readMarks(): Marks {
    const marks = this.#firstPlace((place) => {
      const found = readMarksAt(this.#directory.path(place));
      return found.size > 0 ? found : null;
    });
    return marks ?? new Map();
  }

  /** The stacks of the threads that are known in a space that was read and classified before. */
  async readThreadStacks(space: AddressSpace): Promise<ThreadStack[]> {
    const stacks = stackRegions(space, this.identity.pid, this.readStackPointers());
    try {
      return await readThreadStacks(this.#directory, this.pages, space, stacks);
    } catch (error) {
      throw this.#problem(error);
    }
  }

  readThreads(): ThreadCounters[] {
    return this.#reported(() => readThreadCounters(this.#directory));
  }

  /** What its threads have done so far, of a process that stands still; `null` of too many. */
  readThreadRuns(): ThreadRun[] | null {
    return this.#reported(() => readThreadRuns(this.#directory));
  }

  readStackPointers(): Map<number, Address> {
    return this.#reported(() => readStackPointers(this.#directory));
  }

  readStackPointer(thread: number): Address | null {
    return readStackPointer(this.#directory, thread);
  }

  readMaps(previous?: AddressSpace): Promise<AddressSpace> {
    return this.#inTurn(async () => {
      const text = await this.#maps.readThrough(this.#blocks, () => this.#mapsText.begin());
      return text.regions(previous);
    });
  }

  /** Every number of every region, also those that the model does not have. */
  readSmapsTable(): Promise<SmapsTable> {
    return this.#inTurn(async () => {
      const scanner = await this.#smaps.readThrough(this.#blocks, () => new SmapsTableScanner());
      return scanner.finish();
    });
  }

  readSmaps(): Promise<AddressSpace> {
    return this.#inTurn(async () => {
      const scanner = await this.#smaps.readThrough(this.#blocks, () => this.#smapsScanner.begin());
      return scanner.finish();
    });
  }

  async *readSmapsParts(pace: Pace): AsyncGenerator<AddressSpace> {
    if (pace.isFull) {
      const isEnded = async () => (await pace.pause()) === "end";
      const whole = await this.#inTurn(async () => {
        const scanner = await this.#smaps.readThrough(this.#blocks, () => this.#smapsScanner.begin(), isEnded);
        return scanner?.finish();
      });
      if (whole) yield whole;
      return;
    }
    const scanner = new RegionScanner();
    try {
      for await (const part of this.#smapsParts.readParts(new Block(), () => scanner.begin(), pace))
        yield part.finish();
    } catch (error) {
      throw this.#problem(error);
    }
  }

  /**
   * The region that holds the address now, `null` where none does, without reading maps; `undefined` where that cannot be
   * told: koffi or the kernel's PROCMAP_QUERY (Linux ≥ 6.11) is missing, or it is the kernel's own half of the addresses.
   */
  regionAt(address: Address): RegionBounds | null | undefined {
    const calls = systemCalls();
    if (!calls?.hasQueryMap || address >= KERNEL_HALF) return undefined;
    return this.#reported(() => this.#maps.ask((descriptor) => calls.queryMap(descriptor, address)));
  }

  async readPagesOnly(space: AddressSpace, work: Work, only?: Uint32Array): Promise<AddressSpace | null> {
    const time = Date.now();
    const counted = await this.pages.countPages(space, work, only);
    return counted && withPagesOnly(space, counted, time, only);
  }

  readRollup(): DetailedTotals | null {
    return this.#reported(() => {
      try {
        const text = this.#rollup.text();
        return parseRollup(text, Number.parseInt(this.#readStatm(this.#directory.stat()), 10) * pageSize());
      } catch (error) {
        if (errorCode(error) !== "ENOENT") throw error;
        // Either the kernel has no such file, or the process no longer is: then this throws.
        this.#directory.stat();
        return null;
      }
    });
  }

  get paging(): Paging | null {
    return paging();
  }

  readStackLimits(): StackLimits {
    return this.#reported(() => readStackLimits(this.#directory));
  }

  readPageState(address: Address): number | null {
    return address < KERNEL_HALF ? this.pages.readState(address) : null;
  }

  readFileSize(space: AddressSpace, index: number): number | null {
    return this.#reported(() => fileSize(this, space, index));
  }

  readMemory(address: Address, into: Uint8Array): number {
    return this.#reported(() => this.#memory.read(address, into));
  }

  readPresent(address: Address, into: Uint8Array): number {
    if (address >= KERNEL_HALF) return 0;
    const count = this.pages.presentFrom(address, into.length);
    return count > 0 ? this.readMemory(address, into.subarray(0, count)) : 0;
  }

  readRunTime(): number | null {
    return this.#reported(() => readRunTime(this.#directory));
  }

  readExecutable(): string | null {
    return this.#firstPlace((place) => readlinkSync(this.#directory.path(`${place}exe`)));
  }

  openMapped(space: AddressSpace, index: number): MappedFile | null {
    const mapFiles = this.#directory.path("map_files");
    return this.#firstPlace((place) => {
      const [root, memory] = [this.#directory.path(`${place}root`), this.#directory.path(`${place}mem`)];
      return openMappedFile(space, index, { root, mapFiles, memory });
    });
  }

  close(): void {
    for (const file of [
      this.#statm,
      this.#status,
      this.#children,
      this.#maps,
      this.#smaps,
      this.#smapsParts,
      this.#rollup,
      this.#memory,
      this.pages,
      this.#directory,
    ])
      file.close();
  }

  /** Sizes in pages. @see proc_pid_statm(5) */
  #readStatm(stat: Stat): string {
    if (mainThreadEnded(stat)) {
      // The main thread has no memory any more: its line has noughts.
      for (const [, text] of this.#directory.readOfThreads("statm")) if (!text.startsWith("0 ")) return text;
    }
    if (!this.#statm.isOpen) this.#statm.open(this.#directory.path("statm"));
    return this.#statm.text();
  }

  /** What the first place of the process's memory gives; `null` where none gives anything. */
  #firstPlace<Result>(look: (place: string) => Result | null): Result | null {
    return this.#reported(() => {
      for (const place of this.#directory.memoryPlaces()) {
        try {
          const result = look(place);
          if (result !== null) return result;
        } catch {
          // Not there or not for us: perhaps at the next place.
        }
      }
      return null;
    });
  }

  #inTurn<Result>(read: () => Promise<Result>): Promise<Result> {
    const result = this.#reading.then(read).catch((error: unknown) => {
      throw this.#problem(error);
    });
    this.#reading = result.catch(() => undefined);
    return result;
  }

  #reported<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      throw this.#problem(error);
    }
  }

  /** The error in words. What looks like the end of a process may have left a zombie. */
  #problem(error: unknown): TargetError {
    const problem = targetError(error, this.identity);
    if (problem.problem !== "gone") return problem;
    try {
      return isZombie(this.#directory.stat()) ? zombie(this.identity) : problem;
    } catch {
      return problem;
    }
  }
}

/** The lowest address that belongs to the kernel, which shows its `[vsyscall]` there. */
const KERNEL_HALF = 1n << 63n;
