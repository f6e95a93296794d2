import type { Address } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { kindInFile } from "./classify.ts";
import type { Explanation, Neighbour } from "./explanation.ts";
import type { Kind } from "./kind.ts";
import type { ElfLayout, ElfSource, Module, Section, Work } from "./module.ts";
import { linkAddress, sectionAt, sectionsInMemory, segmentAt } from "./modules.ts";
import { regionName } from "./names.ts";

/** Gives a module's open file. */
export type ElfOf = (module: Module) => ElfSource | null;

/**
 * What is at the address, as the space and the symbols of its modules' files tell; without the symbol where it cannot be
 * read. What debug information tells, which takes longer, is added by {@link withSource}.
 */
export async function explain(space: AddressSpace, address: Address, elfOf: ElfOf): Promise<Explanation> {
  const index = space.indexOf(address);
  const nothing = { module: null, section: null, symbol: null, frames: [], variable: null, source: null };
  const neighbours = neighboursOf(space, address);
  if (index < 0) return { address, region: null, name: null, kind: null, ...nothing, ...neighbours };
  const region = space.region(index);
  const name = regionName(space, index);
  const module = moduleAt(space, address);
  if (!module) {
    const kind = region.kind === "bss" ? "anonymous" : region.kind;
    return { address, region, name, kind, ...nothing, ...neighbours };
  }
  const { path, bias, layout } = module;
  const link = linkAddress(module, address);
  const section = sectionAt(sectionsInMemory(layout), link);
  const symbol = await elfOf(module)
    ?.symbolAt(link)
    .catch(() => null);
  return {
    address,
    region,
    name,
    kind: kindAt(layout, link, section, region.kind),
    module: { path, name: module.name, buildId: layout.buildId, bias },
    section: section && { name: section.name, offset: Number(link - section.address) },
    symbol: symbol ? { name: symbol.name, offset: Number(link - symbol.address), size: symbol.size } : null,
    ...{ frames: [], variable: null, source: null },
    ...neighbours,
  };
}

/** The explanation with what debug information tells of the address. `space` is the one that was explained. */
export async function withSource(
  explanation: Explanation,
  space: AddressSpace,
  elfOf: ElfOf,
  work?: Work,
): Promise<Explanation> {
  const module = moduleAt(space, explanation.address);
  const elf = module && elfOf(module);
  if (!elf) return explanation;
  const link = linkAddress(module, explanation.address);
  if (explanation.kind === "code") {
    const [frames = []] = await elf.framesAt([link], work);
    return { ...explanation, frames, source: frames[0]?.source ?? null };
  }
  const variable = await elf.variableAt(link, work);
  return { ...explanation, variable, source: variable?.source ?? null };
}

/** The module whose file says what is at the address. */
export function moduleAt(space: AddressSpace, address: Address): Module | null {
  const index = space.indexOf(address);
  const module = index < 0 ? null : space.module(index);
  return module && isWithin(module, address, space.kind(index)) ? module : null;
}

/** The anonymous end of a module's region can go on beyond it, where other memory was mapped right behind. */
function isWithin({ layout, bias }: Module, address: Address, kind: Kind): boolean {
  return (kind !== "bss" && kind !== "heap") || segmentAt(layout, linkAddress({ bias }, address)) !== null;
}

/** The kind of a single address in a module: sections decide, where they are known. */
export function kindAt(layout: ElfLayout, address: Address, section: Section | null, regionKind: Kind): Kind {
  if (regionKind === "guard" || regionKind === "vdso") return regionKind;
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
