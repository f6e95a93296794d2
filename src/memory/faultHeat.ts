import type { AddressSpace } from "./addressSpace.ts";

/**
 * Where page faults bring memory in: what became resident in each region a second between the last two readings of its
 * numbers. The kernel counts faults of threads and not of regions; this is the least that faults must have brought, since
 * pages may have gone meanwhile and others come back.
 */
export class FaultHeat {
  /** Bytes a second by the region's index; NaN where its numbers have not been read twice. */
  readonly rates: Float64Array;
  /** When the numbers were read of which the rates tell. */
  readonly #readAt: Float64Array;

  /** @param before what was read before, with its heat */
  constructor(space: AddressSpace, before: { readonly space: AddressSpace; readonly heat: FaultHeat } | null) {
    this.rates = new Float64Array(space.length).fill(Number.NaN);
    this.#readAt = space.columns.readAt.slice();
    if (before) this.#follow(space, before.space, before.heat);
  }

  /** The regions were read again, and their numbers are the same. */
  readAgain({ columns: { readAt } }: AddressSpace): void {
    for (let index = 0; index < readAt.length; index++) {
      if (readAt[index] === this.#readAt[index]) continue;
      if (this.#readAt[index] !== 0) this.rates[index] = 0;
      this.#readAt[index] = readAt[index] as number;
    }
  }

  #follow(space: AddressSpace, old: AddressSpace, heat: FaultHeat): void {
    const now = space.columns;
    const then = old.columns;
    for (let index = 0, other = 0; index < space.length; index++) {
      // Of regions that grow one end stays: the heap's start, the main stack's end.
      while (other < old.length && (then.end[other] as number) <= (now.start[index] as number)) other++;
      if (other === old.length) return;
      if (then.start[other] !== now.start[index] && then.end[other] !== now.end[index]) continue;
      const before = heat.#readAt[other] as number;
      const seconds = ((now.readAt[index] as number) - before) / 1000;
      const resident = space.usageOf(index, "rss");
      const residentBefore = old.usageOf(other, "rss");
      if (seconds === 0) this.rates[index] = heat.rates[other] as number;
      else if (seconds > 0 && before !== 0 && resident !== null && residentBefore !== null) {
        this.rates[index] = Math.max(0, resident - residentBefore) / seconds;
      }
    }
  }
}
