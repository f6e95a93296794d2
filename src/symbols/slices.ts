import { setImmediate } from "node:timers/promises";

/**
 * Cuts long work into slices of about a millisecond, so that hovers and polling are not kept waiting:
 * `if (slices.over) await slices.next();` every few thousand steps.
 */
export class Slices {
  #end = performance.now() + MILLISECONDS;

  get over(): boolean {
    return performance.now() >= this.#end;
  }

  async next(): Promise<void> {
    await setImmediate();
    this.#end = performance.now() + MILLISECONDS;
  }
}

const MILLISECONDS = 1;
