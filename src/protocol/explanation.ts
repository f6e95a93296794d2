/** What the server tells of a single address. Types and nothing else. */
import type { HexAddress } from "../memory/address.ts";
import type { Kind } from "../memory/kind.ts";
import type { Frame, SourceLocation, Variable } from "../memory/module.ts";
import type { Row } from "./rows.ts";

/** An Explanation with its addresses as strings. */
export interface ExplanationMessage {
  address: HexAddress;
  kind: Kind | null;
  region: (Row & { thread: number | null; fileOffset: number }) | null;
  module: { path: string; name: string; buildId: string | null; bias: HexAddress } | null;
  section: { name: string; offset: number } | null;
  symbol: { name: string; offset: number; size: number } | null;
  /** Of code: the functions at the address, innermost first; all but the outermost are inlined. */
  frames: Frame[];
  /** Of data. */
  variable: Omit<Variable, "address"> | null;
  /** The line of the code, or where the variable is declared. */
  source: SourceLocation | null;
  below: { name: string; distance: number } | null;
  above: { name: string; distance: number } | null;
}
