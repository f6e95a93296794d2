import type { Frame, SourceLocation } from "../../memory/module.ts";
import type { TimeSlice } from "../../memory/timeSlice.ts";
import { CompileUnit } from "./compileUnit.ts";
import type { DwarfFile } from "./dwarfFile.ts";
import type { Unit } from "./unit.ts";
import { UnitIndex } from "./unitIndex.ts";

/** Finds the split unit that a skeleton stands for; `null` where its file is not there. */
export type SplitOf = (skeleton: Unit, slice: TimeSlice) => Promise<Unit | null>;

/** The debug information of an ELF file, asked by address. */
export class DebugInfo {
  readonly #file: DwarfFile;
  readonly #splitOf: SplitOf;
  readonly #index: UnitIndex;
  /** By the offset of the unit. */
  readonly #units = new Map<number, Promise<CompileUnit | null>>();
  /** Those that keep bytes, the last used at the end. */
  readonly #loaded = new Set<CompileUnit>();

  constructor(file: DwarfFile, splitOf: SplitOf) {
    this.#file = file;
    this.#splitOf = splitOf;
    this.#index = new UnitIndex(file);
  }

  /** For each code address the functions at it, innermost first, with the names of linkers. */
  framesAt(addresses: readonly bigint[], slice: TimeSlice): Promise<Frame[][]> {
    return this.#each(addresses, slice, (unit, address) => unit.framesAt(address), []);
  }

  /** For each code address its line. */
  linesAt(addresses: readonly bigint[], slice: TimeSlice): Promise<(SourceLocation | null)[]> {
    return this.#each<SourceLocation | null>(addresses, slice, (unit, address) => unit.lineAt(address), null);
  }

  /** Asks the units of the addresses, one unit after the other. */
  async #each<Answer>(
    addresses: readonly bigint[],
    slice: TimeSlice,
    ask: (unit: CompileUnit, address: number) => Answer,
    nothing: Answer,
  ): Promise<Answer[]> {
    const answers = new Array<Answer>(addresses.length).fill(nothing);
    const numbers = Float64Array.from(addresses, signed);
    const units = new Float64Array(addresses.length);
    for (const [index, address] of numbers.entries()) {
      units[index] = Number.isSafeInteger(address) ? await this.#index.find(address, slice) : -1;
    }
    const order = Array.from(numbers.keys())
      .filter((index) => (units[index] as number) >= 0)
      .sort((a, b) => (units[a] as number) - (units[b] as number));
    for (const [done, index] of order.entries()) {
      const unit = await this.#unit(units[index] as number, slice);
      if (unit !== null) {
        answers[index] = ask(unit, numbers[index] as number);
        this.#keep(unit);
      }
      if (slice.isOver) await slice.next(done / order.length);
    }
    return answers;
  }

  #unit(offset: number, slice: TimeSlice): Promise<CompileUnit | null> {
    let unit = this.#units.get(offset);
    if (unit === undefined) {
      unit = this.#open(offset, slice);
      this.#units.set(offset, unit);
      unit.catch(() => this.#units.delete(offset));
    }
    return unit;
  }

  async #open(offset: number, slice: TimeSlice): Promise<CompileUnit | null> {
    const unit = this.#file.unit(offset);
    if (unit === null) return null;
    const { dwoName } = unit.root;
    return new CompileUnit(unit, dwoName === null ? null : await this.#splitOf(unit, slice));
  }

  /** Keeps the bytes of the units used last, up to a limit. */
  #keep(unit: CompileUnit): void {
    this.#loaded.delete(unit);
    if (unit.keptBytes === 0) return;
    this.#loaded.add(unit);
    let bytes = 0;
    for (const loaded of this.#loaded) bytes += loaded.keptBytes;
    for (const loaded of this.#loaded) {
      if (bytes <= MOST_BYTES || loaded === unit) break;
      bytes -= loaded.keptBytes;
      loaded.unload();
      this.#loaded.delete(loaded);
    }
  }
}

/** An address as {@link Reader.i64} gives it. */
function signed(address: bigint): number {
  return Number(BigInt.asIntN(64, address));
}

/** Of units that are kept in memory. */
const MOST_BYTES = 1 << 25;
