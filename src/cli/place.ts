import type { Address } from "../memory/address.ts";
import type { ElfLayout, ElfSource, ElfSymbol, Frame, Section, Variable } from "../memory/module.ts";
import { sectionAt, sectionsInMemory } from "../memory/modules.ts";

/** All that a file says of one of its addresses. */
export interface Place {
  /** Link-time. */
  readonly address: Address;
  readonly section: Section | null;
  readonly symbol: ElfSymbol | null;
  /** Of code: the functions at the address, innermost first. */
  readonly frames: readonly Frame[];
  /** Of data. */
  readonly variable: Variable | null;
}

/** What is at addresses of a file, in their order. */
export async function placesAt(elf: ElfSource, addresses: readonly Address[]): Promise<Place[]> {
  const frames = await elf.framesAt(addresses);
  const places: Place[] = [];
  for (const [index, address] of addresses.entries()) {
    const section = sectionOf(elf.layout, address);
    const theirs = frames[index] ?? [];
    const isData = theirs.length === 0 && !section?.executable;
    places.push({
      address,
      section,
      symbol: await elf.symbolAt(address),
      frames: theirs,
      variable: isData ? await elf.variableAt(address) : null,
    });
  }
  return places;
}

function sectionOf(layout: ElfLayout, address: Address): Section | null {
  let sections = inMemory.get(layout);
  if (sections === undefined) {
    sections = sectionsInMemory(layout);
    inMemory.set(layout, sections);
  }
  return sectionAt(sections, address);
}

const inMemory = new WeakMap<ElfLayout, Section[]>();
