import { type Address, toHex } from "../memory/address.ts";
import type { AddressSpace } from "../memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../memory/addressSpaceBuilder.ts";
import { FoldedAxis } from "../memory/axis.ts";
import { type Changes, changesBetween, isSameSpace } from "../memory/changes.ts";
import { FaultHeat } from "../memory/faultHeat.ts";
import { regionName } from "../memory/names.ts";
import type { ChangeNote, Picture, PictureQuery, RowsPage, RowsQuery } from "../protocol/server.ts";
import { RegionGroups } from "./groups.ts";
import { Recent } from "./recent.ts";
import { filterRegions } from "./regionFilter.ts";
import { RegionRows } from "./rows.ts";

const NOTHING = new AddressSpaceBuilder().finish();

/**
 * The regions of a target as they were read, until they or their numbers change; with what the views want to know of
 * them, each made when first asked for.
 */
export class Revision {
  readonly number: number;
  readonly space: AddressSpace;
  readonly changes: ChangeNote;
  readonly heat: FaultHeat;
  readonly #filtered = new Recent<Uint32Array>(FILTERS_KEPT);
  readonly #groups = new Recent<RegionGroups>(FILTERS_KEPT);
  readonly #rows: RegionRows;
  #axis: FoldedAxis | null = null;

  /** @param before what was read before */
  constructor(number: number, space: AddressSpace, before: Revision | null = null) {
    this.number = number;
    this.space = space;
    this.changes = noteOf(changesBetween(before?.space ?? NOTHING, space));
    this.heat = new FaultHeat(space, before);
    this.#rows = new RegionRows(space, (filter) => this.#regions(filter));
  }

  groups(filter: string): RegionGroups {
    return this.#groups.get(filter, () => new RegionGroups(this.space, this.#regions(filter)));
  }

  rows(query: RowsQuery, selected: Address | null): RowsPage {
    return { revision: this.number, ...this.#rows.page(query, this.#indexOf(selected)) };
  }

  get axis(): FoldedAxis {
    this.#axis ??= new FoldedAxis(this.space);
    return this.#axis;
  }

  picture({ from, to, pixels, measure }: PictureQuery, selected: Address | null): Picture {
    const { axis } = this;
    const { length } = axis;
    const end = Math.min(to ?? length, length);
    const start = Math.max(0, Math.min(from, end));
    const index = this.#indexOf(selected);
    return {
      revision: this.number,
      length,
      from: start,
      to: end,
      stretches: axis.stretches(start, end, Math.min(pixels, MOST_PIXELS), measure, this.heat.rates),
      selected: index < 0 ? null : placeOf(this.space, index, axis),
    };
  }

  /** Whether another reading says the same, to the last number; then this has that reading's age. */
  isSame(space: AddressSpace): boolean {
    const isSame = isSameSpace(this.space, space);
    if (isSame) {
      this.space.columns.readAt.set(space.columns.readAt);
      this.heat.readAgain(space);
    }
    return isSame;
  }

  #regions(filter: string): Uint32Array {
    return this.#filtered.get(filter, () => filterRegions(this.space, filter));
  }

  #indexOf(address: Address | null): number {
    return address === null ? -1 : this.space.indexOf(address);
  }
}

/** The table's and the tree's, and those they had before a letter was typed. */
const FILTERS_KEPT = 4;
/** More columns than any screen has. */
const MOST_PIXELS = 16_384;

/** Before the first reading. */
export const NOTHING_READ = new Revision(0, NOTHING);

function noteOf(changes: Changes): ChangeNote {
  const entries = Object.entries(changes).map(([name, { count, bytes }]) => [name, { count, bytes }]);
  return Object.fromEntries(entries) as ChangeNote;
}

function placeOf(space: AddressSpace, index: number, axis: FoldedAxis): NonNullable<Picture["selected"]> {
  const { start, end } = space.region(index);
  return {
    ...axis.extentOf(index),
    start: toHex(start),
    end: toHex(end),
    name: regionName(space, index),
  };
}
