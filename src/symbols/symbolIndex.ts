import type { Address } from "../memory/address.ts";
import type { ElfSymbol, Section, SymbolPage } from "../memory/module.ts";
import type { TimeSlice } from "../memory/timeSlice.ts";
import type { SectionExtents } from "./sectionExtents.ts";
import { sortByKeys } from "./sortByKeys.ts";
import type { SymbolOrder } from "./symbolOrder.ts";
import type { SymbolTable } from "./symbolTable.ts";

/**
 * Finds symbols by address and by section.
 *
 * A symbol covers its size. Of several that cover an address the innermost answers: the one that begins last. A symbol
 * without a size covers what lies up to the next symbol or the end of its section, where no sized symbol covers it; its
 * own address even outside of its section (`_end`).
 *
 * Of the symbols at one address the best answers, as {@link orderSymbols} says; of those equal in that the one whose
 * name has the fewest leading underscores (`write`, not `__write`), then the global one before the weak, the shorter
 * name, the first by alphabet.
 */
export class SymbolIndex {
  readonly #table: SymbolTable;
  readonly #sections: SectionExtents;
  readonly #order: SymbolOrder;
  readonly #bySize = new WeakMap<Section, Uint32Array>();

  constructor(table: SymbolTable, sections: SectionExtents, order: SymbolOrder) {
    this.#table = table;
    this.#sections = sections;
    this.#order = order;
  }

  get length(): number {
    return this.#order.symbols.length;
  }

  /** The symbol that answers for an address. */
  at(address: Address): ElfSymbol | null {
    const last = this.#firstFrom(address + 1n) - 1;
    const low = Number(address & 0xffff_ffffn);
    const high = Number(address >> 32n);
    const sized = this.#sizedCovering(last, low, high);
    const place = sized >= 0 ? sized : this.#unsizedCovering(last, low, high);
    return place >= 0 ? this.#bestNamed(place) : null;
  }

  /** All symbols by address, but those whose names can't be read. */
  async all(slice: TimeSlice): Promise<ElfSymbol[]> {
    return (await this.#table.symbols(this.#order.symbols, slice)).filter(({ name }) => name !== "");
  }

  /**
   * A page of the symbols that begin in a section: largest first (equal ones by address) or by address. Each symbol is in
   * one page, also one whose name can't be read and is empty.
   */
  async page(
    section: Section,
    order: "size" | "address",
    offset: number,
    limit: number,
    slice: TimeSlice,
  ): Promise<SymbolPage> {
    const ordered = order === "address" ? this.#inSection(section) : await this.#largestFirst(section, slice);
    const page = ordered.subarray(Math.max(0, offset), Math.max(0, offset) + Math.max(0, limit));
    return { total: ordered.length, symbols: await this.#table.symbols(page, slice) };
  }

  #inSection({ address, size, threadLocal }: Section): Uint32Array {
    if (threadLocal) return new Uint32Array(0);
    return this.#order.symbols.subarray(this.#firstFrom(address), this.#firstFrom(address + BigInt(size)));
  }

  async #largestFirst(section: Section, slice: TimeSlice): Promise<Uint32Array> {
    const known = this.#bySize.get(section);
    if (known !== undefined) return known;
    // The sort is stable: turned round before and after it, equal sizes keep the order of their addresses.
    const ordered = this.#inSection(section).slice().reverse();
    await sortByKeys(ordered, [this.#table.sizeLow, this.#table.sizeHigh], slice);
    ordered.reverse();
    this.#bySize.set(section, ordered);
    return ordered;
  }

  /** The first place whose address is not below the given one. */
  #firstFrom(address: Address): number {
    if (address > LARGEST) return this.length;
    const low = Number(address & 0xffff_ffffn);
    const high = Number(address >> 32n);
    let from = 0;
    let to = this.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const symbol = this.#order.symbols[middle] as number;
      const symbolHigh = this.#table.high[symbol] as number;
      const isBelow = symbolHigh === high ? (this.#table.low[symbol] as number) < low : symbolHigh < high;
      if (isBelow) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #sizedCovering(last: number, low: number, high: number): number {
    let place = last;
    while (place >= 0) {
      const symbol = this.#order.symbols[place] as number;
      if (this.#table.distance(symbol, low, high) < this.#table.size(symbol)) break;
      place = this.#order.enclosing[place] as number;
    }
    return place;
  }

  /** Only the nearest symbols are looked at: behind a sized one that ended lies what nobody covers. */
  #unsizedCovering(last: number, low: number, high: number): number {
    for (let place = last; place >= 0; place--) {
      const symbol = this.#order.symbols[place] as number;
      if (this.#table.size(symbol) > 0) return -1;
      if (this.#table.distance(symbol, low, high) === 0) return place;
      if (this.#sections.contains(this.#table.section[symbol] as number, low, high)) return place;
    }
    return -1;
  }

  /** Of the symbols that are as good as that at a place, the one with the best name. */
  #bestNamed(place: number): ElfSymbol | null {
    const table = this.#table;
    const best = this.#order.symbols[place] as number;
    const peers: { symbol: number; name: string }[] = [];
    for (let at = place; at >= 0 && peers.length < MOST_PEERS; at--) {
      const symbol = this.#order.symbols[at] as number;
      if (!this.#equal(best, symbol)) break;
      const name = table.name(symbol);
      if (name !== "") peers.push({ symbol, name });
    }
    peers.sort(
      (a, b) =>
        underscores(a.name) - underscores(b.name) ||
        Number(table.isGlobal(b.symbol)) - Number(table.isGlobal(a.symbol)) ||
        a.name.length - b.name.length ||
        (a.name < b.name ? -1 : 1),
    );
    const [first] = peers;
    return first === undefined ? null : table.symbol(first.symbol, first.name);
  }

  /** Whether nothing but names and global or weak binding tells two symbols apart. */
  #equal(a: number, b: number): boolean {
    const table = this.#table;
    return (
      table.low[a] === table.low[b] &&
      table.high[a] === table.high[b] &&
      table.size(a) === table.size(b) &&
      table.isLocal(a) === table.isLocal(b) &&
      table.isTyped(a) === table.isTyped(b)
    );
  }
}

function underscores(name: string): number {
  let count = 0;
  while (name[count] === "_") count++;
  return count;
}

const LARGEST = 0xffff_ffff_ffff_ffffn;
/** Names are read to choose among them; real files have a dozen for one address at most. */
const MOST_PEERS = 64;
