import type { Work } from "./module.ts";

/** Long work in a Node process asks this between its steps, so that nobody waits for it longer than a slice. */
export class TimeSlice {
  readonly #work: Work;
  readonly #length: number;
  #end: number;

  constructor(work: Work = {}) {
    this.#work = work;
    this.#length = work.slice ?? 1;
    this.#end = performance.now() + this.#length;
  }

  get isOver(): boolean {
    return performance.now() >= this.#end;
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
    this.#end = performance.now() + this.#length;
  }
}
