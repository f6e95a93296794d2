/** What the variables and functions of a source file cost: a question and its answer. */
import type { HexAddress } from "../memory/address.ts";

export interface CostsQuery {
  /** `pid:startTime`. */
  target: string;
  /** The paths under which the source file may have been compiled: none but these, absolute or relative. */
  files: string[];
}

/** Of one name on one line of a source file, in one module. */
export interface Cost {
  /** As in the source, without the arguments of a template. */
  name: string;
  type: "function" | "variable";
  /** From 1. */
  line: number;
  /** How often it is there: of a template for each of its arguments, of a header's for each file that includes it. */
  copies: number;
  /** Bytes of all copies. */
  size: number;
  /** Where the first copy begins; `null` of what each thread has for itself, which is elsewhere in each. */
  start: HexAddress | null;
  /** The section of the first copy; `null` where the file's are stripped. */
  section: string | null;
  /** The name of the library that it is in; `null` of the program. */
  library: string | null;
  /** `null` of what each thread has for itself, and where they cannot be read: the target has ended, say. */
  pages: CostPages | null;
}

/** The pages that hold a part of it. Others may lie in them too. */
export interface CostPages {
  total: number;
  /** In memory, as the target has them mapped. */
  present: number;
  swapped: number;
  /** Of those present, the kernel's page of zeros: read and never written. `null` where that cannot be told. */
  zero: number | null;
}
