import type { Address } from "./address.ts";
import type { Kind } from "./kind.ts";
import type { Frame, SourceLocation, Variable } from "./module.ts";
import type { Region } from "./region.ts";

/** The whole answer to "what is at this address?". Hovers, the tree and the command line only render it. */
export interface Explanation {
  readonly address: Address;
  readonly region: Region | null;
  /** What the region is called: `[heap]`, `libc.so.6 code`. `null` where nothing is mapped. */
  readonly name: string | null;
  /** The kind of the address itself: the zeroed tail of a data region is `bss`. `null` where nothing is mapped. */
  readonly kind: Kind | null;
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
  /** The nearest regions below and above; the distance in bytes is from the address. */
  readonly below: Neighbour | null;
  readonly above: Neighbour | null;
}

export interface Neighbour {
  /** What the neighbour is, in a word or two: `[heap]`, `libc.so.6 code`. */
  readonly name: string;
  /** Bytes from the address to the neighbour's nearest byte: to its last byte below, to its first above. */
  readonly distance: number;
}
