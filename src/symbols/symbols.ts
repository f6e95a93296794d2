import type { Address } from "../memory/address.ts";
import type { ElfSymbol, Section, SymbolPage } from "../memory/module.ts";
import type { TimeSlice } from "../memory/timeSlice.ts";
import type { Elf } from "./elf.ts";
import { readMiniDebugInfo } from "./miniDebugInfo.ts";
import { Near } from "./near.ts";
import { isInPlt } from "./pltEntries.ts";
import { type FileSymbols, readSymbols } from "./readSymbols.ts";
import { Shared } from "./shared.ts";
import { SymbolIndex } from "./symbolIndex.ts";
import { orderSymbols } from "./symbolOrder.ts";
import { ABSOLUTE, COMMON, type SymbolTable } from "./symbolTable.ts";

/** All symbols of an ELF file. They are read whole and put in order when more than a few are asked for. */
export class Symbols {
  readonly #elf: Elf;
  readonly #debug: Elf | null;
  readonly #mini: Shared<Elf | null>;
  readonly #all: Shared<FileSymbols & { readonly members: Record<Place, Uint32Array> }>;
  readonly #indexes: Record<Place, Shared<SymbolIndex>>;
  #asked = 0;
  readonly #answers = new Map<Address, ElfSymbol | null>();

  /** @param debug a debug file of it, which has the symbols that were stripped from it */
  constructor(elf: Elf, debug: Elf | null) {
    this.#elf = elf;
    this.#debug = debug;
    this.#mini = new Shared((slice) => readMiniDebugInfo(elf, slice));
    this.#all = new Shared((slice) => this.#read(null, slice));
    const indexed = (place: Place) =>
      new Shared(async (slice) => {
        const all = await this.#all.get(slice);
        // They are put in another order, also where that is given up half done.
        return indexOf(all, all.members[place].slice(), slice);
      });
    this.#indexes = { memory: indexed("memory"), thread: indexed("thread"), none: indexed("none") };
  }

  /** For each address in memory the symbol that answers for it. */
  async at(addresses: readonly Address[], slice: TimeSlice): Promise<(ElfSymbol | null)[]> {
    const isFew = this.#asked + addresses.length <= FEW;
    const { memory } = this.#indexes;
    const symbols: (ElfSymbol | null)[] = [];
    for (const address of addresses) {
      let symbol = this.#answers.get(address);
      if (symbol === undefined) {
        this.#asked++;
        const index =
          isFew && !isInPlt(this.#elf, address)
            ? await this.#indexAround(address, slice)
            : (memory.known ?? (await memory.get(slice)));
        symbol = index.at(address);
        if (this.#answers.size >= MOST_ANSWERS) this.#answers.clear();
        this.#answers.set(address, symbol);
      }
      symbols.push(symbol);
    }
    return symbols;
  }

  /** Those with an address in memory and a name that can be read, by address; `null` where they are more than `limit`. */
  async all(limit: number, slice: TimeSlice): Promise<ElfSymbol[] | null> {
    const index = await this.#indexes.memory.get(slice);
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
    const index = await this.#indexes[section.threadLocal ? "thread" : "memory"].get(slice);
    return index.page(section, order, offset, limit, slice);
  }

  /** Those of a name, in memory or not. */
  async search(name: string, slice: TimeSlice): Promise<ElfSymbol[]> {
    const found: ElfSymbol[] = [];
    for (const place of PLACES) found.push(...(await (await this.#indexes[place].get(slice)).search(name, slice)));
    return found;
  }

  async #indexAround(address: Address, slice: TimeSlice): Promise<SymbolIndex> {
    const near = new Near(address);
    const symbols = await this.#read(near, slice);
    const { low, high, sizeLow, sizeHigh } = symbols.table;
    const isNear = (symbol: number) =>
      near.has(low[symbol] ?? 0, high[symbol] ?? 0, sizeLow[symbol] ?? 0, sizeHigh[symbol] ?? 0);
    return indexOf(symbols, symbols.members.memory.filter(isNear), slice);
  }

  /** Names excepted. @see readSymbols */
  async #read(near: Near | null, slice: TimeSlice) {
    const mini = await this.#mini.get(slice);
    const symbols = await readSymbols(this.#elf, this.#debug, mini, near, slice);
    return { ...symbols, members: membersOf(symbols.table) };
  }
}

/** Symbols with an address in memory, those of threads, and the absolute and common ones. */
type Place = "memory" | "thread" | "none";
const PLACES: readonly Place[] = ["memory", "thread", "none"];

/** Addresses. To look through all symbols for one takes a fraction of putting them in order. */
const FEW = 4;
/** Kept, for who asks for one has often asked for it before, alone or among many. */
const MOST_ANSWERS = 4096;

function membersOf(table: SymbolTable): Record<Place, Uint32Array> {
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
  return { memory: memory.subarray(0, length), thread: new Uint32Array(thread), none: new Uint32Array(none) };
}

/** @param members they are put in another order */
async function indexOf(symbols: FileSymbols, members: Uint32Array, slice: TimeSlice): Promise<SymbolIndex> {
  return new SymbolIndex(symbols.table, symbols.extents, await orderSymbols(symbols, members, slice));
}
