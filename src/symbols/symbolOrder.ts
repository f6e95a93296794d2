import type { SectionExtents } from "./sectionExtents.ts";
import type { Slices } from "./slices.ts";
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
 * @param firstDynamic the symbols from this one on are left out where a symbol before it has the same address
 */
export async function orderSymbols(
  table: SymbolTable,
  firstDynamic: number,
  sections: SectionExtents,
  slices: Slices,
): Promise<SymbolOrder> {
  const symbols = Uint32Array.from({ length: table.length }, (_, index) => index);
  const ranks = await rank(table, sections, slices);
  await sortByKeys(symbols, [table.sizeLow, table.sizeHigh, ranks, table.low, table.high], slices);
  const distinct = await withoutRepetitions(table, symbols, firstDynamic, slices);
  return { symbols: distinct, enclosing: await findEnclosing(table, distinct, slices) };
}

async function rank(table: SymbolTable, sections: SectionExtents, slices: Slices): Promise<Uint8Array> {
  const ranks = new Uint8Array(table.length);
  for (let i = 0; i < table.length; i++) {
    const sized = table.size(i) > 0;
    const inside =
      sized || sections.contains(table.section[i] as number, table.low[i] as number, table.high[i] as number);
    ranks[i] = (sized ? 8 : 0) + (inside ? 4 : 0) + (table.isLocal(i) ? 0 : 2) + (table.isTyped(i) ? 1 : 0);
    if (i % STEPS === 0 && slices.over) await slices.next();
  }
  return ranks;
}

/** Drops the dynamic symbols that repeat one of `.symtab`, as nearly all do. Compares addresses: names would cost a read each. */
async function withoutRepetitions(
  table: SymbolTable,
  order: Uint32Array,
  firstDynamic: number,
  slices: Slices,
): Promise<Uint32Array> {
  let kept = 0;
  for (let from = 0, to = 0; from < order.length; from = to) {
    const first = order[from] as number;
    let hasStatic = false;
    for (to = from; to < order.length && sameAddress(table, first, order[to] as number); to++) {
      if ((order[to] as number) < firstDynamic) hasStatic = true;
    }
    for (let place = from; place < to; place++) {
      const index = order[place] as number;
      if (!hasStatic || index < firstDynamic) order[kept++] = index;
    }
    if (slices.over) await slices.next();
  }
  return order.subarray(0, kept);
}

/** A place's symbol can only be enclosed by one that reaches further than all between: so each place looks at few. */
async function findEnclosing(table: SymbolTable, order: Uint32Array, slices: Slices): Promise<Int32Array> {
  const enclosing = new Int32Array(order.length);
  for (let place = 0; place < order.length; place++) {
    const index = order[place] as number;
    const size = table.size(index);
    let before = place - 1;
    while (before >= 0) {
      const outer = order[before] as number;
      const distance = table.distance(outer, table.low[index] as number, table.high[index] as number);
      if (table.size(outer) > distance + size) break;
      before = enclosing[before] as number;
    }
    enclosing[place] = before;
    if (place % STEPS === 0 && slices.over) await slices.next();
  }
  return enclosing;
}

function sameAddress(table: SymbolTable, a: number, b: number): boolean {
  return table.low[a] === table.low[b] && table.high[a] === table.high[b];
}

/** Symbols between looks at the clock. */
const STEPS = 1 << 12;
