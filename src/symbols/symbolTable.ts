import type { ElfSymbol } from "../memory/module.ts";
import type { TimeSlice } from "../memory/timeSlice.ts";
import type { StringTable } from "./stringTable.ts";

/** Where the names of some symbols are, and where their versions. */
export interface SymbolNames {
  readonly strings: StringTable;
  /** Of dynamic symbols; `null` where the names have their versions behind them. */
  readonly versions: { text(entry: number): string } | null;
}

/** In place of a section's index: the value is a number, no address. */
export const ABSOLUTE = 0x7fff_ffff;
/** In place of a section's index: the linker has not found a place yet; the value is an alignment. */
export const COMMON = 0x7fff_fffe;
/** In place of a section's index: there is none. */
export const NO_SECTION = 0x7fff_fffd;

/**
 * Symbols in columns, in the file's order. An index into the columns stands for a symbol.
 * @see elf(5), "String and symbol tables"
 */
export class SymbolTable {
  length = 0;
  /** The low and the high half of each address. */
  low: Uint32Array;
  high: Uint32Array;
  /** The low and the high half of each size, below 2⁵³; 0 where the file does not say. */
  sizeLow: Uint32Array;
  sizeHigh: Uint32Array;
  /** Index of the section, or {@link ABSOLUTE}, {@link COMMON} or {@link NO_SECTION}. */
  section: Uint32Array;
  /** `st_info`: binding and type. */
  #info: Uint8Array;
  /** Offset of the name in its string table. */
  #nameOffset: Uint32Array;
  /** The entry in `.gnu.version`; 0 without such. */
  #version: Uint16Array;
  /** The names, each for the symbols from an index on. */
  readonly #names: { readonly from: number; readonly names: SymbolNames }[] = [];

  /** @param capacity about how many symbols it is going to get */
  constructor(capacity: number) {
    this.low = new Uint32Array(capacity);
    this.high = new Uint32Array(capacity);
    this.sizeLow = new Uint32Array(capacity);
    this.sizeHigh = new Uint32Array(capacity);
    this.section = new Uint32Array(capacity);
    this.#info = new Uint8Array(capacity);
    this.#nameOffset = new Uint32Array(capacity);
    this.#version = new Uint16Array(capacity);
  }

  /** The names of the symbols that are added from here on are in these strings. */
  useNames(names: SymbolNames): void {
    this.#names.push({ from: this.length, names });
  }

  add(
    low: number,
    high: number,
    sizeLow: number,
    sizeHigh: number,
    section: number,
    info: number,
    name: number,
    version: number,
  ): void {
    const index = this.length++;
    if (index === this.low.length) this.#grow();
    this.low[index] = low;
    this.high[index] = high;
    // A size that no memory has is none.
    const known = sizeHigh < LARGEST_SIZE_HIGH;
    this.sizeLow[index] = known ? sizeLow : 0;
    this.sizeHigh[index] = known ? sizeHigh : 0;
    this.section[index] = section;
    this.#info[index] = info;
    this.#nameOffset[index] = name;
    this.#version[index] = version;
  }

  address(index: number): bigint {
    return (BigInt(this.high[index] ?? 0) << 32n) | BigInt(this.low[index] ?? 0);
  }

  size(index: number): number {
    return (this.sizeHigh[index] as number) * HALF + (this.sizeLow[index] as number);
  }

  isLocal(index: number): boolean {
    return (this.#info[index] as number) >> 4 === STB_LOCAL;
  }

  isGlobal(index: number): boolean {
    return (this.#info[index] as number) >> 4 === STB_GLOBAL;
  }

  isTyped(index: number): boolean {
    return ((this.#info[index] as number) & 15) !== STT_NOTYPE;
  }

  /** Bytes from a symbol's address up to another address; exact below 2⁵³, negative where that is lower. */
  distance(index: number, low: number, high: number): number {
    return (high - (this.high[index] as number)) * HALF + (low - (this.low[index] as number));
  }

  isThreadLocal(index: number): boolean {
    return ((this.#info[index] as number) & 15) === STT_TLS;
  }

  /** Whether it names what chooses a function at start (IFUNC). */
  isIndirect(index: number): boolean {
    return ((this.#info[index] as number) & 15) === STT_GNU_IFUNC;
  }

  isFunction(index: number): boolean {
    return TYPES[(this.#info[index] as number) & 15] === "function";
  }

  /** A symbol's name without its version, read from the file; empty where it has none. */
  name(index: number): string {
    return this.#split(index, this.#text(index)).name;
  }

  /** A symbol as the model knows it. */
  symbol(index: number): ElfSymbol {
    return this.#symbol(index, this.#text(index));
  }

  /** Many symbols, their names read in the order of the file; a name that can't be read is empty. */
  async symbols(indexes: Uint32Array, slice: TimeSlice): Promise<ElfSymbol[]> {
    const symbols = new Array<ElfSymbol>(indexes.length);
    const positions = Uint32Array.from(indexes.keys());
    for (const [table, { from, names }] of this.#names.entries()) {
      const to = this.#names[table + 1]?.from ?? this.length;
      const theirs = positions.filter((position) => isBetween(from, indexes[position] as number, to));
      const offsets = theirs.map((position) => this.#nameOffset[indexes[position] as number] as number);
      for (const [i, name] of (await names.strings.names(offsets, slice)).entries()) {
        const position = theirs[i] as number;
        symbols[position] = this.#symbol(indexes[position] as number, name);
        if (slice.isOver) await slice.next();
      }
    }
    return symbols;
  }

  /** Those of some symbols whose names contain a text. */
  async withNamesLike(indexes: Uint32Array, part: string, slice: TimeSlice): Promise<Uint32Array> {
    if (part === "") return indexes;
    const found: Uint32Array[] = [];
    for (const [table, { from, names }] of this.#names.entries()) {
      const to = this.#names[table + 1]?.from ?? this.length;
      const theirs = indexes.filter((index) => isBetween(from, index, to));
      if (theirs.length === 0) continue;
      const matches = await names.strings.search(part, slice);
      found.push(theirs.filter((index) => matches.has(this.#nameOffset[index] as number)));
    }
    return Uint32Array.from(found.flatMap((indexes) => [...indexes]));
  }

  #grow(): void {
    this.low = longer(this.low);
    this.high = longer(this.high);
    this.sizeLow = longer(this.sizeLow);
    this.sizeHigh = longer(this.sizeHigh);
    this.section = longer(this.section);
    this.#info = longer(this.#info);
    this.#nameOffset = longer(this.#nameOffset);
    this.#version = longer(this.#version);
  }

  #text(index: number): string {
    return this.#namesOf(index)?.strings.name(this.#nameOffset[index] as number) ?? "";
  }

  #namesOf(index: number): SymbolNames | undefined {
    return this.#names.findLast(({ from }) => from <= index)?.names;
  }

  #symbol(index: number, text: string): ElfSymbol {
    const type = TYPES[(this.#info[index] as number) & 15] ?? "other";
    const { name, version } = this.#split(index, text);
    const symbol = { name, address: this.address(index), size: this.size(index), type };
    const place = this.isThreadLocal(index) ? "threadLocal" : PLACES[this.section[index] as number];
    return { ...symbol, ...(version !== "" && { version }), ...(place !== undefined && { place }) };
  }

  #split(index: number, text: string): { name: string; version: string } {
    const versions = this.#namesOf(index)?.versions;
    if (versions) return { name: text, version: versions.text(this.#version[index] as number) };
    const end = text.indexOf("@", 1);
    return end < 0 ? { name: text, version: "" } : { name: text.slice(0, end), version: text.slice(end) };
  }
}

function longer<Column extends Uint8Array | Uint16Array | Uint32Array>(column: Column): Column {
  const copy = new (column.constructor as new (length: number) => Column)(2 * column.length + 64);
  copy.set(column);
  return copy;
}

function isBetween(from: number, index: number, to: number): boolean {
  return from <= index && index < to;
}

const HALF = 2 ** 32;
const LARGEST_SIZE_HIGH = 2 ** 21;

const STB_LOCAL = 0;
const STB_GLOBAL = 1;

export const STT_NOTYPE = 0;
export const STT_OBJECT = 1;
export const STT_FUNC = 2;
export const STT_SECTION = 3;
export const STT_FILE = 4;
export const STT_COMMON = 5;
export const STT_TLS = 6;
export const STT_GNU_IFUNC = 10;

const TYPES: Record<number, ElfSymbol["type"]> = {
  [STT_OBJECT]: "object",
  [STT_COMMON]: "object",
  [STT_TLS]: "object",
  [STT_FUNC]: "function",
  [STT_GNU_IFUNC]: "function",
};

const PLACES: Record<number, ElfSymbol["place"]> = { [ABSOLUTE]: "absolute", [COMMON]: "common" };
