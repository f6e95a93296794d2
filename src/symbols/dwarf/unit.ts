import type { Bytes } from "../bytes.ts";
import type { Abbreviations } from "./abbreviations.ts";
import {
  DW_FORM_addrx,
  DW_FORM_addrx1,
  DW_FORM_addrx4,
  DW_FORM_GNU_addr_index,
  DW_FORM_GNU_ref_alt,
  DW_FORM_GNU_str_index,
  DW_FORM_GNU_strp_alt,
  DW_FORM_indirect,
  DW_FORM_line_strp,
  DW_FORM_ref_addr,
  DW_FORM_ref_sup4,
  DW_FORM_ref_sup8,
  DW_FORM_ref_udata,
  DW_FORM_ref1,
  DW_FORM_string,
  DW_FORM_strp,
  DW_FORM_strp_sup,
  DW_FORM_strx,
  DW_FORM_strx1,
  DW_FORM_strx2,
  DW_FORM_strx3,
  DW_FORM_strx4,
} from "./constants.ts";
import type { DwarfFile } from "./dwarfFile.ts";
import { Entry } from "./entry.ts";
import { type Encoding, readNumber } from "./forms.ts";
import type { LineTable } from "./lineTable.ts";
import { Reader } from "./reader.ts";
import { Root } from "./root.ts";
import { skipAttributes, skipEntry, skipTree } from "./skip.ts";
import type { UnitHeader } from "./unitHeader.ts";

/** A compilation unit, or another, with what its first entry says of it. */
export class Unit {
  readonly file: DwarfFile;
  readonly section: Bytes;
  /** Where it begins in its section, and where the next one does. */
  readonly offset: number;
  readonly end: number;
  readonly encoding: Encoding;
  /** Of a skeleton or split unit of DWARF 5: the number that both have. */
  readonly dwoId: bigint | null;
  readonly firstEntry: number;
  readonly abbreviations: Abbreviations;
  /** What its first entry says of the whole. */
  readonly root: Root;
  /** Of a split unit: the one in the linked file that stands for it. */
  readonly skeleton: Unit | null;
  #bytes: Buffer | null = null;
  #lowPc: number | null = null;
  #folder: string | null = null;
  #lines: LineTable | null | undefined;

  constructor(file: DwarfFile, section: Bytes, header: UnitHeader, skeleton: Unit | null) {
    this.file = file;
    this.section = section;
    this.offset = header.offset;
    this.end = header.end;
    this.encoding = header.encoding;
    this.dwoId = header.dwoId;
    this.firstEntry = header.firstEntry;
    this.skeleton = skeleton;
    this.abbreviations = file.abbreviations(header.abbreviationsOffset, header.encoding);
    this.root = new Root(this, Entry.at(this, header.firstEntry));
  }

  /** The folder it was compiled in. */
  get compilationDirectory(): string {
    this.#folder ??= this.root.compilationDirectory ?? this.skeleton?.root.compilationDirectory ?? "";
    return this.#folder;
  }

  /** What addresses in range lists count from. */
  get lowPc(): number {
    this.#lowPc ??= this.root.lowPc ?? this.skeleton?.root.lowPc ?? 0;
    return this.#lowPc;
  }

  /** Its line number table: of a split unit that of its skeleton. */
  get lines(): LineTable | null {
    if (this.#lines === undefined) {
      const linked = this.skeleton ?? this;
      const offset = linked.root.lineProgram;
      this.#lines = linked !== this ? linked.lines : offset === null ? null : this.file.lineTable(this, offset);
    }
    return this.#lines;
  }

  /** Reads the whole unit into memory, so that what is asked of it next reads nothing more. */
  load(memory: Buffer): void {
    this.#bytes = this.section.read(this.offset, this.end - this.offset, memory);
  }

  /** Forgets what {@link load} read, before the memory is used for something else. */
  unload(): void {
    this.#bytes = null;
  }

  /**
   * Reads from an offset in the section: at least `length` bytes, or up to the end of the unit.
   * @param into may be used for them, where the unit is not loaded
   */
  reader(offset: number, length: number, into?: Buffer): Reader {
    const { littleEndian } = this.file;
    if (this.#bytes !== null) return new Reader(this.#bytes, littleEndian, this.offset, offset - this.offset);
    return new Reader(this.section.read(offset, Math.min(length, this.end - offset), into), littleEndian, offset);
  }

  /** Whether an offset in the section is one of an entry of this unit. */
  holds(offset: number): boolean {
    return offset >= this.firstEntry && offset < this.end;
  }

  isAddressIndex(form: number): boolean {
    return (
      (form >= DW_FORM_addrx1 && form <= DW_FORM_addrx4) || form === DW_FORM_addrx || form === DW_FORM_GNU_addr_index
    );
  }

  /** The address that an attribute's number stands for. `null` where its index is none. */
  address(form: number, value: number): number | null {
    return this.isAddressIndex(form) ? this.indexedAddress(value) : value;
  }

  /** An address of `.debug_addr`. @see DWARF 5 §7.27 */
  indexedAddress(index: number): number | null {
    const linked = this.skeleton ?? this;
    const { addressSize } = this.encoding;
    const at = linked.root.addrBase + index * addressSize;
    const reader = linked.file.read(".debug_addr", at, addressSize);
    const address = reader.address(addressSize);
    return reader.isBeyondEnd ? null : address;
  }

  /**
   * The text of an attribute; `null` where its form has none.
   * @param encoding of what is read, where it is not the unit itself: its line table may be of another format
   */
  text(form: number, reader: Reader, encoding = this.encoding): string | null {
    const { offsetSize } = encoding;
    switch (form) {
      case DW_FORM_string:
        return reader.string();
      case DW_FORM_strp:
        return this.file.strings(".debug_str").name(reader.offset(offsetSize));
      case DW_FORM_line_strp:
        return this.file.strings(".debug_line_str").name(reader.offset(offsetSize));
      case DW_FORM_strp_sup:
      case DW_FORM_GNU_strp_alt:
        return this.file.alternate?.strings(".debug_str").name(reader.offset(offsetSize)) ?? null;
      case DW_FORM_indirect:
        return this.text(reader.uleb(), reader, encoding);
      case DW_FORM_strx:
      case DW_FORM_GNU_str_index:
      case DW_FORM_strx1:
      case DW_FORM_strx2:
      case DW_FORM_strx3:
      case DW_FORM_strx4:
        return this.#indexedText(readNumber(reader, form, encoding, 0) ?? 0);
      default:
        return null;
    }
  }

  /** Whether an attribute of a form refers to an entry of its own unit. */
  isReference(form: number): boolean {
    return form >= DW_FORM_ref1 && form <= DW_FORM_ref_udata;
  }

  /** The entry that an attribute of a reference form refers to, in this unit, another one or another file. */
  referred(form: number, value: number): Entry | null {
    if (this.isReference(form)) return this.holds(this.offset + value) ? Entry.at(this, this.offset + value) : null;
    switch (form) {
      case DW_FORM_ref_addr: {
        const unit = this.holds(value) ? this : this.file.unitHolding(value);
        return unit && Entry.at(unit, value);
      }
      case DW_FORM_GNU_ref_alt:
      case DW_FORM_ref_sup4:
      case DW_FORM_ref_sup8: {
        const unit = this.file.alternate?.unitHolding(value);
        return unit ? Entry.at(unit, value) : null;
      }
      default:
        return null;
    }
  }

  /** The offset behind an entry's children. */
  skipChildren(entry: Entry): number {
    const reader = this.reader(entry.end, this.end - entry.end);
    const start = reader.at;
    skipTree(this, reader);
    return entry.end + reader.at - start;
  }

  /** The entries that an entry lies in, outermost first, without the unit's own. */
  parentsOf({ offset }: Entry): Entry[] {
    const parents: Entry[] = [];
    const reader = this.reader(this.firstEntry, this.end - this.firstEntry);
    const open: number[] = [];
    while (reader.base + reader.at < offset && !reader.isAtEnd) {
      const at = reader.base + reader.at;
      const code = reader.uleb();
      if (code === 0) {
        open.pop();
        continue;
      }
      const abbreviation = this.abbreviations.find(code);
      if (abbreviation < 0) break;
      const start = reader.at;
      // An entry whose next sibling lies behind is on the way.
      if (!skipEntry(this, reader, abbreviation)) open.push(at);
      else if (reader.base + reader.at > offset) {
        reader.at = start;
        skipAttributes(this, reader, abbreviation);
        open.push(at);
      }
    }
    for (const at of open.slice(1)) {
      const entry = Entry.at(this, at);
      if (entry !== null) parents.push(entry);
    }
    return parents;
  }

  /** @see DWARF 5 §7.26 */
  #indexedText(index: number): string | null {
    const { offsetSize } = this.encoding;
    const at = this.root.strOffsetsBase + index * offsetSize;
    const reader = this.file.read(".debug_str_offsets", at, offsetSize);
    const offset = reader.offset(offsetSize);
    return reader.isBeyondEnd ? null : this.file.strings(".debug_str").name(offset);
  }
}
