import type { TimeSlice } from "../../memory/timeSlice.ts";
import { BYTES_SLACK, ENDED, FOUND, RANGE, RANGE_POSITIONS } from "../loops/layout.ts";
import { loops, memory, readForLoops, scratch } from "../loops.ts";
import { Shared } from "../shared.ts";
import { type DwarfFile, Patience } from "./dwarfFile.ts";
import { Intervals } from "./intervals.ts";
import { Reader } from "./reader.ts";

/** Finds the unit that has the code at an address. */
export class UnitIndex {
  readonly #file: DwarfFile;
  #isAsked = false;
  #knownTold: UnitRanges | null = null;
  /** What the other units say themselves. */
  readonly #others = new Shared((slice) => this.#readOthers(slice));

  constructor(file: DwarfFile) {
    this.#file = file;
  }

  /** The offset of the unit, or -1. Where no index has the address, all units that are in none are asked. */
  async find(address: number, slice: TimeSlice): Promise<number> {
    if (!this.#isAsked) {
      this.#isAsked = true;
      const unit = findInAddressRanges(this.#file, address);
      if (unit >= 0) return unit;
    }
    const told = this.#told.find(address);
    if (told >= 0) return told;
    return (await this.#others.get(slice)).find(address);
  }

  /** What `.debug_aranges` says, else `.gdb_index`. */
  get #told(): UnitRanges {
    if (this.#knownTold === null) {
      const told = readAddressRanges(this.#file);
      this.#knownTold = told.isEmpty ? readGdbIndex(this.#file) : told;
    }
    return this.#knownTold;
  }

  async #readOthers(slice: TimeSlice): Promise<UnitRanges> {
    const ranges = new UnitRanges(0);
    const patience = new Patience(this.#file);
    const told = this.#told.units();
    const { headers } = this.#file;
    for (const [index, { offset }] of headers.entries()) {
      if (slice.isOver) await slice.next(index / headers.length);
      if (told.has(offset)) continue;
      const unit = this.#file.unit(offset);
      for (const { low, high } of unit?.root.ranges(patience) ?? []) ranges.add(low, high, offset);
    }
    return ranges;
  }
}

/** Stretches of code and the offsets of their units. All are added before the first question. */
class UnitRanges {
  #low: Float64Array<ArrayBuffer>;
  #high: Float64Array<ArrayBuffer>;
  /** No typed array: what is read of a unit begins at its offset, which shall stay a whole number for the engine, too. */
  readonly #unit: number[] = [];
  #length = 0;
  #intervals: Intervals | null = null;

  /** @param capacity about how many stretches it is going to have */
  constructor(capacity: number) {
    this.#low = new Float64Array(capacity);
    this.#high = new Float64Array(capacity);
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  add(low: number, high: number, unit: number): void {
    if (this.#length === this.#low.length) this.#grow();
    const index = this.#length++;
    this.#low[index] = low;
    this.#high[index] = high;
    this.#unit.push(unit);
  }

  find(address: number): number {
    this.#intervals ??= new Intervals(this.#low.subarray(0, this.#length), this.#high.subarray(0, this.#length));
    return this.#unit[this.#intervals.find(address)] ?? -1;
  }

  units(): Set<number> {
    return new Set(this.#unit);
  }

  #grow(): void {
    const larger = (old: Float64Array) => {
      const column = new Float64Array(2 * old.length + 64);
      column.set(old);
      return column;
    };
    this.#low = larger(this.#low);
    this.#high = larger(this.#high);
  }
}

/** Reads `.debug_aranges`. */
function readAddressRanges(file: DwarfFile): UnitRanges {
  const ranges = new UnitRanges(file.sections.get(".debug_aranges").size >>> 4);
  readRanges(file, Number.NaN, (low, size, unit) => {
    if (!file.isDiscarded(low)) ranges.add(low, low + size, unit);
  });
  return ranges;
}

/**
 * Goes through the ranges of `.debug_aranges`, in a loop of WebAssembly: large programs have ten thousands.
 * @param sought an address, for the ranges that have it; NaN for all
 * @see DWARF 5 §6.1.2
 */
function readRanges(file: DwarfFile, sought: number, take: (low: number, size: number, unit: number) => void): void {
  const section = file.sections.get(".debug_aranges");
  positions.fill(0);
  for (let base = 0; ; ) {
    const { length } = readForLoops(section, base, scratch.length);
    const isLast = base + length >= section.size;
    const limit = isLast ? length + BYTES_SLACK : length;
    const next = () => loops.nextAddressRange(limit, file.littleEndian ? 0 : 1, sought);
    let outcome = next();
    for (; outcome === FOUND; outcome = next()) take(range[1] as number, range[2] as number, range[0] as number);
    const at = positions[0] as number;
    // Of a file that was cut nothing follows.
    if (isLast || outcome === ENDED || at === 0) break;
    base += at;
    positions[0] = 0;
    positions[1] = (positions[1] as number) - at;
  }
}

/** Offset of the unit, address and size. */
const range = new Float64Array(memory, RANGE, 3);
const positions = new Int32Array(memory, RANGE_POSITIONS, 3);

/**
 * Looks for one address: quicker than to note where all are.
 * @returns what {@link UnitRanges.find} would; -1 where there may be one all the same
 */
function findInAddressRanges(file: DwarfFile, address: number): number {
  let found = -1;
  let nearest = Number.POSITIVE_INFINITY;
  readRanges(file, address, (low, _size, unit) => {
    const distance = address - low;
    if (distance > nearest || file.isDiscarded(low)) return;
    found = unit;
    nearest = distance;
  });
  return found;
}

/** Reads the address table of `.gdb_index`, versions 4 to 9, always little-endian. @see gdb manual, "Index Files" */
function readGdbIndex(file: DwarfFile): UnitRanges {
  const ranges = new UnitRanges(0);
  const section = file.sections.get(".gdb_index");
  const header = new Reader(section.read(0, 24), true);
  const version = header.u32();
  const [units, types, addresses, symbols] = [header.u32(), header.u32(), header.u32(), header.u32()];
  if (version < 4 || version > 9) return ranges;
  const list = new Reader(section.read(units, Math.max(0, types - units)), true);
  const reader = new Reader(section.read(addresses, Math.max(0, symbols - addresses)), true);
  while (reader.at + 20 <= reader.bytes.length) {
    const [low, high] = [reader.i64(), reader.i64()];
    list.at = reader.u32() * 16;
    if (high > low && list.at + 16 <= list.bytes.length && !file.isDiscarded(low)) ranges.add(low, high, list.i64());
  }
  return ranges;
}
