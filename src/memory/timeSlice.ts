import type { Work } from "./module.ts";

/** Milliseconds that work may take before other work has its turn. */
const LENGTH = 1;

/** Long work in a Node process asks this between its steps, so that nobody waits for it longer than a slice. */
export class TimeSlice {
  readonly #work: Work;
  #end = performance.now() + LENGTH;

  constructor(work: Work = {}) {
    this.#work = work;
  }

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /**
   * Lets other work have its turn. Throws the reason of a signal that ends the work.
   * @param done how much of the work is done, from 0 to 1
   */
  async next(done?: number): Promise<void> {
    if (done !== undefined) this.#work.progress?.(done);
    await new Promise<void>((resume) => setImmediate(resume));
    this.#work.signal?.throwIfAborted();
    this.#end = performance.now() + LENGTH;
  }
}
