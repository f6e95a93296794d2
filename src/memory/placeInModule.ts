/** Where an address lies in the ELF file that is mapped there. */
import type { Address } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { kindInFile } from "./classify.ts";
import type { Explanation } from "./explanation.ts";
import type { Kind } from "./kind.ts";
import type { ElfLayout, ElfSource, ElfSymbol, Module, Section } from "./module.ts";
import { linkAddress, sectionAt, sectionsInMemory, segmentAt } from "./modules.ts";

/** Gives a module's open file. */
export type ElfOf = (module: Module) => ElfSource | null;

/** A place in a module. */
export interface Place {
  readonly module: Module;
  /** The address in the file. */
  readonly link: Address;
  readonly section: Section | null;
  readonly kind: Kind;
}

/** Where an address of region `index` lies; `null` where no module says what is there. */
export function placeIn(space: AddressSpace, index: number, address: Address): Place | null {
  const module = moduleAt(space, address);
  if (!module) return null;
  const link = linkAddress(module, address);
  const section = sectionAt(sectionsInMemory(module.layout), link);
  return { module, link, section, kind: kindAt(module.layout, link, section, space.kind(index)) };
}

/** `null` where there is none, or the symbols cannot be read. */
export async function symbolAt(place: Pick<Place, "module" | "link"> | null, elfOf: ElfOf): Promise<ElfSymbol | null> {
  const elf = place && elfOf(place.module);
  return elf ? elf.symbolAt(place.link).catch(() => null) : null;
}

/** As an explanation has it. */
export function inModule(
  place: Place | null,
  symbol: ElfSymbol | null,
): Pick<Explanation, "module" | "section" | "symbol"> {
  if (!place) return { module: null, section: null, symbol: null };
  const { module, link, section } = place;
  const { path, name, bias, layout } = module;
  return {
    module: { path, name, buildId: layout.buildId, bias },
    section: section && { name: section.name, offset: Number(link - section.address) },
    symbol: symbol && { name: symbol.name, offset: Number(link - symbol.address), size: symbol.size },
  };
}

/** The name of the symbol that ends right before the place, where none but a mark of the linker (`_edata`) is at it. */
export async function endingAt(place: Place | null, symbol: ElfSymbol | null, elfOf: ElfOf): Promise<string | null> {
  if (!place || (symbol && (symbol.size > 0 || symbol.address !== place.link))) return null;
  const before = await symbolAt({ ...place, link: place.link - 1n }, elfOf);
  return before && before.size > 0 && before.address + BigInt(before.size) === place.link ? before.name : null;
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
