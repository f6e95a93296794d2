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
  name = "";
  compilationDirectory: string | null = null;
  /** Of a skeleton: the file with the rest. */
  dwoName: string | null = null;
  lowPc: number | null = null;
  /** Where its code is; empty where it does not tell. */
  ranges: readonly CodeRange[] = [];

  constructor({ encoding, skeleton, dwoId }: Unit, entry: Entry | null) {
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

  /** Reads what may be written as indexes: the unit has to know its root before. */
  read(entry: Entry): void {
    this.name = entry.text(DW_AT_name) ?? "";
    this.compilationDirectory = entry.text(DW_AT_comp_dir);
    this.dwoName = entry.text(DW_AT_dwo_name) ?? entry.text(DW_AT_GNU_dwo_name);
    this.lowPc = entry.address(DW_AT_low_pc);
    this.ranges = rangesOf(entry);
  }
}
