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
  /**
   * The sections with SHF_ALLOC, by address; empty where the section table is stripped. Those of a file that is not
   * linked (`.o`, `.ko`) have no addresses yet and stand here one after the other from 0 on, code first: with a single
   * section of code its addresses are the offsets that nm and objdump print.
   */
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

/** A symbol in the file's address space (link-time), or bytes of a section that none covers. */
export interface ElfSymbol {
  /** For people: demangled, unless plain names are asked for; without its version. Empty for a gap. */
  readonly name: string;
  readonly address: Address;
  /** Bytes; 0 where the file does not say. */
  readonly size: number;
  /** Where `size` is 0: the bytes up to the next symbol or the end of the section, for which this one answers. */
  readonly inferredSize?: number;
  /** Gaps are in pages by address alone. */
  readonly type: "function" | "object" | "other" | "gap";
  /** As nm writes it behind the name: `@@VERS_2` the one that the linker takes, `@VERS_1` another. */
  readonly version?: string;
  /**
   * What `address` is where it is no address in memory: in the template of thread-local memory, a plain number, or the
   * alignment of what the linker has yet to place.
   */
  readonly place?: "threadLocal" | "absolute" | "common";
}

/** The bytes for which a symbol answers. */
export function extentOf({ size, inferredSize = 0 }: ElfSymbol): number {
  return size || inferredSize;
}

/** One page of a section's symbols. */
export interface SymbolPage {
  /** How many there are in all pages; by address with the gaps. */
  readonly total: number;
  readonly symbols: readonly ElfSymbol[];
  /** Bytes of the section that no symbol covers. */
  readonly uncovered: number;
}

/** A place in a source file. */
export interface SourceLocation {
  /** As it was compiled, absolute where the compiler told its folder. */
  readonly file: string;
  /** From 1; 0 where the compiler does not say. */
  readonly line: number;
  /** From 1; 0 where the compiler does not say. */
  readonly column: number;
}

/** A function at a code address; all but the outermost of an address are inlined calls. */
export interface Frame {
  /** For people: demangled, unless plain names are asked for. `null` where only the line is known. */
  readonly function: string | null;
  /** In the innermost function the line at the address, in the others the line of the inlined call. */
  readonly source: SourceLocation | null;
}

/** A variable with static storage. */
export interface Variable {
  readonly name: string;
  readonly address: Address;
  /** As one would write it: `const char *[3]`; `null` where it is not told. */
  readonly type: string | null;
  /** Bytes; 0 where it is not told. */
  readonly size: number;
  /** Where it is declared. */
  readonly source: SourceLocation | null;
}

/** A function with code, or a variable with static storage, where a source file defines it. */
export interface Definition {
  /** As in the source, without the names of what it is in; of a template with its arguments. */
  readonly name: string;
  readonly type: "function" | "variable";
  /** From 1. */
  readonly line: number;
  /** Its bytes, at addresses as in {@link ElfSource.variableAt}. Parts of a function may lie apart. */
  readonly extents: readonly { readonly address: Address; readonly size: number }[];
  /** The bytes are those of a template: each thread has some of its own. */
  readonly isThreadLocal: boolean;
}

/** Where a file's debug information comes from. */
export interface DebugInfoOrigin {
  /** The file that has it: the ELF file itself or a separate one; `null` where there is none. */
  readonly path: string | null;
  /** Debug files that were found but do not belong, with the reason as a sentence. */
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
}

/** How long work is followed and ended. */
export interface Work {
  /** Ends it: its promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which other work of the process has its turn; 1 where it is not said. */
  readonly slice?: number;
  /** Hears now and then how much of the work is done, from 0 to 1. */
  readonly progress?: (done: number) => void;
}

/**
 * An opened ELF file as the model asks it. Addresses are link-time. All answers are promises: reading happens away from
 * the polling path. A damaged file gives a part of the answers.
 */
export interface ElfSource {
  readonly layout: ElfLayout;
  /** The symbol that covers the address (or, sizes missing, the nearest before it in its section). */
  symbolAt(address: Address): Promise<ElfSymbol | null>;
  /** The symbols of a section, largest first (by inferred size where the file has none) or by address, a page at a time. */
  symbolsOf(section: Section, order: "size" | "address", offset: number, limit: number): Promise<SymbolPage>;
  /** All symbols by address, where there are no more than `limit`; else `null`. */
  allSymbols(limit: number): Promise<readonly ElfSymbol[] | null>;
  /** The symbols of a name, plain or demangled, with or without its arguments. */
  symbolsNamed(name: string, work?: Work): Promise<readonly ElfSymbol[]>;
  /** For each code address the chain of functions at it, innermost first; empty where debug information has none. */
  framesAt(addresses: readonly Address[], work?: Work): Promise<Frame[][]>;
  /**
   * For each address the line of its code or the declaration of the variable there: what a list of symbols shows.
   * Cheaper than {@link framesAt} and {@link variableAt}.
   */
  sourcesOf(addresses: readonly Address[], work?: Work): Promise<(SourceLocation | null)[]>;
  /** The variable with static storage that covers the address; in `.tdata` and `.tbss` by its address in the template. */
  variableAt(address: Address, work?: Work): Promise<Variable | null>;
  /**
   * Where the code of a source line begins: one address for each copy. `file` is a path or its last components. Without
   * code for that line the nearest later line of the file that has some.
   */
  addressesOf(file: string, line: number, work?: Work): Promise<Address[]>;
  /**
   * What a source file defines, once for each copy, in no order. `files` are the absolute or relative paths under which it
   * may have been compiled: none but these.
   */
  definitionsIn(files: readonly string[], work?: Work): Promise<Definition[]>;
  /** Where its debug information comes from. */
  origin(): Promise<DebugInfoOrigin>;
  close(): void;
}

/** What the user can choose about symbols; read anew at each question. */
export interface SymbolSettings {
  /** Show C++ and Rust names as in the source rather than as in the file. */
  demangle: boolean;
  /** Folders to look for separate debug files in, besides the usual ones. */
  debugFolders: readonly string[];
}
