/** The last few results of something that takes a while: a filter as it is typed, a table sorted this way and that. */
export class Recent<Result> {
  readonly #limit: number;
  readonly #results = new Map<string, Result>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What was made for the key, or is made now; the one that was asked for longest ago is forgotten for it. */
  get(key: string, make: () => Result): Result {
    const known = this.#results.get(key);
    const result = known ?? make();
    this.#results.delete(key);
    this.#results.set(key, result);
    const [oldest] = this.#results.keys();
    if (this.#results.size > this.#limit && oldest !== undefined) this.#results.delete(oldest);
    return result;
  }
}
