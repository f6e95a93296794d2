import { CodeAttributes } from "./codeAttributes.ts";
import {
  DW_AT_abstract_origin,
  DW_AT_linkage_name,
  DW_AT_MIPS_linkage_name,
  DW_AT_name,
  DW_AT_specification,
  DW_TAG_inlined_subroutine,
  DW_TAG_lexical_block,
  DW_TAG_module,
  DW_TAG_namespace,
  DW_TAG_subprogram,
} from "./constants.ts";
import type { Entry } from "./entry.ts";
import { Intervals } from "./intervals.ts";
import { skipAttributes, skipEntry, skipTree, type Unit } from "./unit.ts";

/** Where the functions of a unit are: their code and their entries. */
export class Functions {
  readonly #code: Intervals;
  /** Of the function of each stretch of code: offset of its entry, and of what follows its children. */
  readonly #entry: Float64Array;
  readonly #end: Float64Array;

  constructor(code: Intervals, entry: Float64Array, end: Float64Array) {
    this.#code = code;
    this.#entry = entry;
    this.#end = end;
  }

  /** The function that has code at an address. */
  at(address: number): { readonly entry: number; readonly end: number } | null {
    const stretch = this.#code.find(address);
    if (stretch < 0) return null;
    return { entry: this.#entry[stretch] as number, end: this.#end[stretch] as number };
  }
}

/** A function at an address, and for an inlined one where it was called. */
export interface FunctionAt {
  /** Offset of the entry of the function or the inlined call. */
  readonly entry: number;
  /** Of an inlined call: the number of the file in the unit's line table, line and column. */
  readonly call: { readonly file: number; readonly line: number; readonly column: number } | null;
}

/**
 * Finds the functions of a unit that have code. Passes over the insides of functions and types where entries say where
 * their siblings are (gcc does, clang does not).
 * @param deep looks there too: for the rare function that is written inside of another, as GNU C's nested functions
 */
export function readFunctions(unit: Unit, deep: boolean): Functions {
  const { abbreviations } = unit;
  const reader = unit.reader(unit.firstEntry, unit.end - unit.firstEntry);
  const { bytes, base } = reader;
  const low: number[] = [];
  const high: number[] = [];
  const entry: number[] = [];
  const end: number[] = [];
  /** The functions whose children are gone through: how deep each lies, and which stretches of code are its. */
  const open: { readonly depth: number; readonly first: number; readonly last: number }[] = [];
  const attributes = new CodeAttributes();
  let depth = 0;
  while (reader.at < bytes.length) {
    const offset = base + reader.at;
    const code = reader.uleb();
    if (code === 0) {
      depth--;
      const inner = open.at(-1);
      if (inner?.depth === depth) {
        end.fill(base + reader.at, inner.first, inner.last);
        open.pop();
      }
      if (depth <= 0) break;
      continue;
    }
    const abbreviation = abbreviations.find(code);
    if (abbreviation < 0) break;
    const hasChildren = abbreviations.hasChildren[abbreviation] === 1;
    const tag = abbreviations.tag[abbreviation] as number;
    if (tag === DW_TAG_subprogram && abbreviations.hasCode[abbreviation] === 1) {
      attributes.read(unit, reader, abbreviation);
      const first = low.length;
      // Damaged functions may share a list of ranges of any length.
      const ranges = first < bytes.length ? attributes.ranges(unit) : [];
      const isBefore = attributes.sibling > base + reader.at && attributes.sibling <= unit.end;
      const stop = hasChildren ? (isBefore ? attributes.sibling : unit.end) : base + reader.at;
      for (const range of ranges) {
        low.push(range.low);
        high.push(range.high);
        entry.push(offset);
        end.push(stop);
      }
      if (!hasChildren) continue;
      if (isBefore && !deep) reader.at = attributes.sibling - base;
      else open.push({ depth: depth++, first, last: low.length });
    } else if (!hasChildren || deep || CONTAINERS.has(tag) || depth === 0) {
      skipAttributes(unit, reader, abbreviation);
      if (hasChildren) depth++;
    } else if (!skipEntry(unit, reader, abbreviation)) depth++;
  }
  const code = new Intervals(Float64Array.from(low), Float64Array.from(high));
  return new Functions(code, Float64Array.from(entry), Float64Array.from(end));
}

/** Has functions among its children. */
const CONTAINERS: ReadonlySet<number> = new Set([DW_TAG_namespace, DW_TAG_module]);

/**
 * The functions at an address of one that covers it, innermost first: calls that were inlined into one another, then the
 * function itself. @see DWARF 5 §3.3.8
 */
export function inlineChain(unit: Unit, { entry, end }: { entry: number; end: number }, address: number): FunctionAt[] {
  const { abbreviations } = unit;
  const reader = unit.reader(entry, end - entry);
  const stop = reader.at + end - entry;
  const chain: (FunctionAt & { readonly depth: number })[] = [];
  const attributes = new CodeAttributes();
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
    const isInlined = tag === DW_TAG_inlined_subroutine;
    if (!isInlined && tag !== DW_TAG_lexical_block) {
      if (!skipEntry(unit, reader, abbreviation)) skipTree(unit, reader);
      continue;
    }
    attributes.read(unit, reader, abbreviation);
    const isHere = attributes.covers(unit, address) || (!isInlined && !attributes.hasCode);
    if (isInlined && isHere) {
      while ((chain.at(-1)?.depth ?? 0) >= depth) chain.pop();
      const call = { file: attributes.callFile, line: attributes.callLine, column: attributes.callColumn };
      chain.push({ entry: offset, call, depth });
    }
    if (!hasChildren) continue;
    if (isHere) depth++;
    else if (attributes.sibling > reader.base + reader.at) reader.at = attributes.sibling - reader.base;
    else skipTree(unit, reader);
  }
  return [...chain.reverse(), { entry, call: null }];
}

/**
 * The name of a function as linkers know it, else as it is in the source; also through its declaration or, of an inlined
 * one, its origin.
 */
export function functionName(entry: Entry): string | null {
  let name: string | null = null;
  let at: Entry | null = entry;
  // Origins of damaged entries may lead round in a circle.
  for (let step = 0; at !== null && step < MOST_STEPS; step++) {
    const linkageName = at.text(DW_AT_linkage_name) ?? at.text(DW_AT_MIPS_linkage_name);
    if (linkageName !== null && linkageName !== "") return linkageName;
    name ??= at.text(DW_AT_name);
    at = at.reference(DW_AT_abstract_origin) ?? at.reference(DW_AT_specification);
  }
  return name;
}

const MOST_STEPS = 8;
