/** The tree below a region: the sections of its file that lie in it, and their symbols, by size or address, in pages. */
import { type Address, parseAddress, toHex } from "../memory/address.ts";
import { type AddressSpace, permissionLetters } from "../memory/addressSpace.ts";
import { type ElfSource, type ElfSymbol, extentOf, type Module, type Section } from "../memory/module.ts";
import { linkAddress, runAddress, sectionAt, sectionsInMemory, sectionsWithin } from "../memory/modules.ts";
import { printable } from "../memory/names.ts";
import { type ElfOf, kindAt } from "../memory/placeInModule.ts";
import type { NodeId, SymbolOrder, TreeNode } from "../protocol/server.ts";
import { PLAIN_NODE } from "./treeNode.ts";

/** Whether sections are known of the region. */
export function hasSections(space: AddressSpace, index: number): boolean {
  return sectionsOf(space, index).length > 0;
}

/** The sections in the region, by address. */
export function sectionNodes(space: AddressSpace, index: number, elfOf: ElfOf): Promise<TreeNode[]> {
  const module = space.module(index);
  if (!module) return Promise.resolve([]);
  const elf = elfOf(module);
  const { layout, path } = module;
  const permissions = permissionLetters(space.columns.permissions[index] as number);
  return Promise.all(
    sectionsOf(space, index).map(async (section) => {
      const start = runAddress(module, section.address);
      const { total: count, uncovered } = (await elf?.symbolsOf(section, "size", 0, 0)) ?? { total: 0, uncovered: 0 };
      return {
        ...PLAIN_NODE,
        id: `section:${toHex(start)}`,
        type: "section",
        name: printable(section.name),
        kind: kindAt(layout, section.address, section, space.kind(index)),
        start: toHex(start),
        end: toHex(start + BigInt(section.size)),
        permissions,
        size: section.size,
        count,
        uncovered,
        path,
        hasChildren: count > 0,
      } satisfies TreeNode;
    }),
  );
}

/** The first symbols of the section that begins at the address, and a node for the rest. */
export async function symbolNodes(
  space: AddressSpace,
  start: string,
  elfOf: ElfOf,
  order: SymbolOrder,
): Promise<TreeNode[]> {
  const place = sectionFrom(space, start, elfOf);
  if (!place) return [];
  const { total, nodes } = await symbolsFrom(place, order, 0, SYMBOLS_SHOWN);
  if (total <= SYMBOLS_SHOWN) return nodes;
  const name = `${(total - SYMBOLS_SHOWN).toLocaleString("en")} more`;
  return [...nodes, moreNode(SYMBOLS_SHOWN, total, start, name)];
}

/** What is below a node `more:FROM-TO:START`: symbols, or where they are too many nodes for parts of them. */
export async function moreNodes(
  space: AddressSpace,
  id: NodeId,
  elfOf: ElfOf,
  order: SymbolOrder,
): Promise<TreeNode[]> {
  const range = moreRange(id);
  const place = range && sectionFrom(space, range.start, elfOf);
  if (!place) return [];
  const { from, to, start } = range;
  if (to - from <= SYMBOLS_SHOWN) return (await symbolsFrom(place, order, from, to - from)).nodes;
  let step = SYMBOLS_SHOWN;
  while (step * SYMBOLS_SHOWN < to - from) step *= SYMBOLS_SHOWN;
  const nodes: TreeNode[] = [];
  for (let first = from; first < to; first += step) {
    const last = Math.min(first + step, to);
    const name = `${(first + 1).toLocaleString("en")} to ${last.toLocaleString("en")} by ${order}`;
    nodes.push(moreNode(first, last, start, name));
  }
  return nodes;
}

/** The nodes from the section that begins at `start` down to the symbol that covers the address; none where none does. */
export async function pathToSymbol(
  space: AddressSpace,
  start: string,
  address: Address,
  elfOf: ElfOf,
  order: SymbolOrder,
): Promise<TreeNode[]> {
  const place = sectionFrom(space, start, elfOf);
  const symbol = place && (await place.elf.symbolAt(linkAddress(place.module, address)));
  const rank = symbol ? await rankOf(place, symbol, order) : -1;
  if (!place || rank < 0) return [];
  const path: TreeNode[] = [];
  let level = rank < SYMBOLS_SHOWN ? [] : await symbolNodes(space, start, elfOf, order);
  for (;;) {
    const more = level.find(({ id }) => {
      const range = moreRange(id);
      return range && rank >= range.from && rank < range.to;
    });
    if (!more) break;
    path.push(more);
    level = await moreNodes(space, more.id, elfOf, order);
  }
  return [...path, ...(await symbolsFrom(place, order, rank, 1)).nodes];
}

const SYMBOLS_SHOWN = 200;

export interface Place {
  readonly module: Module;
  readonly section: Section;
  readonly elf: ElfSource;
}

/** The sections in the region, by address. */
export function sectionsOf(space: AddressSpace, index: number): Section[] {
  const module = space.module(index);
  if (!module) return [];
  const start = BigInt(space.columns.start[index] as number);
  return sectionsWithin(module, start, start + BigInt(space.size(index)));
}

/** The section that holds the address, with its module and the module's open file; `null` where there is none. */
export function sectionFrom(space: AddressSpace, start: string, elfOf: ElfOf): Place | null {
  const address = parseAddress(start);
  const index = address === undefined ? -1 : space.indexOf(address);
  const module = index < 0 ? null : space.module(index);
  const elf = module && elfOf(module);
  const section =
    module && address !== undefined ? sectionAt(sectionsInMemory(module.layout), linkAddress(module, address)) : null;
  return module && elf && section && { module, elf, section };
}

/** A page of the section's symbols, and how many there are in all. */
async function symbolsFrom(
  { module, section, elf }: Place,
  order: SymbolOrder,
  offset: number,
  limit: number,
): Promise<{ total: number; nodes: TreeNode[] }> {
  const { total, symbols } = await elf.symbolsOf(section, order, offset, limit);
  const nodes = symbols.map((symbol) => {
    const { name, address, type } = symbol;
    const size = extentOf(symbol);
    const start = runAddress(module, address);
    const isGap = type === "gap";
    return {
      ...PLAIN_NODE,
      id: `${isGap ? "gap" : "symbol"}:${toHex(start)}`,
      type: isGap ? "gap" : "symbol",
      name: isGap ? "no symbol" : printable(name),
      kind: kindAt(module.layout, address, section, "data"),
      start: toHex(start),
      end: `0x${(start + BigInt(size)).toString(16)}`,
      size,
    } satisfies TreeNode;
  });
  return { total, nodes };
}

/** Where the symbol stands among its section's, or -1. */
async function rankOf({ section, elf }: Place, symbol: ElfSymbol, order: SymbolOrder): Promise<number> {
  const isBefore = (one: ElfSymbol, other: ElfSymbol) =>
    order === "size" ? extentOf(one) > extentOf(other) : one.address < other.address;
  const page = (offset: number, limit: number) => elf.symbolsOf(section, order, offset, limit);
  let low = 0;
  let high = (await page(0, 0)).total;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const [one] = (await page(middle, 1)).symbols;
    if (one && isBefore(one, symbol)) low = middle + 1;
    else high = middle;
  }
  for (let offset = low; ; offset += SYMBOLS_SHOWN) {
    const { symbols } = await page(offset, SYMBOLS_SHOWN);
    const found = symbols.findIndex(({ name, address }) => name === symbol.name && address === symbol.address);
    if (found >= 0) return offset + found;
    const last = symbols.at(-1);
    if (last === undefined || isBefore(symbol, last)) return -1;
  }
}

function moreNode(from: number, to: number, start: string, name: string): TreeNode {
  return { ...PLAIN_NODE, id: `more:${from}-${to}:${start}`, type: "more", name, count: to - from, hasChildren: true };
}

function moreRange(id: NodeId): { from: number; to: number; start: string } | null {
  const [, from, to, start] = /^more:(\d+)-(\d+):(0x[0-9a-f]+)$/.exec(id) ?? [];
  return start === undefined ? null : { from: Number(from), to: Number(to), start };
}
