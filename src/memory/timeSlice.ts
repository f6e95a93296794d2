import type { Work } from "./module.ts";

/** Long work in a Node process asks this between its steps, so that nobody waits for it longer than a slice. */
export class TimeSlice {
  readonly #work: Work;
  readonly #length: number;
  #start: number;

  constructor(work: Work = {}) {
    this.#work = work;
    this.#length = work.slice ?? 1;
    this.#start = Date.now();
  }

  get isOver(): boolean {
    // Node takes two milliseconds to load `performance`. This clock may be set back.
    const passed = Date.now() - this.#start;
    return passed >= this.#length || passed < 0;
  }

  /** Whether a signal has ended the work. */
  get isEnded(): boolean {
    return this.#work.signal?.aborted ?? false;
  }

  /**
   * Lets other work have its turn. Throws the reason of a signal that ends the work.
   * @param done how much of the work is done, from 0 to 1
   */
  async next(done?: number): Promise<void> {
    if (done !== undefined) this.#work.progress?.(done);
    await new Promise<void>((resume) => setImmediate(resume));
    this.#work.signal?.throwIfAborted();
    this.#start = Date.now();
  }
}
