/** "Where is this?": addresses, symbols and regions by name. */
import { type Address, parseAddress, toHex } from "../memory/address.ts";
import type { Extent, FoldedAxis } from "../memory/axis.ts";
import { extentOf, type Work } from "../memory/module.ts";
import { runAddress } from "../memory/modules.ts";
import { printable, regionName, unmappedLabel } from "../memory/names.ts";
import type { ElfOf } from "../memory/placeInModule.ts";
import type { FoundPlace } from "../protocol/picture.ts";
import { noneUnlessStopped } from "./longQuestions.ts";
import type { Revision } from "./revision.ts";

/** A few places of that name, the best first: of an address the one, of a symbol one for each that has the name. */
export async function find(revision: Revision, text: string, elfOf: ElfOf, work?: Work): Promise<FoundPlace[]> {
  const { name, offset } = withoutOffset(text.trim());
  if (name === "") return [];
  const address = parseAddress(name);
  if (address !== undefined) return [placeAt(revision, address + offset, null)];
  const symbols = await symbolsNamed(revision, name, offset, elfOf, work);
  return [...symbols, ...regionsNamed(revision, name, offset)].slice(0, MOST_PLACES);
}

/** `name+0x10` or `name-16`. What is no offset, or too large for one, belongs to the name. */
function withoutOffset(text: string): { name: string; offset: bigint } {
  const [, name = "", sign, digits = ""] = /^(.+?)\s*([+-])\s*(0x[0-9a-f]+|\d+)$/i.exec(text) ?? [];
  const offset = parseAddress(digits);
  if (offset === undefined) return { name: text, offset: 0n };
  return { name, offset: sign === "-" ? -offset : offset };
}

async function symbolsNamed(
  revision: Revision,
  name: string,
  offset: bigint,
  elfOf: ElfOf,
  work?: Work,
): Promise<FoundPlace[]> {
  // The program's own come first: a library may have a symbol of the same name.
  const modules = [...revision.space.modules].sort((one, other) => Number(other.isProgram) - Number(one.isProgram));
  const found = await Promise.all(
    modules.map(async (module) => {
      const symbols = (await elfOf(module)?.symbolsNamed(name, work).catch(noneUnlessStopped(work))) ?? [];
      return symbols
        .filter(({ place, type }) => place === undefined && type !== "gap")
        .map((symbol) => {
          const address = runAddress(module, symbol.address);
          const place = placeAt(revision, address + offset, `${symbol.name} in ${module.name}`);
          const size = extentOf(symbol);
          return place.isMapped && size > 0 ? { ...place, ...around(revision.axis, place, address, size) } : place;
        });
    }),
  );
  const places = new Map(found.flat().map((place) => [place.address, place]));
  return [...places.values()];
}

/** A symbol with as much on both sides, within its region: a small one is to be seen among its neighbours. */
function around(axis: FoldedAxis, { from, to }: Extent, address: Address, size: number): Extent {
  const margin = BigInt(Math.max(size, LEAST_MARGIN));
  return {
    from: Math.max(from, axis.position(address - margin)),
    to: Math.min(to, axis.position(address + BigInt(size) + margin)),
  };
}

/** Bytes. */
const LEAST_MARGIN = 64;

function regionsNamed(revision: Revision, name: string, offset: bigint): FoundPlace[] {
  const { space } = revision;
  const places: FoundPlace[] = [];
  for (let index = 0; index < space.length && places.length < MOST_PLACES; index++) {
    const isNamed = regionName(space, index) === name || space.module(index)?.name === name;
    if (isNamed) places.push(placeAt(revision, BigInt(space.columns.start[index] as number) + offset, null));
  }
  return places;
}

/** @param sum of an address and an offset: addresses have 64 bits, and begin anew behind the last */
function placeAt({ space, axis }: Revision, sum: bigint, name: string | null): FoundPlace {
  const address = BigInt.asUintN(64, sum);
  const index = space.indexOf(address);
  const region = index < 0 ? unmappedLabel(address) : regionName(space, index);
  return {
    address: toHex(address),
    name: printable(name ?? region),
    isMapped: index >= 0,
    ...(index < 0 ? axis.gapAt(address) : axis.extentOf(index)),
  };
}

const MOST_PLACES = 20;
