import type { ElfSymbol } from "../memory/module.ts";
import type { TimeSlice } from "../memory/timeSlice.ts";
import type { StringTable } from "./stringTable.ts";

/**
 * Symbols in columns, in the file's order. An index into the columns stands for a symbol.
 * @see elf(5), "String and symbol tables"
 */
export class SymbolTable {
  length = 0;
  /** The low and the high half of each address. */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** The low and the high half of each size, below 2⁵³; 0 where the file does not say. */
  readonly sizeLow: Uint32Array;
  readonly sizeHigh: Uint32Array;
  /** Index of the section. */
  readonly section: Uint32Array;
  /** `st_info`: binding and type. */
  readonly #info: Uint8Array;
  /** Offset of the name in its string table. */
  readonly #nameOffset: Uint32Array;
  /** The string tables, each for the symbols from an index on. */
  readonly #strings: { readonly from: number; readonly strings: StringTable }[] = [];

  /** @param capacity the most symbols it may get */
  constructor(capacity: number) {
    this.low = new Uint32Array(capacity);
    this.high = new Uint32Array(capacity);
    this.sizeLow = new Uint32Array(capacity);
    this.sizeHigh = new Uint32Array(capacity);
    this.section = new Uint32Array(capacity);
    this.#info = new Uint8Array(capacity);
    this.#nameOffset = new Uint32Array(capacity);
  }

  /** The names of the symbols that are added from here on are in these strings. */
  useStrings(strings: StringTable): void {
    this.#strings.push({ from: this.length, strings });
  }

  add(low: number, high: number, sizeLow: number, sizeHigh: number, section: number, info: number, name: number): void {
    const index = this.length++;
    this.low[index] = low;
    this.high[index] = high;
    // A size that no memory has is none.
    const known = sizeHigh < LARGEST_SIZE_HIGH;
    this.sizeLow[index] = known ? sizeLow : 0;
    this.sizeHigh[index] = known ? sizeHigh : 0;
    this.section[index] = section;
    this.#info[index] = info;
    this.#nameOffset[index] = name;
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

  /** A symbol's name, read from the file; empty where it has none. */
  name(index: number): string {
    const table = this.#strings.findLast(({ from }) => from <= index);
    return table?.strings.name(this.#nameOffset[index] as number) ?? "";
  }

  /** A symbol as the model knows it. */
  symbol(index: number, name: string): ElfSymbol {
    const type = (this.#info[index] as number) & 15;
    return { name, address: this.address(index), size: this.size(index), type: TYPES[type] ?? "other" };
  }

  /** Many symbols, their names read in the order of the file; a name that can't be read is empty. */
  async symbols(indexes: Uint32Array, slice: TimeSlice): Promise<ElfSymbol[]> {
    const symbols = new Array<ElfSymbol>(indexes.length);
    const positions = Uint32Array.from(indexes.keys());
    for (const [place, { from, strings }] of this.#strings.entries()) {
      const to = this.#strings[place + 1]?.from ?? this.length;
      const theirs = positions.filter((position) => isBetween(from, indexes[position] as number, to));
      const offsets = theirs.map((position) => this.#nameOffset[indexes[position] as number] as number);
      for (const [i, name] of (await strings.names(offsets, slice)).entries()) {
        const position = theirs[i] as number;
        symbols[position] = this.symbol(indexes[position] as number, name);
        if (slice.isOver) await slice.next();
      }
    }
    return symbols;
  }
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
  [STT_FUNC]: "function",
  [STT_GNU_IFUNC]: "function",
};
