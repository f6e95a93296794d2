import type { TimeSlice } from "../../memory/timeSlice.ts";
import { Shared } from "../shared.ts";
import { type DwarfFile, Patience } from "./dwarfFile.ts";
import { Intervals } from "./intervals.ts";
import { Reader } from "./reader.ts";
import { readInitialLength } from "./unitHeader.ts";

/** Finds the unit that has the code at an address. */
export class UnitIndex {
  readonly #file: DwarfFile;
  /** What `.debug_aranges` says, else `.gdb_index`. */
  readonly #told: UnitRanges;
  /** What the other units say themselves. */
  readonly #others = new Shared((slice) => this.#readOthers(slice));

  constructor(file: DwarfFile) {
    this.#file = file;
    const told = readAddressRanges(file);
    this.#told = told.isEmpty ? readGdbIndex(file) : told;
  }

  /** The offset of the unit, or -1. Where no index has the address, all units that are in none are asked. */
  async find(address: number, slice: TimeSlice): Promise<number> {
    const told = this.#told.find(address);
    if (told >= 0) return told;
    return (await this.#others.get(slice)).find(address);
  }

  async #readOthers(slice: TimeSlice): Promise<UnitRanges> {
    const ranges = new UnitRanges();
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
  #low: number[] = [];
  #high: number[] = [];
  readonly #unit: number[] = [];
  #intervals: Intervals | null = null;

  get isEmpty(): boolean {
    return this.#unit.length === 0;
  }

  add(low: number, high: number, unit: number): void {
    this.#low.push(low);
    this.#high.push(high);
    this.#unit.push(unit);
  }

  find(address: number): number {
    if (this.#intervals === null) {
      this.#intervals = new Intervals(new Float64Array(this.#low), new Float64Array(this.#high));
      this.#low = this.#high = [];
    }
    return this.#unit[this.#intervals.find(address)] ?? -1;
  }

  units(): Set<number> {
    return new Set(this.#unit);
  }
}

/** Reads `.debug_aranges`. @see DWARF 5 §6.1.2 */
function readAddressRanges(file: DwarfFile): UnitRanges {
  const ranges = new UnitRanges();
  const section = file.sections.get(".debug_aranges");
  const reader = new Reader(section.read(0, section.size), file.littleEndian);
  while (!reader.isAtEnd) {
    const start = reader.at;
    const { length, offsetSize } = readInitialLength(reader);
    const end = reader.at + length;
    if (!(length > 0) || end > reader.bytes.length) break;
    const version = reader.u16();
    const unit = reader.offset(offsetSize);
    const addressSize = reader.u8();
    const segmentSize = reader.u8();
    const tuple = 2 * addressSize + segmentSize;
    if (version === 2 && segmentSize === 0 && (addressSize === 4 || addressSize === 8)) {
      reader.at = start + Math.ceil((reader.at - start) / tuple) * tuple;
      readTuples(reader, end - tuple, addressSize, unit, file, ranges);
    }
    reader.at = end;
  }
  return ranges;
}

function readTuples(
  reader: Reader,
  last: number,
  addressSize: number,
  unit: number,
  { isDiscarded }: DwarfFile,
  ranges: UnitRanges,
): void {
  while (reader.at <= last) {
    const low = reader.address(addressSize);
    const size = reader.address(addressSize);
    if (size > 0 && !isDiscarded(low)) ranges.add(low, low + size, unit);
  }
}

/** Reads the address table of `.gdb_index`, versions 4 to 9, always little-endian. @see gdb manual, "Index Files" */
function readGdbIndex(file: DwarfFile): UnitRanges {
  const ranges = new UnitRanges();
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
