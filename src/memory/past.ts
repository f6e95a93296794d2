import type { Address } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { type Gone, GoneRegions, type Moment } from "./gone.ts";
import { type PackedRegions, sizeOf, type Unpacked } from "./packedRegions.ts";
import { PastReading, packedLike, runsOf } from "./pastReading.ts";

/**
 * What a target's regions and their numbers were, in a memory that does not grow beyond {@link MOST_BYTES}: regions that
 * stay as they are from reading to reading are kept once. Where there is no room for more, readings go that lie the
 * closest to their neighbours for their age; those at stops stay {@link STOPS_COUNT} times as long. The first one and the
 * last stay.
 */
export class Past {
  readonly #gone = new GoneRegions();
  /** Oldest first. */
  readonly #kept: PastReading[] = [];
  /** How many readings have each. */
  readonly #shared = new Map<PackedRegions, number>();
  #bytes = 0;
  /** The last reading of the boundaries. */
  #last: { readonly space: AddressSpace; readonly moment: Moment } | null = null;
  /** What the pieces of the newest were packed of. */
  #packed: Unpacked | null = null;
  /** The packing under way. */
  #packing: Promise<void> = Promise.resolve();

  /** Bytes of memory that the readings take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes a reading of the regions. Those of one moment, or one stop, count as one: the last, with the time of the first.
   * It is packed a piece at a time, so that others have their turn.
   * @param revision the same one again is kept only for a stop
   */
  add(revision: Read, moment: Moment): void {
    const { space } = revision;
    if (this.#last) this.#gone.add(this.#last.space, this.#last.moment, space, moment);
    this.#last = { space, moment };
    this.addNumbers(revision, moment);
  }

  /** Takes a reading of the regions' numbers alone: which regions there are is as at the reading before. */
  addNumbers({ number, space, heat }: Read, moment: Moment): void {
    // Ages and rates are set anew in place while the regions stay the same.
    const readAt = runsOf(space.columns.readAt);
    const read = { number, space, heat: { rates: heat.rates.slice() } };
    this.#packing = this.#packing.then(() => this.#keep(read, moment, readAt));
  }

  /** All that are kept, oldest first. */
  async readings(): Promise<readonly PastReading[]> {
    await this.#packing;
    return [...this.#kept];
  }

  /** The last reading at or before a time in milliseconds since the epoch, or else the first; `null` where there is none. */
  async at(time: number): Promise<PastReading | null> {
    await this.#packing;
    return this.#kept.findLast(({ moment }) => moment.time <= time) ?? this.#kept[0] ?? null;
  }

  /** What was mapped last at an address; `null` where something is mapped now, and where nothing is known to have been. */
  lastAt(address: Address): Gone | null {
    if (!this.#last || this.#last.space.indexOf(address) >= 0) return null;
    return this.#gone.lastAt(address, Number.POSITIVE_INFINITY);
  }

  /** The same of an address where nothing was mapped at a time in milliseconds since the epoch. */
  goneBy(time: number, address: Address): Gone | null {
    return this.#gone.lastAt(address, time);
  }

  async #keep(read: Read, moment: Moment, readAt: Float64Array): Promise<void> {
    const before = this.#kept.at(-1);
    const isSameStop = moment.stop !== null && before?.moment.stop === moment.stop;
    const isKnown = before?.revision === read.number;
    if (isKnown && (isSameStop || moment.stop === null)) return;
    const pieces = isKnown ? before.pieces : await packedLike(before?.pieces ?? [], this.#packed, read);
    if (!isKnown) this.#packed = read;
    const time = isSameStop ? before.moment.time : moment.time;
    // Numbers that come while boundaries are read are a little later than those.
    if (before && before.moment.time >= time) this.#forget(this.#kept.length - 1);
    this.#hold(new PastReading(read.number, { ...moment, time }, pieces, readAt));
    while (this.#kept.length > 1 && (this.#bytes > MOST_BYTES || this.#kept.length > MOST_READINGS)) {
      this.#forget(leastMissed(this.#kept));
    }
  }

  #hold(reading: PastReading): void {
    this.#kept.push(reading);
    this.#bytes += reading.size;
    for (const packed of reading.pieces) {
      const holders = this.#shared.get(packed) ?? 0;
      if (holders === 0) this.#bytes += sizeOf(packed);
      this.#shared.set(packed, holders + 1);
    }
  }

  #forget(index: number): void {
    const [reading] = this.#kept.splice(index, 1) as [PastReading];
    this.#bytes -= reading.size;
    for (const packed of reading.pieces) {
      const holders = this.#shared.get(packed) ?? 0;
      if (holders > 1) {
        this.#shared.set(packed, holders - 1);
        continue;
      }
      this.#shared.delete(packed);
      this.#bytes -= sizeOf(packed);
    }
  }
}

/** What was read, with the number of its revision. */
interface Read extends Unpacked {
  readonly number: number;
}

/** 32 MiB. */
export const MOST_BYTES = 32 * 1024 * 1024;
export const MOST_READINGS = 2048;
export const STOPS_COUNT = 16;

/** The reading, by its index, that is missed the least. */
function leastMissed(kept: readonly PastReading[]): number {
  const now = (kept.at(-1) as PastReading).moment.time;
  let least = 0;
  let lowest = Number.POSITIVE_INFINITY;
  for (let index = 1; index < kept.length - 1; index++) {
    const { moment } = kept[index] as PastReading;
    const gap = (kept[index + 1] as PastReading).moment.time - (kept[index - 1] as PastReading).moment.time;
    const missed = (gap / (now - moment.time + SECOND)) * (moment.stop === null ? 1 : STOPS_COUNT);
    if (missed >= lowest) continue;
    lowest = missed;
    least = index;
  }
  return least;
}

const SECOND = 1000;
