import type { Address } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { type Gone, GoneRegions, type Moment } from "./gone.ts";

/** What a target's regions were before. */
export class Past {
  readonly #gone = new GoneRegions();
  #last: { readonly space: AddressSpace; readonly moment: Moment } | null = null;

  /** Takes what has been read of the regions, also where that is what was read before. */
  add(space: AddressSpace, moment: Moment): void {
    if (this.#last) this.#gone.add(this.#last.space, this.#last.moment, space, moment);
    this.#last = { space, moment };
  }

  /** What was mapped last at an address; `null` where something is mapped now, and where nothing is known to have been. */
  lastAt(address: Address): Gone | null {
    if (!this.#last || this.#last.space.indexOf(address) >= 0) return null;
    return this.#gone.lastAt(address);
  }
}
