import type { LitElement, ReactiveController } from "lit";
import { firstRow, rowsInView, type Scrolling, scrolledHeight, scrollTopOf } from "../data/scrolling.ts";

/** What is scrolled: the rows of a table of any length, of which those in view are on the page. */
export interface ScrolledRows {
  /** `null` while it is not known how many there are. */
  readonly total: number | null;
  /** The row to begin at. */
  readonly first: number;
  /** The rows that are in view by now. */
  show(first: number, count: number): void;
}

/** Scrolls rows in the element `.scroller` of its host, with the row that the keys work on. */
export class RowScroller implements ReactiveController {
  /** The row that the keys work on. */
  cursor = 0;
  readonly #host: LitElement;
  readonly #rows: () => ScrolledRows;
  readonly #resize = new ResizeObserver(() => this.#measure());
  #top = 0;
  #viewHeight = 0;
  #width = 0;
  #isObserved = false;
  /** Whether the rows stand where they were left. */
  #placed = false;

  constructor(host: LitElement, rows: () => ScrolledRows) {
    this.#host = host;
    this.#rows = rows;
    host.addController(this);
  }

  /** CSS pixels. */
  get width(): number {
    return this.#width;
  }

  /** The rows that are to be on the page, the first and the one after the last. */
  get shown(): { first: number; last: number } {
    const { row: first } = firstRow(this.#scrolling, this.#top);
    return { first, last: Math.min(this.#rows().total ?? 0, first + this.inView + 2) };
  }

  /** Rows that are wholly in view. */
  get inView(): number {
    return rowsInView(this.#scrolling);
  }

  focus(): void {
    this.#element.focus();
  }

  /** To the first row. */
  reset(): void {
    this.cursor = 0;
    this.#element.scrollTop = 0;
  }

  scrolled(): void {
    this.#top = this.#element.scrollTop;
    this.#show();
    this.#host.requestUpdate();
  }

  /** Makes a row the one that the keys work on, and brings it into view. */
  moveTo(line: number, where: "nearest" | "centre"): void {
    const scrolling = this.#scrolling;
    this.cursor = Math.max(0, Math.min(scrolling.rows - 1, line));
    this.#host.requestUpdate();
    if (this.#isInView(this.cursor)) return;
    const firstWhole = this.#firstWhole;
    const above = where === "centre" ? Math.floor(this.inView / 2) : this.cursor < firstWhole ? 0 : this.inView - 1;
    const row = Math.max(0, this.cursor - above);
    // The last row in view stands at the lower edge, not a part of a row above it.
    const rest = above === this.inView - 1 ? scrolling.viewHeight - this.inView * scrolling.rowHeight : 0;
    this.#element.scrollTop = Math.max(0, scrollTopOf(scrolling, row) - rest);
  }

  hostUpdate(): void {
    if (this.#rows().total !== null) return;
    this.#placed = false;
    this.cursor = 0;
  }

  hostUpdated(): void {
    const scroller = this.#element;
    if (!this.#isObserved) {
      this.#isObserved = true;
      this.#resize.observe(scroller);
    }
    const scrolling = this.#scrolling;
    const { top } = firstRow(scrolling, this.#top);
    const body = scroller.querySelector<HTMLElement>(".body");
    if (body) body.style.height = `${scrolledHeight(scrolling)}px`;
    const layer = scroller.querySelector<HTMLElement>(".rows");
    if (layer) layer.style.transform = `translateY(${top}px)`;
    const { total, first } = this.#rows();
    if (!this.#placed && total !== null && this.#viewHeight > 0) {
      this.#placed = true;
      scroller.scrollTop = scrollTopOf(scrolling, first);
    }
  }

  hostDisconnected(): void {
    this.#resize.disconnect();
    this.#isObserved = false;
  }

  get #element(): HTMLElement {
    return this.#host.renderRoot.querySelector(".scroller") as HTMLElement;
  }

  get #scrolling(): Scrolling {
    return { rows: this.#rows().total ?? 0, rowHeight: ROW_HEIGHT, viewHeight: this.#viewHeight };
  }

  get #firstWhole(): number {
    const { row, top } = firstRow(this.#scrolling, this.#top);
    return top < this.#top ? row + 1 : row;
  }

  #isInView(line: number): boolean {
    const first = this.#firstWhole;
    return line >= first && line < first + this.inView;
  }

  #measure(): void {
    const { clientHeight, clientWidth } = this.#element;
    const inView = this.#isInView(this.cursor);
    this.#viewHeight = Math.max(0, clientHeight - 2 * (ROW_HEIGHT + 1));
    this.#width = clientWidth;
    this.#show();
    this.#host.requestUpdate();
    // The pages of the region that was just chosen take some of the table's room.
    if (inView) this.moveTo(this.cursor, "nearest");
  }

  #show(): void {
    const { row } = firstRow(this.#scrolling, this.#top);
    this.#rows().show(row, this.inView + 2);
  }
}

/** CSS pixels; VS Code's lists have the same. */
const ROW_HEIGHT = 22;
