/** Messages about the address space as a picture. Types and nothing else. */
import type { HexAddress } from "../memory/address.ts";
import type { Kind } from "../memory/kind.ts";
import type { TargetId } from "./server.ts";

/**
 * What heights and areas stand for, in bytes. `heat` is fault heat: what became resident a second between the last two
 * readings of a region, the least that page faults must have brought in.
 */
export type Measure = "size" | "rss" | "pss" | "dirty" | "swap" | "heat";

/**
 * The address space as a picture. Positions run along the folded axis (memory/axis.ts): 0 is the first region's start,
 * `length` the last region's end, gaps folded to one unit.
 */
export interface PictureQuery {
  target: TargetId;
  /** As it was at that time, in milliseconds since the epoch; `null` or absent: as it is. */
  at?: number | null;
  /** Asks for {@link Stretch.value}; RSS unless given. */
  measure?: Measure;
  from: number;
  /** `null`: the axis's end. */
  to: number | null;
  /** Stretches narrower than (to - from) / pixels are put together. */
  pixels: number;
  /** Asks for {@link Picture.selected}. */
  selected?: HexAddress | null;
}

export interface Picture {
  revision: number;
  length: number;
  from: number;
  to: number;
  stretches: Stretch[];
  /** The region that holds the address that was asked for, and where it lies, in view or not; `null` where there is none. */
  selected?: { from: number; to: number; start: HexAddress; end: HexAddress; name: string } | null;
}

export interface Stretch {
  /** Positions on the axis. */
  from: number;
  to: number;
  start: HexAddress;
  end: HexAddress;
  /** The kind with most of the stretch; `null` for a gap. */
  kind: Kind | null;
  /** Of a single region: its name; of several: `null`. */
  name: string | null;
  /** Of a single region, or of several that have the same. */
  permissions?: string | null;
  regions: number;
  size: number;
  rss: number | null;
  /** Of the measure that was asked for; `null` where it is not known. */
  value: number | null;
}
