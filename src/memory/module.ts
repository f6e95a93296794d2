import type { Address } from "./address.ts";

/** An ELF file mapped into a target at a load bias. */
export interface Module {
  /** As in maps, without ` (deleted)`. */
  readonly path: string;
  /** Last component of the path. */
  readonly name: string;
  /** Whether it is the target's executable. */
  readonly isProgram: boolean;
  /** Run-time address = link-time address + bias (modulo 2⁶⁴). */
  readonly bias: Address;
  readonly layout: ElfLayout;
}

/** What the model needs of an ELF file: link-time addresses throughout. @see elf(5) */
export interface ElfLayout {
  /** Lower-case hexadecimal digits of NT_GNU_BUILD_ID. */
  readonly buildId: string | null;
  /** The PT_LOAD program headers, by address. */
  readonly segments: readonly Segment[];
  /** PT_GNU_RELRO. */
  readonly relro: { readonly start: Address; readonly end: Address } | null;
  /** The sections with SHF_ALLOC and an address, by address; empty where the section table is stripped. */
  readonly sections: readonly Section[];
}

export interface Segment {
  readonly address: Address;
  readonly fileOffset: number;
  readonly fileSize: number;
  readonly memorySize: number;
  /** PF_R, PF_W, PF_X. */
  readonly permissions: { readonly read: boolean; readonly write: boolean; readonly execute: boolean };
}

export interface Section {
  readonly name: string;
  readonly address: Address;
  /** Bytes in memory. */
  readonly size: number;
  /** SHT_NOBITS: occupies no space in the file (`.bss`). */
  readonly noBits: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
  /** SHF_TLS: a template for each thread; `.tbss` takes no room at its address. */
  readonly threadLocal: boolean;
}

/** A symbol with a size and a place in the file's address space (link-time). */
export interface ElfSymbol {
  readonly name: string;
  readonly address: Address;
  /** Bytes; 0 where the file does not say. */
  readonly size: number;
  readonly type: "function" | "object" | "other";
}

/** One page of a section's symbols, and how many there are in all. */
export interface SymbolPage {
  readonly total: number;
  readonly symbols: readonly ElfSymbol[];
}

/** A source line, as DWARF's line table gives it. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
}

/**
 * An opened ELF file as the model asks it. Addresses are link-time. All answers are promises: reading happens away from
 * the polling path.
 */
export interface ElfSource {
  readonly layout: ElfLayout;
  /** The symbol that covers the address (or, sizes missing, the nearest before it in its section). */
  symbolAt(address: Address): Promise<ElfSymbol | null>;
  /** The symbols of a section, largest first or by address, a page at a time. */
  symbolsOf(section: Section, order: "size" | "address", offset: number, limit: number): Promise<SymbolPage>;
  /** All symbols by address, where there are no more than `limit`; else `null`. */
  allSymbols(limit: number): Promise<readonly ElfSymbol[] | null>;
  /** The source line of a code address or the declaration of a variable; `null` without debug information. */
  sourceOf(address: Address): Promise<SourceLocation | null>;
  close(): void;
}
