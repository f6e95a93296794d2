/** Milliseconds that work may take before other work has its turn. */
const LENGTH = 1;

/** Long work in a Node process asks this between its steps, so that nobody waits for it longer than a slice. */
export class TimeSlice {
  #end = performance.now() + LENGTH;

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Lets other work have its turn. */
  async next(): Promise<void> {
    await new Promise<void>((resume) => setImmediate(resume));
    this.#end = performance.now() + LENGTH;
  }
}
