import type { Unit } from "./unit.ts";

/**
 * The unit that is in memory whole, one at a time: what goes through a unit asks for it before, and others lose theirs. The
 * memory is used again for the next one.
 */
export class LoadedUnit {
  #unit: Unit | null = null;
  #memory: Buffer = Buffer.alloc(0);

  load(unit: Unit): void {
    if (unit === this.#unit) return;
    this.#unit?.unload();
    const length = unit.end - unit.offset;
    if (this.#memory.length < length) this.#memory = Buffer.allocUnsafeSlow(length);
    unit.load(this.#memory);
    this.#unit = unit;
  }

  /** Gives the memory back. */
  clear(): void {
    this.#unit?.unload();
    this.#unit = null;
    this.#memory = Buffer.alloc(0);
  }
}
