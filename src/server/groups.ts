import { type HexAddress, toHex } from "../memory/address.ts";
import type { AddressSpace } from "../memory/addressSpace.ts";
import type { Group, Kind } from "../memory/kind.ts";
import type { Module } from "../memory/module.ts";
import type { NodeId } from "../protocol/server.ts";

/**
 * The regions that pass a filter, by the group and the library that they stand below in the tree: lists of indexes in
 * address order.
 */
export class RegionGroups {
  readonly #groups = new Map<Group, number[]>();
  readonly #libraries = new Map<NodeId, number[]>();

  constructor(space: AddressSpace, indexes: Uint32Array) {
    const ids = space.modules.map(libraryId);
    for (const index of indexes) {
      const group = groupOf(space, index);
      addTo(this.#groups, group, index);
      if (group === "libraries") addTo(this.#libraries, ids[space.columns.module[index] as number] as NodeId, index);
    }
  }

  of(group: Group): readonly number[] {
    return this.#groups.get(group) ?? [];
  }

  /** By their nodes' ids. */
  get libraries(): ReadonlyMap<NodeId, readonly number[]> {
    return this.#libraries;
  }
}

/** Stays the same for as long as the file is mapped there. */
export function libraryId({ bias, path }: Module): NodeId {
  return `module:${toHex(bias)}:${path}`;
}

/** Where in the tree a region stands. The guard of a thread's stack stands with it. */
export function groupOf(space: AddressSpace, index: number): Group {
  const kind = space.kind(index);
  const module = space.module(index);
  // A heap may begin in the last page of the program's bss.
  if (module && kind !== "heap" && kind !== "vdso") return module.isProgram ? "program" : "libraries";
  if (kind === "guard" && index + 1 < space.length && space.kind(index + 1) === "threadStack") return "stacks";
  return GROUP_OF[kind];
}

/** The first four need a module. */
const GROUP_OF: Readonly<Record<Kind, Group>> = {
  code: "files",
  rodata: "files",
  relro: "files",
  data: "files",
  bss: "anonymous",
  heap: "heap",
  stack: "stacks",
  threadStack: "stacks",
  guard: "anonymous",
  anonymous: "anonymous",
  namedAnonymous: "anonymous",
  sharedAnonymous: "shared",
  file: "files",
  sysvShm: "shared",
  posixShm: "shared",
  memfd: "shared",
  vdso: "kernel",
  vvar: "kernel",
  vsyscall: "kernel",
  device: "files",
  jit: "anonymous",
};

/** Some of a list of regions, all that start within a block of addresses. */
export interface Block {
  /** The block's bounds: multiples of its size, which is a power of two. */
  readonly from: number;
  readonly to: number;
  readonly indexes: readonly number[];
}

/**
 * Splits a list of regions into at most 16 blocks of addresses of one size. Blocks stand where their size says, so that
 * they stay while regions come and go. Each block has fewer regions than the list, be it of two or more.
 */
export function blocksOf(space: AddressSpace, indexes: readonly number[]): Block[] {
  const { start } = space.columns;
  const first = start[indexes[0] as number] as number;
  const last = start[indexes.at(-1) as number] as number;
  // Powers of two divide and multiply doubles exactly.
  let size = SMALLEST_BLOCK;
  while (Math.floor(first / size) + 16 <= Math.floor(last / size)) size *= 2;
  const blocks = new Map<number, number[]>();
  for (const index of indexes) addTo(blocks, Math.floor((start[index] as number) / size), index);
  return Array.from(blocks, ([number, members]) => ({
    from: number * size,
    to: (number + 1) * size,
    indexes: members,
  }));
}

const SMALLEST_BLOCK = 4096;

/** A region's boundary in messages. Beyond the last page stands 2⁶⁴, which is no address. */
export function hexOf(boundary: number): HexAddress {
  return `0x${BigInt(boundary).toString(16)}`;
}

function addTo<Key>(lists: Map<Key, number[]>, key: Key, index: number): void {
  const list = lists.get(key);
  if (list) list.push(index);
  else lists.set(key, [index]);
}
