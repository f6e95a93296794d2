import { Intervals } from "./intervals.ts";
import type { VariablePlace } from "./variables.ts";

/** The variables with static storage by their addresses, in columns. All are added before the first question. */
export class VariableIndex {
  readonly #threadLocalBase: number;
  readonly #address: number[] = [];
  readonly #unit: number[] = [];
  readonly #entry: number[] = [];
  #starts: Intervals | null = null;

  /** @param threadLocalBase link-time address of the template of thread-local variables (PT_TLS) */
  constructor(threadLocalBase: number) {
    this.#threadLocalBase = threadLocalBase;
  }

  /**
   * @param unit offset of the unit in the linked file
   * @param entry offset of the entry that describes the variable, in its section
   */
  add({ address, isThreadLocal }: VariablePlace, unit: number, entry: number): void {
    this.#address.push(isThreadLocal ? this.#threadLocalBase + address : address);
    this.#unit.push(unit);
    this.#entry.push(entry);
  }

  /** The variable that begins last at or before an address. */
  nearest(address: number): { readonly address: number; readonly unit: number; readonly entry: number } | null {
    this.#starts ??= new Intervals(
      new Float64Array(this.#address),
      new Float64Array(this.#address.length).fill(Number.POSITIVE_INFINITY),
    );
    const index = this.#starts.find(address);
    if (index < 0) return null;
    const [start, unit, entry] = [this.#address[index], this.#unit[index], this.#entry[index]];
    return { address: start as number, unit: unit as number, entry: entry as number };
  }
}
