/** Memory breakpoints: what the user wants a target to be paused at. The server tests them after each reading. */
import type { HexAddress } from "../memory/address.ts";
import type { Kind } from "../memory/kind.ts";
import type { Sample, TargetId } from "./server.ts";

export interface MemoryBreakpoint {
  readonly id: string;
  readonly condition: MemoryCondition;
}

export type MemoryCondition =
  /** It is more than so many bytes, having been no more before. */
  | { readonly when: "passes"; readonly what: MemoryQuantity; readonly bytes: number }
  /** It is so many bytes more than at the last stop, or than it was first, before any stop. */
  | { readonly when: "grows"; readonly what: MemoryQuantity; readonly bytes: number }
  /** There are more faults a second than that, having been no more in the reading before. */
  | { readonly when: "faults"; readonly what: FaultQuantity; readonly rate: number }
  /** Something of what lies from `start` to before `end` has changed: of what is mapped there, or what may be done with it. */
  | { readonly when: RangeEvent; readonly start: HexAddress; readonly end: HexAddress };

/** A counter of each reading, or how many bytes are mapped of a kind, be they resident or not. */
export type MemoryQuantity = MemoryCounter | Kind;

export type MemoryCounter = keyof Pick<Sample, "rss" | "rssAnon" | "rssFile" | "rssShmem" | "swap" | "vsz">;

/** Minor and major ones together, or these alone. */
export type FaultQuantity = "all" | "major";

export type RangeEvent = "mapped" | "unmapped" | "protected";

export interface BreakpointsHit {
  readonly target: TargetId;
  /** In the order of the breakpoints. */
  readonly hits: readonly BreakpointHit[];
}

export interface BreakpointHit {
  readonly id: string;
  /** What happened, for the user. */
  readonly sentence: string;
}
