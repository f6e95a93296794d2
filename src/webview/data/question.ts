import type { PanelRequests } from "../../protocol/panel.ts";

/** Asks the extension. Rejects with what it answered instead: something with a `message`. */
export type Ask = <M extends keyof PanelRequests>(
  method: M,
  params: PanelRequests[M][0],
) => Promise<PanelRequests[M][1]>;

/**
 * A question that is asked again and again as the user moves: one at a time, and of those that come up while an answer
 * is awaited only the newest is kept. However fast the user scrolls, the server is never asked faster than it answers.
 */
export class Question<Q, A> {
  readonly #ask: (question: Q) => Promise<A>;
  readonly #answered: (answer: A, question: Q) => void;
  readonly #failed: (message: string) => void;
  #next: { question: Q } | null = null;
  /** Counts up when everything asked so far is void. */
  #era = 0;
  #asking = false;

  constructor(
    ask: (question: Q) => Promise<A>,
    answered: (answer: A, question: Q) => void,
    failed: (message: string) => void,
  ) {
    this.#ask = ask;
    this.#answered = answered;
    this.#failed = failed;
  }

  ask(question: Q): void {
    this.#next = { question };
    if (!this.#asking) void this.#work();
  }

  /** What was asked so far no longer matters: its answers are dropped. */
  forget(): void {
    this.#era++;
    this.#next = null;
    this.#asking = false;
  }

  async #work(): Promise<void> {
    const era = this.#era;
    this.#asking = true;
    while (this.#next) {
      const { question } = this.#next;
      this.#next = null;
      try {
        const answer = await this.#ask(question);
        if (era !== this.#era) return;
        this.#answered(answer, question);
      } catch (error) {
        if (era !== this.#era) return;
        this.#failed(sentenceOf(error));
      }
    }
    this.#asking = false;
  }
}

/** What went wrong, in words. */
export function sentenceOf(error: unknown): string {
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  return typeof message === "string" && message !== "" ? message : "The memory server gave no answer.";
}
