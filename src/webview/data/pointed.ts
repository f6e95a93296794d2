/** What is under the pointer: asked for when it rests. */
import type { StretchDetails, StretchQuery } from "../../protocol/server.ts";
import { Observed } from "./observed.ts";
import { type Ask, Question } from "./question.ts";

export class Pointed extends Observed {
  readonly #question: Question<StretchQuery, StretchDetails>;
  #details: StretchDetails | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: Ask) {
    super();
    this.#question = new Question(
      (query) => ask("stretch", query),
      (details) => this.#receive(details),
      // What the picture itself tells stays.
      () => this.#receive(null),
    );
  }

  /** `null` until it is known. */
  get details(): StretchDetails | null {
    return this.#details;
  }

  /** The pointer moved there; `null`: away. */
  point(query: StretchQuery | null): void {
    clearTimeout(this.#timer);
    this.#question.forget();
    this.#details = null;
    if (query) this.#timer = setTimeout(() => this.#question.ask(query), REST);
  }

  #receive(details: StretchDetails | null): void {
    this.#details = details;
    this.changed();
  }
}

/** Milliseconds that a pointer rests before it is asked what is there. */
const REST = 100;
