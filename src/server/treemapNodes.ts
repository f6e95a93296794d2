/** The boxes of a treemap, each without what is in it. */
import { toHex } from "../memory/address.ts";
import { permissionLetters } from "../memory/addressSpace.ts";
import { MEASURES } from "../memory/measure.ts";
import { type ElfSymbol, extentOf, type Module, type Section } from "../memory/module.ts";
import { linkAddress, runAddress } from "../memory/modules.ts";
import { printable, regionName } from "../memory/names.ts";
import { kindAt } from "../memory/placeInModule.ts";
import type { Measure } from "../protocol/picture.ts";
import type { TreemapNode } from "../protocol/treemap.ts";
import { hexOf } from "./groups.ts";
import { MeasuredGroup, type MeasuredGroups, type Sums } from "./measuredGroups.ts";
import { sectionsOf } from "./symbolNodes.ts";

/** Some of what stands in an order, by rank. */
export interface Range {
  readonly from: number;
  /** Infinity: to the end, wherever that is. */
  readonly to: number;
}

export function groupNode(group: MeasuredGroup, measure: Measure): TreemapNode {
  const { id, type, name, kind } = group.facts;
  return { ...PLAIN, id, type, name, kind, ...measuresOf(measure, group.count, group.sums), canEnter: true };
}

/** Several of a group's entries in the order of the measure. */
export function shareNode(groups: MeasuredGroups, group: MeasuredGroup, range: Range, measure: Measure): TreemapNode {
  const { from, to } = range;
  const entries = group.entriesIn(range, measure);
  const count = entries.reduce<number>((sum, entry) => sum + (entry instanceof MeasuredGroup ? entry.count : 1), 0);
  const isRest = to === Number.POSITIVE_INFINITY;
  return {
    ...PLAIN,
    id: moreId(from, isRest ? null : to, group.facts.id),
    type: "more",
    name: isRest ? moreName(count) : `${text(from + 1)} to ${text(to)}`,
    kind: group.facts.kind,
    ...measuresOf(measure, count, groups.sumsOf(entries)),
    canEnter: true,
  };
}

export function regionNode(groups: MeasuredGroups, index: number, measure: Measure): TreemapNode {
  const { space } = groups;
  const { start, end, permissions } = space.columns;
  return {
    ...PLAIN,
    id: `region:${hexOf(start[index] as number)}`,
    type: "region",
    name: regionName(space, index),
    kind: space.kind(index),
    ...measuresOf(measure, 1, groups.sumsOf([index])),
    start: hexOf(start[index] as number),
    end: hexOf(end[index] as number),
    permissions: permissionLetters(permissions[index] as number),
    canEnter: sectionsOf(space, index).length > 0,
  };
}

/** The sections in a region, each as far as it lies there, and what lies in none. */
export function sectionNodes(groups: MeasuredGroups, index: number): TreemapNode[] {
  const { space } = groups;
  const module = space.module(index);
  if (!module) return [];
  const low = linkAddress(module, BigInt(space.columns.start[index] as number));
  const high = low + BigInt(space.size(index));
  const nodes = sectionsOf(space, index).map((section) => {
    const end = section.address + BigInt(section.size);
    const address = section.address + (section.address < low ? low - section.address : 0n);
    const size = Number((end < high ? end : high) - address);
    return sectionNode(groups, index, module, { ...section, address, size });
  });
  const rest = space.size(index) - nodes.reduce((sum, { value }) => sum + value, 0);
  return [...nodes, gapNode(hexOf(space.columns.start[index] as number), "no section", rest)];
}

export function sectionNode(groups: MeasuredGroups, index: number, module: Module, section: Section): TreemapNode {
  return {
    ...PLAIN,
    ...bytesOf(module, section.address, section.size),
    id: `section:${hexAt(module, section.address)}`,
    type: "section",
    name: printable(section.name),
    kind: kindAt(module.layout, section.address, section, groups.space.kind(index)),
    canEnter: true,
  };
}

export function symbolNode(module: Module, section: Section, symbol: ElfSymbol): TreemapNode {
  return {
    ...PLAIN,
    ...bytesOf(module, symbol.address, extentOf(symbol)),
    id: `symbol:${hexAt(module, symbol.address)}:${extentOf(symbol)}`,
    type: "symbol",
    name: printable(symbol.name),
    kind: kindAt(module.layout, symbol.address, section, "data"),
  };
}

/** The symbols of a section from a rank on. */
export function moreSymbolsNode({ id, kind }: TreemapNode, from: number, count: number, size: number): TreemapNode {
  const sizes = { value: size, measures: { size } };
  return {
    ...PLAIN,
    ...sizes,
    id: moreId(from, null, id),
    type: "more",
    name: moreName(count),
    kind,
    count,
    canEnter: true,
  };
}

/** Bytes within something that nothing there covers. */
export function gapNode(within: string, name: string, size: number): TreemapNode {
  return { ...PLAIN, id: `gap:${within}`, type: "gap", name, value: Math.max(0, size), measures: { size } };
}

/** Reads `more:FROM-TO:ID`; any other id stands for all that is in it. */
export function readId(id: string): { id: string; from: number; to: number } {
  const [, from, to, whole] = /^more:(\d+)-(\d*):(.*)$/s.exec(id) ?? [];
  if (whole === undefined) return { id, from: 0, to: Number.POSITIVE_INFINITY };
  return { id: whole, from: Number(from), to: to ? Number(to) : Number.POSITIVE_INFINITY };
}

/** What a node has none of unless it says so. */
const PLAIN = {
  kind: null,
  count: null,
  start: null,
  end: null,
  permissions: null,
  canEnter: false,
  children: [],
} satisfies Partial<TreemapNode>;

function measuresOf(measure: Measure, count: number, sums: Sums): Pick<TreemapNode, "value" | "measures" | "count"> {
  // Of heat, which is the least that is known, what is known counts.
  const known = MEASURES.filter((each) => sums[each].unknown < (each === "heat" ? count : 1));
  return {
    value: sums[measure].sum,
    measures: Object.fromEntries(known.map((each) => [each, sums[each].sum])),
    count,
  };
}

function bytesOf(
  module: Module,
  address: bigint,
  size: number,
): Pick<TreemapNode, "value" | "measures" | "start" | "end"> {
  const start = runAddress(module, address);
  return {
    value: size,
    measures: { size },
    start: hexAt(module, address),
    end: `0x${(start + BigInt(size)).toString(16)}`,
  };
}

function hexAt(module: Module, address: bigint) {
  return toHex(runAddress(module, address));
}

function moreId(from: number, to: number | null, id: string): string {
  return `more:${from}-${to ?? ""}:${id}`;
}

function moreName(count: number): string {
  return `${text(count)} more`;
}

function text(count: number): string {
  return count.toLocaleString("en");
}
