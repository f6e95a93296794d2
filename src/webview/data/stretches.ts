import { type Address, type HexAddress, toHex } from "../../memory/address.ts";
import type { Picture, Stretch } from "../../protocol/server.ts";

/** The stretch at a position of the axis, by halving; `null` outside the picture. */
export function stretchAt(picture: Picture, position: number): Stretch | null {
  const stretch = picture.stretches[indexAt(picture, position)];
  return stretch && stretch.from <= position && position < stretch.to ? stretch : null;
}

/** The index of the first stretch that ends after the position. */
export function indexAt({ stretches }: Picture, position: number): number {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((stretches[middle] as Stretch).to <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The address at a position within a stretch: exact in a single region, which the axis shows to scale. */
export function addressIn(stretch: Stretch, position: number): Address {
  const share = (position - stretch.from) / (stretch.to - stretch.from);
  const start = BigInt(stretch.start);
  const size = BigInt(stretch.end) - start;
  const offset = BigInt(Math.floor(Math.min(Math.max(share, 0), 1) * Number(size)));
  return start + (offset < size ? offset : size - 1n);
}

/** The stretch of the picture that holds an address. */
export function stretchHolding({ stretches }: Picture, address: Address): Stretch | null {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (BigInt((stretches[middle] as Stretch).end) <= address) low = middle + 1;
    else high = middle;
  }
  const stretch = stretches[low];
  return stretch && BigInt(stretch.start) <= address ? stretch : null;
}

/** The position of an address within a stretch that holds it. */
export function positionIn(stretch: Pick<Stretch, "from" | "to" | "start" | "end">, address: Address): number {
  const start = BigInt(stretch.start);
  const share = Number(address - start) / Number(BigInt(stretch.end) - start);
  return stretch.from + share * (stretch.to - stretch.from);
}

/** One region, and no gap. */
export function isRegion(stretch: Stretch): boolean {
  return stretch.kind !== null && stretch.regions === 1;
}

/** The address to choose for a click at a position: the region's start, or within a stretch of several, what lies there. */
export function chosenAt(stretch: Stretch, position: number): HexAddress {
  return isRegion(stretch) ? stretch.start : toHex(addressIn(stretch, position));
}
