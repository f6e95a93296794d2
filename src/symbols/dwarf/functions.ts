import { readForLoops, scratch } from "../loops.ts";
import { CodeAttributes } from "./codeAttributes.ts";
import {
  DW_AT_abstract_origin,
  DW_AT_linkage_name,
  DW_AT_MIPS_linkage_name,
  DW_AT_name,
  DW_AT_specification,
  DW_TAG_module,
  DW_TAG_namespace,
  DW_TAG_subprogram,
} from "./constants.ts";
import type { Entry } from "./entry.ts";
import { CodeFunction } from "./inlinedCalls.ts";
import { Intervals } from "./intervals.ts";
import type { CodeRange } from "./ranges.ts";
import { Reader } from "./reader.ts";
import { skipAttributes, skipEntries, skipEntry } from "./skip.ts";
import type { Unit } from "./unit.ts";

/** Where the functions of a unit are: their code and their entries. */
export class Functions {
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  /**
   * Of the function of each stretch of code: offset of its entry, and of what follows its children. A typed array would
   * give them back as numbers that are not known to be whole, and with them all positions of readers.
   */
  readonly #entry: readonly number[];
  readonly #end: readonly number[];
  readonly #code: Intervals;
  /** Those that were asked for, by their entries. */
  readonly #asked = new Map<number, CodeFunction>();

  constructor(low: Float64Array, high: Float64Array, entry: readonly number[], end: readonly number[]) {
    this.#low = low;
    this.#high = high;
    this.#entry = entry;
    this.#end = end;
    this.#code = new Intervals(low, high);
  }

  /** All stretches of code by the entries of their functions. */
  byEntry(): Map<number, CodeRange[]> {
    const functions = new Map<number, CodeRange[]>();
    for (const [stretch, entry] of this.#entry.entries()) {
      const range = { low: this.#low[stretch] as number, high: this.#high[stretch] as number };
      const others = functions.get(entry);
      if (others) others.push(range);
      else functions.set(entry, [range]);
    }
    return functions;
  }

  /** The function that has code at an address: the same object each time. */
  at(address: number): CodeFunction | null {
    const stretch = this.#code.find(address);
    if (stretch < 0) return null;
    const entry = this.#entry[stretch] as number;
    let found = this.#asked.get(entry);
    if (found === undefined) {
      found = new CodeFunction(entry, this.#end[stretch] as number);
      this.#asked.set(entry, found);
    }
    return found;
  }
}

/**
 * Finds the functions of a unit that have code. Passes over the insides of functions and types where entries say where
 * their siblings are (gcc does, clang does not).
 * @param deep looks there too: for the rare function that is written inside of another, as GNU C's nested functions
 * @param sought an address, for the functions that have it alone: quicker than to note where all are; NaN for all
 * @param isWhole reads the unit as a whole, not a part at a time
 */
export function readFunctions(unit: Unit, deep: boolean, sought = Number.NaN, isWhole = false): Functions {
  const { abbreviations } = unit;
  const { tag, hasChildren, hasCode } = abbreviations;
  let reader = isWhole ? unit.reader(unit.firstEntry, unit.end - unit.firstEntry) : partOf(unit, unit.firstEntry);
  const found = new FunctionsBuilder(unit);
  let depth = 0;
  for (;;) {
    if (!isWhole) {
      if (depth > 0) depth = skipEntries(unit, reader, depth, found.openDepth, deep, sought);
      const isLast = reader.base + reader.bytes.length >= unit.end;
      if (!isLast && reader.at + LONG_ENTRY > reader.bytes.length) {
        reader = partOf(unit, reader.base + reader.at);
        if (depth > 0) continue;
      }
    }
    if (reader.isAtEnd) break;
    const entry = reader.base + reader.at;
    const code = reader.uleb();
    if (code === 0) {
      found.close(--depth, reader.base + reader.at);
      if (depth <= 0) break;
      continue;
    }
    const abbreviation = abbreviations.find(code);
    if (abbreviation < 0) break;
    const isParent = hasChildren[abbreviation] === 1;
    const isFunction = tag[abbreviation] === DW_TAG_subprogram && hasCode[abbreviation] === 1;
    const isPassed = isParent && !isFunction && !deep && depth > 0 && !CONTAINERS.has(tag[abbreviation] as number);
    if (isPassed && skipEntry(unit, reader, abbreviation)) continue;
    const sibling = isFunction ? found.add(reader, abbreviation, entry) : 0;
    if (!isFunction && !isPassed) skipAttributes(unit, reader, abbreviation);
    // Longer than any that compilers write by themselves: a table in the source, as a constant.
    if (reader.isBeyondEnd && !isWhole) return readFunctions(unit, deep, sought, true);
    if (sibling > 0 && !deep) {
      reader.at = sibling - reader.base;
      continue;
    }
    if (!isParent) continue;
    if (isFunction) found.open(depth);
    depth++;
  }
  return found.finish();
}

/** Reads a part of a unit for the loops. */
function partOf(unit: Unit, offset: number): Reader {
  const bytes = readForLoops(unit.section, offset, Math.min(scratch.length, unit.end - offset));
  return new Reader(bytes, unit.file.littleEndian, offset);
}

/** Collects the functions of a unit. */
class FunctionsBuilder {
  readonly #unit: Unit;
  readonly #attributes: CodeAttributes;
  readonly #low: number[] = [];
  readonly #high: number[] = [];
  readonly #entry: number[] = [];
  readonly #end: number[] = [];
  /** Where the stretches of the function that was added last begin. */
  #first = 0;
  /** The functions whose children are gone through: how deep each lies, and which stretches of code are its. */
  readonly #open: { readonly depth: number; readonly first: number; readonly last: number }[] = [];

  constructor(unit: Unit) {
    this.#unit = unit;
    this.#attributes = new CodeAttributes(unit);
  }

  /**
   * Adds the function whose attributes begin where the reader is.
   * @returns the offset of its next sibling; 0 where that is not told or it has no children
   */
  add(reader: Reader, abbreviation: number, entry: number): number {
    const unit = this.#unit;
    this.#attributes.read(unit, reader, abbreviation);
    const { sibling } = this.#attributes;
    const isParent = unit.abbreviations.hasChildren[abbreviation] === 1;
    const isForward = isParent && sibling > reader.base + reader.at && sibling <= unit.end;
    this.#first = this.#low.length;
    // Damaged functions may share a long list of ranges.
    const ranges = this.#first < MOST_STRETCHES ? this.#attributes.ranges(unit) : [];
    for (let range = 0; range < ranges.length; range++) {
      const { low, high } = ranges[range] as CodeRange;
      this.#low.push(low);
      this.#high.push(high);
      this.#entry.push(entry);
      this.#end.push(isForward ? sibling : isParent ? unit.end : reader.base + reader.at);
    }
    return isForward ? sibling : 0;
  }

  /** The children of the function that was added last follow. */
  open(depth: number): void {
    this.#open.push({ depth, first: this.#first, last: this.#low.length });
  }

  /** How deep the innermost of the functions lies whose children are gone through; 0 for none. */
  get openDepth(): number {
    return this.#open.at(-1)?.depth ?? 0;
  }

  /** The children of what lies so deep have ended. */
  close(depth: number, end: number): void {
    const last = this.#open.at(-1);
    if (last?.depth !== depth) return;
    this.#end.fill(end, last.first, last.last);
    this.#open.pop();
  }

  finish(): Functions {
    return new Functions(new Float64Array(this.#low), new Float64Array(this.#high), this.#entry, this.#end);
  }
}

/** Has functions among its children. */
const CONTAINERS: ReadonlySet<number> = new Set([DW_TAG_namespace, DW_TAG_module]);

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
/** Bytes. */
const LONG_ENTRY = 1 << 14;
/** Of the functions of a unit. */
const MOST_STRETCHES = 1 << 17;
