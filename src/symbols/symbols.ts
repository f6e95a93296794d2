import type { Address } from "../memory/address.ts";
import type { ElfSymbol, Section, SymbolPage } from "../memory/module.ts";
import type { TimeSlice } from "../memory/timeSlice.ts";
import type { Elf } from "./elf.ts";
import { readMiniDebugInfo } from "./miniDebugInfo.ts";
import { type FileSymbols, readSymbols } from "./readSymbols.ts";
import { SymbolIndex } from "./symbolIndex.ts";
import { orderSymbols } from "./symbolOrder.ts";
import { ABSOLUTE, COMMON } from "./symbolTable.ts";

/** All symbols of an ELF file. They are put in order when more than a few are asked for. */
export class Symbols {
  readonly #symbols: FileSymbols;
  /** Those with an address in memory, those of threads, and the absolute and common ones. */
  readonly #members: Record<Place, Uint32Array>;
  readonly #indexes = new Map<Place, Promise<SymbolIndex>>();
  #asked = 0;

  /** Use {@link openSymbols}. */
  constructor(symbols: FileSymbols, members: Record<Place, Uint32Array>) {
    this.#symbols = symbols;
    this.#members = members;
  }

  /** For each address in memory the symbol that answers for it. */
  async at(addresses: readonly Address[], slice: TimeSlice): Promise<(ElfSymbol | null)[]> {
    this.#asked += addresses.length;
    if (this.#asked > FEW || this.#indexes.has("memory")) {
      const index = await this.#index("memory", slice);
      return addresses.map((address) => index.at(address));
    }
    const symbols: (ElfSymbol | null)[] = [];
    for (const address of addresses) symbols.push((await this.#indexAround(address, slice)).at(address));
    return symbols;
  }

  /** Those with an address in memory and a name that can be read, by address; `null` where they are more than `limit`. */
  async all(limit: number, slice: TimeSlice): Promise<ElfSymbol[] | null> {
    const index = await this.#index("memory", slice);
    return index.length > limit ? null : index.all(slice);
  }

  /** @see SymbolIndex.page */
  async page(
    section: Section,
    order: "size" | "address",
    offset: number,
    limit: number,
    slice: TimeSlice,
  ): Promise<SymbolPage> {
    const index = await this.#index(section.threadLocal ? "thread" : "memory", slice);
    return index.page(section, order, offset, limit, slice);
  }

  /** Those of a name, in memory or not. */
  async search(name: string, slice: TimeSlice): Promise<ElfSymbol[]> {
    const found: ElfSymbol[] = [];
    for (const place of PLACES) found.push(...(await (await this.#index(place, slice)).search(name, slice)));
    return found;
  }

  #index(place: Place, slice: TimeSlice): Promise<SymbolIndex> {
    let index = this.#indexes.get(place);
    if (index === undefined) {
      index = indexOf(this.#symbols, this.#members[place].slice(), slice);
      this.#indexes.set(place, index);
      index.catch(() => this.#indexes.delete(place));
    }
    return index;
  }

  /** An index of the symbols alone that decide what is at an address. */
  #indexAround(address: Address, slice: TimeSlice): Promise<SymbolIndex> {
    const { table } = this.#symbols;
    const members = this.#members.memory;
    const low = Number(address & 0xffff_ffffn);
    const high = Number(address >> 32n);
    // How far before the address the nearest symbol begins, and how far behind it the next.
    let before = Number.POSITIVE_INFINITY;
    let behind = Number.POSITIVE_INFINITY;
    for (const symbol of members) {
      const distance = table.distance(symbol, low, high);
      if (distance >= 0) before = Math.min(before, distance);
      else behind = Math.min(behind, -distance);
    }
    const around = members.filter((symbol) => {
      const distance = table.distance(symbol, low, high);
      return (
        distance === -behind || distance === before || (distance > before && table.size(symbol) > distance - before)
      );
    });
    return indexOf(this.#symbols, around, slice);
  }
}

type Place = "memory" | "thread" | "none";
const PLACES: readonly Place[] = ["memory", "thread", "none"];

/** Addresses. To look through all symbols for one takes a fraction of putting them in order. */
const FEW = 4;

/**
 * Reads the symbols of a file, names excepted.
 * @param debug a debug file of it, which has the symbols that were stripped from it
 */
export async function openSymbols(elf: Elf, debug: Elf | null, slice: TimeSlice): Promise<Symbols> {
  const mini = await readMiniDebugInfo(elf, slice);
  const symbols = await readSymbols(elf, debug, mini, slice);
  const { table } = symbols;
  const memory = new Uint32Array(table.length);
  const thread: number[] = [];
  const none: number[] = [];
  let length = 0;
  for (let symbol = 0; symbol < table.length; symbol++) {
    const section = table.section[symbol];
    if (section === ABSOLUTE || section === COMMON) none.push(symbol);
    else if (table.isThreadLocal(symbol)) thread.push(symbol);
    else memory[length++] = symbol;
  }
  return new Symbols(symbols, {
    memory: memory.subarray(0, length),
    thread: new Uint32Array(thread),
    none: new Uint32Array(none),
  });
}

async function indexOf(symbols: FileSymbols, members: Uint32Array, slice: TimeSlice): Promise<SymbolIndex> {
  return new SymbolIndex(symbols.table, symbols.extents, await orderSymbols(symbols, members, slice));
}
