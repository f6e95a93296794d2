/** A piece of memory that an allocator hands out, and what it has done with it. */
import { type Address, type HexAddress, toHex } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";

export interface Block {
  /** Which allocator has cut it. */
  readonly allocator: "glibc malloc";
  /** What the allocator gave to the program, or would give. */
  readonly start: Address;
  /** Bytes from there on that may be used: malloc_usable_size(3), no less than what the program asked for. */
  readonly size: number;
  /**
   * `used`: the program has it; `freed`: it was given back and waits to be handed out again; `unused`: the end of the heap,
   * of which blocks are cut; `own`: the allocator's own. `null` where that cannot be told for certain.
   */
  readonly state: "used" | "freed" | "unused" | "own" | null;
}

/** The block that has the address, or ends right before it; `null` where none is known. */
export type BlockAt = (space: AddressSpace, address: Address) => Promise<Block | null>;

/** Where an address is in its block, as it goes over the wire. */
export interface BlockPlace extends Omit<Block, "start"> {
  readonly start: HexAddress;
  /** Bytes from the block's start to the address: from `size` on it is behind it, where the allocator has its own numbers. */
  readonly offset: number;
}

/** With its address as a string. */
export function blockPlace(block: Block, address: Address): BlockPlace {
  return { ...block, start: toHex(block.start), offset: Number(address - block.start) };
}

/** `40 bytes at 0x5581e2a0, 16 into it, in use (glibc malloc)`. */
export function blockInWords({ start, size, offset, state, allocator }: BlockPlace): string {
  const parts = [`${size.toLocaleString("en-US")} bytes at ${start}`];
  if (offset >= size) parts.push(offset === size ? "right behind it" : `${offset - size} behind its end`);
  else if (offset > 0) parts.push(`${offset.toLocaleString("en-US")} into it`);
  if (state) parts.push(STATES[state]);
  return `${parts.join(", ")} (${allocator})`;
}

const STATES = {
  used: "in use",
  freed: "freed",
  unused: "not handed out yet",
  own: "the allocator's own",
} as const;
