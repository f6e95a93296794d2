import type { Bytes } from "./bytes.ts";
import { type ElfFormat, Fields } from "./fields.ts";
import type { StringTable } from "./stringTable.ts";

/** Where a file keeps the versions of its dynamic symbols. */
export interface VersionTables {
  /** Offset of the versions that the file defines (`.gnu.version_d`); 0 without such. */
  readonly definitions: number;
  /** Offset of the versions that it needs of others (`.gnu.version_r`); 0 without such. */
  readonly needs: number;
  readonly strings: StringTable;
}

/**
 * The versions of dynamic symbols as nm writes them behind the name: `@@VERS_2` for the one that the linker takes, else
 * `@VERS_1`. Read when first asked for. Source: Linux Standard Base Core 5.0, "Symbol Versioning".
 */
export class SymbolVersions {
  readonly #bytes: Bytes;
  readonly #format: ElfFormat;
  readonly #tables: VersionTables;
  #defined: Map<number, string> | null = null;
  #needed: Map<number, string> | null = null;

  constructor(bytes: Bytes, format: ElfFormat, tables: VersionTables) {
    this.#bytes = bytes;
    this.#format = format;
    this.#tables = tables;
  }

  /** The version that an entry of `.gnu.version` stands for; empty where it is none or unknown. */
  text(entry: number): string {
    const index = entry & VERSION;
    if (index <= VER_NDX_GLOBAL) return "";
    this.#defined ??= this.#readDefinitions();
    const defined = this.#defined.get(index);
    if (defined !== undefined) return `${(entry & HIDDEN) === 0 ? "@@" : "@"}${defined}`;
    this.#needed ??= this.#readNeeds();
    const needed = this.#needed.get(index);
    return needed === undefined ? "" : `@${needed}`;
  }

  #readDefinitions(): Map<number, string> {
    const names = new Map<number, string>();
    const fields = this.#fields(this.#tables.definitions);
    for (const at of chain(fields, 0, 20, 16)) {
      const auxiliary = at + fields.u32(at + 12);
      if (auxiliary + 8 <= fields.length) this.#name(names, fields.u16(at + 4), fields.u32(auxiliary));
    }
    return names;
  }

  #readNeeds(): Map<number, string> {
    const names = new Map<number, string>();
    const fields = this.#fields(this.#tables.needs);
    for (const file of chain(fields, 0, 16, 12)) {
      for (const at of chain(fields, file + fields.u32(file + 8), 16, 12)) {
        if (names.size >= MOST_VERSIONS) return names;
        this.#name(names, fields.u16(at + 6), fields.u32(at + 8));
      }
    }
    return names;
  }

  #fields(offset: number): Fields {
    return new Fields(this.#bytes.read(offset, offset > 0 ? LARGEST : 0), this.#format);
  }

  #name(names: Map<number, string>, index: number, offset: number): void {
    const name = this.#tables.strings.name(offset);
    if (name !== "") names.set(index & VERSION, name);
  }
}

/** Where the records of a chain begin, each of which tells how far the next one is. */
function* chain(fields: Fields, start: number, size: number, next: number): Generator<number> {
  for (let at = start, step = 1; step > 0 && at + size <= fields.length; at += step) {
    yield at;
    step = fields.u32(at + next);
  }
}

const HIDDEN = 0x8000;
const VERSION = 0x7fff;
/** 0 is local, 1 the file's own name. */
const VER_NDX_GLOBAL = 1;
/** Bytes: several times what libstdc++ has, which has the most. */
const LARGEST = 1 << 16;
const MOST_VERSIONS = 1 << 12;
