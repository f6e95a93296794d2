import { DW_AT_high_pc, DW_AT_low_pc, DW_AT_ranges, DW_FORM_addr, DW_FORM_rnglistx } from "./constants.ts";
import type { Patience } from "./dwarfFile.ts";
import type { Entry } from "./entry.ts";
import type { Unit } from "./unit.ts";

/** Code from `low` up to `high`, link-time. */
export interface CodeRange {
  readonly low: number;
  readonly high: number;
}

/** Where an entry's code is: DW_AT_ranges, else DW_AT_low_pc and DW_AT_high_pc. @see DWARF 5 §2.17 */
export function rangesOf(entry: Entry, patience: Patience): CodeRange[] {
  const offset = entry.number(DW_AT_ranges);
  if (offset !== null) return readRanges(entry.unit, entry.form(DW_AT_ranges), offset, patience);
  const low = entry.address(DW_AT_low_pc);
  const high = entry.number(DW_AT_high_pc);
  if (low === null || high === null) return [];
  const end = highPc(entry.unit, entry.form(DW_AT_high_pc), high, low);
  return end > low && !entry.unit.file.isDiscarded(low) ? [{ low, high: end }] : [];
}

/** DW_AT_high_pc: an address, or since DWARF 4 the bytes from DW_AT_low_pc on. @see DWARF 5 §2.17.2 */
export function highPc(unit: Unit, form: number, value: number, low: number): number {
  if (form === DW_FORM_addr) return value;
  return unit.isAddressIndex(form) ? (unit.indexedAddress(value) ?? low) : low + value;
}

/** The ranges that DW_AT_ranges names by its form and number; without those that are empty or of discarded code. */
export function readRanges(unit: Unit, form: number, value: number, patience: Patience): CodeRange[] {
  const ranges: CodeRange[] = [];
  someRange(unit, form, value, patience, (low, high) => ranges.push({ low, high }) === MOST_RANGES);
  return ranges;
}

/** Whether one of the ranges as {@link readRanges} reads them is what is looked for. It reads no further. */
export function someRange(unit: Unit, form: number, value: number, patience: Patience, isWanted: Test): boolean {
  const isFound = (low: number, high: number) => high > low && !unit.file.isDiscarded(low) && isWanted(low, high);
  return unit.encoding.version < 5
    ? someRangeBefore5(unit, value, patience, isFound)
    : someOfRangeList(unit, form, value, patience, isFound);
}

type Test = (low: number, high: number) => boolean;

/** @see DWARF 4 §2.17.3 */
function someRangeBefore5(unit: Unit, value: number, patience: Patience, isFound: Test): boolean {
  const linked = unit.skeleton ?? unit;
  const { addressSize } = unit.encoding;
  const largest = addressSize === 8 ? -1 : 2 ** (8 * addressSize) - 1;
  const entries = linked.file.list(".debug_ranges", value + (unit.skeleton?.root.rangesBase ?? 0), patience);
  let base = unit.lowPc;
  for (let reader = entries.next(2 * addressSize); reader !== null; reader = entries.next(2 * addressSize)) {
    const low = reader.address(addressSize);
    const high = reader.address(addressSize);
    if (low === 0 && high === 0) break;
    if (low === largest) base = high;
    else if (low !== largest - 1 && isFound(base + low, base + high)) return true;
  }
  return false;
}

/** @see DWARF 5 §7.25 */
function someOfRangeList(unit: Unit, form: number, value: number, patience: Patience, isFound: Test): boolean {
  const { addressSize, offsetSize } = unit.encoding;
  let offset = value;
  if (form === DW_FORM_rnglistx) {
    const { rnglistsBase } = unit.root;
    const index = unit.file.read(".debug_rnglists", rnglistsBase + value * offsetSize, offsetSize);
    offset = rnglistsBase + index.offset(offsetSize);
  }
  const entries = unit.file.list(".debug_rnglists", offset, patience);
  let base: number | null = unit.lowPc;
  for (let reader = entries.next(LONGEST_ENTRY); reader !== null; reader = entries.next(LONGEST_ENTRY)) {
    let low: number | null = null;
    let high: number | null = null;
    const kind = reader.u8();
    switch (kind) {
      case DW_RLE_base_addressx:
        base = unit.indexedAddress(reader.uleb());
        continue;
      case DW_RLE_startx_endx:
        low = unit.indexedAddress(reader.uleb());
        high = unit.indexedAddress(reader.uleb());
        break;
      case DW_RLE_startx_length:
        low = unit.indexedAddress(reader.uleb());
        high = low === null ? null : low + reader.uleb();
        break;
      case DW_RLE_offset_pair: {
        const from = reader.uleb();
        const to = reader.uleb();
        // A base of 0 is none: the pairs are addresses then.
        if (base === null || (base !== 0 && unit.file.isDiscarded(base))) continue;
        low = base + from;
        high = base + to;
        break;
      }
      case DW_RLE_base_address:
        base = reader.address(addressSize);
        continue;
      case DW_RLE_start_end:
        low = reader.address(addressSize);
        high = reader.address(addressSize);
        break;
      case DW_RLE_start_length:
        low = reader.address(addressSize);
        high = low + reader.uleb();
        break;
      default:
        // DW_RLE_end_of_list, or a kind whose length is not known.
        return false;
    }
    if (low !== null && high !== null && isFound(low, high)) return true;
  }
  return false;
}

const DW_RLE_base_addressx = 0x01;
const DW_RLE_startx_endx = 0x02;
const DW_RLE_startx_length = 0x03;
const DW_RLE_offset_pair = 0x04;
const DW_RLE_base_address = 0x05;
const DW_RLE_start_end = 0x06;
const DW_RLE_start_length = 0x07;

/** Of one entry. */
const MOST_RANGES = 1 << 17;
/** A kind and two numbers of ten bytes each. */
const LONGEST_ENTRY = 21;
