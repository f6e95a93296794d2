/** Where the picture's axis names addresses: at the starts of stretches, and at round addresses inside wide ones. */
import { type Address, type HexAddress, toHex } from "../../memory/address.ts";
import type { Picture, Stretch } from "../../protocol/server.ts";
import { addressIn, indexAt, isRegion, positionIn } from "../data/stretches.ts";
import type { View } from "../data/view.ts";

export interface Tick {
  readonly position: number;
  readonly address: HexAddress;
}

/** From low to high; two ticks are at least `apart` of the view's width (0…1) from each other. */
export function addressTicks(picture: Picture, view: View, apart: number): Tick[] {
  const span = view.to - view.from;
  const ticks: Tick[] = [];
  let free = view.from;
  const add = (position: number, place: { readonly start: HexAddress }) => {
    if (position < free || position > view.to) return;
    ticks.push({ position, address: place.start });
    free = position + apart * span;
  };
  for (let index = indexAt(picture, view.from); index < picture.stretches.length; index++) {
    const stretch = picture.stretches[index] as Stretch;
    if (stretch.from > view.to) break;
    if (stretch.kind === null) continue;
    add(stretch.from, stretch);
    if (isRegion(stretch) && stretch.to - stretch.from > 2 * apart * span) {
      for (const address of roundAddresses(stretch, view, apart * span))
        add(positionIn(stretch, address), { start: toHex(address) });
    }
  }
  return ticks;
}

/** Multiples of a power of two, at least `apart` positions from each other, in the part of the region in view. */
function* roundAddresses(region: Stretch, view: View, apart: number): Generator<Address> {
  const scale = region.size / (region.to - region.from);
  const step = 1n << BigInt(Math.max(0, Math.ceil(Math.log2(apart * scale))));
  const first = addressIn(region, Math.max(region.from, view.from));
  const last = addressIn(region, Math.min(region.to, view.to));
  for (let address = (first / step + 1n) * step; address <= last; address += step) yield address;
}
