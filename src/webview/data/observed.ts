/** Something that changes and tells those who look at it. */
export class Observed {
  readonly #listeners = new Set<() => void>();

  /** Calls the listener after each change. The answer ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  protected changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
