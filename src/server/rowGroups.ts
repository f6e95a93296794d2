import { type AddressSpace, NOT_READ } from "../memory/addressSpace.ts";
import { type Sums, sumsOf } from "../memory/amounts.ts";
import { GROUP_LABELS, KIND_LABELS, type Kind } from "../memory/kind.ts";
import { fileName } from "../memory/modules.ts";
import { printable } from "../memory/names.ts";
import type { GroupRow, RowGrouping } from "../protocol/server.ts";
import { groupOf, hexOf, libraryId } from "./groups.ts";

/** Regions of the table that stand together. */
export interface RowGroup {
  /** {@link GroupRow.id} */
  readonly id: string;
  readonly name: string;
  readonly kind: Kind | null;
  readonly path: string | null;
  /** In the order of the table. */
  readonly indexes: readonly number[];
  readonly sums: Sums;
}

/** Groups the regions, which stay in their order; groups stand where the first of their regions stood. */
export function groupRows(space: AddressSpace, indexes: Uint32Array, by: RowGrouping["by"]): RowGroup[] {
  const groups = new Map<string, Omit<RowGroup, "sums"> & { indexes: number[] }>();
  for (const index of indexes) {
    const head = by === "kind" ? kindOf(space, index) : moduleOf(space, index);
    const group = groups.get(head.id);
    if (group) group.indexes.push(index);
    else groups.set(head.id, { ...head, indexes: [index] });
  }
  return Array.from(groups.values(), (group) => ({ ...group, sums: sumsOf(space, group.indexes) }));
}

/** @param now milliseconds since the epoch: what ages count from */
export function toGroupRow(space: AddressSpace, group: RowGroup, isFolded: boolean, now: number): GroupRow {
  const { id, name, kind, path, indexes, sums } = group;
  const { start, end, flags, readAt } = space.columns;
  const [first = 0] = indexes;
  let from = start[first] as number;
  let to = end[first] as number;
  let oldest = Number.POSITIVE_INFINITY;
  for (const index of indexes) {
    from = Math.min(from, start[index] as number);
    to = Math.max(to, end[index] as number);
    if (flags[index] !== NOT_READ) oldest = Math.min(oldest, readAt[index] as number);
  }
  const age = Number.isFinite(oldest) ? Math.max(0, now - oldest) : null;
  return {
    ...sums,
    ...{ id, name, kind, path, isFolded, age },
    regions: indexes.length,
    start: hexOf(from),
    end: hexOf(to),
  };
}

type Head = Omit<RowGroup, "indexes" | "sums">;

function kindOf(space: AddressSpace, index: number): Head {
  const kind = space.kind(index);
  return { id: `kind:${kind}`, name: KIND_LABELS[kind], kind, path: null };
}

/** The module, the file, or what the tree calls the group of what has neither. */
function moduleOf(space: AddressSpace, index: number): Head {
  const group = groupOf(space, index);
  const module = space.module(index);
  if (module && (group === "program" || group === "libraries")) {
    return { id: libraryId(module), name: printable(module.name), kind: null, path: module.path };
  }
  const path = space.path(index);
  if (group === "files" && path !== null) {
    const file = fileName(path);
    return { id: `file:${path}`, name: printable(file.slice(file.lastIndexOf("/") + 1)), kind: null, path };
  }
  return { id: `group:${group}`, name: GROUP_LABELS[group], kind: null, path: null };
}
