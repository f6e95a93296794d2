/** What the region table shows: the rows around those in view, sorted and filtered by the server. */
import type { HexAddress } from "../../memory/address.ts";
import type { Totals } from "../../memory/counters.ts";
import type { Row, RowField, RowsPage, RowsQuery, TargetId } from "../../protocol/server.ts";
import { Observed } from "./observed.ts";
import { type Ask, Question } from "./question.ts";

export interface RowOrder {
  readonly sort: RowField;
  readonly descending: boolean;
}

export class RegionRows extends Observed {
  readonly #question: Question<RowsQuery, RowsPage>;
  #target: TargetId | null = null;
  #at: number | null = null;
  #page: RowsPage | null = null;
  #offset = 0;
  /** When the page came, by `performance.now`. */
  #answered = 0;
  #first = 0;
  #count = 0;
  #filter = "";
  #order: RowOrder = { sort: "start", descending: false };
  #selected: HexAddress | null = null;
  #reveal = false;
  #revealed: number | null = null;
  #problem: string | null = null;

  constructor(ask: Ask) {
    super();
    this.#question = new Question(
      (query) => ask("rows", query),
      (page, { offset, selected }) => {
        this.#page = page;
        this.#offset = offset;
        this.#answered = performance.now();
        this.#problem = null;
        if (this.#reveal && selected === this.#selected) {
          this.#revealed = page.selected ?? null;
          this.#reveal = false;
        }
        this.changed();
      },
      (message) => {
        this.#problem = message;
        this.changed();
      },
    );
  }

  /** Rows that pass the filter; `null` before the first answer. */
  get total(): number | null {
    return this.#page?.total ?? null;
  }

  get totals(): Totals | null {
    return this.#page?.totals ?? null;
  }

  get filter(): string {
    return this.#filter;
  }

  get order(): RowOrder {
    return this.#order;
  }

  get selected(): HexAddress | null {
    return this.#selected;
  }

  /** Why there are no newer rows, in words. */
  get problem(): string | null {
    return this.#problem;
  }

  /** `null` while it has not arrived. */
  row(index: number): Row | null {
    return this.#page?.rows[index - this.#offset] ?? null;
  }

  /** The first row in view. */
  get first(): number {
    return this.#first;
  }

  /** The row to scroll to, once. */
  takeRevealed(): number | null {
    const revealed = this.#revealed;
    this.#revealed = null;
    return revealed;
  }

  /** Shows another target, from this row on. */
  look(target: TargetId | null, first: number): void {
    this.#target = target;
    this.#page = null;
    this.#first = first;
    this.#selected = null;
    this.#problem = null;
    this.#question.forget();
    this.changed();
    this.refresh();
  }

  /** Shows the rows as they were at that time, in milliseconds since the epoch; `null`: as they are. */
  lookAt(at: number | null): void {
    if (at === this.#at) return;
    this.#at = at;
    this.#question.forget();
    this.refresh();
  }

  /** The rows that are in view; asks where some of them are not there. */
  show(first: number, count: number): void {
    const moved = first !== this.#first;
    this.#count = count;
    if (this.#page === null) {
      this.refresh();
      return;
    }
    this.#first = first;
    if (moved) this.changed();
    const last = Math.min(first + count, this.#page.total);
    if (first < this.#offset || last > this.#offset + this.#page.rows.length) this.refresh();
  }

  filterBy(filter: string): void {
    if (filter === this.#filter) return;
    this.#filter = filter;
    this.#first = 0;
    this.refresh();
    this.changed();
  }

  sortBy(order: RowOrder): void {
    this.#order = order;
    this.#first = 0;
    this.refresh();
    this.changed();
  }

  /** Marks the row that holds the address; `reveal` makes it the row to scroll to. */
  select(address: HexAddress | null, reveal: boolean): void {
    this.#selected = address;
    this.#reveal = reveal && address !== null;
    this.changed();
    if (this.#reveal) this.refresh();
  }

  /** Asks again where the answer is so old that the ages in it no longer hold. */
  keepFresh(): void {
    if (performance.now() - this.#answered > AGES_HOLD) this.refresh();
  }

  refresh(): void {
    if (this.#target === null || this.#count === 0) return;
    const offset = Math.max(0, this.#first - MARGIN);
    this.#question.ask({
      target: this.#target,
      at: this.#at,
      filter: this.#filter,
      ...this.#order,
      offset,
      limit: this.#first - offset + this.#count + MARGIN,
      selected: this.#selected,
    });
  }
}

/** Milliseconds. */
const AGES_HOLD = 5000;
/** Rows asked for beyond those in view, on either side: what the user scrolls to next. */
const MARGIN = 40;
