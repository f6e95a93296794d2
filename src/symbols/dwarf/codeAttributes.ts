import type { Abbreviations } from "./abbreviations.ts";
import {
  DW_AT_abstract_origin,
  DW_AT_call_column,
  DW_AT_call_file,
  DW_AT_call_line,
  DW_AT_high_pc,
  DW_AT_low_pc,
  DW_AT_ranges,
  DW_AT_sibling,
} from "./constants.ts";
import { Patience } from "./dwarfFile.ts";
import { readNumber, skipForm } from "./forms.ts";
import { type CodeRange, highPc, readRanges, someRange } from "./ranges.ts";
import type { Reader } from "./reader.ts";
import type { Unit } from "./unit.ts";

/** The attributes of entries with code, read for one after the other into the same fields. */
export class CodeAttributes {
  /** Offset in the section of the next sibling; 0 where it is not told. */
  sibling = 0;
  callFile = 0;
  callLine = 0;
  callColumn = 0;
  /** Offset in the section of the origin, where that is in the unit; 0 elsewhere. */
  origin = 0;
  readonly #patience: Patience;
  #low: number | null = null;
  #high: number | null = null;
  #highForm = 0;
  #ranges: number | null = null;
  #rangesForm = 0;

  constructor({ file, skeleton }: Unit) {
    this.#patience = skeleton === null ? new Patience(file) : new Patience(file, skeleton.file);
  }

  /** Reads the attributes that begin where the reader is. */
  read(unit: Unit, reader: Reader, abbreviation: number): void {
    this.sibling = this.callFile = this.callLine = this.callColumn = this.origin = 0;
    this.#low = this.#high = this.#ranges = null;
    const { names, forms, constants, sizeOfForm, first }: Abbreviations = unit.abbreviations;
    const last = first[abbreviation + 1] as number;
    for (let i = first[abbreviation] as number; i < last; i++) {
      const form = forms[i] as number;
      switch (names[i]) {
        case DW_AT_low_pc: {
          const value = readNumber(reader, form, unit.encoding, 0);
          this.#low = value === null ? null : unit.address(form, value);
          break;
        }
        case DW_AT_high_pc:
          this.#high = readNumber(reader, form, unit.encoding, constants[i] as number);
          this.#highForm = form;
          break;
        case DW_AT_ranges:
          this.#ranges = readNumber(reader, form, unit.encoding, 0);
          this.#rangesForm = form;
          break;
        case DW_AT_sibling:
          this.sibling = unit.offset + (readNumber(reader, form, unit.encoding, 0) ?? -unit.offset);
          break;
        case DW_AT_abstract_origin: {
          const origin = unit.offset + (readNumber(reader, form, unit.encoding, 0) ?? 0);
          if (unit.isReference(form) && unit.holds(origin)) this.origin = origin;
          break;
        }
        case DW_AT_call_file:
          this.callFile = readNumber(reader, form, unit.encoding, constants[i] as number) ?? 0;
          break;
        case DW_AT_call_line:
          this.callLine = readNumber(reader, form, unit.encoding, constants[i] as number) ?? 0;
          break;
        case DW_AT_call_column:
          this.callColumn = readNumber(reader, form, unit.encoding, constants[i] as number) ?? 0;
          break;
        default:
          if ((sizeOfForm[form] as number) >= 0) reader.at += sizeOfForm[form] as number;
          else skipForm(reader, form, unit.encoding);
      }
    }
  }

  /** Whether where the code is was told. */
  get hasCode(): boolean {
    return this.#ranges !== null || this.#high !== null;
  }

  /** Where the code is. */
  ranges(unit: Unit): CodeRange[] {
    if (this.#ranges !== null) return readRanges(unit, this.#rangesForm, this.#ranges, this.#patience);
    if (this.#low === null || this.#high === null) return [];
    const high = highPc(unit, this.#highForm, this.#high, this.#low);
    return high > this.#low && !unit.file.isDiscarded(this.#low) ? [{ low: this.#low, high }] : [];
  }

  /** Whether an address is in the code. */
  covers(unit: Unit, address: number): boolean {
    if (this.#ranges !== null) {
      const isHere = (low: number, high: number) => low <= address && address < high;
      return someRange(unit, this.#rangesForm, this.#ranges, this.#patience, isHere);
    }
    if (this.#low === null || this.#high === null || address < this.#low) return false;
    return address < highPc(unit, this.#highForm, this.#high, this.#low) && !unit.file.isDiscarded(this.#low);
  }
}
