/**
 * The tree of a target: process → groups → (of the libraries: modules) → regions → sections → symbols. Ids name addresses
 * and paths, so that they stay the same from reading to reading.
 */
import { type Address, parseAddress } from "../memory/address.ts";
import { type AddressSpace, permissionLetters } from "../memory/addressSpace.ts";
import { GROUP_LABELS, GROUPS, type Group } from "../memory/kind.ts";
import { regionName } from "../memory/names.ts";
import type { ElfOf } from "../memory/placeInModule.ts";
import type { NodeId, SymbolOrder, TreeNode } from "../protocol/server.ts";
import { blocksOf, groupOf, hexOf, libraryId, type RegionGroups } from "./groups.ts";
import type { LiveTarget } from "./liveTarget.ts";
import { hasSections, moreNodes, pathToSymbol, sectionNodes, symbolNodes } from "./symbolNodes.ts";
import { PLAIN_NODE } from "./treeNode.ts";

/** What the tree shows: the regions that pass a filter, and symbols in an order, by size unless given. */
export interface Shown {
  readonly filter: string;
  readonly order?: SymbolOrder;
}

/** What is below a node; nothing below one that is no more. */
export async function childrenOf(
  target: LiveTarget,
  id: NodeId,
  { filter, order = "size" }: Shown,
): Promise<TreeNode[]> {
  const { space } = target.revision;
  const groups = target.revision.groups(filter);
  const elfOf: ElfOf = (module) => target.elf(module);
  const [type = "", name = ""] = id.split(/:(.*)/s);
  switch (type) {
    case "process":
      return groupNodes(space, groups);
    case "group":
      if (name === "libraries") return libraryNodes(space, groups);
      return name === "stacks" ? withStacks(target, listNodes(space, groups, id)) : listNodes(space, groups, id);
    case "module":
    case "regions":
      return listNodes(space, groups, id);
    case "region": {
      const index = space.indexOf(parseAddress(name) ?? 0n);
      return index < 0 ? [] : sectionNodes(space, index, elfOf);
    }
    case "section":
      return symbolNodes(space, name, elfOf, order);
    case "more":
      return moreNodes(space, id, elfOf, order);
    default:
      return [];
  }
}

/**
 * The nodes from the process down to the smallest that holds the address. None where the filter hides the region or
 * nothing is mapped there.
 */
export async function pathTo(target: LiveTarget, address: Address, shown: Shown): Promise<TreeNode[]> {
  const { space } = target.revision;
  const index = space.indexOf(address);
  if (index < 0) return [];
  const start = space.columns.start[index] as number;
  const group = groupOf(space, index);
  const module = space.module(index);
  const path = [processNode(target)];
  const enter = async (isOnPath: (node: TreeNode) => boolean): Promise<TreeNode | null> => {
    const level = await childrenOf(target, path.at(-1)?.id ?? "process", shown);
    const node = level.find(isOnPath) ?? null;
    if (node) path.push(node);
    return node;
  };
  await enter((node) => node.id === `group:${group}`);
  if (group === "libraries" && module) await enter((node) => node.id === libraryId(module));
  let node: TreeNode | null;
  do {
    node = await enter((each) => each.id === regionId(space, index) || holdsStart(each.id, start));
  } while (node?.type === "regions");
  if (!node) return [];
  const section = await enter(
    (each) => each.start !== null && each.end !== null && address >= BigInt(each.start) && address < BigInt(each.end),
  );
  const elfOf: ElfOf = (each) => target.elf(each);
  if (section?.start) path.push(...(await pathToSymbol(space, section.start, address, elfOf, shown.order ?? "size")));
  return path;
}

/** More regions than this below one node are split into stretches of addresses. */
const REGIONS_SHOWN = 1000;

/** In a stretch of addresses: `regions:FROM-TO:PARENT`. */
const STRETCH = /^regions:(0x[0-9a-f]+)-(0x[0-9a-f]+):(.*)$/s;

function processNode(target: LiveTarget): TreeNode {
  const { command, executable, sample, totals, regions } = target.changed;
  return {
    ...PLAIN_NODE,
    id: "process",
    type: "process",
    name: command,
    size: totals?.size ?? sample.vsz,
    rss: totals?.rss ?? sample.rss,
    count: regions,
    path: executable,
    hasChildren: regions > 0,
  };
}

function groupNodes(space: AddressSpace, groups: RegionGroups): TreeNode[] {
  return GROUPS.filter((group) => groups.of(group).length > 0).map((group) => ({
    ...PLAIN_NODE,
    ...sumOf(space, groups.of(group)),
    id: `group:${group}`,
    type: "group",
    name: GROUP_LABELS[group],
    group,
  }));
}

function libraryNodes(space: AddressSpace, groups: RegionGroups): TreeNode[] {
  return Array.from(groups.libraries, ([id, indexes]) => {
    const module = space.module(indexes[0] as number);
    return {
      ...PLAIN_NODE,
      ...sumOf(space, indexes),
      id,
      type: "module",
      name: module?.name ?? "",
      group: "libraries",
      path: module?.path ?? null,
    };
  });
}

/** The regions below a group, a module or a stretch of addresses, as they are or in stretches. */
function listNodes(space: AddressSpace, groups: RegionGroups, id: NodeId): TreeNode[] {
  const [, from = "", to = "", parent = id] = STRETCH.exec(id) ?? [];
  const list = listOf(groups, parent);
  const { start } = space.columns;
  const within =
    parent === id
      ? list
      : list.filter((index) => (start[index] as number) >= Number(from) && (start[index] as number) < Number(to));
  if (within.length <= REGIONS_SHOWN) return within.map((index) => regionNode(space, index));
  return blocksOf(space, within).map((block) => {
    const [first = 0] = block.indexes;
    if (block.indexes.length === 1) return regionNode(space, first);
    const begin = hexOf(start[first] as number);
    const end = hexOf(space.columns.end[block.indexes.at(-1) as number] as number);
    return {
      ...PLAIN_NODE,
      ...sumOf(space, block.indexes),
      id: `regions:${hexOf(block.from)}-${hexOf(block.to)}:${parent}`,
      type: "regions",
      name: `${begin} to ${end}`,
      start: begin,
      end,
    };
  });
}

/** What is known of the threads' stacks, added to their regions. */
async function withStacks(target: LiveTarget, nodes: readonly TreeNode[]): Promise<TreeNode[]> {
  const { space } = target.revision;
  const stacks = new Map((await target.stacks()).map((stack) => [space.indexOf(stack.end - 1n), stack]));
  return nodes.map((node) => {
    const stack = node.type === "region" && node.start ? stacks.get(space.indexOf(BigInt(node.start))) : undefined;
    if (!stack) return node;
    const { size, used, deepest, warning } = stack;
    return { ...node, stack: { size, used, deepest, warning } };
  });
}

function listOf(groups: RegionGroups, id: NodeId): readonly number[] {
  return groups.libraries.get(id) ?? groups.of(id.slice("group:".length) as Group);
}

function holdsStart(id: NodeId, start: number): boolean {
  const [, from, to] = STRETCH.exec(id) ?? [];
  return from !== undefined && start >= Number(from) && start < Number(to);
}

function regionNode(space: AddressSpace, index: number): TreeNode {
  const { start, end, permissions } = space.columns;
  return {
    ...PLAIN_NODE,
    id: regionId(space, index),
    type: "region",
    name: regionName(space, index),
    group: groupOf(space, index),
    kind: space.kind(index),
    start: hexOf(start[index] as number),
    end: hexOf(end[index] as number),
    permissions: permissionLetters(permissions[index] as number),
    size: space.size(index),
    rss: space.usageOf(index, "rss"),
    path: space.path(index),
    hasChildren: hasSections(space, index),
  };
}

/** An address in the region that stays in it as it grows: the main stack grows downwards. */
function regionId(space: AddressSpace, index: number): NodeId {
  const { start, end } = space.columns;
  const address = space.kind(index) === "stack" ? (end[index] as number) - PAGE : (start[index] as number);
  return `region:${hexOf(address)}`;
}

const PAGE = 4096;

function sumOf(
  space: AddressSpace,
  indexes: readonly number[],
): Pick<TreeNode, "size" | "rss" | "count" | "hasChildren"> {
  let size = 0;
  let rss: number | null = null;
  for (const index of indexes) {
    size += space.size(index);
    const resident = space.usageOf(index, "rss");
    if (resident !== null) rss = (rss ?? 0) + resident;
  }
  return { size, rss, count: indexes.length, hasChildren: indexes.length > 0 };
}
