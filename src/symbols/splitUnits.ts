/** Split units: the debug information of a compilation in a file of its own. @see DWARF 5 §3.1.3 */
import { type Bytes, Window } from "./bytes.ts";
import type { DebugFile } from "./debugFiles.ts";
import { DwarfFile, type Sections } from "./dwarf/dwarfFile.ts";
import { type Contribution, PackageIndex } from "./packageIndex.ts";

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

/** A file with the split units of one compilation (`.dwo`), or those of a whole program (`.dwp`). */
export class SplitUnits {
  readonly #file: DebugFile;
  readonly #units: PackageIndex | null;
  readonly #types: PackageIndex | null;
  /** Of a `.dwo`, by their DWO ids. */
  #offsets: Map<bigint, number> | null = null;

  constructor(file: DebugFile) {
    const { elf, sections } = file;
    this.#file = file;
    this.#units = PackageIndex.read(sections.get(".debug_cu_index"), elf.header.format);
    this.#types = PackageIndex.read(sections.get(".debug_tu_index"), elf.header.format);
  }

  get isPackage(): boolean {
    return this.#units !== null;
  }

  /** The DWO ids of a `.dwo` file. */
  get ids(): bigint[] {
    return [...this.#offsetsById().keys()];
  }

  /** The unit with a DWO id. */
  find(dwoId: bigint): SplitUnit | null {
    if (this.#units !== null) return this.#packaged(this.#units.find(dwoId));
    const offset = this.#offsetsById().get(dwoId);
    if (offset === undefined) return null;
    return this.#unit(new SplitSections(this.#file.sections, null), offset);
  }

  #packaged(contributions: ReadonlyMap<string, Contribution> | null): SplitUnit | null {
    return contributions && this.#unit(new SplitSections(this.#file.sections, contributions), 0);
  }

  #unit(sections: Sections, offset: number): SplitUnit {
    const typeUnit = (signature: bigint) => this.#packaged(this.#types?.find(signature) ?? null);
    return { path: this.#file.path, sections, littleEndian: this.#littleEndian, offset, typeUnit };
  }

  #offsetsById(): Map<bigint, number> {
    if (this.#offsets === null) {
      this.#offsets = new Map();
      const sections = new SplitSections(this.#file.sections, null);
      const file = new DwarfFile({ sections, littleEndian: this.#littleEndian, isDiscarded: () => false });
      for (const { offset, dwoId } of file.headers) {
        // Before DWARF 5 it is an attribute of the unit.
        const id = dwoId ?? file.unit(offset)?.root.dwoId ?? null;
        if (id !== null && !this.#offsets.has(id)) this.#offsets.set(id, offset);
      }
    }
    return this.#offsets;
  }

  get #littleEndian(): boolean {
    return this.#file.elf.header.format.littleEndian;
  }
}

/** The sections of a split unit. */
class SplitSections implements Sections {
  readonly #sections: Sections;
  readonly #contributions: ReadonlyMap<string, Contribution> | null;
  readonly #known = new Map<string, Bytes>();

  /** @param contributions the unit's parts of a `.dwp`; `null` where all is the unit's */
  constructor(sections: Sections, contributions: ReadonlyMap<string, Contribution> | null) {
    this.#sections = sections;
    this.#contributions = contributions;
  }

  get(name: string): Bytes {
    let bytes = this.#known.get(name);
    if (bytes === undefined) {
      bytes = this.#part(this.#sections.get(`${name}.dwo`), name);
      this.#known.set(name, bytes);
    }
    return bytes;
  }

  #part(whole: Bytes, name: string): Bytes {
    if (this.#contributions === null || name === SHARED) return whole;
    const { offset, size } = this.#contributions.get(name) ?? NOTHING;
    return new Window(whole, offset, size);
  }
}

/** The texts of all units of a `.dwp` are together. */
const SHARED = ".debug_str";
const NOTHING: Contribution = { offset: 0, size: 0 };
