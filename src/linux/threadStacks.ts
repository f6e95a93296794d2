import { readFileSync } from "node:fs";
import type { AddressSpace } from "../memory/addressSpace.ts";
import {
  lowestOf,
  type StackLimits,
  type StackRegion,
  type ThreadStack,
  type TouchedPages,
  threadStack,
} from "../memory/threadStacks.ts";
import { pageSize } from "./pageSize.ts";
import type { ProcessDirectory } from "./processDirectory.ts";
import { ProcFile, readSmall } from "./procFile.ts";

/**
 * How much of each stack is used, from `/proc/PID/pagemap`. Where that may not be read, or the kernel has none, their
 * sizes remain. Throws what the kernel says about `/proc/PID/limits`.
 */
export function readThreadStacks(
  directory: ProcessDirectory,
  space: AddressSpace,
  regions: readonly StackRegion[],
): ThreadStack[] {
  if (regions.length === 0) return [];
  const limits = readStackLimits(directory);
  const pagemap = new ProcFile();
  try {
    return regions.map((region) => {
      const start = space.columns.start[region.index] as number;
      const from = Math.max(lowestOf(space, region.index, limits), start - GROWTH);
      const touched = touchedPages(directory, pagemap, from, space.columns.end[region.index] as number);
      return threadStack(space, region, limits, touched);
    });
  } finally {
    pagemap.close();
  }
}

/** How far the main stack may grow. Throws what the kernel says about `/proc/PID/limits`. */
export function readStackLimits(directory: ProcessDirectory): StackLimits {
  return { size: parseStackLimit(readSmall(directory.path("limits"))), gap: stackGuardGap() };
}

/** The soft limit of the main stack in bytes, from the text of `/proc/PID/limits`. Source: proc_pid_limits(5). */
export function parseStackLimit(text: string): StackLimits["size"] {
  const [, limit = "unlimited"] = /^Max stack size +(\S+)/m.exec(text) ?? [];
  return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit);
}

/** What the kernel keeps free below the main stack. @see Linux Documentation/admin-guide/kernel-parameters.txt */
function stackGuardGap(): StackLimits["gap"] {
  const [, pages = "256"] = /(?:^|\s)stack_guard_gap=(\d+)/.exec(readFileSync("/proc/cmdline", "utf8")) ?? [];
  return Number(pages) * pageSize();
}

/**
 * The pages of `[from, end)` that have been touched; `null` where the kernel does not tell. Of a larger stack only the
 * upper GiB is looked at. Source: proc_pid_pagemap(5).
 */
function touchedPages(directory: ProcessDirectory, pagemap: ProcFile, from: number, end: number): TouchedPages | null {
  const page = pageSize();
  let used = 0;
  let lowest: number | null = null;
  for (let at = Math.max(from, end - LARGEST_LOOKED_AT); at < end; ) {
    const pages = (end - at) / page;
    const slice = entries.subarray(0, Math.min(entries.length, pages * ENTRY));
    const count = readPagemap(directory, pagemap, slice, (at / page) * ENTRY);
    if (count < ENTRY) return null;
    for (let entry = 0; entry + ENTRY <= count; entry += ENTRY, at += page) {
      const flags = slice[entry + ENTRY - 1] as number;
      if ((flags & (PRESENT | SWAPPED)) === 0 || (flags & GUARD) !== 0) continue;
      used += page;
      lowest ??= at;
    }
  }
  return { used, lowest };
}

/** Answers how many bytes; 0 where it may not be read. The file is open for the memory that the process has now. */
function readPagemap(directory: ProcessDirectory, pagemap: ProcFile, into: Buffer, position: number): number {
  if (pagemap.isOpen) return pagemap.read(into, 0, position);
  for (const place of directory.memoryPlaces()) {
    try {
      pagemap.open(directory.path(`${place}pagemap`));
      const count = pagemap.read(into, 0, position);
      if (count > 0) return count;
    } catch {
      // Not there or not for us: perhaps at the next place.
    }
  }
  return 0;
}

/** Bytes of a page's entry. */
const ENTRY = 8;
/** In its highest byte; guards are those of madvise(2), which Linux 6.15 tells apart from swapped pages. */
const PRESENT = 0x80;
const SWAPPED = 0x40;
const GUARD = 0x04;

const entries = Buffer.allocUnsafeSlow(64 * 1024);

const LARGEST_LOOKED_AT = 2 ** 30;

/** As far below its start is looked for pages by which the main stack has grown since the regions were read. */
const GROWTH = 2 ** 23;
