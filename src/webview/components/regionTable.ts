/** The regions as a table: sorted and filtered by the server, and only what is in view is on the page. */
import "@vscode-elements/elements/dist/vscode-textfield/index.js";
import type { VscodeTextfield } from "@vscode-elements/elements/dist/vscode-textfield/index.js";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { KIND_LABELS } from "../../memory/kind.ts";
import type { Row } from "../../protocol/server.ts";
import type { PanelModel } from "../data/panelModel.ts";
import { firstRow, rowsInView, type Scrolling, scrolledHeight, scrollTopOf } from "../data/scrolling.ts";
import { COLUMNS, type Column, columnStyles, rowAsText } from "./regionColumns.ts";
import { shared } from "./styles.ts";
import { Watch } from "./watch.ts";
import { bytes, count } from "./words.ts";

export class RegionTable extends LitElement {
  static override properties = {
    model: { attribute: false },
    top: { state: true },
    viewHeight: { state: true },
    cursor: { state: true },
  };

  static override styles = [
    shared,
    columnStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 6px;
        container-type: inline-size;
      }
      .tools {
        display: flex;
        align-items: center;
        gap: 10px;
      }
      vscode-textfield {
        width: min(360px, 100%);
      }
      .matches {
        color: var(--panel-muted);
        white-space: nowrap;
      }
      .scroller {
        position: relative;
        flex: 1;
        min-height: 0;
        overflow: auto;
        border: 1px solid var(--panel-border);
        border-radius: 2px;
        outline-offset: -1px;
      }
      .body {
        position: relative;
        min-width: var(--table-width);
      }
      .rows {
        position: absolute;
        top: 0;
        left: 0;
        right: 0;
      }
      .head,
      .foot {
        position: sticky;
        z-index: 1;
        min-width: var(--table-width);
        background: var(--vscode-editor-background);
      }
      .head {
        top: 0;
        border-bottom: 1px solid var(--panel-border);
      }
      .foot {
        bottom: 0;
        border-top: 1px solid var(--panel-border);
        color: var(--panel-muted);
      }
      .row {
        display: grid;
        grid-template-columns: var(--columns);
        align-items: center;
        height: 22px;
      }
      .body .row {
        cursor: default;
      }
      .body .row:hover {
        background: var(--vscode-list-hoverBackground);
        outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
        outline-offset: -1px;
      }
      .body .row[aria-selected="true"] {
        background: var(--vscode-list-inactiveSelectionBackground, var(--vscode-list-activeSelectionBackground));
        color: var(--vscode-list-inactiveSelectionForeground, inherit);
        outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
        outline-offset: -1px;
      }
      .scroller:focus .row[aria-selected="true"] {
        background: var(--vscode-list-activeSelectionBackground);
        color: var(--vscode-list-activeSelectionForeground, inherit);
      }
      .scroller:focus .row.cursor {
        outline: 1px solid var(--vscode-list-focusOutline, var(--panel-focus));
        outline-offset: -1px;
      }
      .cell {
        padding: 0 8px;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .head .cell {
        padding: 0;
      }
      .head button {
        display: flex;
        align-items: center;
        gap: 3px;
        width: 100%;
        height: 22px;
        padding: 0 8px;
        border: 0;
        background: none;
        color: inherit;
        font: inherit;
        font-weight: 600;
        cursor: pointer;
      }
      .head .number button {
        justify-content: flex-end;
      }
      .head button:hover {
        background: var(--vscode-list-hoverBackground);
      }
      .head svg {
        width: 8px;
        height: 8px;
        flex: none;
        fill: currentColor;
        stroke: none;
      }
      .kind {
        display: flex;
        align-items: center;
        gap: 6px;
      }
      .kind span:last-child {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .nothing {
        padding: 10px 8px;
        color: var(--panel-muted);
      }
      p.problem {
        margin: 0;
      }
    `,
  ];

  declare model: PanelModel;
  /** Of the scroller, in CSS pixels. */
  declare private top: number;
  declare private viewHeight: number;
  /** The row that the keys work on. */
  declare private cursor: number;
  readonly #resize = new ResizeObserver(() => this.#measure());
  #debounce: ReturnType<typeof setTimeout> | undefined;
  /** Whether the target's rows stand where they were left. */
  #placed = false;

  constructor() {
    super();
    this.top = 0;
    this.viewHeight = 0;
    this.cursor = 0;
    new Watch(this, () => this.model.rows);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
    clearTimeout(this.#debounce);
  }

  protected override firstUpdated(): void {
    this.#resize.observe(this.#scroller);
  }

  protected override willUpdate(): void {
    if (this.model.rows.total !== null) return;
    this.#placed = false;
    this.cursor = 0;
  }

  protected override updated(): void {
    const { rows } = this.model;
    const scrolling = this.#scrolling;
    const { top } = firstRow(scrolling, this.top);
    this.#body.style.height = `${scrolledHeight(scrolling)}px`;
    const layer = this.renderRoot.querySelector<HTMLElement>(".rows");
    if (layer) layer.style.transform = `translateY(${top}px)`;
    if (!this.#placed && rows.total !== null && this.viewHeight > 0) {
      this.#placed = true;
      this.#scroller.scrollTop = scrollTopOf(scrolling, rows.first);
    }
    const revealed = rows.takeRevealed();
    if (revealed !== null) this.#moveTo(revealed, "centre");
  }

  protected override render(): TemplateResult {
    const { rows } = this.model;
    const total = rows.total ?? 0;
    const { row: first } = firstRow(this.#scrolling, this.top);
    const last = Math.min(total, first + rowsInView(this.#scrolling) + 2);
    const cursorShown = this.cursor >= first && this.cursor < last;
    return html`
      <div class="tools">
        <vscode-textfield
          type="search"
          label="Filter regions"
          placeholder="Filter: address, permissions, kind, file"
          .value=${rows.filter}
          @input=${this.#filter}
          @keydown=${this.#filterKey}
        ></vscode-textfield>
        <span class="matches" role="status">${rows.total === null ? nothing : `${count(total)} ${total === 1 ? "region" : "regions"}`}</span>
      </div>
      ${rows.problem ? html`<p class="problem" role="status">The table could not be brought up to date: ${rows.problem}</p>` : nothing}
      <div
        class="scroller"
        role="grid"
        tabindex="0"
        aria-label="Regions"
        aria-rowcount=${total + 1}
        aria-colcount=${COLUMNS.length}
        aria-activedescendant=${cursorShown ? `row${this.cursor}` : nothing}
        @scroll=${this.#scrolled}
        @keydown=${this.#key}
      >
        <div class="head" role="rowgroup">
          <div class="row" role="row" aria-rowindex="1">${COLUMNS.map((column, index) => this.#header(column, index))}</div>
        </div>
        <div class="body" role="rowgroup">${this.#rows(first, last)}</div>
        <div class="foot" role="presentation">${this.#totals()}</div>
      </div>
    `;
  }

  #header(column: Column, index: number): TemplateResult {
    const { order } = this.model.rows;
    const sorted = order.sort === column.field;
    const direction = order.descending ? "descending" : "ascending";
    return html`
      <div
        class="cell ${column.className}"
        role="columnheader"
        aria-colindex=${index + 1}
        aria-sort=${sorted ? direction : "none"}
        data-column=${column.field}
      >
        <button
          title=${column.meaning}
          tabindex=${sorted ? 0 : -1}
          @click=${() => this.#sort(column)}
          @keydown=${this.#headerKey}
        >
          ${column.title}${sorted ? html`<svg viewBox="0 0 8 8" aria-hidden="true"><path d=${order.descending ? "M0 2h8L4 7z" : "M0 6h8L4 1z"} /></svg>` : nothing}
        </button>
      </div>
    `;
  }

  #rows(first: number, last: number): TemplateResult | typeof nothing {
    const { rows } = this.model;
    if (rows.total === null) return nothing;
    if (rows.total === 0) {
      return html`<div class="nothing">${rows.filter ? "No region matches the filter." : "There are no regions."}</div>`;
    }
    const shown: TemplateResult[] = [];
    for (let index = first; index < last; index++) shown.push(this.#row(index, rows.row(index)));
    return html`<div class="rows">${shown}</div>`;
  }

  #row(index: number, row: Row | null): TemplateResult {
    const selected = row !== null && this.#isSelected(row);
    return html`
      <div
        id="row${index}"
        class="row ${index === this.cursor ? "cursor" : ""}"
        role="row"
        aria-rowindex=${index + 2}
        aria-selected=${selected}
        @click=${() => this.#choose(index)}
      >
        ${row ? COLUMNS.map((column, position) => cell(column, position, row)) : nothing}
      </div>
    `;
  }

  #totals(): TemplateResult {
    const { totals } = this.model.rows;
    const values: Partial<Record<Column["field"], string>> = totals
      ? {
          start: "Total shown",
          size: bytes(totals.size),
          rss: bytes(totals.rss),
          pss: bytes(totals.pss),
          swap: bytes(totals.swap),
        }
      : {};
    return html`<div class="row">
      ${COLUMNS.map(({ field, className }) => html`<div class="cell ${field === "start" ? "" : className}" data-column=${field}>${values[field] ?? ""}</div>`)}
    </div>`;
  }

  get #scroller(): HTMLElement {
    return this.renderRoot.querySelector(".scroller") as HTMLElement;
  }

  get #body(): HTMLElement {
    return this.renderRoot.querySelector(".body") as HTMLElement;
  }

  get #scrolling(): Scrolling {
    return { rows: this.model.rows.total ?? 0, rowHeight: ROW_HEIGHT, viewHeight: this.viewHeight };
  }

  #measure(): void {
    const scroller = this.#scroller;
    const inView = this.#isInView(this.cursor);
    this.viewHeight = Math.max(0, scroller.clientHeight - 2 * (ROW_HEIGHT + 1));
    this.#show();
    // The pages of the region that was just chosen take some of the table's room.
    if (inView) this.#moveTo(this.cursor, "nearest");
  }

  #scrolled(): void {
    this.top = this.#scroller.scrollTop;
    this.#show();
  }

  #show(): void {
    const { row } = firstRow(this.#scrolling, this.top);
    this.model.rows.show(row, rowsInView(this.#scrolling) + 2);
  }

  #isSelected(row: Row): boolean {
    const { selected } = this.model.rows;
    return selected !== null && BigInt(row.start) <= BigInt(selected) && BigInt(selected) < BigInt(row.end);
  }

  #filter(event: Event): void {
    const { value } = event.target as VscodeTextfield;
    clearTimeout(this.#debounce);
    this.#debounce = setTimeout(() => this.#filterBy(value), DEBOUNCE);
  }

  #filterKey(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      (event.currentTarget as VscodeTextfield).value = "";
      this.#filterBy("");
    }
    if (event.key === "ArrowDown") this.#scroller.focus();
  }

  #filterBy(filter: string): void {
    clearTimeout(this.#debounce);
    this.cursor = 0;
    this.#scroller.scrollTop = 0;
    this.model.rows.filterBy(filter);
  }

  /** Numbers start with the largest. */
  #sort(column: Column): void {
    const { order } = this.model.rows;
    const descending = order.sort === column.field ? !order.descending : column.className === "number";
    this.cursor = 0;
    this.#scroller.scrollTop = 0;
    this.model.rows.sortBy({ sort: column.field, descending });
  }

  #headerKey(event: KeyboardEvent): void {
    const buttons = [...this.renderRoot.querySelectorAll<HTMLElement>(".head button")].filter(
      (button) => button.offsetWidth,
    );
    const at = buttons.indexOf(event.currentTarget as HTMLElement);
    const next = event.key === "ArrowRight" ? at + 1 : event.key === "ArrowLeft" ? at - 1 : null;
    // What is pressed on a header is not meant for the rows.
    event.stopPropagation();
    if (next === null) return;
    event.preventDefault();
    buttons[Math.min(Math.max(next, 0), buttons.length - 1)]?.focus();
  }

  #key(event: KeyboardEvent): void {
    const page = rowsInView(this.#scrolling);
    const moves: Record<string, number> = {
      ArrowDown: this.cursor + 1,
      ArrowUp: this.cursor - 1,
      PageDown: this.cursor + page,
      PageUp: this.cursor - page,
      Home: 0,
      End: Number.POSITIVE_INFINITY,
    };
    const target = moves[event.key];
    const copying = event.key.toLowerCase() === "c" && (event.ctrlKey || event.metaKey);
    if (target !== undefined) this.#moveTo(target, "nearest");
    else if (event.key === "Enter" || event.key === " ") this.#choose(this.cursor);
    else if (copying) this.#copy();
    else return;
    event.preventDefault();
  }

  get #firstWhole(): number {
    const { row, top } = firstRow(this.#scrolling, this.top);
    return top < this.top ? row + 1 : row;
  }

  #isInView(index: number): boolean {
    const first = this.#firstWhole;
    return index >= first && index < first + rowsInView(this.#scrolling);
  }

  #choose(index: number): void {
    this.cursor = index;
    const row = this.model.rows.row(index);
    if (row) this.model.select(row.start, "rows");
  }

  #copy(): void {
    const row = this.model.rows.row(this.cursor);
    if (row) this.model.copy(rowAsText(row));
  }

  #moveTo(index: number, where: "nearest" | "centre"): void {
    const scrolling = this.#scrolling;
    this.cursor = Math.max(0, Math.min(scrolling.rows - 1, index));
    const inView = rowsInView(scrolling);
    if (this.#isInView(this.cursor)) return;
    const firstWhole = this.#firstWhole;
    const above = where === "centre" ? Math.floor(inView / 2) : this.cursor < firstWhole ? 0 : inView - 1;
    const row = Math.max(0, this.cursor - above);
    // The last row in view stands at the lower edge, not a part of a row above it.
    const rest = above === inView - 1 ? scrolling.viewHeight - inView * scrolling.rowHeight : 0;
    this.#scroller.scrollTop = Math.max(0, scrollTopOf(scrolling, row) - rest);
  }
}

function cell(column: Column, position: number, row: Row): TemplateResult {
  const { text, title } = column.of(row);
  const content =
    column.field === "kind"
      ? html`<span class="swatch kind-${row.kind}"></span><span>${KIND_LABELS[row.kind]}</span>`
      : text;
  return html`
    <div
      class="cell ${column.className}"
      role="gridcell"
      aria-colindex=${position + 1}
      data-column=${column.field}
      title=${title ?? nothing}
    >${content}</div>
  `;
}

/** CSS pixels; VS Code's lists have the same. */
const ROW_HEIGHT = 22;
/** Milliseconds after the last key until the filter is applied. */
const DEBOUNCE = 150;

customElements.define("region-table", RegionTable);
