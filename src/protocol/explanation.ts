/** What the server tells of a single address. Types and nothing else. */
import type { HexAddress } from "../memory/address.ts";
import type { BlockPlace } from "../memory/block.ts";
import type { PageState, StackPlace } from "../memory/explanation.ts";
import type { Kind } from "../memory/kind.ts";
import type { Frame, SourceLocation, Variable } from "../memory/module.ts";
import type { Contents } from "../memory/telescope.ts";
import type { Verdict } from "../memory/verdict.ts";
import type { Row } from "./rows.ts";

/** An Explanation with its addresses as strings. */
export interface ExplanationMessage {
  address: HexAddress;
  /** Of a moment of the past: when the regions were read, in milliseconds since the epoch. */
  time?: number | null;
  /** With its sentence for the user. */
  verdict: Verdict & { sentence: string };
  kind: Kind | null;
  region: (Row & { thread: number | null; fileOffset: number }) | null;
  /** Whose stack it is on, or whose guard it is. */
  stack: StackPlace | null;
  /** The block of an allocator that it is in, or right behind; `null` where none is known. */
  block: BlockPlace | null;
  /** Where it is in the file that is mapped there. */
  file: { path: string; offset: number } | null;
  module: { path: string; name: string; buildId: string | null; bias: HexAddress } | null;
  section: { name: string; offset: number } | null;
  symbol: { name: string; offset: number; size: number } | null;
  /** Of code: the functions at the address, innermost first; all but the outermost are inlined. */
  frames: Frame[];
  /** Of data. */
  variable: Omit<Variable, "address"> | null;
  /** The line of the code, or where the variable is declared. */
  source: SourceLocation | null;
  /** The page that holds it, as it is now; `null` where nothing is mapped, or the kernel does not tell. */
  page: PageState | null;
  /** The largest power of two that divides the address, no more than 4,096; 0 of null. */
  alignment: number;
  /**
   * The pointers that lead on from what is stored there, and what stands at the end, with its words: `"hello"`, `42`.
   * `null` where nothing is mapped.
   */
  telescope: { steps: { address: HexAddress; place: string }[]; end: Contents & { words: string } } | null;
  below: { name: string; distance: number } | null;
  above: { name: string; distance: number } | null;
}
