import type { Address } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";

/** A region without its name and its numbers, as the kernel tells it of a single address. */
export interface RegionBounds {
  readonly start: number;
  readonly end: number;
  /** Bits: READ, WRITE, EXECUTE, SHARED of addressSpace.ts. */
  readonly permissions: number;
  readonly fileOffset: number;
  readonly inode: number;
}

/** Whether the space still has at the address what is there: this region or, where it is `null`, none. */
export function isStillAt(space: AddressSpace, address: Address, bounds: RegionBounds | null): boolean {
  const index = space.indexOf(address);
  if (index < 0 || bounds === null) return index < 0 && bounds === null;
  const { start, end, permissions, fileOffset, inode } = space.columns;
  return (
    start[index] === bounds.start &&
    end[index] === bounds.end &&
    permissions[index] === bounds.permissions &&
    fileOffset[index] === bounds.fileOffset &&
    inode[index] === bounds.inode
  );
}
