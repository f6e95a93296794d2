/** The numbers of regions as the table, its totals and filters have them: those of smaps, and two that are made of them. */
import { type AddressSpace, NOT_READ, PAGE_FIELDS, PAGES_ONLY } from "./addressSpace.ts";
import { USAGE_FIELDS, type UsageField } from "./region.ts";

/** `uss` is Private_Clean + Private_Dirty + Private_Hugetlb, `dirty` Shared_Dirty + Private_Dirty. */
export const AMOUNT_FIELDS = [...USAGE_FIELDS, "uss", "dirty"] as const;

export type AmountField = (typeof AMOUNT_FIELDS)[number];

/** In bytes; `null` for what has not been read. */
export type Amounts = { [Field in AmountField]: number | null };

/** Sums over regions, in bytes. */
export interface Sums extends Amounts {
  size: number;
}

const PARTS: Readonly<Record<"uss" | "dirty", readonly UsageField[]>> = {
  uss: ["privateClean", "privateDirty", "privateHugetlb"],
  dirty: ["sharedDirty", "privateDirty"],
};

const PARTS_OF = Object.fromEntries(
  AMOUNT_FIELDS.map((field) => [field, field === "uss" || field === "dirty" ? PARTS[field] : [field]]),
) as Readonly<Record<AmountField, readonly UsageField[]>>;

/** In bytes; `null` where it has not been read. */
export function amountOf(space: AddressSpace, index: number, field: AmountField): number | null {
  let sum = 0;
  for (const part of PARTS_OF[field]) {
    const bytes = space.usageOf(index, part);
    if (bytes === null) return null;
    sum += bytes;
  }
  return sum;
}

export function amountsOf(space: AddressSpace, index: number): Amounts {
  const amounts = {} as Amounts;
  for (const field of AMOUNT_FIELDS) amounts[field] = amountOf(space, index, field);
  return amounts;
}

/**
 * Sums over the regions of `indexes`. Those that have not been read count with their size alone; a sum is `null` where
 * none has been read, or of one of them something but not this is known: see PAGES_ONLY.
 */
export function sumsOf(space: AddressSpace, indexes: ArrayLike<number>): Sums {
  const { usage, flags } = space.columns;
  let size = 0;
  let isPartly = false;
  const read = new Uint32Array(indexes.length);
  let count = 0;
  for (let at = 0; at < indexes.length; at++) {
    const index = indexes[at] as number;
    size += space.size(index);
    if (flags[index] === NOT_READ) continue;
    read[count++] = index;
    if (flags[index] === PAGES_ONLY) isPartly = true;
  }
  const kib = {} as Record<UsageField, number>;
  for (const field of USAGE_FIELDS) {
    const column = usage[field];
    let sum = 0;
    for (let at = 0; at < count; at++) sum += column[read[at] as number] as number;
    kib[field] = sum;
  }
  const isKnown = count > 0 || indexes.length === 0;
  const known = (part: UsageField) => isKnown && (!isPartly || (PAGE_FIELDS as readonly UsageField[]).includes(part));
  const sums = AMOUNT_FIELDS.map((field) => {
    const parts = PARTS_OF[field];
    return [field, parts.every(known) ? parts.reduce((sum, part) => sum + kib[part] * 1024, 0) : null];
  });
  return { size, ...(Object.fromEntries(sums) as Amounts) };
}

/** How many of the regions have not been read in detail. */
export function unreadOf(space: AddressSpace, indexes: ArrayLike<number>): number {
  let unread = 0;
  for (let at = 0; at < indexes.length; at++) if (space.columns.flags[indexes[at] as number] === NOT_READ) unread++;
  return unread;
}
