import { type Address, toHex } from "../memory/address.ts";
import type { AddressSpace } from "../memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../memory/addressSpaceBuilder.ts";
import { FoldedAxis } from "../memory/axis.ts";
import { type Changes, changesBetween } from "../memory/changes.ts";
import { FaultHeat } from "../memory/faultHeat.ts";
import { regionName } from "../memory/names.ts";
import { isSameSpace } from "../memory/sameRegions.ts";
import type { ChangeNote, Picture, PictureQuery, RowsOrder, RowsPage, RowsQuery } from "../protocol/server.ts";
import { RegionGroups } from "./groups.ts";
import { MeasuredGroups } from "./measuredGroups.ts";
import { RegionRows, type RowLines } from "./rows.ts";

const NOTHING = new AddressSpaceBuilder().finish();

/**
 * The regions of a target as they were read, until they or their numbers change; with what the views want to know of
 * them, each made when first asked for.
 */
export class Revision {
  readonly number: number;
  /** Of one of the past when it was read, in milliseconds since the epoch; `null`: it is as it is now. */
  readonly time: number | null;
  readonly space: AddressSpace;
  readonly changes: ChangeNote;
  readonly heat: FaultHeat;
  /** By the regions that pass a filter: kept as long as those. */
  readonly #groups = new WeakMap<Uint32Array, RegionGroups>();
  readonly #rows: RegionRows;
  #axis: FoldedAxis | null = null;
  #measured: MeasuredGroups | null = null;

  /** @param before what was read before */
  constructor(number: number, space: AddressSpace, before: Revision | null = null, time: number | null = null) {
    this.number = number;
    this.time = time;
    this.space = space;
    this.changes = noteOf(changesBetween(before?.space ?? NOTHING, space));
    this.heat = new FaultHeat(space, before);
    this.#rows = new RegionRows(space);
  }

  /** Throws a TargetError where there is a mistake in the filter. */
  groups(filter: string): RegionGroups {
    const regions = this.#rows.passing(filter);
    const known = this.#groups.get(regions);
    const groups = known ?? new RegionGroups(this.space, regions);
    if (!known) this.#groups.set(regions, groups);
    return groups;
  }

  /** Throws a TargetError where there is a mistake in the filter, as {@link rowLines} does. */
  rows(query: RowsQuery, selected: Address | null): RowsPage {
    const { number, time } = this;
    return { revision: number, time, ...this.#rows.page({ ...query, at: time }, this.#indexOf(selected)) };
  }

  /** All rows of the table. */
  rowLines(order: RowsOrder): RowLines {
    return this.#rows.lines({ ...order, at: this.time });
  }

  /** The regions as a treemap shows them. */
  get measured(): MeasuredGroups {
    this.#measured ??= new MeasuredGroups(this.space, this.heat.rates);
    return this.#measured;
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
      time: this.time,
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
      this.#measured = null;
    }
    return isSame;
  }

  #indexOf(address: Address | null): number {
    return address === null ? -1 : this.space.indexOf(address);
  }
}

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
