import { DW_FORM_indirect, DW_FORM_ref_sig8 } from "./constants.ts";
import { formSize, readNumber, skipForm } from "./forms.ts";
import { Reader } from "./reader.ts";
import type { Unit } from "./unit.ts";

/** A debugging information entry, its attributes read when asked for. @see DWARF 5 §2.1 */
export class Entry {
  readonly unit: Unit;
  /** Offset in its section. */
  readonly offset: number;
  /** DW_TAG_… */
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Offset of what follows its attributes: its first child, or its next sibling. */
  readonly end: number;
  readonly #reader: Reader;
  readonly #abbreviation: number;
  /** Where each attribute stands in the reader's bytes. */
  readonly #places: number[] = [];

  private constructor(unit: Unit, offset: number, reader: Reader, start: number, abbreviation: number) {
    const { forms, sizeOfForm, first, tag, hasChildren } = unit.abbreviations;
    this.unit = unit;
    this.offset = offset;
    this.tag = tag[abbreviation] as number;
    this.hasChildren = hasChildren[abbreviation] === 1;
    this.#reader = reader;
    this.#abbreviation = abbreviation;
    const last = first[abbreviation + 1] as number;
    for (let i = first[abbreviation] as number; i < last; i++) {
      this.#places.push(reader.at);
      const form = forms[i] as number;
      if ((sizeOfForm[form] as number) >= 0) reader.at += sizeOfForm[form] as number;
      else skipForm(reader, form, unit.encoding);
    }
    this.end = offset + reader.at - start;
  }

  /** Reads the entry at an offset in its unit; `null` for the end of a list of children and where there is none. */
  static at(unit: Unit, offset: number): Entry | null {
    // Few entries are longer; one that is, is read again with all that follows in the unit.
    for (const length of [USUAL_LENGTH, unit.end - offset]) {
      const reader = unit.reader(offset, length);
      const start = reader.at;
      const abbreviation = unit.abbreviations.find(reader.uleb());
      if (abbreviation < 0) return null;
      const entry = new Entry(unit, offset, reader, start, abbreviation);
      if (!reader.isBeyondEnd) return entry;
    }
    return null;
  }

  has(name: number): boolean {
    return this.#find(name) >= 0;
  }

  /** An attribute's number as it is written; `null` where it has none. */
  number(name: number): number | null {
    const i = this.#find(name);
    if (i < 0) return null;
    const { forms, constants } = this.unit.abbreviations;
    return readNumber(this.#readerAt(i), forms[i] as number, this.unit.encoding, constants[i] as number);
  }

  /** An attribute of eight bytes, exactly. */
  exact(name: number): bigint | null {
    const i = this.#find(name);
    return i < 0 || formSize(this.unit.abbreviations.forms[i] as number, this.unit.encoding) !== 8
      ? null
      : this.#readerAt(i).u64();
  }

  /** The form of an attribute; 0 where it has none. */
  form(name: number): number {
    const i = this.#find(name);
    if (i < 0) return 0;
    const form = this.unit.abbreviations.forms[i] as number;
    return form === DW_FORM_indirect ? this.#readerAt(i).uleb() : form;
  }

  /** An address, also where it is written as an index. */
  address(name: number): number | null {
    const value = this.number(name);
    return value === null ? null : this.unit.address(this.form(name), value);
  }

  text(name: number): string | null {
    const i = this.#find(name);
    return i < 0 ? null : this.unit.text(this.unit.abbreviations.forms[i] as number, this.#readerAt(i));
  }

  /** The entry that an attribute refers to. */
  reference(name: number): Entry | null {
    const form = this.form(name);
    if (form === DW_FORM_ref_sig8) return this.unit.file.typeOfSignature(this.exact(name) ?? 0n);
    const value = this.number(name);
    return value === null ? null : this.unit.referred(form, value);
  }

  /** Its children in order; those of damaged entries as far as they can be read. */
  *children(): Generator<Entry> {
    if (!this.hasChildren) return;
    let offset = this.end;
    while (offset < this.unit.end) {
      const child = Entry.at(this.unit, offset);
      if (child === null) return;
      yield child;
      offset = child.hasChildren ? this.unit.skipChildren(child) : child.end;
    }
  }

  #find(name: number): number {
    const { names, first } = this.unit.abbreviations;
    const last = first[this.#abbreviation + 1] as number;
    for (let i = first[this.#abbreviation] as number; i < last; i++) if (names[i] === name) return i;
    return -1;
  }

  #readerAt(i: number): Reader {
    const place = this.#places[i - (this.unit.abbreviations.first[this.#abbreviation] as number)] as number;
    return new Reader(this.#reader.bytes, this.#reader.littleEndian, this.#reader.base, place);
  }
}

/** Bytes. */
const USUAL_LENGTH = 512;
