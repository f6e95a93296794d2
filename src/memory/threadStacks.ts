import type { StackMessage } from "../protocol/server.ts";
import { type Address, toHex } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { KINDS } from "./kind.ts";
import { formatBytes } from "./size.ts";

/** A thread's stack and how much of it is used. Sizes in bytes. Stacks grow downwards, from `end` to `start`. */
export interface ThreadStack {
  readonly thread: number;
  /** The lowest address that it can ever use: below is its guard, or for the main stack what its limit forbids. */
  readonly start: Address;
  /** The first address above it. */
  readonly end: Address;
  readonly size: number;
  /** In pages that are resident or swapped out; `null` where the kernel does not tell. */
  readonly used: number | null;
  /**
   * From its end to the lowest page that was ever touched, also by a thread before that had the same memory; `null` where
   * the kernel does not tell.
   */
  readonly deepest: number | null;
  /** The stack pointer; `null` of a thread that runs, or stands on another stack. */
  readonly pointer: Address | null;
  /** From the stack pointer down to `start`. */
  readonly left: number | null;
  /** A sentence when it is, or was, nearly used up. */
  readonly warning: string | null;
}

/** Which region is a thread's stack. */
export interface StackRegion {
  readonly thread: number;
  readonly index: number;
  readonly pointer: Address | null;
}

/** How far the main stack may grow, in bytes. */
export interface StackLimits {
  /** `ulimit -s`; infinite for "unlimited". */
  readonly size: number;
  /** What has to stay free between it and the accessible memory below. */
  readonly gap: number;
}

/** The touched pages of a range. */
export interface TouchedPages {
  /** Bytes of pages that are resident or swapped out. */
  readonly used: number;
  /** The lowest of them; `null` where there is none. */
  readonly lowest: number | null;
}

/**
 * The stacks of the threads that are known, in address order: the region of kind `stack` is that of the main thread
 * `pid`, the others hold their thread's stack pointer, or did when the space was classified.
 */
export function stackRegions(space: AddressSpace, pid: number, pointers: ReadonlyMap<number, Address>): StackRegion[] {
  const threads = new Map<number, number>();
  const told = new Map<number, Address>();
  const { kind, thread } = space.columns;
  for (const [tid, pointer] of pointers) {
    const index = stackAt(space, pointer);
    if (index < 0 || (kind[index] !== STACK && kind[index] !== THREAD_STACK)) continue;
    threads.set(index, tid);
    told.set(tid, pointer);
  }
  for (let index = 0; index < space.length; index++) {
    if (kind[index] === STACK && !threads.has(index)) threads.set(index, pid);
    const before = thread[index] as number;
    if (before !== 0 && !threads.has(index) && !told.has(before)) threads.set(index, before);
  }
  return Array.from(threads, ([index, tid]) => ({ thread: tid, index, pointer: told.get(tid) ?? null })).sort(
    (one, other) => one.index - other.index,
  );
}

/** The region that holds the stack pointer; the main stack may have grown below its start since it was read. */
function stackAt(space: AddressSpace, pointer: Address): number {
  const index = space.indexOf(pointer);
  if (index >= 0) return index;
  const above = space.indexAtOrBelow(pointer) + 1;
  return space.columns.kind[above] === STACK ? above : -1;
}

/**
 * How low the stack can grow. A thread's stack has its size from the beginning; the main stack may have as much as the
 * limit says (its pages of arguments and environment count), unless other memory is in its way.
 * @see setrlimit(2), Linux mm/mmap.c (acct_stack_growth, expand_downwards)
 */
export function lowestOf(space: AddressSpace, index: number, limits: StackLimits): number {
  const { start, end, permissions, kind } = space.columns;
  const begin = start[index] as number;
  if (kind[index] !== STACK) return begin;
  const byLimit = (end[index] as number) - limits.size;
  const gap = index > 0 && permissions[index - 1] !== 0 ? limits.gap : 0;
  const byNeighbour = index > 0 ? (end[index - 1] as number) + gap : 0;
  // The limit may have been lowered since it grew.
  return Math.min(begin, Math.max(0, byLimit, byNeighbour));
}

/** What is known of a stack, with its warning. `touched` is `null` where the kernel does not tell. */
export function threadStack(
  space: AddressSpace,
  { thread, index, pointer }: StackRegion,
  limits: StackLimits,
  touched: TouchedPages | null,
): ThreadStack {
  const lowest = lowestOf(space, index, limits);
  const end = space.columns.end[index] as number;
  const size = end - lowest;
  const deepest = touched && (touched.lowest === null ? 0 : end - touched.lowest);
  const left = pointer === null ? null : Number(pointer - BigInt(lowest));
  return {
    thread,
    start: BigInt(lowest),
    end: BigInt(end),
    size,
    used: touched?.used ?? null,
    deepest,
    pointer,
    left,
    warning: warningOf(size, left, deepest),
  };
}

/** `12 KiB of 8 MiB used, deepest 40 KiB`. */
export function stackInWords({ size, used, deepest }: Pick<ThreadStack, "size" | "used" | "deepest">): string {
  if (used === null || deepest === null) return formatBytes(size);
  return `${formatBytes(used)} of ${formatBytes(size)} used, deepest ${formatBytes(deepest)}`;
}

export function stackMessage({ start, end, pointer, ...stack }: ThreadStack): StackMessage {
  return { start: toHex(start), end: toHex(end), pointer: pointer === null ? null : toHex(pointer), ...stack };
}

function warningOf(size: number, left: number | null, deepest: number | null): string | null {
  const few = Math.max(size * SMALL_SHARE, Math.min(SMALL, size / 4));
  if (left !== null && left < few) {
    return `Only ${formatBytes(left)} of this stack of ${formatBytes(size)} are left: it is about to overflow.`;
  }
  if (deepest !== null && size - deepest < few) {
    return `This stack of ${formatBytes(size)} was once used up to its last ${formatBytes(size - deepest)}: it may overflow.`;
  }
  return null;
}

const STACK = KINDS.indexOf("stack");
const THREAD_STACK = KINDS.indexOf("threadStack");

/** Less than this is little: a tenth, or 64 KiB – of a stack smaller than 256 KiB a quarter, since it never had more. */
const SMALL_SHARE = 0.1;
const SMALL = 64 * 1024;
