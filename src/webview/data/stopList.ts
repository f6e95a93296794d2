/** What the steps cost, the most expensive first. They are asked for while the list is open. */
import type { Changed, PlacedStep, StepCost, StopOrder, Stops, StopsQuery, TargetId } from "../../protocol/server.ts";
import { Observed } from "./observed.ts";
import { type Ask, Question } from "./question.ts";

export class StopList extends Observed {
  readonly #question: Question<StopsQuery, Stops<PlacedStep>>;
  #target: TargetId | null = null;
  #sort: StopOrder;
  #isOpen: boolean;
  #last: StepCost | null = null;
  #stops: Stops<PlacedStep> = NONE;
  #problem: string | null = null;

  /** `sort`: open, in that order; `null`: closed. */
  constructor(ask: Ask, sort: StopOrder | null) {
    super();
    this.#sort = sort ?? "minorFaults";
    this.#isOpen = sort !== null;
    this.#question = new Question(
      (query) => ask("stops", query),
      (stops) => {
        this.#stops = stops;
        this.#problem = null;
        this.changed();
      },
      (message) => {
        this.#problem = message;
        this.changed();
      },
    );
  }

  get stops(): readonly PlacedStep[] {
    return this.#stops.stops;
  }

  /** How many steps there are, of which the list has the first {@link MOST_STOPS}. */
  get total(): number {
    return this.#stops.total;
  }

  /** The step to the last stop; `null` before it is known. */
  get last(): StepCost | null {
    return this.#last;
  }

  /** Why there is nothing newer, in words. */
  get problem(): string | null {
    return this.#problem;
  }

  get sort(): StopOrder {
    return this.#sort;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** What is kept of it: as the constructor takes it. */
  get state(): StopOrder | null {
    return this.#isOpen ? this.#sort : null;
  }

  look(target: TargetId | null): void {
    this.#target = target;
    this.#last = null;
    this.#stops = NONE;
    this.#problem = null;
    this.#question.forget();
    this.refresh();
    this.changed();
  }

  receive({ step }: Changed): void {
    if (!step) return;
    this.#last = step;
    this.changed();
  }

  /** Something became known of a stop. */
  refresh(): void {
    const limit = this.#isOpen ? MOST_STOPS : 0;
    if (this.#target !== null) this.#question.ask({ target: this.#target, sort: this.#sort, limit });
  }

  sortBy(sort: StopOrder): void {
    this.#sort = sort;
    this.refresh();
    this.changed();
  }

  open(isOpen: boolean): void {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    this.refresh();
    this.changed();
  }
}

/** More than one reads. */
export const MOST_STOPS = 100;

const NONE: Stops<PlacedStep> = { stops: [], total: 0 };
