import type { Address } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { kindInFile } from "./classify.ts";
import type { Explanation, Neighbour } from "./explanation.ts";
import type { Kind } from "./kind.ts";
import type { ElfLayout, ElfSource, Module, Section } from "./module.ts";
import { linkAddress, sectionAt, sectionsInMemory, segmentAt } from "./modules.ts";
import { regionName } from "./names.ts";

/** What is at the address, as the space and its modules' files tell. `elf` gives a module's open file. */
export async function explain(
  space: AddressSpace,
  address: Address,
  elf: (module: Module) => ElfSource | null,
): Promise<Explanation> {
  const index = space.indexOf(address);
  const neighbours = neighboursOf(space, address);
  if (index < 0) {
    const nothing = { region: null, name: null, kind: null, module: null, section: null, symbol: null, source: null };
    return { address, ...nothing, ...neighbours };
  }
  const region = space.region(index);
  const name = regionName(space, index);
  const module = space.module(index);
  if (!module || !isWithin(module, address, region.kind)) {
    const noModule = { module: null, section: null, symbol: null, source: null };
    const kind = region.kind === "bss" ? "anonymous" : region.kind;
    return { address, region, name, kind, ...noModule, ...neighbours };
  }
  const { path, bias, layout } = module;
  const link = linkAddress(module, address);
  const section = sectionAt(sectionsInMemory(layout), link);
  const file = elf(module);
  const [symbol, sources] = await Promise.all([file?.symbolAt(link), file?.sourcesOf([link])]);
  return {
    address,
    region,
    name,
    kind: kindAt(layout, link, section, region.kind),
    module: { path, name: module.name, buildId: layout.buildId, bias },
    section: section && { name: section.name, offset: Number(link - section.address) },
    symbol: symbol ? { name: symbol.name, offset: Number(link - symbol.address), size: symbol.size } : null,
    source: sources?.[0] ?? null,
    ...neighbours,
  };
}

/** The anonymous end of a module's region can go on beyond it, where other memory was mapped right behind. */
function isWithin({ layout, bias }: Module, address: Address, kind: Kind): boolean {
  return (kind !== "bss" && kind !== "heap") || segmentAt(layout, linkAddress({ bias }, address)) !== null;
}

/** The kind of a single address in a module: sections decide, where they are known. */
export function kindAt(layout: ElfLayout, address: Address, section: Section | null, regionKind: Kind): Kind {
  if (regionKind === "guard") return regionKind;
  if (!section) return kindInFile(layout, address) ?? regionKind;
  if (section.noBits) return "bss";
  if (section.executable) return "code";
  if (layout.relro && address >= layout.relro.start && address < layout.relro.end) return "relro";
  return section.writable ? "data" : "rodata";
}

function neighboursOf(space: AddressSpace, address: Address): { below: Neighbour | null; above: Neighbour | null } {
  const at = space.indexAtOrBelow(address);
  const below = space.indexOf(address) >= 0 ? at - 1 : at;
  const above = at + 1;
  const { start, end } = space.columns;
  return {
    below:
      below < 0
        ? null
        : { name: regionName(space, below), distance: Number(address - BigInt(end[below] as number)) + 1 },
    above:
      above >= space.length
        ? null
        : { name: regionName(space, above), distance: Number(BigInt(start[above] as number) - address) },
  };
}
