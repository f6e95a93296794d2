import type { RowSpan } from "../../protocol/server.ts";

/**
 * The rows that are selected, as spans from one row to another. A span keeps to its two rows, which the server finds
 * again wherever they are by then; what lies between them belongs to it.
 */
export class RowSelection {
  /** The id of a row that is on the page; `null` of another. */
  readonly #idOf: (line: number) => string | null;
  #spans: Span[] = [];
  #isAll = false;

  constructor(idOf: (line: number) => string | null) {
    this.#idOf = idOf;
  }

  /** Spans that the server can find; those whose rows are not known yet are left out. `null`: all rows. */
  get spans(): RowSpan[] | null {
    return this.#isAll ? null : this.#spans.flatMap(spanOf);
  }

  get isEmpty(): boolean {
    return this.#spans.length === 0 && !this.#isAll;
  }

  /** How many of `total` rows are selected. */
  count(total: number): number {
    if (this.#isAll) return total;
    return this.#spans.reduce((sum, { anchor, end }) => sum + Math.abs(end - anchor) + 1, 0);
  }

  has(line: number): boolean {
    return this.#isAll || this.#spans.some((span) => isIn(span, line));
  }

  clear(): void {
    this.#spans = [];
    this.#isAll = false;
  }

  all(): void {
    this.#spans = [];
    this.#isAll = true;
  }

  only(line: number): void {
    this.#isAll = false;
    this.#spans = [this.#span(line, line)];
  }

  /** Adds a row, or takes it out. */
  toggle(line: number): void {
    this.#isAll = false;
    const holder = this.#spans.find((span) => isIn(span, line));
    if (!holder) {
      this.#spans = [...this.#spans, this.#span(line, line)];
      return;
    }
    const first = Math.min(holder.anchor, holder.end);
    const last = Math.max(holder.anchor, holder.end);
    const rest = [
      ...(first < line ? [this.#span(first, line - 1)] : []),
      ...(line < last ? [this.#span(line + 1, last)] : []),
    ];
    this.#spans = [...this.#spans.filter((span) => span !== holder), ...rest];
  }

  /** From where the newest span began to this row; `from` is where one begins if there is none. */
  extendTo(line: number, from: number): void {
    this.#isAll = false;
    const anchor = this.#spans.at(-1)?.anchor ?? from;
    // Spans that the new one goes over are part of it.
    const span = this.#span(anchor, line);
    this.#spans = [
      ...this.#spans.slice(0, -1).filter((each) => !isIn(span, each.anchor) && !isIn(span, each.end)),
      span,
    ];
  }

  /** Rows moved: where the spans that {@link spans} gave are now; `null` of those that are no more. */
  receive(asked: readonly RowSpan[], places: readonly ([first: number, last: number] | null)[]): void {
    this.#spans = this.#spans.flatMap((span) => {
      const at = asked.findIndex(([from, to]) => from === span.from && to === span.to);
      if (at < 0) return [{ ...this.#span(span.anchor, span.end), ...known(span) }];
      const place = places[at];
      if (!place) return [];
      const [first, last] = place;
      return [span.anchor <= span.end ? { ...span, anchor: first, end: last } : { ...span, anchor: last, end: first }];
    });
  }

  #span(anchor: number, end: number): Span {
    return { anchor, end, from: this.#idOf(anchor), to: this.#idOf(end) };
  }
}

/** From the row where the user began to the one up to which it was extended: lines, and the rows' ids. */
interface Span {
  readonly anchor: number;
  readonly end: number;
  readonly from: string | null;
  readonly to: string | null;
}

function isIn({ anchor, end }: Span, line: number): boolean {
  return Math.min(anchor, end) <= line && line <= Math.max(anchor, end);
}

/** Its ids, as far as they are known. */
function known({ from, to }: Span): Partial<Span> {
  return { ...(from !== null && { from }), ...(to !== null && { to }) };
}

function spanOf({ from, to }: Span): RowSpan[] {
  return from === null || to === null ? [] : [[from, to]];
}
