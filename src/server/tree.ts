import { type Address, type HexAddress, parseAddress, toHex } from "../memory/address.ts";
import { type AddressSpace, permissionLetters } from "../memory/addressSpace.ts";
import type { TargetImage } from "../memory/image.ts";
import { GROUP_LABELS, GROUPS, type Group, type Kind } from "../memory/kind.ts";
import type { ElfSymbol, Module, Section } from "../memory/module.ts";
import { linkAddress, runAddress, sectionAt, sectionsInMemory } from "../memory/modules.ts";
import { regionName } from "../memory/names.ts";
import type { NodeId, TreeNode } from "../protocol/server.ts";
import { filterRegions } from "./regionFilter.ts";

/** More regions than this below one node are split into stretches of addresses. */
const REGIONS_SHOWN = 500;
const SYMBOLS_SHOWN = 200;

/**
 * The tree of a target: process → groups → (of libraries: modules) → regions → sections → symbols, largest first. Ids
 * name addresses and paths, so that they stay the same from reading to reading.
 */
export class RegionTree {
  readonly #image: TargetImage;
  #grouped: { space: AddressSpace; filter: string; groups: Map<Group, number[]> } | null = null;

  constructor(image: TargetImage) {
    this.#image = image;
  }

  async children(space: AddressSpace, id: NodeId, filter: string): Promise<TreeNode[]> {
    const [type = "", ...rest] = id.split(":");
    const name = rest.join(":");
    switch (type) {
      case "process":
        return this.#groupNodes(space, filter);
      case "group":
        return name === "libraries"
          ? this.#moduleNodes(space, filter)
          : regionNodes(space, this.#regionsOf(space, id, filter), id);
      case "module":
        return regionNodes(space, this.#regionsOf(space, id, filter), id);
      case "regions": {
        const [range = "", ...parent] = rest;
        const [from, to] = range.split("-").map((address) => Number(parseAddress(address) ?? 0n));
        const { start } = space.columns;
        const within = this.#regionsOf(space, parent.join(":"), filter).filter(
          (index) => (start[index] as number) >= (from as number) && (start[index] as number) < (to as number),
        );
        return within.map((index) => regionNode(space, index));
      }
      case "region":
        return sectionNodes(space, indexAt(space, name));
      case "section":
        return this.#symbolNodes(space, rest[1] ?? "", 0);
      case "more":
        return this.#symbolNodes(space, rest[1] ?? "", Number(rest[0]));
      default:
        return [];
    }
  }

  /** The nodes from the process down to the smallest that holds the address, as far as the filter shows them. */
  async pathTo(space: AddressSpace, address: Address, filter: string): Promise<TreeNode[]> {
    const index = space.indexOf(address);
    if (index < 0) return [];
    const path: TreeNode[] = [];
    let level = await this.children(space, "process", filter);
    const groupId = `group:${groupOf(space, index)}`;
    const enter = async (isThere: (node: TreeNode) => boolean) => {
      const node = level.find(isThere);
      if (!node) return false;
      path.push(node);
      level = node.hasChildren ? await this.children(space, node.id, filter) : [];
      return true;
    };
    if (!(await enter(({ id }) => id === groupId))) return [];
    const module = space.module(index);
    if (groupId === "group:libraries" && module) await enter(({ id }) => id === moduleId(module));
    const holds = ({ start, end }: TreeNode) =>
      start !== null && end !== null && address >= BigInt(start) && address < BigInt(end);
    if (level[0]?.type === "regions") await enter(holds);
    if (!(await enter((node) => node.type === "region" && holds(node)))) return [];
    if (!(await enter((node) => node.type === "section" && holds(node)))) return path;
    // Symbols beyond the first page are not searched for: the section is near enough.
    await enter((node) => node.type === "symbol" && holds(node));
    return path;
  }

  #groups(space: AddressSpace, filter: string): Map<Group, number[]> {
    if (this.#grouped?.space !== space || this.#grouped.filter !== filter) {
      const groups = new Map<Group, number[]>();
      for (const index of filterRegions(space, filter)) {
        const group = groupOf(space, index);
        const regions = groups.get(group);
        if (regions) regions.push(index);
        else groups.set(group, [index]);
      }
      this.#grouped = { space, filter, groups };
    }
    return this.#grouped.groups;
  }

  #groupNodes(space: AddressSpace, filter: string): TreeNode[] {
    const groups = this.#groups(space, filter);
    return GROUPS.flatMap((group) => {
      const regions = groups.get(group);
      if (!regions) return [];
      return [
        { ...NODE, ...sumOf(space, regions), id: `group:${group}`, type: "group", name: GROUP_LABELS[group], group },
      ];
    });
  }

  #moduleNodes(space: AddressSpace, filter: string): TreeNode[] {
    const modules = new Map<Module, number[]>();
    for (const index of this.#groups(space, filter).get("libraries") ?? []) {
      const module = space.module(index) as Module;
      const regions = modules.get(module);
      if (regions) regions.push(index);
      else modules.set(module, [index]);
    }
    return Array.from(modules, ([module, regions]) => ({
      ...NODE,
      ...sumOf(space, regions),
      id: moduleId(module),
      type: "module",
      name: module.name,
      group: "libraries",
      path: module.path,
    }));
  }

  #regionsOf(space: AddressSpace, id: NodeId, filter: string): number[] {
    const groups = this.#groups(space, filter);
    if (!id.startsWith("module:")) return groups.get(id.slice("group:".length) as Group) ?? [];
    return (groups.get("libraries") ?? []).filter((index) => moduleId(space.module(index) as Module) === id);
  }

  async #symbolNodes(space: AddressSpace, start: string, offset: number): Promise<TreeNode[]> {
    const address = parseAddress(start);
    const module = address === undefined ? null : space.module(Math.max(0, space.indexOf(address)));
    const elf = module && this.#image.elf(module);
    if (!elf || address === undefined) return [];
    const section = sectionAt(sectionsInMemory(module.layout), linkAddress(module, address));
    if (!section) return [];
    const { total, symbols } = await elf.symbolsOf(section, "size", offset, SYMBOLS_SHOWN);
    const nodes = symbols.map((symbol) => symbolNode(module, section, symbol));
    const next = offset + symbols.length;
    if (next >= total || symbols.length === 0) return nodes;
    const more: TreeNode = {
      ...NODE,
      id: `more:${next}:${start}`,
      type: "more",
      name: `${(total - next).toLocaleString("en")} more…`,
      hasChildren: true,
    };
    return [...nodes, more];
  }
}

/** Where in the tree a region stands. The guard of a thread's stack stands with it. */
function groupOf(space: AddressSpace, index: number): Group {
  const module = space.module(index);
  if (module) return module.isProgram ? "program" : "libraries";
  const kind = space.kind(index);
  if (kind === "guard" && index + 1 < space.length && space.kind(index + 1) === "threadStack") return "stacks";
  return GROUP_OF[kind];
}

const GROUP_OF: Readonly<Record<Kind, Group>> = {
  code: "files",
  rodata: "files",
  relro: "files",
  data: "files",
  bss: "anonymous",
  heap: "heap",
  stack: "stacks",
  threadStack: "stacks",
  guard: "anonymous",
  anonymous: "anonymous",
  namedAnonymous: "anonymous",
  sharedAnonymous: "shared",
  file: "files",
  sysvShm: "shared",
  posixShm: "shared",
  memfd: "shared",
  vdso: "kernel",
  vvar: "kernel",
  vsyscall: "kernel",
  device: "files",
  jit: "anonymous",
};

const NODE = {
  group: null,
  kind: null,
  start: null,
  end: null,
  permissions: null,
  size: 0,
  rss: null,
  count: null,
  path: null,
  source: null,
  hasChildren: false,
} satisfies Partial<TreeNode>;

function moduleId(module: Module): NodeId {
  return `module:${toHex(module.bias)}:${module.path}`;
}

function sumOf(
  space: AddressSpace,
  regions: readonly number[],
): Pick<TreeNode, "size" | "rss" | "count" | "hasChildren"> {
  let size = 0;
  let rss: number | null = 0;
  for (const index of regions) {
    size += space.size(index);
    const resident = space.usageOf(index, "rss");
    rss = rss === null || resident === null ? null : rss + resident;
  }
  return { size, rss, count: regions.length, hasChildren: regions.length > 0 };
}

function regionNodes(space: AddressSpace, regions: readonly number[], parent: NodeId): TreeNode[] {
  if (regions.length <= REGIONS_SHOWN) return regions.map((index) => regionNode(space, index));
  const nodes: TreeNode[] = [];
  for (let first = 0; first < regions.length; first += REGIONS_SHOWN) {
    const part = regions.slice(first, first + REGIONS_SHOWN);
    const start = hexOf(space.columns.start[part[0] as number] as number);
    const end = hexOf(space.columns.end[part.at(-1) as number] as number);
    nodes.push({
      ...NODE,
      ...sumOf(space, part),
      id: `regions:${start}-${end}:${parent}`,
      type: "regions",
      name: `${start} to ${end}`,
      start,
      end,
    });
  }
  return nodes;
}

function regionNode(space: AddressSpace, index: number): TreeNode {
  const { start, end, permissions } = space.columns;
  return {
    ...NODE,
    id: `region:${hexOf(start[index] as number)}`,
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
    hasChildren: sectionsOfRegion(space, index).length > 0,
  };
}

/** The region that begins at the address, or -1. */
function indexAt(space: AddressSpace, start: string): number {
  const address = parseAddress(start);
  const index = address === undefined ? -1 : space.indexOf(address);
  return index >= 0 && BigInt(space.columns.start[index] as number) === address ? index : -1;
}

function sectionsOfRegion(space: AddressSpace, index: number): Section[] {
  const module = index < 0 ? null : space.module(index);
  if (!module || space.kind(index) === "heap") return [];
  const start = linkAddress(module, BigInt(space.columns.start[index] as number));
  const end = start + BigInt(space.size(index));
  return sectionsInMemory(module.layout).filter(({ address, size }) => address < end && address + BigInt(size) > start);
}

function sectionNodes(space: AddressSpace, index: number): TreeNode[] {
  const module = index < 0 ? null : space.module(index);
  if (!module) return [];
  return sectionsOfRegion(space, index).map((section) => {
    const start = toHex(runAddress(module, section.address));
    return {
      ...NODE,
      id: `section:${hexOf(space.columns.start[index] as number)}:${start}`,
      type: "section",
      name: section.name,
      kind: kindOf(section),
      start,
      end: toHex(runAddress(module, section.address + BigInt(section.size))),
      permissions: `r${section.writable ? "w" : "-"}${section.executable ? "x" : "-"}`,
      size: section.size,
      path: module.path,
      hasChildren: true,
    };
  });
}

function symbolNode(module: Module, section: Section, symbol: ElfSymbol): TreeNode {
  const start = runAddress(module, symbol.address);
  return {
    ...NODE,
    id: `symbol:${toHex(start)}:${symbol.name}`,
    type: "symbol",
    name: symbol.name,
    kind: kindOf(section),
    start: toHex(start),
    end: toHex(start + BigInt(symbol.size)),
    size: symbol.size,
  };
}

function kindOf(section: Section): Kind {
  if (section.noBits) return "bss";
  if (section.executable) return "code";
  return section.writable ? "data" : "rodata";
}

function hexOf(address: number): HexAddress {
  return toHex(BigInt(address));
}
