import type { Address } from "../memory/address.ts";
import { type AddressSpace, NOT_READ } from "../memory/addressSpace.ts";

/** Regions that a slow reading reads in a second: of more, some should not wait for their turn. */
export const MANY = 5000;
/** New regions that are looked at at once. */
const MOST_NEW = 1000;

/** The indexes of the regions at the addresses, and of the first of those that nothing is known of, ascending. */
export function firstRegions(space: AddressSpace, addresses: readonly Address[]): Uint32Array {
  const first = new Set(addresses.map((address) => space.indexOf(address)));
  first.delete(-1);
  const { flags } = space.columns;
  for (let index = 0, left = MOST_NEW; index < space.length && left > 0; index++) {
    if (flags[index] !== NOT_READ) continue;
    first.add(index);
    left--;
  }
  return Uint32Array.from(first).sort();
}
