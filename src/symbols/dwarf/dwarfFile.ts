import type { Bytes } from "../bytes.ts";
import { StringTable } from "../stringTable.ts";
import { Abbreviations } from "./abbreviations.ts";
import { Entry } from "./entry.ts";
import type { Encoding } from "./forms.ts";
import { LineTable } from "./lineTable.ts";
import { Overlap } from "./overlap.ts";
import { Reader } from "./reader.ts";
import { Unit } from "./unit.ts";
import { readUnitHeader, type UnitHeader } from "./unitHeader.ts";

/** The debug sections of a file, by their names. */
export interface Sections {
  /** The contents of a section; of size 0 where it is absent. */
  get(name: string): Bytes;
}

/** What the units of a file need to be read. */
export interface DwarfFileParts {
  readonly sections: Sections;
  readonly littleEndian: boolean;
  /** Whether code at an address was left out by the linker, which then gives it the address 0. */
  readonly isDiscarded: (address: number) => boolean;
  /** The file that several share (dwz), with what DW_FORM_GNU_ref_alt and DW_FORM_GNU_strp_alt refer to. */
  readonly alternate?: DwarfFile | null;
  /** Of a file with split units: the one of the linked file that they belong to. */
  readonly skeleton?: Unit;
  /** Finds the type of a signature that is in none of the sections. */
  readonly typeElsewhere?: (signature: bigint) => Entry | null;
}

/** What the units of one file share: sections, abbreviations, and the way from an offset to its unit. */
export class DwarfFile {
  readonly sections: Sections;
  readonly littleEndian: boolean;
  readonly isDiscarded: (address: number) => boolean;
  readonly alternate: DwarfFile | null;
  readonly #skeleton: Unit | null;
  readonly #typeElsewhere: (signature: bigint) => Entry | null;
  readonly #abbreviations = new Map<string, Abbreviations>();
  readonly #abbreviationsOverlap: Overlap;
  #noAbbreviations: Abbreviations | null = null;
  /** Those read last, the last one at the end. */
  readonly #lineTables = new Map<number, LineTable | null>();
  readonly #lineTablesOverlap: Overlap;
  readonly #strings = new Map<string, StringTable>();
  readonly #blocks = new Map<string, { readonly start: number; readonly bytes: Buffer }>();
  #headers: UnitHeader[] | null = null;
  #types: Map<bigint, { section: string; header: UnitHeader }> | null = null;
  /** The units used last, the last one at the end. */
  readonly #units = new Map<number, Unit>();

  constructor(parts: DwarfFileParts) {
    this.sections = parts.sections;
    this.littleEndian = parts.littleEndian;
    this.isDiscarded = parts.isDiscarded;
    this.alternate = parts.alternate ?? null;
    this.#skeleton = parts.skeleton ?? null;
    this.#typeElsewhere = parts.typeElsewhere ?? (() => null);
    this.#abbreviationsOverlap = new Overlap(this.sections.get(".debug_abbrev").size);
    this.#lineTablesOverlap = new Overlap(this.sections.get(".debug_line").size);
  }

  /** The headers of all units of `.debug_info`, in order; up to the first that is damaged. */
  get headers(): readonly UnitHeader[] {
    this.#headers ??= this.#readHeaders(".debug_info");
    return this.#headers;
  }

  /** The unit that begins at an offset of `.debug_info`. */
  unit(offset: number): Unit | null {
    const known = this.#units.get(offset);
    if (known !== undefined) {
      this.#units.delete(offset);
      this.#units.set(offset, known);
      return known;
    }
    const info = this.sections.get(".debug_info");
    const header = readUnitHeader(info, this.littleEndian, offset, false)?.header;
    if (!header) return null;
    const unit = new Unit(this, info, header, this.#skeleton);
    this.#units.set(offset, unit);
    if (this.#units.size > MOST_UNITS) this.#units.delete(this.#units.keys().next().value as number);
    return unit;
  }

  /** The unit of `.debug_info` that has an entry at an offset. */
  unitHolding(offset: number): Unit | null {
    const { headers } = this;
    let [low, high] = [0, headers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((headers[middle] as UnitHeader).end > offset) high = middle;
      else low = middle + 1;
    }
    const header = headers[low];
    const unit = header && offset >= header.firstEntry ? this.unit(header.offset) : null;
    return unit;
  }

  /** The type that a type unit describes. @see DWARF 5 §3.1.4 */
  typeOfSignature(signature: bigint): Entry | null {
    if (this.#types === null) {
      this.#types = new Map();
      for (const section of [".debug_types", ".debug_info"]) {
        const headers = section === ".debug_info" ? this.headers : this.#readHeaders(section);
        for (const header of headers) {
          if (header.signature !== null) this.#types.set(header.signature, { section, header });
        }
      }
    }
    const found = this.#types.get(signature);
    if (found === undefined) return this.#typeElsewhere(signature);
    const { section, header } = found;
    const unit = new Unit(this, this.sections.get(section), header, this.#skeleton);
    const offset = header.offset + header.typeOffset;
    return unit.holds(offset) ? Entry.at(unit, offset) : null;
  }

  abbreviations(offset: number, encoding: Encoding): Abbreviations {
    const { version, offsetSize, addressSize } = encoding;
    const key = `${offset} ${version} ${offsetSize} ${addressSize}`;
    let known = this.#abbreviations.get(key);
    if (known === undefined) {
      const section = this.sections.get(".debug_abbrev");
      if (!this.#abbreviationsOverlap.allows(offset)) {
        this.#noAbbreviations ??= new Abbreviations(section, section.size, encoding);
        return this.#noAbbreviations;
      }
      known = new Abbreviations(section, offset, encoding);
      this.#abbreviationsOverlap.add(offset, known.byteLength);
      if (this.#abbreviations.size >= MOST_TABLES) {
        this.#abbreviations.delete(this.#abbreviations.keys().next().value as string);
      }
      this.#abbreviations.set(key, known);
    }
    return known;
  }

  /** The line number table at an offset of `.debug_line`, which several units may share. */
  lineTable(unit: Unit, offset: number): LineTable | null {
    let table = this.#lineTables.get(offset);
    if (table === undefined) {
      table = this.#lineTablesOverlap.allows(offset) ? LineTable.read(unit, offset) : null;
      if (table !== null) this.#lineTablesOverlap.add(offset, table.size);
      if (this.#lineTables.size >= MOST_LINE_TABLES) {
        this.#lineTables.delete(this.#lineTables.keys().next().value as number);
      }
      this.#lineTables.set(offset, table);
    }
    return table;
  }

  /** The texts of `.debug_str` or `.debug_line_str`. */
  strings(section: ".debug_str" | ".debug_line_str"): StringTable {
    let strings = this.#strings.get(section);
    if (strings === undefined) {
      const bytes = this.sections.get(section);
      strings = new StringTable(bytes, 0, bytes.size);
      this.#strings.set(section, strings);
    }
    return strings;
  }

  /** Reads a few bytes of a section; what was read near them before is still there. */
  read(section: string, offset: number, length: number): Reader {
    let block = this.#blocks.get(section);
    if (block === undefined || offset < block.start || offset + length > block.start + block.bytes.length) {
      const start = Math.max(0, offset);
      block = { start, bytes: this.sections.get(section).read(start, Math.max(length, BLOCK)) };
      this.#blocks.set(section, block);
    }
    return new Reader(block.bytes, this.littleEndian, block.start, offset - block.start);
  }

  /** Goes through the entries of a list whose length nothing tells. */
  list(section: string, offset: number, patience: Patience): List {
    return new List(this, section, offset, patience);
  }

  #readHeaders(name: string): UnitHeader[] {
    const section = this.sections.get(name);
    const headers: UnitHeader[] = [];
    for (let offset = 0; offset < section.size; ) {
      const read = readUnitHeader(section, this.littleEndian, offset, name === ".debug_types");
      if (read === null) break;
      if (read.header) headers.push(read.header);
      offset = read.end;
    }
    return headers;
  }
}

/**
 * How many entries of lists are read for one question: no more than there can be. In damaged files everything may share a
 * list of any length, which would be read again and again.
 */
export class Patience {
  #left = LEAST_PATIENCE;

  /** @param files that have the lists */
  constructor(...files: readonly DwarfFile[]) {
    for (const { sections } of files) {
      this.#left += sections.get(".debug_rnglists").size + sections.get(".debug_ranges").size;
    }
  }

  /** Whether there is some left, of which one is used. */
  get lasts(): boolean {
    return --this.#left > 0;
  }
}

/** The entries of a list, one after the other. */
class List {
  readonly #file: DwarfFile;
  readonly #section: string;
  readonly #patience: Patience;
  #reader: Reader;

  constructor(file: DwarfFile, section: string, offset: number, patience: Patience) {
    this.#file = file;
    this.#section = section;
    this.#patience = patience;
    this.#reader = file.read(section, offset, 1);
  }

  /** A reader where the next entry begins, which has no more than `longest` bytes; `null` at the end of the section. */
  next(longest: number): Reader | null {
    const { at, bytes, base } = this.#reader;
    if (at + longest > bytes.length) this.#reader = this.#file.read(this.#section, base + at, longest);
    return this.#reader.isAtEnd || !this.#patience.lasts ? null : this.#reader;
  }
}

/** Bytes. */
const BLOCK = 2048;
/** Kept for the next question. A unit without its bytes is small. */
const MOST_UNITS = 1024;
const MOST_TABLES = 256;
const MOST_LINE_TABLES = 64;
const LEAST_PATIENCE = 4096;
