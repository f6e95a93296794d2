import {
  DW_AT_addr_base,
  DW_AT_comp_dir,
  DW_AT_dwo_name,
  DW_AT_GNU_addr_base,
  DW_AT_GNU_dwo_id,
  DW_AT_GNU_dwo_name,
  DW_AT_GNU_ranges_base,
  DW_AT_language,
  DW_AT_low_pc,
  DW_AT_name,
  DW_AT_rnglists_base,
  DW_AT_stmt_list,
  DW_AT_str_offsets_base,
} from "./constants.ts";
import type { Patience } from "./dwarfFile.ts";
import type { Entry } from "./entry.ts";
import { type CodeRange, rangesOf } from "./ranges.ts";
import type { Unit } from "./unit.ts";

/** What the first entry of a unit says of the whole. @see DWARF 5 §3.1 */
export class Root {
  /** Offset in `.debug_line`. */
  readonly lineProgram: number | null;
  /** DW_LANG_…; 0 where it does not tell. */
  readonly language: number;
  /** What indexes of `.debug_addr`, `.debug_str_offsets` and `.debug_rnglists` count from. */
  readonly addrBase: number;
  readonly strOffsetsBase: number;
  readonly rnglistsBase: number;
  /** Of a skeleton of DWARF 4: what its split unit's offsets in `.debug_ranges` count from. */
  readonly rangesBase: number;
  /** Of a skeleton: the number that it and its split unit have. */
  readonly dwoId: bigint | null;
  readonly #entry: Entry | null;

  constructor({ encoding, skeleton, dwoId }: Unit, entry: Entry | null) {
    this.#entry = entry;
    const { version, offsetSize } = encoding;
    // Split units have their lists behind the header of the section, and do not say so.
    const isSplit = skeleton !== null && version >= 5;
    const [indexHeader, listsHeader] = offsetSize === 8 ? [16, 20] : [8, 12];
    this.lineProgram = entry?.number(DW_AT_stmt_list) ?? null;
    this.language = entry?.number(DW_AT_language) ?? 0;
    this.addrBase = entry?.number(DW_AT_addr_base) ?? entry?.number(DW_AT_GNU_addr_base) ?? 0;
    this.strOffsetsBase = entry?.number(DW_AT_str_offsets_base) ?? (isSplit ? indexHeader : 0);
    this.rnglistsBase = entry?.number(DW_AT_rnglists_base) ?? (isSplit ? listsHeader : 0);
    this.rangesBase = entry?.number(DW_AT_GNU_ranges_base) ?? 0;
    this.dwoId = dwoId ?? entry?.exact(DW_AT_GNU_dwo_id) ?? null;
  }

  // What follows may be written as indexes that count from the bases above.

  get name(): string {
    return this.#entry?.text(DW_AT_name) ?? "";
  }

  get compilationDirectory(): string | null {
    return this.#entry?.text(DW_AT_comp_dir) ?? null;
  }

  /** Of a skeleton: the file with the rest. */
  get dwoName(): string | null {
    return this.#entry?.text(DW_AT_dwo_name) ?? this.#entry?.text(DW_AT_GNU_dwo_name) ?? null;
  }

  get lowPc(): number | null {
    return this.#entry?.address(DW_AT_low_pc) ?? null;
  }

  /** Where its code is; empty where it does not tell. */
  ranges(patience: Patience): CodeRange[] {
    return this.#entry === null ? [] : rangesOf(this.#entry, patience);
  }
}
