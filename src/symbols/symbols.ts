import type { Address } from "../memory/address.ts";
import type { ElfSymbol, Section, SymbolPage } from "../memory/module.ts";
import type { TimeSlice } from "../memory/timeSlice.ts";
import type { Elf } from "./elf.ts";
import { readMiniDebugInfo } from "./miniDebugInfo.ts";
import { type FileSymbols, readSymbols } from "./readSymbols.ts";
import { Shared } from "./shared.ts";
import { SymbolIndex } from "./symbolIndex.ts";
import { orderSymbols } from "./symbolOrder.ts";
import { ABSOLUTE, COMMON, type SymbolTable } from "./symbolTable.ts";

/** All symbols of an ELF file. They are put in order when more than a few are asked for. */
export class Symbols {
  readonly #symbols: FileSymbols;
  /** Those with an address in memory, those of threads, and the absolute and common ones. */
  readonly #members: Record<Place, Uint32Array>;
  readonly #indexes: Record<Place, Shared<SymbolIndex>>;
  #asked = 0;
  /** Of the last question. */
  #answers: ReadonlyMap<Address, ElfSymbol | null> = new Map();

  /** Use {@link openSymbols}. */
  constructor(symbols: FileSymbols, members: Record<Place, Uint32Array>) {
    this.#symbols = symbols;
    this.#members = members;
    // They are put in another order.
    const indexed = (place: Place) => new Shared((slice) => indexOf(symbols, members[place].slice(), slice));
    this.#indexes = { memory: indexed("memory"), thread: indexed("thread"), none: indexed("none") };
  }

  /** For each address in memory the symbol that answers for it. */
  async at(addresses: readonly Address[], slice: TimeSlice): Promise<(ElfSymbol | null)[]> {
    const [first] = addresses;
    // Who asks for one has often asked for many before, that one among them.
    if (first === undefined || addresses.length > 1 || !this.#answers.has(first)) {
      this.#answers = await this.#search(addresses, slice);
    }
    return addresses.map((address) => this.#answers.get(address) ?? null);
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

  async #search(addresses: readonly Address[], slice: TimeSlice): Promise<Map<Address, ElfSymbol | null>> {
    this.#asked += addresses.length;
    const isFew = this.#asked <= FEW;
    const answers = new Map<Address, ElfSymbol | null>();
    for (const address of addresses) {
      const index = isFew ? await this.#indexAround(address, slice) : await this.#indexes.memory.get(slice);
      answers.set(address, index.at(address));
    }
    return answers;
  }

  /** An index of the symbols alone that decide what is at an address. */
  #indexAround(address: Address, slice: TimeSlice): Promise<SymbolIndex> {
    const around = symbolsAround(this.#symbols.table, this.#members.memory, address);
    return indexOf(this.#symbols, around, slice);
  }
}

/**
 * Of all symbols those that decide what is at an address: the nearest that begin before it and behind it, and those that
 * cover where the nearest one begins. Plain loops over plain columns: this is for the first question, when nothing has been
 * compiled yet.
 */
function symbolsAround(table: SymbolTable, members: Uint32Array, address: Address): Uint32Array {
  const { low: lows, high: highs } = table;
  const low = Number(address & 0xffff_ffffn);
  const high = Number(address >> 32n);
  const distances = new Float64Array(members.length);
  let before = Number.POSITIVE_INFINITY;
  let behind = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < members.length; i++) {
    const symbol = members[i] as number;
    const distance = (high - (highs[symbol] as number)) * 2 ** 32 + (low - (lows[symbol] as number));
    distances[i] = distance;
    if (distance < 0) {
      if (distance > behind) behind = distance;
    } else if (distance < before) before = distance;
  }
  const around: number[] = [];
  for (let i = 0; i < members.length; i++) {
    const distance = distances[i] as number;
    if (distance < before && distance !== behind) continue;
    const symbol = members[i] as number;
    if (distance <= before || table.size(symbol) > distance - before) around.push(symbol);
  }
  return new Uint32Array(around);
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
