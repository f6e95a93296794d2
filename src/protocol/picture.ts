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
  /** Of a moment of the past: when it was read, in milliseconds since the epoch. */
  time?: number | null;
  length: number;
  from: number;
  to: number;
  stretches: Stretch[];
  /** The region that holds the address that was asked for, and where it lies, in view or not; `null` where there is none. */
  selected?: { from: number; to: number; start: HexAddress; end: HexAddress; name: string } | null;
}

/** A {@link Picture} as it is sent (memory/pictureMessage.ts). */
export interface PictureMessage extends Omit<Picture, "stretches"> {
  columns: StretchColumns;
}

/** An entry a stretch in each column; `from` and `startPage` have one more, where the last ends. */
export interface StretchColumns {
  from: number[];
  /** Addresses / 4,096. */
  startPage: number[];
  /** Index into KINDS; -1 for a gap. */
  kind: number[];
  /** Indexes into `texts`; -1 for none. */
  name: number[];
  permissions: number[];
  regions: number[];
  size: number[];
  rss: (number | null)[];
  value: (number | null)[];
  texts: string[];
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

/** What lies in the wide regions between two positions: asked apart, since symbols may have to be read from files. */
export interface PartsQuery {
  target: TargetId;
  at?: number | null;
  from: number;
  to: number | null;
  pixels: number;
}

/** By region, from low to high; regions without parts, and those too narrow to show any, are left out. */
export interface Parts {
  regions: RegionParts[];
}

export interface RegionParts {
  start: HexAddress;
  /** From low to high, as far as they lie in the region. */
  sections: Part[];
  /** All in view where they are few, else the largest. */
  symbols: Part[];
}

export interface Part {
  /** Bytes from the region's start. */
  offset: number;
  size: number;
  name: string;
  kind: Kind;
}

/** All about a stretch and an address in it. */
export interface StretchQuery {
  target: TargetId;
  at?: number | null;
  start: HexAddress;
  end: HexAddress;
  address: HexAddress;
}

export interface StretchDetails {
  /** Of the whole stretch; `null` where it is not known. */
  measures: Record<Measure, number | null>;
  /** Milliseconds since the oldest of these numbers was read; `null` where none was. */
  age: number | null;
  section: string | null;
  /** What covers the address. */
  symbol: { name: string; offset: number; size: number } | null;
}

/** Where something is: an address (`0x…`, or with an offset `symbol+0x10`), a symbol of any module, or a region's name. */
export interface FindQuery {
  target: TargetId;
  at?: number | null;
  text: string;
}

export interface Found {
  /** The best first; none where nothing has that name. */
  places: FoundPlace[];
}

export interface FoundPlace {
  address: HexAddress;
  /** What it is: `main in demo`, `[heap]`, `not mapped`. */
  name: string;
  isMapped: boolean;
  /** What to show, as positions on the axis: the symbol, the region, or the gap. */
  from: number;
  to: number;
}
