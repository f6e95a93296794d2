/** Who else has the memory of a region, as data in the shape of messages; and what is said where it is nobody. */
import type { HexAddress } from "./address.ts";
import { printable } from "./names.ts";
import { formatBytes } from "./size.ts";

export interface Sharers {
  /** The region that was asked about. */
  region: SharedRange;
  object: SharedObject;
  /** Relatives first, then by pid. The process itself is among them where it maps the same memory once more. */
  sharers: Sharer[];
  /** Processes that were there to look at, those that may not be read included. */
  looked: number;
  /** Those of them that may not be read: another user's. */
  unreadable: number;
  /** There may be more, which /proc hides from this user (its mount option hidepid). */
  hidden: boolean;
}

/** What a region maps. */
export interface SharedObject {
  /**
   * `private`: memory without an object, which is shared with forked processes at most; `kernel`: pages that the kernel
   * gives to every process; `untold`: of a sort that the kernel gives one inode for all, such as `anon_inode:[perf_event]`.
   */
  kind: "file" | "sysvShm" | "posixShm" | "memfd" | "sharedAnonymous" | "private" | "kernel" | "untold";
  /** The file's path, the key of System V, the name of the memfd; else what the region is called. */
  name: string;
  /** Bytes of the whole object; `null` where it is not known. */
  size: number | null;
  /** Of System V shared memory in this process's IPC namespace: what `/proc/sysvipc/shm` says. */
  sysv: SysvSegment | null;
}

export interface SysvSegment {
  id: number;
  /** How often it is attached, by whomever. */
  attaches: number;
  /** The process that made it, and the one that attached or detached it last: pids. */
  creator: number;
  lastUser: number;
}

/** A process that maps the object, or that has pages of a private region since a fork. */
export interface Sharer {
  pid: number;
  command: string;
  /** The effective user's name, or its number where the machine knows no name. */
  user: string;
  relation: Relation | null;
  /** All ranges of the process that map the object, by address. */
  ranges: SharedRange[];
  /** Bytes of the region whose part of the object is mapped there too. */
  overlap: number;
  /** After a fork, of a private region: what is not yet copied; `null` where nothing was written. */
  pages: SharedPages | null;
}

/** To the process that was asked about: the sharer is its `parent`, its `child`, … */
export type Relation = "itself" | "parent" | "child" | "ancestor" | "descendant" | "sibling" | "group" | "session";

export interface SharedRange {
  start: HexAddress;
  end: HexAddress;
  /** As in maps: the fourth letter is `s` (shared) or `p` (private, copy on write). */
  permissions: string;
  /** Offset of `start` in the object, in bytes. */
  fileOffset: number;
  /** What maps calls it there, since the names of an object may differ from process to process. */
  path: string | null;
}

export interface SharedPages {
  /** Pages that both have in common. */
  shared: number;
  /** Anonymous pages of the range that are in the memory of the process that was asked about: of a file those written. */
  present: number;
  /** Bytes of the region that were looked at. */
  counted: number;
  /** `false`: without the right to see page frames `shared` is the most that it can be. */
  exact: boolean;
}

/** `memfd passed on, 256 KiB`; of System V with its id, how often it is attached and by whom it was made. */
export function objectInWords({ kind, name, size, sysv }: SharedObject): string {
  const facts = [`${OBJECTS[kind]}${printable(name)}`];
  if (size !== null) facts.push(formatBytes(size));
  if (sysv) {
    const times = `${sysv.attaches} time${sysv.attaches === 1 ? "" : "s"}`;
    facts.push(`id ${sysv.id}`, `attached ${times}`, `made by process ${sysv.creator}`);
  }
  return facts.join(", ");
}

const OBJECTS: Readonly<Record<SharedObject["kind"], string>> = {
  file: "file ",
  sysvShm: "System V shared memory ",
  posixShm: "POSIX shared memory ",
  memfd: "memfd ",
  sharedAnonymous: "",
  private: "",
  kernel: "",
  untold: "",
};

/** `child`, `in its session`; empty for who is no relative. */
export function relationInWords(relation: Relation | null): string {
  return relation === null ? "" : RELATIONS[relation];
}

const RELATIONS: Readonly<Record<Relation, string>> = {
  itself: "the process itself, once more",
  parent: "parent",
  child: "child",
  ancestor: "ancestor",
  descendant: "descendant",
  sibling: "sibling",
  group: "in its process group",
  session: "in its session",
};

/** `12 of 64 pages still shared`, and where the region is too big to be looked at as a whole, of how much. */
export function sharedPagesInWords({ region }: Sharers, { shared, present, counted, exact }: SharedPages): string {
  const most = exact || shared === 0 ? "" : "at most ";
  const part = counted < sizeOf(region) ? ` in the ${formatBytes(counted)} that were looked at` : "";
  return `${most}${shared.toLocaleString("en")} of ${present.toLocaleString("en")} pages still shared${part}`;
}

/** Those of its ranges that have memory of the region. */
export function sameRanges({ region, object }: Sharers, { ranges }: Sharer): SharedRange[] {
  if (object.kind === "private") return ranges;
  const end = region.fileOffset + sizeOf(region);
  return ranges.filter((range) => range.fileOffset < end && range.fileOffset + sizeOf(range) > region.fileOffset);
}

/**
 * Where it maps the region's part of the object, `0x7f…-0x7f… rw-s`, and how many other parts; or where the others. With
 * the name that the object has there, if that is another.
 */
export function rangesInWords(answer: Sharers, sharer: Sharer): string {
  const { ranges } = sharer;
  const path = ranges[0]?.path ?? null;
  const name = path === null || path === answer.region.path ? "" : `, as ${printable(path)}`;
  const same = sameRanges(answer, sharer);
  const words = (shown: readonly SharedRange[]) => shown.map(rangeInWords).join(", ");
  if (same.length === 0) return `other parts of it: ${words(ranges)}${name}`;
  const others = ranges.length - same.length;
  return words(same) + (others === 0 ? "" : ` and ${others} other part${others === 1 ? "" : "s"} of it`) + name;
}

function rangeInWords({ start, end, permissions }: SharedRange): string {
  return `${start}-${end} ${permissions}`;
}

function sizeOf({ start, end }: SharedRange): number {
  return Number(BigInt(end) - BigInt(start));
}

/** Why nobody else has the memory. */
export function nobodyInWords({ kind }: SharedObject): string {
  return NOBODY[kind];
}

const NOBODY: Readonly<Record<SharedObject["kind"], string>> = {
  file: "Nobody else maps this file.",
  sysvShm: "Nobody else has this segment of System V shared memory attached.",
  posixShm: "Nobody else maps this shared memory.",
  memfd: "Nobody else maps this memfd.",
  sharedAnonymous: "Nobody else maps this memory: only processes that are forked while it is mapped get it.",
  private:
    "Nobody else can have this memory: it is private and has no file behind it. Only a forked process has its pages in common until one of the two writes them, and there is no such process.",
  kernel: "Every process has these pages: the kernel provides them.",
  untold: "The kernel does not tell who else maps this: it has one inode for all that is of this sort.",
};

/** `3 of 214 processes could not be read.`, and that others are hidden; empty where all could. */
export function unreadableInWords({ looked, unreadable, hidden }: Sharers): string {
  const sentences: string[] = [];
  if (unreadable > 0) sentences.push(`${unreadable} of ${looked} processes could not be read.`);
  if (hidden) sentences.push("/proc hides those of other users (its mount option hidepid).");
  return sentences.join(" ");
}
