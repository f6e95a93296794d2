import type { TimeSlice } from "../memory/timeSlice.ts";

/**
 * Work whose result is kept and that several may wait for. It is done in the time of who asks first; where that one gives
 * up, the next one begins anew. What fails is tried again at the next question.
 */
export class Shared<Result> {
  readonly #begin: (slice: TimeSlice) => Promise<Result>;
  #work: { readonly slice: TimeSlice; readonly result: Promise<Result> } | null = null;
  #known: Result | undefined;

  constructor(begin: (slice: TimeSlice) => Promise<Result>) {
    this.#begin = begin;
  }

  /** The result, once it is there: who asks often need not wait for it each time. */
  get known(): Result | undefined {
    return this.#known;
  }

  async get(slice: TimeSlice): Promise<Result> {
    for (;;) {
      this.#work ??= { slice, result: this.#begin(slice) };
      const work = this.#work;
      try {
        this.#known = await work.result;
        return this.#known;
      } catch (error) {
        if (this.#work === work) this.#work = null;
        if (!work.slice.isEnded || slice.isEnded) throw error;
      }
    }
  }
}
