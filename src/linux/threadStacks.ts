import { readFileSync } from "node:fs";
import type { AddressSpace } from "../memory/addressSpace.ts";
import { lowestOf, type StackLimits, type StackRegion, type ThreadStack, threadStack } from "../memory/threadStacks.ts";
import type { PageReader } from "./pageReader.ts";
import { pageSize } from "./pageSize.ts";
import type { ProcessDirectory } from "./processDirectory.ts";
import { readSmall } from "./procFile.ts";

/**
 * How much of each stack is used. Where the pages may not be looked at, or the kernel tells nothing of them, their sizes
 * remain. Throws what the kernel says about `/proc/PID/limits`.
 */
export async function readThreadStacks(
  directory: ProcessDirectory,
  pages: PageReader,
  space: AddressSpace,
  regions: readonly StackRegion[],
): Promise<ThreadStack[]> {
  if (regions.length === 0) return [];
  const limits = readStackLimits(directory);
  const stacks: ThreadStack[] = [];
  for (const region of regions) {
    const start = space.columns.start[region.index] as number;
    const from = Math.max(lowestOf(space, region.index, limits), start - GROWTH);
    const touched = await pages.touched(from, space.columns.end[region.index] as number).catch(() => null);
    stacks.push(threadStack(space, region, limits, touched));
  }
  return stacks;
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

/** As far below its start is looked for pages by which the main stack has grown since the regions were read. */
const GROWTH = 2 ** 23;
