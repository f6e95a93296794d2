import type { Address } from "../memory/address.ts";
import type { ElfSymbol, Section, SymbolPage } from "../memory/module.ts";
import type { TimeSlice } from "../memory/timeSlice.ts";
import type { SectionExtents } from "./sectionExtents.ts";
import { SectionListing } from "./sectionListing.ts";
import { compareNames, type SymbolName } from "./symbolNames.ts";
import type { SymbolOrder } from "./symbolOrder.ts";
import { searchSymbols } from "./symbolSearch.ts";
import type { SymbolTable } from "./symbolTable.ts";

/**
 * Finds symbols by address and by section.
 *
 * A symbol covers its size. Of several that cover an address the innermost answers: the one that begins last. A symbol
 * without a size covers what lies up to the next symbol or the end of its section, unless it lies in a sized one; its own
 * address even outside of its section (`_end`).
 *
 * Of the symbols at one address the best answers, as {@link orderSymbols} says; of those equal in that the one whose
 * name has the fewest leading underscores (`write`, not `__write`), then the global one before the weak, the shorter
 * name, the first by alphabet.
 */
export class SymbolIndex {
  readonly #table: SymbolTable;
  readonly #sections: SectionExtents;
  readonly #order: SymbolOrder;
  readonly #listings = new WeakMap<Section, Promise<SectionListing>>();

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
    const places = Uint32Array.from(this.#order.symbols.keys());
    return (await this.#symbolsAt(places, slice)).filter(({ name }) => name !== "");
  }

  /** The symbols of a name, by address. */
  async search(name: string, slice: TimeSlice): Promise<ElfSymbol[]> {
    const { symbols } = this.#order;
    const found = new Set(await searchSymbols(this.#table, symbols, name, slice));
    const places =
      found.size > 0 ? Uint32Array.from(symbols.keys()).filter((at) => found.has(symbols[at] as number)) : [];
    return this.#symbolsAt(Uint32Array.from(places), slice);
  }

  /**
   * A page of the symbols that begin in a section: largest first (equal ones by address), or by address with the gaps
   * between them. Each symbol is in one page, also one whose name can't be read and is empty.
   */
  async page(
    section: Section,
    order: "size" | "address",
    offset: number,
    limit: number,
    slice: TimeSlice,
  ): Promise<SymbolPage> {
    const listing = await this.#listing(section, slice);
    const entries = order === "address" ? listing.byAddress : await listing.bySize(slice);
    const page = entries.subarray(Math.max(0, offset), Math.max(0, offset) + Math.max(0, limit));
    const symbols = await this.#symbolsAt(
      page.filter((entry) => !listing.isGap(entry)),
      slice,
    );
    let next = 0;
    return {
      total: entries.length,
      symbols: Array.from(page, (entry) => listing.gap(entry) ?? (symbols[next++] as ElfSymbol)),
      uncovered: listing.uncovered,
    };
  }

  #listing(section: Section, slice: TimeSlice): Promise<SectionListing> {
    let listing = this.#listings.get(section);
    if (listing === undefined) {
      listing = this.#list(section, slice);
      this.#listings.set(section, listing);
    }
    return listing;
  }

  async #list(section: Section, slice: TimeSlice): Promise<SectionListing> {
    const from = this.#firstFrom(section.address);
    const to = this.#firstFrom(section.address + BigInt(section.size));
    const listing = new SectionListing(section, to - from);
    listing.cover(0, this.#reachInto(section, from));
    for (let place = from; place < to; place += STEPS) {
      this.#addTo(listing, section, place, Math.min(place + STEPS, to));
      if (slice.isOver) await slice.next();
    }
    listing.end();
    return listing;
  }

  #addTo(listing: SectionListing, { address }: Section, from: number, to: number): void {
    const table = this.#table;
    const low = Number(address & 0xffff_ffffn);
    const high = Number(address >> 32n);
    for (let place = from; place < to; place++) {
      const symbol = this.#order.symbols[place] as number;
      listing.add(place, -table.distance(symbol, low, high), table.size(symbol) || this.#inferredSize(place));
    }
  }

  /** Bytes at the beginning of a section that symbols before it cover. */
  #reachInto({ address }: Section, from: number): number {
    const low = Number(address & 0xffff_ffffn);
    const high = Number(address >> 32n);
    let reach = 0;
    // Each one reaches further up than the one before.
    for (let place = this.#sizedCovering(from - 1, low, high); place >= 0; ) {
      const symbol = this.#order.symbols[place] as number;
      reach = this.#table.size(symbol) - this.#table.distance(symbol, low, high);
      place = this.#order.enclosing[place] as number;
    }
    return reach;
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

  #unsizedCovering(last: number, low: number, high: number): number {
    for (let place = last; place >= 0 && last - place < MOST_PEERS; place--) {
      const symbol = this.#order.symbols[place] as number;
      if (this.#table.size(symbol) > 0) return -1;
      const distance = this.#table.distance(symbol, low, high);
      if (distance === 0 || distance < this.#inferredSize(place)) return place;
      // Only the nearest are looked at, which share an address.
      if (place > 0 && this.#table.distance(this.#order.symbols[place - 1] as number, low, high) > distance) return -1;
    }
    return -1;
  }

  /** For how many bytes a symbol without a size answers; 0 for those with one. */
  #inferredSize(place: number): number {
    const table = this.#table;
    const symbol = this.#order.symbols[place] as number;
    if (table.size(symbol) > 0 || (this.#order.enclosing[place] as number) >= 0) return 0;
    const [low, high] = [table.low[symbol] as number, table.high[symbol] as number];
    const rest = this.#sections.rest(table.section[symbol] as number, low, high);
    const next = this.#firstFrom(table.address(symbol) + 1n);
    // Of the symbols at one address one with a size answers.
    if (table.size(this.#order.symbols[next - 1] as number) > 0) return 0;
    return next < this.length ? Math.min(rest, -table.distance(this.#order.symbols[next] as number, low, high)) : rest;
  }

  async #symbolsAt(places: Uint32Array, slice: TimeSlice): Promise<ElfSymbol[]> {
    const symbols = await this.#table.symbols(
      places.map((place) => this.#order.symbols[place] as number),
      slice,
    );
    return symbols.map((symbol, index) => this.#withInferredSize(symbol, places[index] as number));
  }

  #withInferredSize(symbol: ElfSymbol, place: number): ElfSymbol {
    const inferredSize = symbol.size > 0 ? 0 : this.#inferredSize(place);
    return inferredSize > 0 ? { ...symbol, inferredSize } : symbol;
  }

  /** Of the symbols that are as good as that at a place, the one with the best name. */
  #bestNamed(place: number): ElfSymbol | null {
    const table = this.#table;
    const best = this.#order.symbols[place] as number;
    const peers: (SymbolName & { place: number })[] = [];
    for (let at = place; at >= 0 && peers.length < MOST_PEERS; at--) {
      const symbol = this.#order.symbols[at] as number;
      if (!this.#equal(best, symbol)) break;
      const name = table.name(symbol);
      if (name !== "") peers.push({ place: at, isGlobal: table.isGlobal(symbol), name });
    }
    peers.sort(compareNames);
    const [first] = peers;
    if (first === undefined) return null;
    return this.#withInferredSize(table.symbol(this.#order.symbols[first.place] as number), first.place);
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

const LARGEST = 0xffff_ffff_ffff_ffffn;
/** Symbols of one address that are looked at to choose among them; real files have a dozen for one address at most. */
const MOST_PEERS = 64;
/** Symbols between looks at the clock. */
const STEPS = 1 << 12;
