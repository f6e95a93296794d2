import type { Address } from "../memory/address.ts";
import type {
  DebugInfoOrigin,
  ElfLayout,
  ElfSource,
  ElfSymbol,
  Frame,
  Section,
  SourceLocation,
  SymbolPage,
  SymbolSettings,
  Variable,
  Work,
} from "../memory/module.ts";
import type { MappedFile } from "../memory/target.ts";
import { TimeSlice } from "../memory/timeSlice.ts";
import { FileBytes } from "./bytes.ts";
import { DebugSections } from "./debugSections.ts";
import { DebugInfo } from "./dwarf/debugInfo.ts";
import { DwarfFile } from "./dwarf/dwarfFile.ts";
import { type Elf, readElf } from "./elf.ts";
import { layoutOf } from "./elfLayout.ts";
import { readable } from "./names.ts";
import { readSymbols } from "./readSymbols.ts";
import { SectionExtents } from "./sectionExtents.ts";
import { SymbolIndex } from "./symbolIndex.ts";
import { orderSymbols } from "./symbolOrder.ts";

/** As it is without the user's choice. */
const USUAL: SymbolSettings = { demangle: true, debugFolders: [] };

/**
 * Opens an ELF file of 32 or 64 bits in either byte order. Reads the headers now, the rest when first asked for, names
 * one by one; never the whole file. What a damaged file claims beyond its end is missing from the answers.
 */
export async function openElf(file: MappedFile, settings: SymbolSettings = USUAL): Promise<ElfSource | null> {
  const bytes = new FileBytes(file.descriptor);
  const elf = await readElf(bytes, new TimeSlice());
  if (elf === null) {
    bytes.close();
    return null;
  }
  return new ElfFile(elf, file, settings);
}

class ElfFile implements ElfSource {
  readonly layout: ElfLayout;
  readonly #elf: Elf;
  readonly #settings: SymbolSettings;
  #symbols: Promise<SymbolIndex> | null = null;
  #debug: Promise<DebugInfo | null> | null = null;

  constructor(elf: Elf, _file: MappedFile, settings: SymbolSettings) {
    this.#elf = elf;
    this.#settings = settings;
    this.layout = layoutOf(elf);
  }

  async symbolAt(address: Address): Promise<ElfSymbol | null> {
    const symbol = (await this.#index()).at(address);
    return symbol && this.#named(symbol);
  }

  async symbolsOf(section: Section, order: "size" | "address", offset: number, limit: number): Promise<SymbolPage> {
    const slice = new TimeSlice();
    const { total, symbols } = await (await this.#index()).page(section, order, offset, limit, slice);
    return { total, symbols: await this.#allNamed(symbols, slice) };
  }

  async allSymbols(limit: number): Promise<readonly ElfSymbol[] | null> {
    const index = await this.#index();
    if (index.length > limit) return null;
    const slice = new TimeSlice();
    return this.#allNamed(await index.all(slice), slice);
  }

  async symbolsNamed(_name: string, _work?: Work): Promise<readonly ElfSymbol[]> {
    return [];
  }

  async framesAt(addresses: readonly Address[], work?: Work): Promise<Frame[][]> {
    const slice = new TimeSlice(work);
    const info = await this.#debugInfo(slice);
    const frames = info ? await info.framesAt(addresses, slice) : addresses.map(() => []);
    const index = await this.#index();
    for (const [place, chain] of frames.entries()) {
      // The symbol tells more of the outermost function: C++ functions without linkage have no other full name.
      const symbol = index.at(addresses[place] as Address);
      for (const [depth, frame] of chain.entries()) {
        const name = depth === chain.length - 1 ? (symbol?.name ?? frame.function) : frame.function;
        chain[depth] = { ...frame, function: name !== null && this.#settings.demangle ? readable(name) : name };
      }
      if (slice.isOver) await slice.next();
    }
    return frames;
  }

  async sourcesOf(addresses: readonly Address[], work?: Work): Promise<(SourceLocation | null)[]> {
    const slice = new TimeSlice(work);
    const info = await this.#debugInfo(slice);
    return info ? info.linesAt(addresses, slice) : addresses.map(() => null);
  }

  async variableAt(_address: Address, _work?: Work): Promise<Variable | null> {
    return null;
  }

  async addressesOf(_file: string, _line: number, _work?: Work): Promise<Address[]> {
    return [];
  }

  async origin(): Promise<DebugInfoOrigin> {
    return { path: null, refused: [] };
  }

  close(): void {
    this.#elf.bytes.close();
  }

  #debugInfo(slice: TimeSlice): Promise<DebugInfo | null> {
    this.#debug ??= this.#openDebugInfo(slice);
    return this.#debug;
  }

  async #openDebugInfo(_slice: TimeSlice): Promise<DebugInfo | null> {
    const sections = new DebugSections(this.#elf);
    if (sections.get(".debug_info").size === 0) return null;
    const { sections: mapped } = this.layout;
    const startsAtZero = mapped.some(({ address, executable }) => address === 0n && executable);
    const isDiscarded = (address: number) => address === 0 && !startsAtZero;
    const file = new DwarfFile(sections, this.#elf.header.format.littleEndian, isDiscarded);
    return new DebugInfo(file, async () => null);
  }

  /** A symbol with the name that the user wants to read. */
  #named(symbol: ElfSymbol): ElfSymbol {
    return this.#settings.demangle ? { ...symbol, name: readable(symbol.name) } : symbol;
  }

  async #allNamed(symbols: readonly ElfSymbol[], slice: TimeSlice): Promise<ElfSymbol[]> {
    const named = new Array<ElfSymbol>(symbols.length);
    for (const [index, symbol] of symbols.entries()) {
      named[index] = this.#named(symbol);
      if (slice.isOver) await slice.next();
    }
    return named;
  }

  #index(): Promise<SymbolIndex> {
    this.#symbols ??= this.#readIndex();
    return this.#symbols;
  }

  async #readIndex(): Promise<SymbolIndex> {
    const { bytes, header, sections } = this.#elf;
    const slice = new TimeSlice();
    const { symbols, firstDynamic } = await readSymbols(bytes, header, sections, slice);
    const extents = new SectionExtents(sections);
    return new SymbolIndex(symbols, extents, await orderSymbols(symbols, firstDynamic, extents, slice));
  }
}
