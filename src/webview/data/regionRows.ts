/** What the region table shows: the rows around those in view, sorted and filtered by the server. */
import type { HexAddress } from "../../memory/address.ts";
import { filterProblem } from "../../memory/filter.ts";
import type {
  GroupRow,
  RegionRow,
  RowField,
  RowGrouping,
  RowsOrder,
  RowsPage,
  RowsQuery,
  RowsTextQuery,
  TargetId,
} from "../../protocol/server.ts";
import { Observed } from "./observed.ts";
import { type Ask, Question } from "./question.ts";
import { RowSelection } from "./rowSelection.ts";

export type TableRow = RegionRow | GroupRow;

export interface RowOrder {
  readonly sort: RowField;
  readonly descending: boolean;
}

export class RegionRows extends Observed {
  /** The rows that were selected here; where there are none, the one of {@link selected} is. */
  readonly selection = new RowSelection((line) => idOf(this.row(line)));
  readonly #question: Question<RowsQuery, RowsPage>;
  readonly #copying: Question<RowsTextQuery, { rows: number }>;
  #target: TargetId | null = null;
  #at: number | null = null;
  #page: RowsPage | null = null;
  #offset = 0;
  /** When the page came, by `performance.now`. */
  #answered = 0;
  #first = 0;
  #count = 0;
  #filter = "";
  /** The last filter without a mistake. */
  #applied = "";
  #filterProblem: string | null = null;
  #grouping: RowGrouping | null = null;
  #columns: readonly RowField[] | null = null;
  #copied: number | null = null;
  #order: RowOrder = { sort: "start", descending: false };
  #selected: HexAddress | null = null;
  #reveal = false;
  #revealed: number | null = null;
  #problem: string | null = null;

  constructor(ask: Ask) {
    super();
    this.#question = new Question(
      (query) => ask("rows", query),
      (page, { offset, selected, spans = [] }) => {
        this.#page = page;
        this.#offset = offset;
        this.#answered = performance.now();
        this.#problem = null;
        this.selection.receive(spans, page.spans ?? []);
        if (this.#reveal && selected === this.#selected) {
          this.#revealed = page.selected ?? null;
          this.#reveal = false;
        }
        this.changed();
      },
      (message) => this.#fail(message),
    );
    this.#copying = new Question(
      (query) => ask("copyRows", query),
      ({ rows }) => {
        this.#copied = rows;
        this.changed();
      },
      (message) => this.#fail(message),
    );
  }

  /** What was answered last; `null` before the first answer. */
  get page(): RowsPage | null {
    return this.#page;
  }

  /** Rows that there are, those of groups too; `null` before the first answer. */
  get total(): number | null {
    return this.#page?.total ?? null;
  }

  /** As it was typed. */
  get filter(): string {
    return this.#filter;
  }

  /** What is wrong in the filter: then the rows are those of the one before. */
  get filterProblem(): string | null {
    return this.#filterProblem;
  }

  /** `null`: every region for itself. */
  get grouping(): RowGrouping | null {
    return this.#grouping;
  }

  /** The columns that the user chose; `null`: as many of the usual ones as fit. */
  get columns(): readonly RowField[] | null {
    return this.#columns;
  }

  /** How many rows were put into the clipboard, until something else happens; else `null`. */
  get copied(): number | null {
    return this.#copied;
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
  row(index: number): TableRow | null {
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
    this.selection.clear();
    this.changed();
    this.refresh();
  }

  /** When the regions of the past that are shown were read, in milliseconds since the epoch; `null`: they are those of now. */
  get time(): number | null {
    return this.#page?.time ?? null;
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

  /** Applies a filter; one with a mistake in it says so, and changes nothing else. */
  filterBy(filter: string): void {
    if (filter === this.#filter) return;
    this.#filter = filter;
    this.#filterProblem = filterProblem(filter);
    if (this.#filterProblem === null) {
      this.#applied = filter;
      this.#reorder();
    }
    this.changed();
  }

  sortBy(order: RowOrder): void {
    this.#order = order;
    this.#reorder();
  }

  groupBy(grouping: RowGrouping | null): void {
    this.#grouping = grouping;
    this.#reorder();
  }

  /** Folds or unfolds the group of a row. */
  toggleFold({ id, isFolded }: GroupRow): void {
    if (this.#grouping === null) return;
    const others = this.#grouping.except.filter((each) => each !== id);
    const except = isFolded === this.#grouping.isFolded ? [...others, id] : others;
    this.#grouping = { ...this.#grouping, except };
    this.refresh();
    this.changed();
  }

  showColumns(columns: readonly RowField[] | null): void {
    this.#columns = columns;
    this.changed();
  }

  /** Puts rows into the clipboard, those that are selected or all. */
  copy(format: RowsTextQuery["format"], columns: readonly RowField[], isAll: boolean): void {
    if (this.#target === null) return;
    this.#copied = null;
    const spans = isAll ? null : this.selection.spans;
    this.#copying.ask({ ...this.#shown(this.#target), format, columns: [...columns], spans });
  }

  /** Selects rows, from the one at which the user is; a change to `selection` is the caller's. */
  choose(change: (selection: RowSelection) => void): void {
    change(this.selection);
    this.#copied = null;
    this.changed();
  }

  /** Marks the row that holds the address; `reveal` makes it the row to scroll to. */
  select(address: HexAddress | null, reveal: boolean): void {
    this.#selected = address;
    this.selection.clear();
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
      ...this.#shown(this.#target),
      offset,
      limit: this.#first - offset + this.#count + MARGIN,
      selected: this.#selected,
      spans: this.selection.spans ?? [],
    });
  }

  #shown(target: TargetId): RowsOrder {
    return { target, at: this.#at, filter: this.#applied, ...this.#order, grouping: this.#grouping };
  }

  /** Other rows, or in another order: from the first. */
  #reorder(): void {
    this.#first = 0;
    this.#copied = null;
    this.selection.clear();
    this.refresh();
    this.changed();
  }

  #fail(message: string): void {
    this.#problem = message;
    this.changed();
  }
}

export function isGroup(row: TableRow): row is GroupRow {
  return "regions" in row;
}

/** What a row is called in a span. */
function idOf(row: TableRow | null): string | null {
  return row && (isGroup(row) ? row.id : row.start);
}

/** Milliseconds. */
const AGES_HOLD = 5000;
/** Rows asked for beyond those in view, on either side: what the user scrolls to next. */
const MARGIN = 40;
