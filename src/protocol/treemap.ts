/** Messages about a target's memory as nested boxes. Types and nothing else. */
import type { HexAddress } from "../memory/address.ts";
import type { Kind } from "../memory/kind.ts";
import type { Measure } from "./picture.ts";
import type { TargetId } from "./server.ts";

/** Kind → module → region → section → symbol, each box as large as its share of a measure. */
export interface TreemapQuery {
  target: TargetId;
  /** As it was at that time, in milliseconds since the epoch; `null` or absent: as it is. */
  at?: number | null;
  measure: Measure;
  /** {@link TreemapNode.id} of the node that fills the whole: `process`, or one that was answered before. */
  root: string;
  /** CSS pixels. Nodes of less than a few square pixels are put together. */
  width: number;
  height: number;
  /** Asks for {@link Treemap.selected}. */
  selected?: HexAddress | null;
}

export interface Treemap {
  revision: number;
  /** Of a moment of the past: when it was read, in milliseconds since the epoch. */
  time?: number | null;
  /** What areas stand for: of sections and symbols nothing but the size is known. */
  measure: Measure;
  /** From the process down to `root`. */
  path: { id: string; name: string }[];
  /** What fills the whole: as asked, or what is left of its path where that is no more. */
  root: TreemapNode;
  /** Regions in it whose measure is not known: they have no box. */
  unknown: number;
  /** {@link TreemapNode.id} of the smallest box that holds the address that was asked for; `null` where none does. */
  selected: string | null;
}

export interface TreemapNode {
  /** Stays the same from reading to reading. */
  id: string;
  type: TreemapType;
  name: string;
  /** `null` of regions of several kinds. */
  kind: Kind | null;
  /** What its area stands for, in bytes (of heat: bytes a second), as far as it is known. */
  value: number;
  /** What is known of all that is in it; of sections and symbols the size alone is. */
  measures: Partial<Record<Measure, number>>;
  /** Regions or symbols in it; `null` where they were not counted. */
  count: number | null;
  /** Of a region, section or symbol. */
  start: HexAddress | null;
  end: HexAddress | null;
  /** Of a region: `rw-p`. */
  permissions: string | null;
  /** Whether it can be the root of a question. */
  canEnter: boolean;
  /** Largest first; none where it is too small to show what is in it. */
  children: TreemapNode[];
}

/** `more`: several regions or symbols of what it stands in, mostly the smaller; `gap`: bytes that nothing there covers. */
export type TreemapType = "process" | "kind" | "module" | "region" | "section" | "symbol" | "more" | "gap";
