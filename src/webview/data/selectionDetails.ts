/** What is known of the chosen address: at once what needs no debug information, then the whole. */
import type { HexAddress } from "../../memory/address.ts";
import type { ExplanationMessage, TargetId } from "../../protocol/server.ts";
import { Observed } from "./observed.ts";
import { type Ask, Question } from "./question.ts";

interface ExplainQuery {
  target: TargetId;
  address: HexAddress;
  withSource: boolean;
  at: number | null;
}

export class SelectionDetails extends Observed {
  readonly #quick: Question<ExplainQuery, ExplanationMessage>;
  readonly #whole: Question<ExplainQuery, ExplanationMessage>;
  #target: TargetId | null = null;
  #at: number | null = null;
  #address: HexAddress | null = null;
  #explanation: ExplanationMessage | null = null;
  #isWhole = false;
  #problem: string | null = null;

  constructor(ask: Ask) {
    super();
    const explain = (query: ExplainQuery) => ask("explain", query);
    const failed = (message: string) => {
      if (this.#explanation?.address !== this.#address) this.#explanation = null;
      this.#problem = message;
      this.changed();
    };
    this.#quick = new Question(
      explain,
      (explanation) => {
        this.#receive(explanation, false);
        this.#ask(this.#whole, true);
      },
      failed,
    );
    this.#whole = new Question(explain, (explanation) => this.#receive(explanation, true), failed);
  }

  /** Of the address chosen before until the new one's is there; `null` where nothing is known. */
  get explanation(): ExplanationMessage | null {
    return this.#explanation;
  }

  /** Whether debug information was asked, too. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Why there is nothing newer, in words. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Tells of another address; `null`: of none. */
  show(target: TargetId | null, address: HexAddress | null): void {
    if (target === this.#target && address === this.#address) return;
    if (target !== this.#target || address === null) this.#explanation = null;
    this.#target = target;
    this.#address = address;
    this.#isWhole = false;
    this.#problem = null;
    this.#quick.forget();
    this.#whole.forget();
    this.#ask(this.#quick, false);
    this.changed();
  }

  /** Tells what was there at that time, in milliseconds since the epoch; `null`: what is. */
  lookAt(at: number | null): void {
    if (at === this.#at) return;
    this.#at = at;
    this.#isWhole = false;
    this.#quick.forget();
    this.#whole.forget();
    this.#ask(this.#quick, false);
  }

  /** The regions changed: what is there may be something else. */
  refresh(): void {
    this.#ask(this.#isWhole ? this.#whole : this.#quick, this.#isWhole);
  }

  #ask(question: Question<ExplainQuery, ExplanationMessage>, withSource: boolean): void {
    if (this.#target === null || this.#address === null) return;
    question.ask({ target: this.#target, address: this.#address, withSource, at: this.#at });
  }

  #receive(explanation: ExplanationMessage, isWhole: boolean): void {
    this.#explanation = explanation;
    this.#isWhole = isWhole;
    this.#problem = null;
    this.changed();
  }
}
