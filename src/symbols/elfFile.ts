import type { Address } from "../memory/address.ts";
import type {
  DebugInfoOrigin,
  Definition,
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
import { sectionAt, sectionsInMemory } from "../memory/modules.ts";
import type { MappedFile } from "../memory/target.ts";
import { TimeSlice } from "../memory/timeSlice.ts";
import { type Bytes, FileBytes, MemoryBytes } from "./bytes.ts";
import { type DebugFileSearch, DebugFiles } from "./debugFiles.ts";
import type { DebugInfo } from "./dwarf/debugInfo.ts";
import { type Elf, readElf } from "./elf.ts";
import { layoutOf } from "./elfLayout.ts";
import { readable } from "./names.ts";
import { openDebugInfo } from "./openDebugInfo.ts";
import { SHT_SYMTAB, sectionOfType } from "./sectionHeaders.ts";
import { Shared } from "./shared.ts";
import { Symbols } from "./symbols.ts";

/** As it is without the user's choice. */
const USUAL: SymbolSettings = { demangle: true, debugFolders: [] };

/**
 * Opens an ELF file of 32 or 64 bits in either byte order. Reads the headers now, the rest when first asked for, names
 * one by one; never the whole file. What a damaged file claims beyond its end is missing from the answers.
 */
export async function openElf(file: MappedFile, settings: SymbolSettings = USUAL): Promise<ElfSource | null> {
  const bytes = bytesOf(file);
  const elf = await readElf(bytes, new TimeSlice());
  if (elf === null) {
    bytes.close();
    return null;
  }
  return new ElfFile(elf, file, settings);
}

/** What is in a target's memory is small, and read at once: it may be gone when it is asked for. */
function bytesOf({ descriptor, part }: MappedFile): Bytes {
  const file = new FileBytes(descriptor, part);
  if (part === undefined) return file;
  const memory = new MemoryBytes(file.read(0, MOST_MEMORY));
  file.close();
  return memory;
}

/** The kernel's vDSO has some pages. */
const MOST_MEMORY = 1 << 20;

class ElfFile implements ElfSource {
  readonly layout: ElfLayout;
  readonly #elf: Elf;
  readonly #files: DebugFiles;
  readonly #settings: SymbolSettings;
  readonly #debugFile: Shared<DebugFileSearch>;
  readonly #debugInfo: Shared<DebugInfo | null>;
  readonly #symbols: Shared<Symbols>;

  constructor(elf: Elf, { path, root }: MappedFile, settings: SymbolSettings) {
    this.#elf = elf;
    this.#files = new DebugFiles(path, settings, root);
    this.#settings = settings;
    this.layout = layoutOf(elf);
    this.#debugFile = new Shared((slice) => this.#files.find(elf, slice));
    this.#debugInfo = new Shared((slice) => this.#openDebugInfo(slice));
    this.#symbols = new Shared((slice) => this.#openSymbols(slice));
  }

  async symbolAt(address: Address): Promise<ElfSymbol | null> {
    const slice = new TimeSlice();
    const [symbol = null] = await (await this.#symbols.get(slice)).at([address], slice);
    return symbol && this.#named(symbol);
  }

  async symbolsOf(section: Section, order: "size" | "address", offset: number, limit: number): Promise<SymbolPage> {
    const slice = new TimeSlice();
    const page = await (await this.#symbols.get(slice)).page(section, order, offset, limit, slice);
    return { ...page, symbols: await this.#allNamed(page.symbols, slice) };
  }

  async allSymbols(limit: number): Promise<readonly ElfSymbol[] | null> {
    const slice = new TimeSlice();
    const symbols = await (await this.#symbols.get(slice)).all(limit, slice);
    return symbols && this.#allNamed(symbols, slice);
  }

  async symbolsNamed(name: string, work?: Work): Promise<readonly ElfSymbol[]> {
    const slice = new TimeSlice(work);
    return this.#allNamed(await (await this.#symbols.get(slice)).search(name, slice), slice);
  }

  async framesAt(addresses: readonly Address[], work?: Work): Promise<Frame[][]> {
    const slice = new TimeSlice(work);
    const info = this.#debugInfo.known ?? (await this.#debugInfo.get(slice));
    if (info === null) return addresses.map(() => []);
    // They tell more of outermost functions: C++ functions without linkage have no other full name.
    const symbols = await (this.#symbols.known ?? (await this.#symbols.get(slice))).at(addresses, slice);
    const frames = await info.framesAt(addresses, symbols, slice);
    for (const chain of frames) {
      for (const frame of chain) frame.function = this.#readable(frame.function);
      if (slice.isOver) await slice.next();
    }
    return frames;
  }

  async sourcesOf(addresses: readonly Address[], work?: Work): Promise<(SourceLocation | null)[]> {
    const slice = new TimeSlice(work);
    const info = await this.#debugInfo.get(slice);
    if (info === null) return addresses.map(() => null);
    const sections = sectionsInMemory(this.layout);
    const isCode = addresses.map((address) => sectionAt(sections, address)?.executable ?? true);
    const lines = await info.linesAt(
      addresses.filter((_, index) => isCode[index]),
      slice,
    );
    const sources: (SourceLocation | null)[] = [];
    for (const [index, address] of addresses.entries()) {
      const source = isCode[index] ? lines.shift() : await info.declarationAt(address, slice);
      sources.push(source ?? null);
    }
    return sources;
  }

  async variableAt(address: Address, work?: Work): Promise<Variable | null> {
    const slice = new TimeSlice(work);
    const variable = await (await this.#debugInfo.get(slice))?.variableAt(address, slice);
    return variable ? { ...variable, name: this.#readable(variable.name) ?? variable.name } : null;
  }

  async addressesOf(file: string, line: number, work?: Work): Promise<Address[]> {
    const slice = new TimeSlice(work);
    return (await this.#debugInfo.get(slice))?.addressesOf(file, line, slice) ?? [];
  }

  async definitionsIn(files: readonly string[], work?: Work): Promise<Definition[]> {
    const slice = new TimeSlice(work);
    return (await this.#debugInfo.get(slice))?.definitionsIn(files, slice) ?? [];
  }

  async origin(): Promise<DebugInfoOrigin> {
    const { file, refused } = await this.#debugFile.get(new TimeSlice());
    return { path: file?.path ?? null, refused };
  }

  close(): void {
    this.#files.close();
    this.#elf.bytes.close();
  }

  async #openDebugInfo(slice: TimeSlice): Promise<DebugInfo | null> {
    const { file } = await this.#debugFile.get(slice);
    return file && openDebugInfo(this.#elf, file, this.#files, slice);
  }

  /** A name as the user wants to read it. */
  #readable(name: string | null): string | null {
    return name !== null && this.#settings.demangle ? readable(name) : name;
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

  async #openSymbols(slice: TimeSlice): Promise<Symbols> {
    const elf = this.#elf;
    const isStripped = sectionOfType(elf.sections, SHT_SYMTAB) === undefined;
    const debug = isStripped ? (await this.#debugFile.get(slice)).file : null;
    return new Symbols(elf, debug?.elf ?? null);
  }
}
