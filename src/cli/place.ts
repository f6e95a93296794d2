import type { Address } from "../memory/address.ts";
import type { ElfSource, ElfSymbol, Frame, Section, Variable } from "../memory/module.ts";
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

/** Nothing else waits for its turn. In milliseconds. */
const ALONE = { slice: 1000 };

/** What is at addresses of a file, in their order. */
export async function placesAt(elf: ElfSource, addresses: readonly Address[]): Promise<Place[]> {
  const sections = sectionsInMemory(elf.layout);
  const frames = await elf.framesAt(addresses, ALONE);
  const places: Place[] = [];
  for (const [index, address] of addresses.entries()) {
    const section = sectionAt(sections, address);
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

/** Where the symbols of a name are. */
export async function placesNamed(elf: ElfSource, name: string): Promise<Place[]> {
  const places: Place[] = [];
  for (const symbol of await elf.symbolsNamed(name)) {
    const [place] = symbol.place === undefined ? await placesAt(elf, [symbol.address]) : [];
    places.push(place ? { ...place, symbol } : await placeOutside(elf, symbol));
  }
  return places;
}

/** That of a symbol whose address is in each thread's memory, or in none. */
async function placeOutside(elf: ElfSource, symbol: ElfSymbol): Promise<Place> {
  const { address } = symbol;
  const isThreads = symbol.place === "threadLocal";
  return {
    address,
    section: isThreads
      ? sectionAt(
          elf.layout.sections.filter(({ threadLocal }) => threadLocal),
          address,
        )
      : null,
    symbol,
    frames: [],
    variable: isThreads ? await elf.variableAt(address) : null,
  };
}
