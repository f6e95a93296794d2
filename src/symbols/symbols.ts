import type { Address } from "../memory/address.ts";
import type { ElfSymbol, Section, SymbolPage } from "../memory/module.ts";
import type { TimeSlice } from "../memory/timeSlice.ts";
import type { Elf } from "./elf.ts";
import { readSymbols } from "./readSymbols.ts";
import { SymbolIndex } from "./symbolIndex.ts";
import { orderSymbols } from "./symbolOrder.ts";
import { ABSOLUTE, COMMON } from "./symbolTable.ts";

/** All symbols of an ELF file. */
export class Symbols {
  readonly #inMemory: SymbolIndex;
  readonly #threadLocal: SymbolIndex;
  /** Absolute and common ones. */
  readonly #unplaced: SymbolIndex;

  /** Use {@link openSymbols}. */
  constructor(inMemory: SymbolIndex, threadLocal: SymbolIndex, unplaced: SymbolIndex) {
    this.#inMemory = inMemory;
    this.#threadLocal = threadLocal;
    this.#unplaced = unplaced;
  }

  /** Those with an address in memory. */
  get length(): number {
    return this.#inMemory.length;
  }

  /** The symbol that answers for an address in memory. */
  at(address: Address): ElfSymbol | null {
    return this.#inMemory.at(address);
  }

  /** Those with an address in memory and a name that can be read, by address. */
  all(slice: TimeSlice): Promise<ElfSymbol[]> {
    return this.#inMemory.all(slice);
  }

  /** @see SymbolIndex.page */
  page(
    section: Section,
    order: "size" | "address",
    offset: number,
    limit: number,
    slice: TimeSlice,
  ): Promise<SymbolPage> {
    const index = section.threadLocal ? this.#threadLocal : this.#inMemory;
    return index.page(section, order, offset, limit, slice);
  }

  /** Those of a name, in memory or not. */
  async search(name: string, slice: TimeSlice): Promise<ElfSymbol[]> {
    const found: ElfSymbol[] = [];
    for (const index of [this.#inMemory, this.#threadLocal, this.#unplaced]) {
      found.push(...(await index.search(name, slice)));
    }
    return found;
  }
}

/** Reads the symbols of a file and orders them, names excepted. */
export async function openSymbols(elf: Elf, slice: TimeSlice): Promise<Symbols> {
  const symbols = await readSymbols(elf, [], slice);
  const { table, extents } = symbols;
  const inMemory = new Uint32Array(table.length);
  const threadLocal: number[] = [];
  const unplaced: number[] = [];
  let length = 0;
  for (let symbol = 0; symbol < table.length; symbol++) {
    const section = table.section[symbol];
    if (section === ABSOLUTE || section === COMMON) unplaced.push(symbol);
    else if (table.isThreadLocal(symbol)) threadLocal.push(symbol);
    else inMemory[length++] = symbol;
  }
  const index = async (members: Uint32Array) =>
    new SymbolIndex(table, extents, await orderSymbols(symbols, members, slice));
  return new Symbols(
    await index(inMemory.slice(0, length)),
    await index(Uint32Array.from(threadLocal)),
    await index(Uint32Array.from(unplaced)),
  );
}
