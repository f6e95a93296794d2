/**
 * How long the kernel keeps an address space locked while it makes a text of it: the target's own mmap and munmap wait so
 * long. Measured with Linux 6.18, as the README's figures.
 */
import type { AddressSpace } from "../memory/addressSpace.ts";

/** Milliseconds that nobody notices. */
export const UNNOTICED = 0.5;

/**
 * Milliseconds of one reading of smaps_rollup, which is made all at once.
 * @param rss resident bytes of the whole process
 */
export function lockTimeOfRollup(space: AddressSpace, rss: number): number {
  return space.length * OF_REGION + rss * OF_BYTE;
}

/**
 * Milliseconds of the longest record of smaps: that of the region with most resident memory. Of one whose numbers have not
 * been read it is as if all were there.
 * @param rss resident bytes of the whole process
 */
export function lockTimeOfSmaps(space: AddressSpace, rss: number): number {
  let most = 0;
  for (let index = 0; index < space.length; index++) {
    const resident = space.usageOf(index, "rss") ?? space.size(index);
    if (resident > most) most = resident;
  }
  return OF_REGION + Math.min(most, rss) * OF_BYTE;
}

const OF_REGION = 0.0003;
const OF_BYTE = 0.000_035 / 4096;
