import { type AddressSpace, permissionLetters, THP_ELIGIBLE } from "../memory/addressSpace.ts";
import { AMOUNT_FIELDS, type AmountField, amountOf } from "../memory/amounts.ts";
import { KIND_LABELS } from "../memory/kind.ts";
import { regionName } from "../memory/names.ts";
import type { RowField } from "../protocol/server.ts";
import type { RowGroup } from "./rowGroups.ts";

/** A copy of the indexes, sorted. Regions that are alike stay in address order; those not yet read count as less than 0. */
export function sortRegions(
  space: AddressSpace,
  indexes: Uint32Array,
  field: RowField,
  descending: boolean,
): Uint32Array {
  const keys = new Float64Array(space.length);
  const text = TEXTS[field];
  if (text) {
    const texts = Array.from(indexes, (index) => text(space, index));
    const ranks = new Map([...new Set(texts)].sort(COLLATOR.compare).map((each, rank) => [each, rank]));
    for (const [at, index] of indexes.entries()) keys[index] = ranks.get(texts[at] as string) as number;
  } else {
    for (const index of indexes) keys[index] = numberOf(space, index, field);
  }
  const sign = descending ? -1 : 1;
  return indexes.slice().sort((a, b) => sign * ((keys[a] as number) - (keys[b] as number)) || a - b);
}

/** Sorts groups by their sums, or by name; by what has neither they stay as the first of their regions stand. */
export function sortGroups(groups: RowGroup[], field: RowField, descending: boolean): RowGroup[] {
  const sign = descending ? -1 : 1;
  if (field === "size" || isAmount(field)) {
    return groups.sort((a, b) => sign * ((a.sums[field] ?? -1) - (b.sums[field] ?? -1)));
  }
  if (field === "name" || field === "kind" || field === "path") {
    return groups.sort((a, b) => sign * COLLATOR.compare(a.name, b.name));
  }
  return groups;
}

const COLLATOR = new Intl.Collator("en", { numeric: true });

const TEXTS: Partial<Record<RowField, (space: AddressSpace, index: number) => string>> = {
  permissions: (space, index) => permissionLetters(space.columns.permissions[index] as number),
  kind: (space, index) => KIND_LABELS[space.kind(index)],
  name: regionName,
  path: (space, index) => space.path(index) ?? "",
  device: (space, index) => space.devices[space.columns.device[index] as number] as string,
  flags: flagsOf,
};

/** The codes of VmFlags; nothing where they have not been read. */
export function flagsOf(space: AddressSpace, index: number): string {
  const codes = space.flagSets[space.columns.flags[index] as number] ?? [];
  return codes.filter((code) => code !== THP_ELIGIBLE).join(" ");
}

/** `null` where it has not been read. */
export function isThpEligible(space: AddressSpace, index: number): boolean | null {
  return space.flagSets[space.columns.flags[index] as number]?.includes(THP_ELIGIBLE) ?? null;
}

function numberOf(space: AddressSpace, index: number, field: RowField): number {
  const { start, fileOffset, inode, readAt } = space.columns;
  if (isAmount(field)) return amountOf(space, index, field) ?? -1;
  switch (field) {
    case "size":
      return space.size(index);
    case "fileOffset":
      return fileOffset[index] as number;
    case "inode":
      return inode[index] as number;
    case "thpEligible":
      return Number(isThpEligible(space, index) ?? -1);
    case "age":
      return space.usageOf(index, "rss") === null ? Number.NEGATIVE_INFINITY : -(readAt[index] as number);
    default:
      return start[index] as number;
  }
}

function isAmount(field: RowField): field is AmountField {
  return (AMOUNT_FIELDS as readonly RowField[]).includes(field);
}
