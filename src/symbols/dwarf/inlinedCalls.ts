import { scratch } from "../loops.ts";
import { CodeAttributes } from "./codeAttributes.ts";
import { DW_TAG_inlined_subroutine, DW_TAG_lexical_block } from "./constants.ts";
import { skipAttributes, skipEntry, skipTree } from "./skip.ts";
import type { Unit } from "./unit.ts";

/** A function with code: where its entry is in its section, and what follows its children. */
export class CodeFunction {
  readonly entry: number;
  readonly end: number;
  /** Questions up to now. */
  asked = 0;
  /** What was inlined into it, when that is kept. */
  table: CallTable | null = null;

  constructor(entry: number, end: number) {
    this.entry = entry;
    this.end = end;
  }
}

/** A function at an address, and for an inlined one where it was called. */
export interface FunctionAt {
  /** Offset of the entry of the function or the inlined call. */
  readonly entry: number;
  /** Of the entry that tells its name: of an inlined call the origin, which others have, too. */
  readonly named: number;
  /** Of an inlined call: the number of the file in the unit's line table, line and column. */
  readonly call: { readonly file: number; readonly line: number; readonly column: number } | null;
}

/**
 * The calls that were inlined into functions. A function's entries are read anew for the first questions, up to where the
 * address is; the third one reads them all into a table, which is kept as long as there is room.
 */
export class InlinedCalls {
  /** Those whose tables are kept, the one that was read first at the beginning. */
  readonly #kept = new Set<CodeFunction>();
  #size = 0;

  /**
   * The functions at an address of one that covers it, innermost first: calls that were inlined into one another, then the
   * function itself. @see DWARF 5 §3.3.8
   */
  at(unit: Unit, found: CodeFunction, address: number): FunctionAt[] {
    if (found.table === null && found.asked++ >= FEW) this.#keep(found, CallTable.read(unit, found, address));
    const calls = found.table?.at(address) ?? callsAt(unit, found, address);
    return [...calls, { entry: found.entry, named: found.entry, call: null }];
  }

  #keep(found: CodeFunction, table: CallTable | null): void {
    if (table === null) {
      // Nor will there be one the next time.
      found.asked = Number.NEGATIVE_INFINITY;
      return;
    }
    found.table = table;
    this.#kept.add(found);
    this.#size += table.size;
    for (const first of this.#kept) {
      if (this.#size <= MOST_KEPT) break;
      this.#kept.delete(first);
      this.#size -= first.table?.size ?? 0;
      first.table = null;
    }
  }
}

/** What was inlined into a function at one of its addresses, read from its entries; innermost first. */
function callsAt(unit: Unit, found: CodeFunction, address: number): FunctionAt[] {
  const chain: (FunctionAt & { readonly depth: number })[] = [];
  goThrough(unit, found, (attributes, entry, isCall, depth) => {
    const isHere = attributes.covers(unit, address) || (!isCall && !attributes.hasCode);
    if (isCall && isHere) {
      while ((chain.at(-1)?.depth ?? 0) >= depth) chain.pop();
      const call = { file: attributes.callFile, line: attributes.callLine, column: attributes.callColumn };
      if (chain.length < MOST_CALLS) chain.push({ entry, named: attributes.origin || entry, call, depth });
    }
    return isHere;
  });
  return chain.reverse();
}

/** The inlined calls and the blocks of a function, in the order of their entries: those inside of one follow it. */
class CallTable {
  readonly #records: Int32Array;
  /** What addresses, and offsets of entries, are counted from. */
  readonly #address: number;
  readonly #unit: number;

  private constructor(records: Int32Array, address: number, unit: number) {
    this.#records = records;
    this.#address = address;
    this.#unit = unit;
  }

  /** Bytes. */
  get size(): number {
    return this.#records.byteLength;
  }

  /**
   * Reads all entries of a function.
   * @param near address of its code
   * @returns `null` where numbers are too large for a table, or too many
   */
  static read(unit: Unit, found: CodeFunction, near: number): CallTable | null {
    const records: number[] = [];
    const open: { readonly start: number; readonly depth: number }[] = [];
    const closeFrom = (depth: number) => {
      for (let last = open.at(-1); last !== undefined && last.depth >= depth; last = open.at(-1)) {
        records[last.start + NEXT] = records.length;
        open.pop();
      }
    };
    goThrough(unit, found, (attributes, entry, isCall, depth) => {
      const ranges = attributes.ranges(unit);
      const isEverywhere = !isCall && !attributes.hasCode;
      if ((ranges.length === 0 && !isEverywhere) || records.length > MOST_NUMBERS) return false;
      closeFrom(depth);
      open.push({ start: records.length, depth });
      const { origin, callFile, callLine, callColumn } = attributes;
      const named = isCall ? (origin || entry) - unit.offset : 0;
      const count = isEverywhere ? -1 : ranges.length;
      records.push(0, named, entry - unit.offset, callFile, callLine, callColumn, count);
      for (const { low, high } of ranges) records.push(low - near, high - near);
      return true;
    });
    closeFrom(0);
    const isExact = records.length <= MOST_NUMBERS && records.every((number) => number === (number | 0));
    return isExact ? new CallTable(Int32Array.from(records), near, unit.offset) : null;
  }

  /** The calls at an address, innermost first. */
  at(address: number): FunctionAt[] {
    const records = this.#records;
    const wanted = address - this.#address;
    const chain: (FunctionAt & { readonly next: number })[] = [];
    for (let at = 0; at < records.length; ) {
      const ranges = records[at + RANGES] as number;
      const inside = at + FIELDS + 2 * Math.max(0, ranges);
      let isHere = ranges < 0;
      for (let range = at + FIELDS; range < inside && !isHere; range += 2) {
        isHere = (records[range] as number) <= wanted && wanted < (records[range + 1] as number);
      }
      const next = records[at + NEXT] as number;
      const named = records[at + NAMED] as number;
      if (isHere && named > 0) {
        while ((chain.at(-1)?.next ?? records.length) <= at) chain.pop();
        const call = {
          file: records[at + FILE] as number,
          line: records[at + LINE] as number,
          column: records[at + COLUMN] as number,
        };
        const entry = this.#unit + (records[at + ENTRY] as number);
        if (chain.length < MOST_CALLS) chain.push({ entry, named: this.#unit + named, call, next });
      }
      at = isHere ? inside : next;
    }
    return chain.reverse();
  }
}

/**
 * The fields of a record: where the one behind those inside of it begins; offset of the entry that tells the name (0: it is
 * a block), and of its own; where it was called; how many ranges follow, each two addresses (-1: it is wherever what it is
 * in is).
 */
const [NEXT, NAMED, ENTRY, FILE, LINE, COLUMN, RANGES, FIELDS] = [0, 1, 2, 3, 4, 5, 6, 7];

/** Told the attributes and the offset of an entry, whether it is a call, and how deep it lies. */
type Enter = (attributes: CodeAttributes, entry: number, isCall: boolean, depth: number) => boolean;

/** Goes through the inlined calls and the blocks of a function: those inside of one where `enter` says that it wants them. */
function goThrough(unit: Unit, { entry, end }: CodeFunction, enter: Enter): void {
  const { abbreviations } = unit;
  const reader = unit.reader(entry, end - entry, scratch);
  const stop = reader.at + end - entry;
  const attributes = new CodeAttributes(unit);
  let depth = 0;
  while (reader.at < stop) {
    const offset = reader.base + reader.at;
    const code = reader.uleb();
    if (code === 0) {
      if (--depth <= 0) break;
      continue;
    }
    const abbreviation = abbreviations.find(code);
    if (abbreviation < 0) break;
    const hasChildren = abbreviations.hasChildren[abbreviation] === 1;
    const tag = abbreviations.tag[abbreviation];
    if (depth === 0) {
      skipAttributes(unit, reader, abbreviation);
      if (!hasChildren) break;
      depth++;
      continue;
    }
    const isCall = tag === DW_TAG_inlined_subroutine;
    if (!isCall && tag !== DW_TAG_lexical_block) {
      if (!skipEntry(unit, reader, abbreviation)) skipTree(unit, reader);
      continue;
    }
    attributes.read(unit, reader, abbreviation);
    const isEntered = enter(attributes, offset, isCall, depth);
    if (!hasChildren) continue;
    if (isEntered) depth++;
    else if (attributes.sibling > reader.base + reader.at) reader.at = attributes.sibling - reader.base;
    else skipTree(unit, reader);
  }
}

/** Questions: to read a table takes as long as some of them without one. */
const FEW = 2;
/** Inlined into one another at one address. */
const MOST_CALLS = 512;
/** Of a table. */
const MOST_NUMBERS = 1 << 20;
/** Bytes of all tables together. */
const MOST_KEPT = 1 << 24;
