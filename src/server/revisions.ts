import type { AddressSpace } from "../memory/addressSpace.ts";
import type { Moment } from "../memory/gone.ts";
import { Past } from "../memory/past.ts";
import { Recent } from "./recent.ts";
import { NOTHING_READ, Revision } from "./revision.ts";

/** What the regions of a target are, and what they were. */
export class Revisions {
  readonly past = new Past();
  /** Unpacked: those that two views look at. */
  readonly #unpacked = new Recent<Promise<Revision>>(2);
  #now = NOTHING_READ;

  /** Without regions before the first reading. */
  get now(): Revision {
    return this.#now;
  }

  /**
   * As it was at a time in milliseconds since the epoch: the last reading until then that is kept, or else the first.
   * Without a time, and before anything was read, as it is.
   */
  async at(time: number | null | undefined): Promise<Revision> {
    const reading = typeof time === "number" ? await this.past.at(time) : null;
    if (!reading) return this.#now;
    const { revision, moment } = reading;
    return this.#unpacked.get(`${revision} ${moment.time}`, async () => {
      const { space, heat } = await reading.unpack();
      const then = new Revision(revision, space, null, moment.time);
      then.heat.rates.set(heat.rates);
      return then;
    });
  }

  /** Takes a reading of the regions. */
  add(space: AddressSpace, moment: Moment): void {
    this.#show(space);
    this.past.add(this.#now, moment);
  }

  /** Takes a reading of the regions' numbers: which regions there are is as before. */
  addNumbers(space: AddressSpace, moment: Moment): void {
    this.#show(space);
    this.past.addNumbers(this.#now, moment);
  }

  #show(space: AddressSpace): void {
    const before = this.#now;
    if (!before.isSame(space)) this.#now = new Revision(before.number + 1, space, before);
  }
}
