import { parseAddress } from "../memory/address.ts";
import { type AddressSpace, permissionLetters } from "../memory/addressSpace.ts";
import { KIND_LABELS, KINDS } from "../memory/kind.ts";
import { regionName } from "../memory/names.ts";

/**
 * The indexes of the regions that a filter lets through, in address order: its text stands, in any case, in the name,
 * path, permissions, kind or address range, or it is an address (`0x…`) within the region or the beginning of the
 * region's. The empty text lets all through.
 */
export function filterRegions(space: AddressSpace, filter: string): Uint32Array {
  const text = filter.trim().toLowerCase();
  const all = Uint32Array.from({ length: space.length }, (_, index) => index);
  if (text === "") return all;
  const { kind, path, permissions, module, thread } = space.columns;
  // Of 60,000 regions few differ in these: each text is looked at once.
  const kinds = KINDS.map((each) => each.toLowerCase().includes(text) || KIND_LABELS[each].includes(text));
  const letters = Array.from({ length: 16 }, (_, bits) => permissionLetters(bits).includes(text));
  const paths = space.paths.map((each) => each.toLowerCase().includes(text));
  const isInRange = rangeTest(space, text);
  const hasOwnName = (index: number) => module[index] !== -1 || thread[index] !== 0;
  return all.filter(
    (index) =>
      kinds[kind[index] as number] ||
      letters[permissions[index] as number] ||
      paths[path[index] as number] ||
      isInRange(index) ||
      (hasOwnName(index) && regionName(space, index).toLowerCase().includes(text)),
  );
}

/** Whether the text is (part of) a region's range `7f…-7f…`, with `0x` its beginning, or an address within it. */
function rangeTest(space: AddressSpace, text: string): (index: number) => boolean {
  if (!/^(0x)?[0-9a-f]*(-(0x)?[0-9a-f]*)?$/.test(text)) return () => false;
  const isPrefixed = text.startsWith("0x");
  const digits = text.replaceAll("0x", "");
  const address = isPrefixed ? parseAddress(text) : undefined;
  const holder = address === undefined ? -1 : space.indexOf(address);
  const { start, end } = space.columns;
  return (index) => {
    const range = `${(start[index] as number).toString(16)}-${(end[index] as number).toString(16)}`;
    return index === holder || (isPrefixed ? range.startsWith(digits) : range.includes(digits));
  };
}
