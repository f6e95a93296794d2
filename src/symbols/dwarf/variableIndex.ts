import { Intervals } from "./intervals.ts";
import type { Unit } from "./unit.ts";
import { readVariables } from "./variables.ts";

/** Where a variable is described: the entry at an offset of a unit. */
export interface VariablePlace {
  /** Number of the unit among those that were added. */
  readonly unit: number;
  readonly entry: number;
}

/** The variables with static storage by their addresses, in columns. */
export class VariableIndex {
  readonly #address: number[] = [];
  readonly #unit: number[] = [];
  readonly #entry: number[] = [];
  readonly #threadLocalBase: number;
  #starts: Intervals | null = null;

  /** @param threadLocalBase link-time address of the template of thread-local variables (PT_TLS) */
  constructor(threadLocalBase: number) {
    this.#threadLocalBase = threadLocalBase;
  }

  /** Adds the variables of a unit. All units are added before the first question. */
  add(unit: Unit, number: number): void {
    readVariables(unit, (address, isThreadLocal, entry) => {
      this.#address.push(isThreadLocal ? this.#threadLocalBase + address : address);
      this.#unit.push(number);
      this.#entry.push(entry);
    });
  }

  /** The variable that begins last at or before an address, and where that is. */
  nearest(address: number): (VariablePlace & { readonly address: number }) | null {
    this.#starts ??= new Intervals(
      new Float64Array(this.#address),
      new Float64Array(this.#address.length).fill(Number.POSITIVE_INFINITY),
    );
    const index = this.#starts.find(address);
    return index < 0
      ? null
      : {
          address: this.#address[index] as number,
          unit: this.#unit[index] as number,
          entry: this.#entry[index] as number,
        };
  }
}
