import { type AddressSpace, permissionLetters } from "../memory/addressSpace.ts";
import { amountsOf, type Sums, sumsOf, unreadOf } from "../memory/amounts.ts";
import { parseFilter } from "../memory/filter.ts";
import { regionName } from "../memory/names.ts";
import { dependsOnTime, filterRegions } from "../memory/regionFilter.ts";
import type { GroupRow, RegionRow, RowSpan, RowsOrder, RowsPage, RowsQuery } from "../protocol/server.ts";
import { hexOf } from "./groups.ts";
import { Recent } from "./recent.ts";
import { groupRows, type RowGroup, toGroupRow } from "./rowGroups.ts";
import { flagsOf, isThpEligible, sortGroups, sortRegions } from "./rowOrder.ts";

/**
 * The table of a target's regions: filtered, sorted and grouped once, so that scrolling costs the rows that are visible
 * and no others.
 */
export class RegionRows {
  readonly #space: AddressSpace;
  readonly #filtered = new Recent<Passing>(FILTERS_KEPT);
  readonly #ordered = new Recent<RowGroup[] | Uint32Array>(ORDERS_KEPT);
  readonly #lines = new Recent<RowLines>(ORDERS_KEPT);

  constructor(space: AddressSpace) {
    this.#space = space;
  }

  /** The regions that a filter lets through, in address order. Throws a TargetError where there is a mistake in it. */
  passing(filter: string, now = Date.now()): Uint32Array {
    return this.#passing(filter, now).indexes;
  }

  /** `selected` is the index of a region, or -1. Throws a TargetError where there is a mistake in the filter. */
  page(query: RowsQuery, selected: number): Omit<RowsPage, "revision"> {
    const now = query.at ?? Date.now();
    const { indexes, totals, unread } = this.#passing(query.filter, now);
    const lines = this.lines(query);
    const from = Math.max(0, Math.floor(query.offset) || 0);
    const to = from + Math.min(Math.max(0, Math.floor(query.limit) || 0), MOST_ROWS);
    const { length } = lines;
    return {
      total: length,
      regions: indexes.length,
      totals,
      unread,
      rows: Array.from({ length: Math.max(0, Math.min(to, length) - from) }, (_, at) => lines.row(from + at, now)),
      selected: selected < 0 ? null : lines.placeOf(selected),
      ...(query.spans && { spans: query.spans.map((span) => lines.placesOf(span)) }),
    };
  }

  /** All rows of the table. Throws a TargetError where there is a mistake in the filter. */
  lines({ filter, sort, descending, grouping, at }: RowsOrder): RowLines {
    const now = at ?? Date.now();
    const { indexes, key } = this.#passing(filter, now);
    const order = `${sort} ${descending} ${sort === "age" ? now : ""} ${grouping?.by} ${key}`;
    const ordered = this.#ordered.get(order, () => {
      const sorted = sortRegions(this.#space, indexes, sort, descending);
      return grouping ? sortGroups(groupRows(this.#space, sorted, grouping.by), sort, descending) : sorted;
    });
    const { isFolded = false, except = [] } = grouping ?? {};
    return this.#lines.get(JSON.stringify([isFolded, except, order]), () => {
      return new RowLines(this.#space, ordered, isFolded, new Set(except));
    });
  }

  #passing(filter: string, now: number): Passing {
    const terms = parseFilter(filter);
    // Ages grow while nothing else changes.
    const key = dependsOnTime(terms) ? `${now} ${filter}` : filter;
    return this.#filtered.get(key, () => {
      const indexes = filterRegions(this.#space, terms, now);
      return { key, indexes, totals: sumsOf(this.#space, indexes), unread: unreadOf(this.#space, indexes) };
    });
  }
}

/** The table's rows, in order. */
export class RowLines {
  readonly #space: AddressSpace;
  readonly #groups: readonly RowGroup[];
  readonly #isFolded: (group: RowGroup) => boolean;
  /** A region's index, or of a group's row its place in `#groups` below 0: -1 is the first. */
  readonly #lines: Int32Array;
  /** By a region's index its line, or that of its folded group; -1 where the filter hides it. */
  readonly #places: Int32Array;

  constructor(
    space: AddressSpace,
    ordered: readonly RowGroup[] | Uint32Array,
    isFolded: boolean,
    except: ReadonlySet<string>,
  ) {
    this.#space = space;
    this.#isFolded = ({ id }) => isFolded !== except.has(id);
    this.#places = new Int32Array(space.length).fill(-1);
    if (ordered instanceof Uint32Array) {
      this.#groups = [];
      this.#lines = Int32Array.from(ordered);
      for (const [line, index] of ordered.entries()) this.#places[index] = line;
      return;
    }
    this.#groups = ordered;
    const lines: number[] = [];
    for (const [place, group] of ordered.entries()) {
      const head = lines.push(-1 - place) - 1;
      const isShown = !this.#isFolded(group);
      for (const index of group.indexes) this.#places[index] = isShown ? lines.push(index) - 1 : head;
    }
    this.#lines = Int32Array.from(lines);
  }

  get length(): number {
    return this.#lines.length;
  }

  /** @param now milliseconds since the epoch: what ages count from */
  row(line: number, now: number): RegionRow | GroupRow {
    const index = this.#lines[line] as number;
    if (index >= 0) return regionRow(this.#space, index, now);
    const group = this.#groups[-1 - index] as RowGroup;
    return toGroupRow(this.#space, group, this.#isFolded(group), now);
  }

  /** The row of a region, or of the folded group that it is in; `null` where the filter hides it. */
  placeOf(index: number): number | null {
    const place = this.#places[index] as number;
    return place < 0 ? null : place;
  }

  /** The first and the last row of a span; `null` where one of them is no more. */
  placesOf([from, to]: RowSpan): [first: number, last: number] | null {
    const first = this.#placeOfId(from);
    const last = this.#placeOfId(to);
    if (first < 0 || last < 0) return null;
    return first < last ? [first, last] : [last, first];
  }

  #placeOfId(id: string): number {
    if (!/^0x[0-9a-f]{1,16}$/.test(id)) {
      const group = this.#groups.findIndex((each) => each.id === id);
      return group < 0 ? -1 : this.#lines.indexOf(-1 - group);
    }
    const index = this.#space.indexOf(BigInt(id));
    const place = index < 0 ? -1 : (this.#places[index] as number);
    return this.#lines[place] === index ? place : -1;
  }
}

interface Passing {
  /** Tells it from those of other filters, and of other moments where it depends on them. */
  readonly key: string;
  readonly indexes: Uint32Array;
  readonly totals: Sums;
  readonly unread: number;
}

/** The table's and the tree's, and those they had before a letter was typed. */
const FILTERS_KEPT = 4;
const ORDERS_KEPT = 4;
/** Of a page: more than any window shows. */
const MOST_ROWS = 10_000;

function regionRow(space: AddressSpace, index: number, now: number): RegionRow {
  const { start, end, permissions, fileOffset, device, inode, readAt } = space.columns;
  const isRead = space.usageOf(index, "rss") !== null;
  return {
    ...amountsOf(space, index),
    start: hexOf(start[index] as number),
    end: hexOf(end[index] as number),
    size: space.size(index),
    age: isRead ? Math.max(0, now - (readAt[index] as number)) : null,
    permissions: permissionLetters(permissions[index] as number),
    kind: space.kind(index),
    name: regionName(space, index),
    path: space.path(index),
    fileOffset: fileOffset[index] as number,
    device: space.devices[device[index] as number] as string,
    inode: inode[index] as number,
    flags: flagsOf(space, index) || null,
    thpEligible: isThpEligible(space, index),
  };
}
