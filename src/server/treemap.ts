/** A target's memory as nested boxes: kind → module → region → section → symbol, as fine as there is room to draw. */
import { type Address, parseAddress } from "../memory/address.ts";
import { type ElfSymbol, extentOf, type Module, type Section } from "../memory/module.ts";
import type { ElfOf } from "../memory/placeInModule.ts";
import type { Measure } from "../protocol/picture.ts";
import type { Treemap, TreemapNode, TreemapQuery } from "../protocol/treemap.ts";
import { type Entry, MeasuredGroup, type MeasuredGroups } from "./measuredGroups.ts";
import type { Revision } from "./revision.ts";
import { type Place, sectionFrom } from "./symbolNodes.ts";
import {
  gapNode,
  groupNode,
  moreSymbolsNode,
  type Range,
  readId,
  regionNode,
  sectionNode,
  sectionNodes,
  shareNode,
  symbolNode,
} from "./treemapNodes.ts";

/** Rejects with a {@link TargetError} where the symbols of a section cannot be read. */
export async function treemapOf(revision: Revision, query: TreemapQuery, elfOf: ElfOf): Promise<Treemap> {
  const { space, measured: groups } = revision;
  const room = { area: Math.max(1, query.width * query.height), measure: query.measure };
  const asked = readId(query.root);
  const [type, start = ""] = asked.id.split(/:(.*)/s);
  const index = space.indexOf(parseAddress(start) ?? 0n);
  const place = type === "section" && index >= 0 ? sectionFrom(space, start, elfOf) : null;
  const isRegion = index >= 0 && (type === "region" || type === "section");
  const shown = place
    ? await sectionBoxes(groups, place, index, asked.from, room)
    : isRegion
      ? regionBoxes(groups, index)
      : groupBoxes(groups, asked, room);
  const selected = parseAddress(query.selected ?? "");
  return {
    revision: revision.number,
    time: revision.time,
    measure: isRegion ? "size" : query.measure,
    ...shown,
    selected: selected === undefined ? null : holderOf(groups, shown.root, selected, query.measure),
  };
}

/** Square pixels of the smallest box that stands for itself. */
const LEAST_BOX = 64;
/** Of the smallest that shows what is in it: room for a name and some boxes. */
const LEAST_NEST = 1200;
/** However large the screen. */
const MOST_BOXES = 4000;
/** As many boxes are made of regions that are all too small to have one each. */
const SHARES = 16;
const ALL: Range = { from: 0, to: Number.POSITIVE_INFINITY };
/** Symbols that are asked for at first, and then as many again while the last one has a box. */
const SYMBOLS_A_PAGE = 256;
/** Symbols that are shown where all are too small. */
const FEWEST_SYMBOLS = 64;

type Boxes = Pick<Treemap, "path" | "root" | "unknown">;
type Crumb = Treemap["path"][number];

/** What there is to draw on. */
interface Room {
  /** Square pixels. */
  readonly area: number;
  readonly measure: Measure;
}

/** How large boxes become in a room that `whole` fills. */
class Scale {
  readonly #pixels: number;
  readonly #least: number;

  constructor({ area }: Room, whole: number) {
    this.#pixels = whole > 0 ? area / whole : 0;
    this.#least = Math.max(LEAST_BOX, area / MOST_BOXES);
  }

  hasBox(value: number): boolean {
    return value * this.#pixels >= this.#least;
  }

  hasNest(value: number): boolean {
    return value * this.#pixels >= LEAST_NEST;
  }
}

function groupBoxes(groups: MeasuredGroups, asked: Range & { readonly id: string }, room: Room): Boxes {
  const { measure } = room;
  const group = groups.get(asked.id) ?? remainderOf(groups, asked.id);
  const { length } = group.entries;
  const range = asked.from < length ? { from: asked.from, to: asked.to } : ALL;
  const isShare = range.from > 0 || range.to < length;
  const root = isShare ? shareNode(groups, group, range, measure) : groupNode(group, measure);
  const scale = new Scale(room, root.value);
  const children = entryNodes(groups, group, range, measure, scale);
  return {
    path: [...pathTo(group), ...(isShare ? [crumbOf(root)] : [])],
    root: { ...root, children: children.length > 0 ? children : shares(groups, group, range, measure, scale) },
    unknown: groups.sumsOf(group.entriesIn(range, measure))[measure].unknown,
  };
}

/** What there still is of the path to a group that is no more. */
function remainderOf(groups: MeasuredGroups, id: string): MeasuredGroup {
  const [, kind] = /^module:([^:]*):/.exec(id) ?? [];
  return groups.get(`kind:${kind}`) ?? groups.whole;
}

/** The boxes within a group, none where all would be too small. */
function entryNodes(
  groups: MeasuredGroups,
  group: MeasuredGroup,
  { from, to }: Range,
  measure: Measure,
  scale: Scale,
): TreemapNode[] {
  const ordered = group.ordered(measure);
  const end = Math.min(to, ordered.length);
  let next = from;
  while (next < end && scale.hasBox(groups.valueOf(ordered[next] as Entry, measure))) next++;
  if (next === from) return [];
  const nodes = ordered.slice(from, next).map((entry) => entryNode(groups, entry, measure, scale));
  if (next < end) nodes.push(shareNode(groups, group, { from: next, to }, measure));
  return largestFirst(nodes);
}

function entryNode(groups: MeasuredGroups, entry: Entry, measure: Measure, scale: Scale): TreemapNode {
  if (entry instanceof MeasuredGroup) {
    const node = groupNode(entry, measure);
    if (!scale.hasNest(node.value)) return node;
    return { ...node, children: entryNodes(groups, entry, ALL, measure, scale) };
  }
  const node = regionNode(groups, entry, measure);
  const hasSections = measure === "size" && scale.hasNest(node.value);
  return hasSections ? { ...node, children: largestFirst(sectionNodes(groups, entry)) } : node;
}

/** One box for each entry though it is small, or where they are many for as many of them each. */
function shares(
  groups: MeasuredGroups,
  group: MeasuredGroup,
  { from, to }: Range,
  measure: Measure,
  scale: Scale,
): TreemapNode[] {
  const ordered = group.ordered(measure);
  const end = Math.min(to, ordered.length);
  const step = Math.ceil((end - from) / SHARES);
  const nodes: TreemapNode[] = [];
  for (let first = from; first < end; first += step) {
    const range = { from: first, to: Math.min(first + step, end) };
    const entry = ordered[first] as Entry;
    nodes.push(step === 1 ? entryNode(groups, entry, measure, scale) : shareNode(groups, group, range, measure));
  }
  return largestFirst(nodes);
}

/** A region by its sections, of which nothing but the size is known. */
function regionBoxes(groups: MeasuredGroups, index: number): Boxes {
  const root = regionNode(groups, index, "size");
  return {
    path: pathToRegion(groups, index),
    root: { ...root, children: largestFirst(sectionNodes(groups, index)) },
    unknown: 0,
  };
}

/** A section by its symbols from a rank on. */
async function sectionBoxes(
  groups: MeasuredGroups,
  { module, section, elf }: Place,
  index: number,
  first: number,
  room: Room,
): Promise<Boxes> {
  const page = await elf.symbolsOf(section, "size", 0, first + SYMBOLS_A_PAGE);
  const { total, uncovered } = page;
  const symbols = [...page.symbols];
  const whole = sectionNode(groups, index, module, section);
  const from = first < total ? first : 0;
  const before = bytesIn(boxesOf(module, section, symbols.slice(0, from)));
  const rest = Math.max(0, section.size - uncovered - before);
  const root = from > 0 ? moreSymbolsNode(whole, from, total - from, rest) : { ...whole, count: total };
  const scale = new Scale(room, root.value);
  // A damaged file may tell of more symbols than it has, and of sizes that all have a box.
  for (let last = symbols.at(-1); last && scale.hasBox(extentOf(last)) && symbols.length < from + MOST_BOXES; ) {
    const more = (await elf.symbolsOf(section, "size", symbols.length, symbols.length)).symbols;
    symbols.push(...more);
    last = more.at(-1);
  }
  const listed = boxesOf(module, section, symbols).filter(({ rank }) => rank >= from);
  const shown = listed.filter(({ node }, at) => at < FEWEST_SYMBOLS || scale.hasBox(node.value));
  const next = listed[shown.length]?.rank ?? symbols.length;
  const children = shown.map(({ node }) => node);
  if (next < total) children.push(moreSymbolsNode(whole, next, total - next, Math.max(0, rest - bytesIn(shown))));
  if (from === 0) children.push(gapNode(whole.id, "no symbol", uncovered));
  return {
    path: [...pathToRegion(groups, index), crumbOf(whole), ...(from > 0 ? [crumbOf(root)] : [])],
    root: { ...root, children: largestFirst(children) },
    unknown: 0,
  };
}

/** Symbols with their ranks; several names of the same bytes are one box. */
function boxesOf(module: Module, section: Section, symbols: readonly ElfSymbol[]): RankedBox[] {
  const boxes = symbols.map((symbol, rank) => ({ rank, node: symbolNode(module, section, symbol) }));
  return boxes.filter(({ node }, at) => node.value > 0 && node.id !== boxes[at - 1]?.node.id);
}

interface RankedBox {
  readonly rank: number;
  readonly node: TreemapNode;
}

function bytesIn(boxes: readonly RankedBox[]): number {
  return boxes.reduce((sum, { node }) => sum + node.value, 0);
}

/** Those that have an area. */
function largestFirst(nodes: readonly TreemapNode[]): TreemapNode[] {
  return nodes.filter(({ value }) => value > 0).sort((one, other) => other.value - one.value);
}

function pathTo(group: MeasuredGroup): Crumb[] {
  const { parent } = group.facts;
  return [...(parent ? pathTo(parent) : []), crumbOf(group.facts)];
}

function pathToRegion(groups: MeasuredGroups, index: number): Crumb[] {
  return [...pathTo(groups.around(index)), crumbOf(regionNode(groups, index, "size"))];
}

function crumbOf({ id, name }: Crumb): Crumb {
  return { id, name };
}

/** The smallest of the boxes that holds the address. */
function holderOf(groups: MeasuredGroups, root: TreemapNode, address: Address, measure: Measure): string | null {
  const index = groups.space.indexOf(address);
  const holds = ({ id, start, end }: TreemapNode) => {
    if (start !== null && end !== null) return BigInt(start) <= address && address < BigInt(end);
    const asked = readId(id);
    return (groups.get(asked.id)?.entriesIn(asked, measure) ?? []).some((entry) => groups.holds(entry, index));
  };
  if (index < 0) return null;
  let holder: string | null = null;
  for (let node: TreemapNode | undefined = root; node && holds(node); node = node.children.find(holds))
    holder = node.id;
  return holder;
}
