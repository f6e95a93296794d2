import type { TimeSlice } from "../../memory/timeSlice.ts";
import { Shared } from "../shared.ts";
import { type DwarfFile, Patience } from "./dwarfFile.ts";
import { Intervals } from "./intervals.ts";
import { Reader } from "./reader.ts";
import { ahead, scratch } from "./scratch.ts";
import { readInitialLength } from "./unitHeader.ts";

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
  readSets(file, (reader, last, isWide, unit) => readTuples(reader, last, isWide, unit, file, ranges));
  return ranges;
}

/**
 * Goes through the sets of `.debug_aranges`, each of which has a unit's code.
 * @param take is given a reader where the first tuple of address and size stands, how far it may stand for the last one,
 * and whether they have 8 bytes or 4
 * @see DWARF 5 §6.1.2
 */
function readSets(file: DwarfFile, take: (reader: Reader, last: number, isWide: boolean, unit: number) => void): void {
  const section = file.sections.get(".debug_aranges");
  let reader = new Reader(section.read(0, scratch.length, scratch), file.littleEndian);
  for (;;) {
    reader = ahead(section, reader, LONGEST_LENGTH, section.size);
    if (reader.isAtEnd) break;
    const start = reader.base + reader.at;
    const { length, offsetSize } = readInitialLength(reader);
    if (!(length > 0)) break;
    reader = ahead(section, reader, length, section.size);
    const end = reader.at + length;
    if (end > reader.bytes.length) break;
    const version = reader.u16();
    const unit = reader.offset(offsetSize);
    const addressSize = reader.u8();
    const segmentSize = reader.u8();
    const tuple = 2 * addressSize + segmentSize;
    if (version === 2 && segmentSize === 0 && (addressSize === 4 || addressSize === 8)) {
      const first = start - reader.base;
      reader.at = first + Math.ceil((reader.at - first) / tuple) * tuple;
      take(reader, end - tuple, addressSize === 8, unit);
    }
    reader.at = end;
  }
}

/**
 * Looks for one address in the sets of programs of 64 bits: quicker than to note where all are. Of large programs they
 * have ten thousands of tuples, and nothing has been compiled yet: so these are read as words, which need no calls and
 * take no memory.
 * @returns what {@link UnitRanges.find} would; -1 where there may be one all the same
 */
function findInAddressRanges(file: DwarfFile, address: number): number {
  let found = -1;
  let nearest = Number.POSITIVE_INFINITY;
  readSets(file, ({ bytes, at, littleEndian }, last, isWide, unit) => {
    const start = bytes.byteOffset + at;
    if (!isWide || !littleEndian || start % 4 !== 0 || last < at) return;
    const words = new Uint32Array(bytes.buffer, start, ((last - at) >> 2) + 4);
    for (let tuple = nextTuple(words, 0, address); tuple >= 0; tuple = nextTuple(words, tuple + 4, address)) {
      const distance = address - number(words[tuple], words[tuple + 1]);
      if (distance > nearest || file.isDiscarded(address - distance)) continue;
      found = unit;
      nearest = distance;
    }
  });
  return found;
}

/** The first tuple from one on that covers an address: where in the words it begins; -1 for none. */
function nextTuple(words: Uint32Array, from: number, address: number): number {
  const high = Math.floor(address / HALF);
  const low = address - high * HALF;
  const above = high >>> 0;
  const last = words.length - 4;
  for (let tuple = from; tuple <= last; tuple += 4) {
    let distance = low - (words[tuple] as number);
    if (words[tuple + 1] !== above) distance += (high - ((words[tuple + 1] as number) | 0)) * HALF;
    if (distance < 0) continue;
    const size = words[tuple + 3] === 0 ? (words[tuple + 2] as number) : number(words[tuple + 2], words[tuple + 3]);
    if (distance < size) return tuple;
  }
  return -1;
}

/** Of the halves of a signed number. */
function number(low = 0, high = 0): number {
  return (high | 0) * HALF + low;
}

function readTuples(
  reader: Reader,
  last: number,
  isWide: boolean,
  unit: number,
  { isDiscarded }: DwarfFile,
  ranges: UnitRanges,
): void {
  while (reader.at <= last) {
    const low = isWide ? reader.i64() : reader.u32();
    const size = isWide ? reader.i64() : reader.u32();
    if (size > 0 && !isDiscarded(low)) ranges.add(low, low + size, unit);
  }
}

const HALF = 2 ** 32;
/** Bytes that tell how long a set is, in 64-bit DWARF. */
const LONGEST_LENGTH = 12;

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
