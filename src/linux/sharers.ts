/**
 * Who else has the memory of a region: found by reading the maps of all processes one after the other, nothing is
 * stopped. Objects are known by device and inode as maps has them, which stat(2) may tell otherwise (overlayfs, Btrfs).
 */
import { readlinkSync } from "node:fs";
import { type Address, toHex } from "../memory/address.ts";
import { type AddressSpace, permissionLetters, SHARED } from "../memory/addressSpace.ts";
import type { Work } from "../memory/module.ts";
import type { Relation, SharedObject, SharedPages, SharedRange, Sharer, Sharers } from "../memory/sharers.ts";
import { TargetError, type TargetIdentity } from "../memory/target.ts";
import { TimeSlice } from "../memory/timeSlice.ts";
import { RegionScanner } from "./maps.ts";
import { Block, type Blocks, type LineScanner, MemoryFile } from "./memoryFile.ts";
import { gone } from "./problem.ts";
import { openProcess } from "./process.ts";
import { ProcessDirectory } from "./processDirectory.ts";
import { pids, readUsers, userOf } from "./processes.ts";
import { errorCode, readSmall } from "./procFile.ts";
import { describeObject, isSameObject, ObjectScanner, objectKind } from "./sharedObject.ts";
import { compareSharedPages } from "./sharedPages.ts";
import { isZombie, type Stat } from "./stat.ts";

/**
 * The processes that have the memory of the region that holds the address. Throws a {@link TargetError}: what
 * {@link openProcess} and reading the target's maps throw, `unreadable` where nothing is mapped; and the signal's reason.
 */
export async function findSharers(target: TargetIdentity, address: Address, work: Work = {}): Promise<Sharers> {
  const source = openProcess(target.pid);
  try {
    if (source.identity.startTime !== target.startTime) throw gone(target);
    const space = await source.readMaps();
    const index = space.indexOf(address);
    if (index < 0) throw new TargetError("unreadable", `Nothing is mapped at ${toHex(address)}.`);
    const directory = new ProcessDirectory(target.pid);
    try {
      const isOurNamespace = ipcNamespace(directory) === readlinkSync("/proc/self/ns/ipc");
      const object = describeObject(source, space, index, isOurNamespace);
      const region = rangeOf(space, index);
      if (object.kind === "kernel" || object.kind === "untold") {
        return { region, object, sharers: [], looked: 0, unreadable: 0, hidden: false };
      }
      const search = new Search(directory, target.pid, space, index, address, work);
      const found = await search.run();
      if (hasEnded(directory)) throw gone(target);
      return { region, object, ...found };
    } finally {
      directory.close();
    }
  } finally {
    source.close();
  }
}

class Search {
  readonly #directory: ProcessDirectory;
  readonly #pid: number;
  readonly #stat: Stat;
  readonly #space: AddressSpace;
  readonly #index: number;
  readonly #kind: SharedObject["kind"];
  /** The part of the region whose pages are compared. */
  readonly #start: number;
  readonly #end: number;
  readonly #work: Work;
  readonly #slice: TimeSlice;
  readonly #blocks: Blocks = [new Block(), new Block()];
  readonly #users = readUsers();
  /** Of all processes that have been seen. */
  readonly #stats = new Map<number, Stat>();
  readonly #sharers: Sharer[] = [];
  #looked = 0;
  #unreadable = 0;

  constructor(
    directory: ProcessDirectory,
    pid: number,
    space: AddressSpace,
    index: number,
    address: Address,
    work: Work,
  ) {
    this.#directory = directory;
    this.#pid = pid;
    this.#stat = directory.stat();
    this.#space = space;
    this.#index = index;
    this.#kind = objectKind(space, index);
    const [start, end] = [space.columns.start[index] as number, space.columns.end[index] as number];
    const page = Number(address & ~0xffffn);
    this.#start = Math.max(start, Math.min(page, end - MOST_COMPARED));
    this.#end = Math.min(end, this.#start + MOST_COMPARED);
    this.#work = work;
    this.#slice = new TimeSlice(work);
  }

  async run(): Promise<Pick<Sharers, "sharers" | "looked" | "unreadable" | "hidden">> {
    const all = pids();
    await this.#slice.next(0);
    for (const [done, pid] of all.entries()) {
      if (this.#slice.isOver) await this.#slice.next(done / all.length);
      await this.#look(pid);
    }
    const sharers = this.#sharers.map((sharer) => ({ ...sharer, relation: this.#relationOf(sharer.pid) }));
    const rank = ({ relation }: Sharer) => (relation === null ? CLOSEST.length : CLOSEST.indexOf(relation));
    sharers.sort((a, b) => rank(a) - rank(b) || a.pid - b.pid);
    // Each namespace of processes has a first one.
    return { sharers, looked: this.#looked, unreadable: this.#unreadable, hidden: !all.includes(1) };
  }

  async #look(pid: number): Promise<void> {
    let directory: ProcessDirectory | undefined;
    try {
      directory = new ProcessDirectory(pid);
      const stat = directory.stat();
      this.#stats.set(pid, stat);
      if (stat.kernelThread || isZombie(stat)) return;
      const sharer = await (this.#kind === "private"
        ? this.#forked(pid, directory, stat)
        : this.#mapping(pid, directory, stat));
      if (sharer) this.#sharers.push(sharer);
      this.#looked++;
    } catch (error) {
      // Those that end meanwhile are none any more.
      if (["ENOENT", "ESRCH", "ENOTDIR"].includes(errorCode(error))) return;
      const isRefused = ["EACCES", "EPERM"].includes(errorCode(error)) || error instanceof TargetError;
      if (!isRefused || this.#slice.isEnded) throw error;
      this.#looked++;
      this.#unreadable++;
    } finally {
      directory?.close();
    }
  }

  /** The process as one that maps the object, or `null`. */
  async #mapping(pid: number, directory: ProcessDirectory, stat: Stat): Promise<Sharer | null> {
    const begin = () => new ObjectScanner(this.#space, this.#index);
    const space = (await this.#readMaps(directory, begin)).finish();
    if (space === null) return null;
    const isItself = pid === this.#pid;
    const start = this.#space.columns.start[this.#index];
    const indexes = indexesOf(space).filter(
      (index) =>
        isSameObject(this.#space, this.#index, space, index) && !(isItself && space.columns.start[index] === start),
    );
    const isForeign = this.#kind === "sysvShm" && ipcNamespace(directory) !== ipcNamespace(this.#directory);
    if (indexes.length === 0 || isForeign) return null;
    const overlap = this.#overlap(space, indexes);
    // It has each part of a file in a region of its own, and only the same part twice is worth a word.
    if (isItself && overlap === 0) return null;
    const pages = this.#isPrivate && this.#isForked(pid, stat) ? await this.#compare(directory) : null;
    return this.#sharer(pid, stat, space, indexes, overlap, pages?.present === 0 ? null : pages);
  }

  async #readMaps<Scanner extends LineScanner>(directory: ProcessDirectory, begin: () => Scanner): Promise<Scanner> {
    const maps = new MemoryFile(directory, "maps");
    try {
      return await maps.readThrough(this.#blocks, begin);
    } finally {
      maps.close();
    }
  }

  /** The process as one that was forked from the same memory and has pages at the same addresses, or `null`. */
  async #forked(pid: number, directory: ProcessDirectory, stat: Stat): Promise<Sharer | null> {
    // Who may not read it is not told where its stack is; its maps are refused.
    if (stat.stackStart === 0) readSmall(directory.path("maps"));
    if (!this.#isForked(pid, stat)) return null;
    const space = (await this.#readMaps(directory, () => new RegionScanner())).finish();
    const { start, end } = this.#space.columns;
    const [from, to] = [start[this.#index] as number, end[this.#index] as number];
    const indexes = indexesOf(space).filter(
      (index) =>
        (space.columns.start[index] as number) < to &&
        (space.columns.end[index] as number) > from &&
        objectKind(space, index) === "private",
    );
    if (indexes.length === 0) return null;
    const overlap = indexes.reduce(
      (sum, index) =>
        sum + Math.min(to, space.columns.end[index] as number) - Math.max(from, space.columns.start[index] as number),
      0,
    );
    return this.#sharer(pid, stat, space, indexes, overlap, await this.#compare(directory));
  }

  #sharer(
    pid: number,
    { command }: Stat,
    space: AddressSpace,
    indexes: readonly number[],
    overlap: number,
    pages: SharedPages | null,
  ): Sharer {
    const ranges = indexes.map((index) => rangeOf(space, index));
    return { pid, command, user: userOf(pid, this.#users), relation: null, ranges, overlap, pages };
  }

  /** Whether it has the region's memory from the same start of a program, being the copy of the target or of its parent. */
  #isForked(pid: number, { stackStart }: Stat): boolean {
    return pid !== this.#pid && stackStart !== 0 && stackStart === this.#stat.stackStart;
  }

  get #isPrivate(): boolean {
    return ((this.#space.columns.permissions[this.#index] as number) & SHARED) === 0;
  }

  #compare(directory: ProcessDirectory): Promise<SharedPages> {
    return compareSharedPages(this.#directory, directory, this.#start, this.#end, this.#work);
  }

  /** Bytes of the region whose part of the object is mapped in those. */
  #overlap(space: AddressSpace, indexes: readonly number[]): number {
    const from = this.#space.columns.fileOffset[this.#index] as number;
    const to = from + this.#space.size(this.#index);
    const parts = indexes
      .map((index) => space.columns.fileOffset[index] as number)
      .map((offset, at) => [offset, offset + space.size(indexes[at] as number)] as const)
      .sort(([a], [b]) => a - b);
    let overlap = 0;
    let covered = from;
    for (const [offset, end] of parts) {
      const upTo = Math.min(end, to);
      overlap += Math.max(0, upTo - Math.max(offset, covered));
      covered = Math.max(covered, upTo);
    }
    return overlap;
  }

  #relationOf(pid: number): Relation | null {
    if (pid === this.#pid) return "itself";
    const [stat, own] = [this.#stats.get(pid), this.#stat];
    if (!stat) return null;
    if (pid === own.parent) return "parent";
    if (stat.parent === this.#pid) return "child";
    if (this.#descends(this.#pid, pid)) return "ancestor";
    if (this.#descends(pid, this.#pid)) return "descendant";
    // Init has whatever children were left alone.
    if (stat.parent === own.parent && own.parent > 1) return "sibling";
    if (stat.processGroup === own.processGroup && own.processGroup > 0) return "group";
    return stat.session === own.session && own.session > 0 ? "session" : null;
  }

  #descends(pid: number, ancestor: number): boolean {
    const seen = new Set<number>();
    for (let current = pid; current > 0 && !seen.has(current); current = this.#stats.get(current)?.parent ?? 0) {
      if (current === ancestor) return true;
      seen.add(current);
    }
    return false;
  }
}

/** Bytes of a private region that are compared page by page at the most. */
const MOST_COMPARED = 64 * 1024 * 1024;

const CLOSEST: readonly Relation[] = [
  "itself",
  "parent",
  "child",
  "ancestor",
  "descendant",
  "sibling",
  "group",
  "session",
];

function hasEnded(directory: ProcessDirectory): boolean {
  try {
    return isZombie(directory.stat());
  } catch {
    return true;
  }
}

function ipcNamespace(directory: ProcessDirectory): string {
  return readlinkSync(directory.path("ns/ipc"));
}

function indexesOf(space: AddressSpace): number[] {
  return Array.from({ length: space.length }, (_, index) => index);
}

function rangeOf(space: AddressSpace, index: number): SharedRange {
  const { start, end, permissions, fileOffset } = space.columns;
  return {
    start: toHex(BigInt(start[index] as number)),
    end: toHex(BigInt(end[index] as number)),
    permissions: permissionLetters(permissions[index] as number),
    fileOffset: fileOffset[index] as number,
    path: space.path(index),
  };
}
