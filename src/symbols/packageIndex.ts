import type { Bytes } from "./bytes.ts";
import { type ElfFormat, Fields } from "./fields.ts";

/** Which part of a section belongs to a unit. */
export interface Contribution {
  readonly offset: number;
  readonly size: number;
}

/**
 * An index of a package of split units (`.debug_cu_index` or `.debug_tu_index` of a `.dwp` file): a hash table from
 * signatures to the parts of sections. @see DWARF 5 §7.3.5.3; version 2: GCC wiki, "DebugFissionDWP"
 */
export class PackageIndex {
  readonly #bytes: Bytes;
  readonly #format: ElfFormat;
  readonly #units: number;
  readonly #slots: number;
  /** The names of the sections, by column. */
  readonly #columns: readonly (string | undefined)[];

  /** `null` where there is no index of a known version, or it is longer than its section. */
  static read(bytes: Bytes, format: ElfFormat): PackageIndex | null {
    const fields = new Fields(bytes.read(0, HEADER), format);
    if (fields.length < HEADER) return null;
    // In version 2 the number has four bytes, in version 5 two, before two of padding.
    const version = fields.u32(0) === 2 ? 2 : fields.u16(0);
    const names = SECTIONS[version];
    const [columns, units, slots] = [fields.u32(4), fields.u32(8), fields.u32(12)];
    const isPowerOfTwo = slots > 0 && Number.isInteger(Math.log2(slots));
    const size = HEADER + slots * SLOT + columns * WORD * (1 + 2 * units);
    if (names === undefined || !isPowerOfTwo || columns > MOST_COLUMNS || size > bytes.size) return null;
    return new PackageIndex(bytes, format, units, slots, columns, names);
  }

  /** Use {@link read}. */
  constructor(
    bytes: Bytes,
    format: ElfFormat,
    units: number,
    slots: number,
    columns: number,
    names: Readonly<Record<number, string>>,
  ) {
    this.#bytes = bytes;
    this.#format = format;
    this.#units = units;
    this.#slots = slots;
    const ids = new Fields(bytes.read(HEADER + slots * SLOT, columns * WORD), format);
    this.#columns = Array.from({ length: columns }, (_, column) => names[ids.u32(column * WORD)]);
  }

  /** What belongs to the unit of a signature, by the names of sections without `.dwo`; `null` where it is not there. */
  find(signature: bigint): Map<string, Contribution> | null {
    const row = this.#row(signature);
    if (row < 1 || row > this.#units) return null;
    const length = this.#columns.length * WORD;
    const rows = HEADER + this.#slots * SLOT + length;
    const offsets = new Fields(this.#bytes.read(rows + (row - 1) * length, length), this.#format);
    const sizes = new Fields(this.#bytes.read(rows + (this.#units + row - 1) * length, length), this.#format);
    const found = new Map<string, Contribution>();
    for (const [column, name] of this.#columns.entries()) {
      if (name === undefined) continue;
      found.set(name, { offset: offsets.u32(column * WORD), size: sizes.u32(column * WORD) });
    }
    return found;
  }

  /** The row of a signature, from 1; 0 where there is none. */
  #row(signature: bigint): number {
    const mask = this.#slots - 1;
    const low = Number(signature & 0xffff_ffffn);
    const step = ((Number(signature >> 32n) & mask) | 1) >>> 0;
    let slot = (low & mask) >>> 0;
    for (let tried = 0; tried < Math.min(this.#slots, MOST_TRIED); tried++) {
      const row = this.#word(HEADER + this.#slots * 8 + slot * WORD);
      if (row === 0) return 0;
      if (this.#signature(slot) === signature) return row;
      slot = (slot + step) % this.#slots;
    }
    return 0;
  }

  #signature(slot: number): bigint {
    return new Fields(this.#bytes.read(HEADER + slot * 8, 8), { ...this.#format, wide: true }).address(0);
  }

  #word(at: number): number {
    return new Fields(this.#bytes.read(at, WORD), this.#format).u32(0);
  }
}

/** Bytes. */
const HEADER = 16;
const WORD = 4;
/** A signature of eight bytes and, elsewhere, a row of four. */
const SLOT = 12;
/** At least a third of the slots are empty, so that none is far from where it is looked for. */
const MOST_TRIED = 4096;
/** There are eight kinds of sections. */
const MOST_COLUMNS = 64;

/** DW_SECT_…, by version. */
const SECTIONS: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  2: {
    1: ".debug_info",
    2: ".debug_types",
    3: ".debug_abbrev",
    4: ".debug_line",
    5: ".debug_loc",
    6: ".debug_str_offsets",
    7: ".debug_macinfo",
    8: ".debug_macro",
  },
  5: {
    1: ".debug_info",
    3: ".debug_abbrev",
    4: ".debug_line",
    5: ".debug_loclists",
    6: ".debug_str_offsets",
    7: ".debug_macro",
    8: ".debug_rnglists",
  },
};
