import type { Address } from "../memory/address.ts";
import type { ElfLayout, ElfSource, ElfSymbol, Section, SourceLocation, SymbolPage } from "../memory/module.ts";
import type { OpenElf } from "../memory/target.ts";
import { TimeSlice } from "../memory/timeSlice.ts";
import { readBuildId } from "./buildId.ts";
import { type Bytes, FileBytes } from "./bytes.ts";
import { type ElfHeader, readElfHeader } from "./elfHeader.ts";
import { fitsMemory } from "./fields.ts";
import { type ProgramHeader, PT_GNU_RELRO, PT_LOAD, readProgramHeaders } from "./programHeaders.ts";
import { readSymbols } from "./readSymbols.ts";
import { SectionExtents } from "./sectionExtents.ts";
import { mappedSections, readSectionHeaders, type SectionHeader } from "./sectionHeaders.ts";
import { SymbolIndex } from "./symbolIndex.ts";
import { orderSymbols } from "./symbolOrder.ts";

/**
 * Opens an ELF file of 32 or 64 bits in either byte order. Reads the headers now, the symbols when first asked for,
 * names one by one; never the whole file. What a damaged file claims beyond its end is missing from the answers.
 */
export const openElf: OpenElf = async ({ descriptor }) => {
  const bytes = new FileBytes(descriptor);
  const header = readElfHeader(bytes);
  if (header === null) {
    bytes.close();
    return null;
  }
  const slice = new TimeSlice();
  const programs = readProgramHeaders(bytes, header);
  const sections = await readSectionHeaders(bytes, header, slice);
  const layout = {
    buildId: readBuildId(bytes, header.format, programs, sections),
    segments: loadedSegments(programs),
    relro: relroOf(programs),
    sections: await mappedSections(bytes, header, sections, slice),
  };
  return new ElfFile(bytes, header, sections, layout);
};

class ElfFile implements ElfSource {
  readonly layout: ElfLayout;
  readonly #bytes: Bytes;
  readonly #header: ElfHeader;
  readonly #sections: readonly SectionHeader[];
  #symbols: Promise<SymbolIndex> | null = null;

  constructor(bytes: Bytes, header: ElfHeader, sections: readonly SectionHeader[], layout: ElfLayout) {
    this.#bytes = bytes;
    this.#header = header;
    this.#sections = sections;
    this.layout = layout;
  }

  async symbolAt(address: Address): Promise<ElfSymbol | null> {
    return (await this.#index()).at(address);
  }

  async symbolsOf(section: Section, order: "size" | "address", offset: number, limit: number): Promise<SymbolPage> {
    return (await this.#index()).page(section, order, offset, limit, new TimeSlice());
  }

  async allSymbols(limit: number): Promise<readonly ElfSymbol[] | null> {
    const index = await this.#index();
    return index.length <= limit ? index.all(new TimeSlice()) : null;
  }

  async sourceOf(): Promise<SourceLocation | null> {
    return null;
  }

  close(): void {
    this.#bytes.close();
  }

  #index(): Promise<SymbolIndex> {
    this.#symbols ??= this.#readIndex();
    return this.#symbols;
  }

  async #readIndex(): Promise<SymbolIndex> {
    const slice = new TimeSlice();
    const { symbols, firstDynamic } = await readSymbols(this.#bytes, this.#header, this.#sections, slice);
    const extents = new SectionExtents(this.#sections);
    return new SymbolIndex(symbols, extents, await orderSymbols(symbols, firstDynamic, extents, slice));
  }
}

function loadedSegments(programs: readonly ProgramHeader[]): ElfLayout["segments"] {
  return programs
    .filter(({ type, address, memorySize }) => type === PT_LOAD && fitsMemory(address, memorySize))
    .map(({ type: _, ...segment }) => segment)
    .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
}

function relroOf(programs: readonly ProgramHeader[]): ElfLayout["relro"] {
  const relro = programs.find(
    ({ type, address, memorySize }) => type === PT_GNU_RELRO && fitsMemory(address, memorySize),
  );
  return relro === undefined ? null : { start: relro.address, end: relro.address + BigInt(relro.memorySize) };
}
