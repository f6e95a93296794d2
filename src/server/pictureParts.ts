/** What lies inside the regions of a picture: sections, and symbols where there is room for them. */
import type { Address } from "../memory/address.ts";
import { type ElfSource, type ElfSymbol, extentOf, type Module, type Section } from "../memory/module.ts";
import { linkAddress, sectionsWithin } from "../memory/modules.ts";
import { printable } from "../memory/names.ts";
import { type ElfOf, kindAt } from "../memory/placeInModule.ts";
import type { Part, Parts, PartsQuery, RegionParts } from "../protocol/picture.ts";
import type { Revision } from "./revision.ts";

/** Throws a TargetError where the symbols of a file cannot be read. */
export async function partsOf(revision: Revision, query: PartsQuery, elfOf: ElfOf): Promise<Parts> {
  const { axis, space } = revision;
  const { from, pixels } = query;
  const to = Math.min(query.to ?? axis.length, axis.length);
  const perPixel = (to - from) / Math.max(1, pixels);
  const regions: Promise<RegionParts>[] = [];
  const last = axis.indexAt(to);
  for (let index = Math.max(0, axis.indexAt(from)); index <= last; index++) {
    const module = space.module(index);
    if (!module) continue;
    const extent = axis.extentOf(index);
    const visible = { from: Math.max(from, extent.from), to: Math.min(to, extent.to) };
    if (visible.to - visible.from < SECTION_ROOM * perPixel) continue;
    const start = BigInt(space.columns.start[index] as number);
    const { size, bytes } = { size: space.size(index), bytes: space.size(index) / (extent.to - extent.from) };
    const seen: Seen = {
      start,
      end: start + BigInt(size),
      from: start + BigInt(Math.floor((visible.from - extent.from) * bytes)),
      to: start + BigInt(Math.min(size, Math.ceil((visible.to - extent.from) * bytes))),
      pixel: perPixel * bytes,
    };
    regions.push(regionParts(module, seen, elfOf(module), revision));
  }
  return { regions: (await Promise.all(regions)).filter(({ sections }) => sections.length > 0) };
}

/** Device pixels: narrower regions show no sections, narrower sections no symbols. */
const SECTION_ROOM = 60;
const SYMBOL_ROOM = 120;
/** Of a single symbol among many: its name should have room. */
const NAME_ROOM = 24;
/** Where symbols are this narrow on average, only the largest are shown. */
const LEAST_WIDTH = 4;
const LARGEST = 200;

/** A region and what is seen of it: run-time addresses, and bytes in a pixel. */
interface Seen {
  readonly start: Address;
  readonly end: Address;
  readonly from: Address;
  readonly to: Address;
  readonly pixel: number;
}

async function regionParts(
  module: Module,
  seen: Seen,
  elf: ElfSource | null,
  { space }: Revision,
): Promise<RegionParts> {
  const regionKind = space.kind(space.indexOf(seen.start));
  const partOf = ({ name, address }: Section | ElfSymbol, size: number, section: Section): Part | null => {
    const offset = Number(address - linkAddress(module, seen.start));
    const begin = Math.max(0, offset);
    const end = Math.min(offset + size, Number(seen.end - seen.start));
    if (end <= begin) return null;
    const kind = kindAt(module.layout, address, section, regionKind);
    return { offset: begin, size: end - begin, name: printable(name), kind };
  };
  const inView = sectionsWithin(module, seen.from, seen.to);
  const symbols = inView.map(async (section) => {
    const found = elf ? await symbolsIn(module, section, seen, elf) : [];
    return found.map((symbol) => partOf(symbol, extentOf(symbol), section));
  });
  return {
    start: `0x${seen.start.toString(16)}`,
    sections: inView.map((section) => partOf(section, section.size, section)).filter((part) => part !== null),
    symbols: (await Promise.all(symbols)).flat().filter((part) => part !== null),
  };
}

/** The symbols of a section that are in view, by address: all, or where they are too many the largest. */
async function symbolsIn(module: Module, section: Section, seen: Seen, elf: ElfSource): Promise<ElfSymbol[]> {
  const low = Math.max(0, Number(linkAddress(module, seen.from) - section.address));
  const high = Math.min(section.size, Number(linkAddress(module, seen.to) - section.address));
  const [from, to] = [section.address + BigInt(low), section.address + BigInt(high)];
  const width = (high - low) / seen.pixel;
  if (width < SYMBOL_ROOM) return [];
  const first = await rankOf(elf, section, from);
  const count = (await rankOf(elf, section, to - 1n)) - first + 1;
  const isSeen = (symbol: ElfSymbol) => symbol.address < to && symbol.address + BigInt(extentOf(symbol)) > from;
  if (count * LEAST_WIDTH <= width || count <= NAME_ROOM) {
    const { symbols } = await elf.symbolsOf(section, "address", first, count);
    return withoutAliases(
      elf,
      symbols.filter((symbol) => symbol.type !== "gap" && isSeen(symbol)),
    );
  }
  const { symbols } = await elf.symbolsOf(section, "size", 0, LARGEST);
  const named = symbols.filter((symbol) => extentOf(symbol) >= NAME_ROOM * seen.pixel && isSeen(symbol));
  return withoutAliases(
    elf,
    named.sort((one, other) => Number(one.address - other.address)),
  );
}

/** Of those that begin at one address the one that answers there: names must not lie upon each other. */
async function withoutAliases(elf: ElfSource, symbols: readonly ElfSymbol[]): Promise<ElfSymbol[]> {
  const alone = symbols.map(async (symbol, index) => {
    const isFirst = symbols[index - 1]?.address !== symbol.address;
    if (isFirst && symbols[index + 1]?.address !== symbol.address) return symbol;
    return isFirst ? ((await elf.symbolAt(symbol.address)) ?? symbol) : null;
  });
  return (await Promise.all(alone)).filter((symbol) => symbol !== null);
}

/** Which of the section's symbols by address is the last that begins at or below it; the first where none does. */
async function rankOf(elf: ElfSource, section: Section, address: Address): Promise<number> {
  let low = 0;
  let high = (await elf.symbolsOf(section, "address", 0, 0)).total;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const [one] = (await elf.symbolsOf(section, "address", middle, 1)).symbols;
    if (one && one.address <= address) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
