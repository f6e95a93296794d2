/** The regions as a table: sorted, filtered and grouped by the server, and only what is in view is on the page. */
import { html, LitElement, nothing, svg, type TemplateResult } from "lit";
import { KIND_LABELS } from "../../memory/kind.ts";
import type { RowField } from "../../protocol/server.ts";
import type { PanelModel } from "../data/panelModel.ts";
import { isGroup, type TableRow } from "../data/regionRows.ts";
import { type Column, columnsOf, isAmount, isCompact, tracksOf, usualColumns } from "./regionColumns.ts";
import { RowScroller } from "./rowScroller.ts";
import { shared } from "./styles.ts";
import { tableStyles } from "./tableStyles.ts";
import "./tableTools.ts";
import { Watch } from "./watch.ts";
import { bytes, count } from "./words.ts";

export class RegionTable extends LitElement {
  static override properties = { model: { attribute: false } };

  static override styles = [shared, tableStyles];

  declare model: PanelModel;
  readonly #scroller = new RowScroller(this, () => this.model.rows);
  #columns: Column[] = [];

  constructor() {
    super();
    new Watch(this, () => this.model.rows);
  }

  protected override willUpdate(): void {
    this.#columns = columnsOf(this.model.rows.columns ?? usualColumns(this.#scroller.width));
  }

  protected override updated(): void {
    const { rows } = this.model;
    const { tracks, width } = tracksOf(this.#columns, this.#scroller.width, rows.grouping !== null);
    const { style } = this.renderRoot.querySelector(".scroller") as HTMLElement;
    style.setProperty("--columns", tracks);
    style.setProperty("--table-width", width);
    const revealed = rows.takeRevealed();
    if (revealed !== null) this.#scroller.moveTo(revealed, "centre");
  }

  protected override render(): TemplateResult {
    const { rows } = this.model;
    const { first, last } = this.#scroller.shown;
    const { cursor, width } = this.#scroller;
    const classes = `scroller ${isCompact(width) ? "compact" : ""} ${rows.grouping ? "grouped" : ""}`;
    return html`
      <table-tools
        .rows=${rows}
        .columns=${this.#columns.map(({ field }) => field)}
        @leave=${() => this.#scroller.focus()}
        @reorder=${() => this.#scroller.reset()}
      ></table-tools>
      ${rows.problem ? html`<p class="problem" role="status">The table could not be brought up to date: ${rows.problem}</p>` : nothing}
      <div
        class=${classes}
        role=${rows.grouping ? "treegrid" : "grid"}
        tabindex="0"
        aria-label="Regions"
        aria-multiselectable="true"
        aria-rowcount=${(rows.total ?? 0) + 1}
        aria-colcount=${this.#columns.length}
        aria-activedescendant=${cursor >= first && cursor < last ? `row${cursor}` : nothing}
        @scroll=${() => this.#scroller.scrolled()}
        @keydown=${this.#key}
      >
        <div class="head" role="rowgroup">
          <div class="row" role="row" aria-rowindex="1">${this.#columns.map((column, index) => this.#header(column, index))}</div>
        </div>
        <div class="body" role="rowgroup">${this.#body(first, last)}</div>
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
          title=${`${column.title}: ${column.meaning}`}
          tabindex=${sorted ? 0 : -1}
          @click=${() => this.#sort(column)}
          @keydown=${this.#headerKey}
        >
          ${column.title}${sorted ? html`<svg viewBox="0 0 8 8" aria-hidden="true"><path d=${order.descending ? "M0 2h8L4 7z" : "M0 6h8L4 1z"} /></svg>` : nothing}
        </button>
      </div>
    `;
  }

  #body(first: number, last: number): TemplateResult | typeof nothing {
    const { rows } = this.model;
    if (rows.total === null) return nothing;
    if (rows.total === 0) {
      return html`<div class="nothing">${rows.filter ? "No region matches the filter." : "There are no regions."}</div>`;
    }
    const shown: TemplateResult[] = [];
    for (let line = first; line < last; line++) shown.push(this.#row(line, rows.row(line)));
    return html`<div class="rows">${shown}</div>`;
  }

  #row(line: number, row: TableRow | null): TemplateResult {
    const group = row && isGroup(row) ? row : null;
    const { grouping } = this.model.rows;
    return html`
      <div
        id="row${line}"
        class="row ${line === this.#scroller.cursor ? "cursor" : ""} ${group ? "group" : ""}"
        role="row"
        aria-rowindex=${line + 2}
        aria-level=${grouping ? (group ? 1 : 2) : nothing}
        aria-expanded=${group ? !group.isFolded : nothing}
        aria-selected=${this.#isSelected(line, row)}
        @click=${(event: MouseEvent) => this.#click(line, event)}
      >
        ${row ? this.#columns.map((column, position) => cell(column, position, row)) : nothing}
      </div>
    `;
  }

  #totals(): TemplateResult {
    const { page } = this.model.rows;
    const unread = page?.unread ? `without ${count(page.unread)} regions that have not been read yet` : null;
    const total = (field: RowField) => {
      if (field === "start") return "Total shown";
      if (!page || (field !== "size" && !isAmount(field))) return "";
      return bytes(page.totals[field]);
    };
    return html`<div class="row">
      ${this.#columns.map(
        ({ field, className }) => html`
          <div
            class="cell ${field === "start" ? "" : className}"
            data-column=${field}
            title=${(isAmount(field) && unread) || nothing}
          >${total(field)}</div>
        `,
      )}
    </div>`;
  }

  #isSelected(line: number, row: TableRow | null): boolean {
    const { selected, selection } = this.model.rows;
    if (!selection.isEmpty) return selection.has(line);
    if (row === null || isGroup(row) || selected === null) return false;
    return BigInt(row.start) <= BigInt(selected) && BigInt(selected) < BigInt(row.end);
  }

  /** Numbers start with the largest. */
  #sort(column: Column): void {
    const { order } = this.model.rows;
    const descending = order.sort === column.field ? !order.descending : column.className === "number";
    this.#scroller.reset();
    this.model.rows.sortBy({ sort: column.field, descending });
  }

  #headerKey(event: KeyboardEvent): void {
    const buttons = [...this.renderRoot.querySelectorAll<HTMLElement>(".head button")];
    const at = buttons.indexOf(event.currentTarget as HTMLElement);
    const next = event.key === "ArrowRight" ? at + 1 : event.key === "ArrowLeft" ? at - 1 : null;
    // What is pressed on a header is not meant for the rows.
    event.stopPropagation();
    if (next === null) return;
    event.preventDefault();
    buttons[Math.min(Math.max(next, 0), buttons.length - 1)]?.focus();
  }

  #click(line: number, event: MouseEvent): void {
    const before = this.#scroller.cursor;
    this.#scroller.cursor = line;
    if (event.shiftKey) this.model.rows.choose((selection) => selection.extendTo(line, before));
    else if (event.ctrlKey || event.metaKey) this.#toggle(line, before);
    else this.#choose(line);
  }

  #key(event: KeyboardEvent): void {
    const { cursor, inView } = this.#scroller;
    const moves: Record<string, number> = {
      ArrowDown: cursor + 1,
      ArrowUp: cursor - 1,
      PageDown: cursor + inView,
      PageUp: cursor - inView,
      Home: 0,
      End: Number.POSITIVE_INFINITY,
    };
    const line = moves[event.key];
    const command = event.ctrlKey || event.metaKey ? event.key.toLowerCase() : null;
    if (line !== undefined) this.#move(line, event.shiftKey);
    else if (command === "c") this.#copy();
    else if (command === "a") this.model.rows.choose((selection) => selection.all());
    else if (command === " ") this.#toggle(cursor, cursor);
    else if (event.key === "Enter" || event.key === " ") this.#choose(cursor);
    else if (event.key === "ArrowRight") this.#fold(false);
    else if (event.key === "ArrowLeft") this.#fold(true);
    else return;
    event.preventDefault();
  }

  #move(line: number, isExtending: boolean): void {
    const { cursor } = this.#scroller;
    this.#scroller.moveTo(line, "nearest");
    if (isExtending) this.model.rows.choose((selection) => selection.extendTo(this.#scroller.cursor, cursor));
  }

  /** Shows a region in the other parts of the panel, or folds a group. */
  #choose(line: number): void {
    const { rows } = this.model;
    const row = rows.row(line);
    if (!row) return;
    if (isGroup(row)) {
      rows.choose((selection) => selection.only(line));
      rows.toggleFold(row);
    } else this.model.select(row.start, "rows");
  }

  /** `before`: the row that was chosen, which stays selected. */
  #toggle(line: number, before: number): void {
    const { rows } = this.model;
    const wasSelected = rows.selection.isEmpty && this.#isSelected(before, rows.row(before));
    rows.choose((selection) => {
      if (wasSelected) selection.only(before);
      selection.toggle(line);
    });
  }

  #fold(isFolded: boolean): void {
    const { rows } = this.model;
    const row = rows.row(this.#scroller.cursor);
    if (row && isGroup(row) && row.isFolded !== isFolded) rows.toggleFold(row);
  }

  #copy(): void {
    const { rows } = this.model;
    if (rows.selection.isEmpty) rows.choose((selection) => selection.only(this.#scroller.cursor));
    rows.copy(
      "text",
      this.#columns.map(({ field }) => field),
      false,
    );
  }
}

function cell(column: Column, position: number, row: TableRow): TemplateResult {
  const { text, title } = column.of(row);
  return html`
    <div
      class="cell ${column.className}"
      role="gridcell"
      aria-colindex=${position + 1}
      data-column=${column.field}
      title=${(position === 0 && isGroup(row) ? row.path : title) ?? nothing}
    >${position === 0 && isGroup(row) ? groupName(row) : column.field === "kind" && row.kind ? kindCell(row.kind) : text}</div>
  `;
}

function groupName({ name, regions }: { name: string; regions: number }): TemplateResult {
  return html`
    <svg viewBox="0 0 16 16" aria-hidden="true">${svg`<path d="M6 3.5 10.5 8 6 12.5" />`}</svg>
    <span>${name} (${count(regions)})</span>
  `;
}

function kindCell(kind: NonNullable<TableRow["kind"]>): TemplateResult {
  return html`<span class="swatch kind-${kind}"></span><span>${KIND_LABELS[kind]}</span>`;
}

customElements.define("region-table", RegionTable);
