import type { TimeSlice } from "../memory/timeSlice.ts";
import type { FileSymbols } from "./readSymbols.ts";
import type { SectionExtents } from "./sectionExtents.ts";
import { sortByKeys } from "./sortByKeys.ts";
import type { SymbolTable } from "./symbolTable.ts";

/** Symbols by address. A place is a position in this order. */
export interface SymbolOrder {
  /** The symbol at each place; of those at one address the best last. */
  readonly symbols: Uint32Array;
  /** For each place the nearest before it whose symbol reaches further up; -1 for none. */
  readonly enclosing: Int32Array;
}

/**
 * Puts symbols in order. Among those of one address that one is best which has a size, lies in its own section
 * (`__bss_start`, not `_edata`), is not local, tells its type, and is longest.
 * @param members the symbols, in the order of the table; they are put in another order
 */
export async function orderSymbols(
  { table, firstSupplement, extents }: FileSymbols,
  members: Uint32Array,
  slice: TimeSlice,
): Promise<SymbolOrder> {
  await sortByKeys(members, [table.low, table.high], slice);
  const symbols = await orderAliases(table, members, firstSupplement, extents, slice);
  return { symbols, enclosing: await findEnclosing(table, symbols, slice) };
}

/**
 * Orders the symbols of each address, and drops the supplements that repeat one of `.symtab`, as nearly all do. That goes
 * by address alone: comparing names would cost reading them all.
 */
async function orderAliases(
  table: SymbolTable,
  byAddress: Uint32Array,
  firstSupplement: number,
  sections: SectionExtents,
  slice: TimeSlice,
): Promise<Uint32Array> {
  const compare = (a: number, b: number) =>
    rank(table, a, sections) - rank(table, b, sections) || table.size(a) - table.size(b);
  let kept = 0;
  let nextLook = STEPS;
  for (let from = 0, to = 0; from < byAddress.length; from = to) {
    to = endOfAddress(table, byAddress, from);
    // The sort was stable: the symbols of .symtab come first.
    const hasStatic = (byAddress[from] as number) < firstSupplement;
    const start = kept;
    for (let place = from; place < to; place++) {
      const symbol = byAddress[place] as number;
      if (!hasStatic || symbol < firstSupplement) byAddress[kept++] = symbol;
    }
    const aliases = kept - start;
    if (aliases > 1 && aliases <= MOST_ALIASES) byAddress.subarray(start, kept).sort(compare);
    if (to < nextLook) continue;
    nextLook = to + STEPS;
    if (slice.isOver) await slice.next();
  }
  return byAddress.subarray(0, kept);
}

function endOfAddress(table: SymbolTable, byAddress: Uint32Array, from: number): number {
  const first = byAddress[from] as number;
  let to = from + 1;
  for (; to < byAddress.length; to++) {
    const symbol = byAddress[to] as number;
    if (table.low[symbol] !== table.low[first] || table.high[symbol] !== table.high[first]) break;
  }
  return to;
}

function rank(table: SymbolTable, symbol: number, sections: SectionExtents): number {
  const [section, low, high] = [table.section[symbol], table.low[symbol], table.high[symbol]] as [
    number,
    number,
    number,
  ];
  return (
    (table.size(symbol) > 0 ? 8 : 0) +
    (sections.contains(section, low, high) ? 4 : 0) +
    (table.isLocal(symbol) ? 0 : 2) +
    (table.isTyped(symbol) ? 1 : 0)
  );
}

/** What lies between a place and its enclosing one reaches less far, so it is skipped by those that follow. */
async function findEnclosing(table: SymbolTable, symbols: Uint32Array, slice: TimeSlice): Promise<Int32Array> {
  const enclosing = new Int32Array(symbols.length);
  for (let from = 0; from < symbols.length; from += STEPS) {
    fillEnclosing(table, symbols, enclosing, from, Math.min(from + STEPS, symbols.length));
    if (slice.isOver) await slice.next();
  }
  return enclosing;
}

function fillEnclosing(
  table: SymbolTable,
  symbols: Uint32Array,
  enclosing: Int32Array,
  from: number,
  to: number,
): void {
  for (let place = from; place < to; place++) {
    const symbol = symbols[place] as number;
    const size = table.size(symbol);
    let before = place - 1;
    while (before >= 0) {
      const outer = symbols[before] as number;
      const distance = table.distance(outer, table.low[symbol] as number, table.high[symbol] as number);
      if (table.size(outer) > distance + size) break;
      before = enclosing[before] as number;
    }
    enclosing[place] = before;
  }
}

/** Symbols between looks at the clock. */
const STEPS = 1 << 12;
/** Far beyond any real file; so many of one address would be sorted in one piece, so they are left as they are. */
const MOST_ALIASES = 1 << 12;
