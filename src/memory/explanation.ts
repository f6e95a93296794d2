import type { Address } from "./address.ts";
import type { Block } from "./block.ts";
import type { Kind } from "./kind.ts";
import type { Frame, SourceLocation, Variable } from "./module.ts";
import type { Region } from "./region.ts";
import type { Telescope } from "./telescope.ts";
import type { StackOwner, Verdict } from "./verdict.ts";

/** The whole answer to "what is at this address?". Hovers, the tree and the command line only render it. */
export interface Explanation {
  readonly address: Address;
  /** Whether the address can be used, or what is wrong with it. */
  readonly verdict: Verdict;
  readonly region: Region | null;
  /** What the region is called: `[heap]`, `libc.so.6 code`. `null` where nothing is mapped. */
  readonly name: string | null;
  /** The kind of the address itself: the zeroed tail of a data region is `bss`. `null` where nothing is mapped. */
  readonly kind: Kind | null;
  /** Whose stack it is on, or whose guard it is. */
  readonly stack: StackPlace | null;
  /** The block of an allocator that it is in, or right behind; `null` where none is known. */
  readonly block: Block | null;
  /** Where it is in the file that is mapped there. */
  readonly file: { readonly path: string; readonly offset: number } | null;
  readonly module: {
    readonly path: string;
    readonly name: string;
    readonly buildId: string | null;
    readonly bias: Address;
  } | null;
  readonly section: { readonly name: string; readonly offset: number } | null;
  readonly symbol: { readonly name: string; readonly offset: number; readonly size: number } | null;
  /** Of code: the functions at the address, innermost first; all but the outermost are inlined. */
  readonly frames: readonly Frame[];
  /** Of data: the variable there; its address is as in the file. */
  readonly variable: Variable | null;
  /** The line of the code, or where the variable is declared. */
  readonly source: SourceLocation | null;
  /** The page that holds it, as it is now; `null` where nothing is mapped, or the kernel does not tell. */
  readonly page: PageState | null;
  /** The largest power of two that divides the address, no more than 4,096; 0 of null. */
  readonly alignment: number;
  /** The pointers that lead on from what is stored there; `null` where nothing is mapped. */
  readonly telescope: Telescope | null;
  /** The nearest regions below and above; the distance in bytes is from the address. */
  readonly below: Neighbour | null;
  readonly above: Neighbour | null;
}

export interface StackPlace extends StackOwner {
  /**
   * Bytes from the thread's stack pointer up to the address; negative below it, where no function that runs has anything.
   * `null` where it is not known: the thread runs, or stands on another stack.
   */
  readonly abovePointer: number | null;
  /** The function whose part of the stack it is; missing where no debugger told. */
  readonly frame?: FramePlace;
}

/** A place on the stack, as the debugger tells. */
export interface FramePlace {
  /** 0: the innermost. */
  readonly level: number;
  readonly function: string;
  /** The variable there; `null` where it is not known. */
  readonly local: string | null;
}

export interface Neighbour {
  /** What the neighbour is, in a word or two: `[heap]`, `libc.so.6 code`. */
  readonly name: string;
  /** Bytes from the address to the neighbour's nearest byte: to its last byte below, to its first above. */
  readonly distance: number;
}

/** What `/proc/PID/pagemap` says of a page. */
export interface PageState {
  readonly present: boolean;
  readonly swapped: boolean;
  /** Of a file or of shared memory, rather than anonymous; `null` where it is neither present nor swapped. */
  readonly file: boolean | null;
  /** Mapped by this process and no other; `null` where it is not in memory. */
  readonly exclusive: boolean | null;
  /** Whoever touches it gets a SIGSEGV: madvise(2), MADV_GUARD_INSTALL. */
  readonly guard: boolean;
}
