import { parseAddress } from "../memory/address.ts";
import { type AddressSpace, permissionLetters } from "../memory/addressSpace.ts";
import { KIND_LABELS } from "../memory/kind.ts";
import { regionName } from "../memory/names.ts";

/**
 * The indexes of the regions that a filter lets through: its text stands, in any case, in the name, path, permissions or
 * kind, or it is an address within the region or the beginning of the region's. The empty text lets all through.
 */
export function filterRegions(space: AddressSpace, filter: string): Uint32Array {
  const text = filter.trim().toLowerCase();
  const all = Uint32Array.from({ length: space.length }, (_, index) => index);
  if (text === "") return all;
  const address = text.startsWith("0x") ? parseAddress(text) : undefined;
  const holder = address === undefined ? -1 : space.indexOf(address);
  return all.filter((index) => index === holder || factsOf(space, index).includes(text));
}

/** One line, so that the text of a filter may stand in any of its parts but not across two. */
function factsOf(space: AddressSpace, index: number): string {
  const { start, permissions } = space.columns;
  const kind = space.kind(index);
  return [
    regionName(space, index),
    space.path(index) ?? "",
    permissionLetters(permissions[index] as number),
    kind,
    KIND_LABELS[kind],
    `0x${(start[index] as number).toString(16)}`,
  ]
    .join("\n")
    .toLowerCase();
}
