import { posix } from "node:path";
import type { Definition, ElfSymbol, SourceLocation, Variable } from "../../memory/module.ts";
import type { TimeSlice } from "../../memory/timeSlice.ts";
import { Shared } from "../shared.ts";
import { CompileUnit, type LinkerFrame } from "./compileUnit.ts";
import type { DwarfFile } from "./dwarfFile.ts";
import { Entry } from "./entry.ts";
import { InlinedCalls } from "./inlinedCalls.ts";
import { LoadedUnit } from "./loadedUnit.ts";
import { readVariableNames } from "./nameIndex.ts";
import type { Unit } from "./unit.ts";
import { UnitIndex } from "./unitIndex.ts";
import { VariableIndex } from "./variableIndex.ts";
import { placeOfVariable, readVariables, VariableEntry } from "./variables.ts";

/** Finds the split unit that a skeleton stands for; `null` where its file is not there. */
export type SplitOf = (skeleton: Unit, slice: TimeSlice) => Promise<Unit | null>;

/** The debug information of an ELF file, asked by address. */
export class DebugInfo {
  readonly #file: DwarfFile;
  readonly #splitOf: SplitOf;
  readonly #threadLocalBase: number;
  readonly #index: UnitIndex;
  readonly #variables = new Shared((slice) => this.#readVariables(slice));
  /** Those used last by their offset, the last one at the end. */
  readonly #units = new Map<number, Shared<CompileUnit | null>>();
  readonly #loaded = new LoadedUnit();
  readonly #calls = new InlinedCalls();
  /** Of the files that were asked for last, the last one at the end. */
  readonly #definitions = new Map<string, Shared<Definition[]>>();

  /** @param threadLocalBase link-time address of the template of thread-local variables (PT_TLS); 0 where there is none */
  constructor(file: DwarfFile, splitOf: SplitOf, threadLocalBase: number) {
    this.#file = file;
    this.#splitOf = splitOf;
    this.#threadLocalBase = threadLocalBase;
    this.#index = new UnitIndex(file);
  }

  /**
   * For each code address the functions at it, innermost first, with the names of linkers.
   * @param symbols for each address the symbol that names the outermost function
   */
  framesAt(
    addresses: readonly bigint[],
    symbols: readonly (ElfSymbol | null)[],
    slice: TimeSlice,
  ): Promise<LinkerFrame[][]> {
    const ask = (unit: CompileUnit, address: number, index: number) =>
      unit.framesAt(address, symbols[index]?.name ?? null);
    return this.#each(addresses, slice, ask, []);
  }

  /** For each code address its line. */
  linesAt(addresses: readonly bigint[], slice: TimeSlice): Promise<(SourceLocation | null)[]> {
    return this.#each<SourceLocation | null>(addresses, slice, (unit, address) => unit.lineAt(address), null);
  }

  /** The variable with static storage that covers an address, with the name of linkers. */
  async variableAt(address: bigint, slice: TimeSlice): Promise<Variable | null> {
    const found = await this.#variableEntry(address, slice);
    if (found === null) return null;
    const { name, type, size, source } = found.variable;
    return { name, address: found.address, type, size, source };
  }

  /** Where the variable at an address is declared. */
  async declarationAt(address: bigint, slice: TimeSlice): Promise<SourceLocation | null> {
    return (await this.#variableEntry(address, slice))?.variable.source ?? null;
  }

  /**
   * Where the code of a line begins, or of the nearest later line of the file that has some: an address for each function
   * that it is in.
   * @param file a path or its last components
   */
  async addressesOf(file: string, line: number, slice: TimeSlice): Promise<bigint[]> {
    let found: { readonly line: number; readonly address: number; readonly unit: CompileUnit }[] = [];
    let nearest = Number.POSITIVE_INFINITY;
    const asked = new Set<number>();
    for await (const unit of this.#everyUnit(slice)) {
      const { lines } = unit.unit;
      if (lines === null || asked.has(lines.offset)) continue;
      asked.add(lines.offset);
      const rows = lines.startsOf(file, line, nearest);
      for (const row of rows) {
        if (row.line < nearest) found = [];
        nearest = Math.min(nearest, row.line);
        found.push({ ...row, unit });
      }
    }
    const addresses = new Map<string, number>();
    for (const { address, unit } of found.filter((row) => row.line === nearest)) {
      const place = unit.placeOf(address);
      const key = `${unit.unit.offset} ${place}`;
      addresses.set(key, Math.min(addresses.get(key) ?? address, address));
    }
    return [...new Set(addresses.values())].sort((a, b) => a - b).map(unsigned);
  }

  /**
   * What a file defines that may have been compiled under one of the paths; nothing where that is more than
   * {@link MOST_DEFINITIONS}: of a part of them the sums would be wrong.
   */
  definitionsIn(files: readonly string[], slice: TimeSlice): Promise<Definition[]> {
    const paths = new Set(files.map((file) => posix.normalize(file)));
    const key = [...paths].join("\0");
    const known = this.#definitions.get(key) ?? new Shared((slice) => this.#readDefinitions(paths, slice));
    this.#definitions.delete(key);
    this.#definitions.set(key, known);
    if (this.#definitions.size > MOST_FILES) this.#definitions.delete(this.#definitions.keys().next().value as string);
    return known.get(slice);
  }

  async #readDefinitions(paths: ReadonlySet<string>, slice: TimeSlice): Promise<Definition[]> {
    const definitions: Definition[] = [];
    for await (const unit of this.#everyUnit(slice)) {
      for (const { ranges, ...definition } of unit.definitionsIn(paths)) {
        const base = definition.isThreadLocal ? this.#threadLocalBase : 0;
        const extents = ranges.map(({ low, high }) => ({ address: unsigned(base + low), size: high - low }));
        definitions.push({ ...definition, extents });
      }
      if (definitions.length > MOST_DEFINITIONS) break;
    }
    this.#loaded.clear();
    return definitions.length > MOST_DEFINITIONS ? [] : definitions;
  }

  async #variableEntry(
    address: bigint,
    slice: TimeSlice,
  ): Promise<{ readonly variable: VariableEntry; readonly address: bigint } | null> {
    const wanted = signed(address);
    const nearest = (await this.#variables.get(slice)).nearest(wanted);
    const unit = nearest && (await this.#unit(nearest.unit).get(slice))?.unit;
    const entry = unit && Entry.at(unit, nearest.entry);
    if (!entry) return null;
    const variable = new VariableEntry(entry);
    const offset = wanted - nearest.address;
    return offset < Math.max(1, variable.size) ? { variable, address: address - BigInt(offset) } : null;
  }

  async #readVariables(slice: TimeSlice): Promise<VariableIndex> {
    const index = new VariableIndex(this.#threadLocalBase);
    const named = readVariableNames(this.#file);
    for await (const { unit } of this.#everyUnit(slice)) {
      const { offset } = unit.skeleton ?? unit;
      const entries = named.get(offset);
      if (entries === undefined) {
        this.#loaded.load(unit);
        readVariables(unit, (place, entry) => index.add(place, offset, entry));
        continue;
      }
      for (const entry of entries) {
        const place = placeOfVariable(unit, unit.offset + entry);
        if (place !== null) index.add(place, offset, unit.offset + entry);
      }
    }
    this.#loaded.clear();
    return index;
  }

  /** All units with code or variables, one after the other. */
  async *#everyUnit(slice: TimeSlice): AsyncGenerator<CompileUnit> {
    const { headers } = this.#file;
    for (const [index, { offset, signature }] of headers.entries()) {
      if (slice.isOver) await slice.next(index / headers.length);
      const unit = signature === null ? await this.#unit(offset).get(slice) : null;
      if (unit !== null) yield unit;
    }
  }

  /** Asks the units of the addresses, one unit after the other. */
  async #each<Answer>(
    addresses: readonly bigint[],
    slice: TimeSlice,
    ask: (unit: CompileUnit, address: number, index: number) => Answer,
    nothing: Answer,
  ): Promise<Answer[]> {
    const places = addresses.map(signed);
    const answers = places.map(() => nothing);
    const byUnit = new Map<number, number[]>();
    for (let index = 0; index < places.length; index++) {
      const address = places[index] as number;
      const offset = Number.isSafeInteger(address) ? await this.#index.find(address, slice) : -1;
      const others = byUnit.get(offset);
      if (others) others.push(index);
      else if (offset >= 0) byUnit.set(offset, [index]);
    }
    let done = 0;
    for (const offset of [...byUnit.keys()].sort((a, b) => a - b)) {
      const shared = this.#unit(offset);
      const unit = shared.known ?? (await shared.get(slice));
      const indexes = byUnit.get(offset) as number[];
      unit?.expect(indexes.length);
      for (const index of indexes) {
        if (unit !== null) answers[index] = ask(unit, places[index] as number, index);
        if (slice.isOver) await slice.next(done / addresses.length);
        done++;
      }
    }
    return answers;
  }

  #unit(offset: number): Shared<CompileUnit | null> {
    const unit = this.#units.get(offset) ?? new Shared((slice) => this.#open(offset, slice));
    this.#units.delete(offset);
    this.#units.set(offset, unit);
    if (this.#units.size > MOST_UNITS) this.#units.delete(this.#units.keys().next().value as number);
    return unit;
  }

  async #open(offset: number, slice: TimeSlice): Promise<CompileUnit | null> {
    const unit = this.#file.unit(offset);
    if (unit === null) return null;
    const { dwoName } = unit.root;
    const split = dwoName === null ? null : await this.#splitOf(unit, slice);
    return new CompileUnit(split ?? unit, this.#loaded, this.#calls);
  }
}

/** Kept with what is known of their functions and lines. */
const MOST_UNITS = 512;
/** Source files whose definitions are kept. */
const MOST_FILES = 16;
/** Of one source file: a header's may be in every unit. */
export const MOST_DEFINITIONS = 20_000;

/** An address as {@link Reader.i64} gives it. */
function signed(address: bigint): number {
  return Number(BigInt.asIntN(64, address));
}

function unsigned(address: number): bigint {
  return BigInt.asUintN(64, BigInt(address));
}
