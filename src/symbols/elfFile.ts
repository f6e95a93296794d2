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
import { type Elf, readElf } from "./elf.ts";
import { layoutOf } from "./elfLayout.ts";
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
  #symbols: Promise<SymbolIndex> | null = null;

  constructor(elf: Elf, _file: MappedFile, _settings: SymbolSettings) {
    this.#elf = elf;
    this.layout = layoutOf(elf);
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

  async symbolsNamed(_name: string, _work?: Work): Promise<readonly ElfSymbol[]> {
    return [];
  }

  async framesAt(addresses: readonly Address[], _work?: Work): Promise<Frame[][]> {
    return addresses.map(() => []);
  }

  async sourcesOf(addresses: readonly Address[], _work?: Work): Promise<(SourceLocation | null)[]> {
    return addresses.map(() => null);
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
