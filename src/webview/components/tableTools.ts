/** Above the table: the filter with its help, how rows are grouped, which columns there are, and copying. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { ROW_FIELDS, ROW_TITLES } from "../../memory/rowFields.ts";
import type { RowField, RowGrouping, RowsTextQuery } from "../../protocol/server.ts";
import type { RegionRows } from "../data/regionRows.ts";
import { shared } from "./styles.ts";
import { Watch } from "./watch.ts";
import { count } from "./words.ts";

/** Tells of `leave` when the keys go down to the rows, and of `reorder` when other rows are the first. */
export class TableTools extends LitElement {
  static override properties = { rows: { attribute: false }, columns: { attribute: false } };

  static override styles = [
    shared,
    css`
      .tools {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 8px;
      }
      input[type="search"] {
        flex: 0 1 360px;
        min-width: 150px;
        height: 26px;
        padding: 0 6px;
        border: 1px solid var(--vscode-settings-textInputBorder, var(--vscode-input-border, var(--panel-border)));
        border-radius: 2px;
        background: var(--vscode-settings-textInputBackground, var(--vscode-input-background));
        color: var(--vscode-settings-textInputForeground, var(--vscode-input-foreground));
        font: inherit;
      }
      input[type="search"]::placeholder {
        color: var(--vscode-input-placeholderForeground);
        opacity: 1;
      }
      input[type="search"][aria-invalid="true"] {
        border-color: var(--vscode-inputValidation-errorBorder, var(--vscode-errorForeground));
      }
      .matches {
        flex: 1 1 auto;
        color: var(--panel-muted);
        white-space: nowrap;
      }
      button,
      select {
        height: 24px;
        padding: 0 8px;
        border: 1px solid var(--vscode-contrastBorder, var(--vscode-dropdown-border, var(--panel-border)));
        border-radius: 2px;
        background: var(--vscode-dropdown-background, transparent);
        color: var(--vscode-dropdown-foreground, inherit);
        font: inherit;
        cursor: pointer;
      }
      button:hover {
        background: var(--vscode-list-hoverBackground);
      }
      [popover] {
        inset: auto;
        width: max-content;
        max-width: min(460px, calc(100vw - 16px));
        max-height: 60vh;
        margin: 2px 0;
        padding: 8px 10px;
        overflow: auto;
        border: 1px solid var(--vscode-menu-border, var(--panel-border));
        border-radius: 4px;
        background: var(--vscode-menu-background, var(--panel-background));
        color: var(--vscode-menu-foreground, inherit);
        font: inherit;
        position-area: block-end span-all;
        position-try-fallbacks: flip-block;
      }
      #columns[popover]:popover-open {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(130px, 1fr));
        gap: 2px 12px;
        width: 440px;
      }
      label {
        display: flex;
        align-items: center;
        gap: 5px;
      }
      input[type="checkbox"] {
        margin: 0;
        accent-color: var(--vscode-button-background);
      }
      .choices {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px;
        margin: 4px 0;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 2px 12px;
        margin: 0;
      }
      dt {
        font-family: var(--panel-mono);
      }
      dd {
        margin: 0;
        color: var(--panel-muted);
      }
      p.problem {
        margin: 4px 0 0;
      }
      p.problem:empty {
        margin: 0;
      }
    `,
  ];

  declare rows: RegionRows;
  /** Those that the table shows. */
  declare columns: readonly RowField[];
  #debounce: ReturnType<typeof setTimeout> | undefined;
  /** What is in the field and not applied yet. */
  #typed: string | null = null;

  constructor() {
    super();
    new Watch(this, () => this.rows);
    this.addEventListener("keydown", (event) => {
      // It closes what is open, and nothing else.
      if (event.key === "Escape" && this.renderRoot.querySelector(":popover-open")) event.stopPropagation();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#debounce);
  }

  protected override render(): TemplateResult {
    const { rows } = this;
    const { grouping } = rows;
    return html`
      <div class="tools">
        <input
          type="search"
          spellcheck="false"
          autocomplete="off"
          aria-label="Filter regions"
          aria-describedby="problem"
          aria-invalid=${rows.filterProblem !== null}
          placeholder="Filter: libc, kind:heap rss>1M perm:w"
          .value=${live(this.#typed ?? rows.filter)}
          @input=${this.#filter}
          @keydown=${this.#filterKey}
        />
        <button popovertarget="help" aria-label="Help on filters" title="What a filter can say">?</button>
        <span class="matches" role="status">${this.#matches()}</span>
        <select aria-label="Group the regions" title="Group the regions" @change=${this.#group}>
          ${choice("", "No groups", grouping)}${choice("kind", "By kind", grouping)}${choice("module", "By module", grouping)}
        </select>
        ${grouping ? html`<button @click=${() => this.#foldAll(grouping)}>${grouping.isFolded ? "Unfold all" : "Fold all"}</button>` : nothing}
        <button popovertarget="columns">Columns</button>
        <button popovertarget="copy">Copy</button>
      </div>
      <p id="problem" class="problem" role="status">${rows.filterProblem ?? nothing}</p>
      <div id="help" popover aria-label="What a filter can say">${HELP}</div>
      <div id="columns" popover role="group" aria-label="Columns">${this.#columnChoices()}</div>
      <div id="copy" popover role="group" aria-label="Copy rows">${this.#copyChoices()}</div>
    `;
  }

  #matches(): string {
    const { page, copied, selection, total } = this.rows;
    if (!page) return "";
    const selected = selection.count(total ?? 0);
    const parts = [several(page.regions, "region")];
    if (selected > 1) parts.push(`${count(selected)} selected`);
    if (copied !== null) parts.push(`${several(copied, "row")} copied`);
    return parts.join(", ");
  }

  #columnChoices(): TemplateResult[] {
    const boxes = ROW_FIELDS.map(
      (field) => html`
        <label>
          <input
            type="checkbox"
            .checked=${this.columns.includes(field)}
            ?disabled=${field === "start"}
            @change=${() => this.#toggleColumn(field)}
          />${ROW_TITLES[field]}
        </label>
      `,
    );
    return [...boxes, html`<button @click=${() => this.rows.showColumns(null)}>The usual ones</button>`];
  }

  #copyChoices(): TemplateResult {
    const { selection, total } = this.rows;
    const selected = selection.count(total ?? 0);
    const line = (text: string, isAll: boolean) => html`
      <div class="choices" role="group" aria-label=${text}>
        <span>${text} as</span>
        ${FORMATS.map(([format, name]) => html`<button @click=${() => this.#copy(format, isAll)}>${name}</button>`)}
      </div>
    `;
    return html`
      ${selected > 0 ? line(`${several(selected, "selected row")}`, false) : nothing}
      ${line(`All ${several(total ?? 0, "row")}`, true)}
    `;
  }

  #copy(format: RowsTextQuery["format"], isAll: boolean): void {
    this.rows.copy(format, this.columns, isAll);
    this.renderRoot.querySelector<HTMLElement>("#copy")?.hidePopover();
  }

  #toggleColumn(field: RowField): void {
    const { columns } = this;
    this.rows.showColumns(
      ROW_FIELDS.filter((each) => (each === field ? !columns.includes(each) : columns.includes(each))),
    );
  }

  #group(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.#tell("reorder");
    this.rows.groupBy(value === "kind" || value === "module" ? { by: value, isFolded: true, except: [] } : null);
  }

  #foldAll({ by, isFolded }: RowGrouping): void {
    this.#tell("reorder");
    this.rows.groupBy({ by, isFolded: !isFolded, except: [] });
  }

  #filter(event: Event): void {
    const { value } = event.target as HTMLInputElement;
    clearTimeout(this.#debounce);
    this.#typed = value;
    this.#debounce = setTimeout(() => this.#filterBy(value), DEBOUNCE);
  }

  #filterKey(event: KeyboardEvent): void {
    if (event.key === "Escape" && (event.currentTarget as HTMLInputElement).value !== "") {
      event.stopPropagation();
      this.#filterBy("");
    }
    if (event.key === "ArrowDown") this.#tell("leave");
  }

  #filterBy(filter: string): void {
    clearTimeout(this.#debounce);
    this.#typed = null;
    this.#tell("reorder");
    this.rows.filterBy(filter);
    this.requestUpdate();
  }

  #tell(event: "leave" | "reorder"): void {
    this.dispatchEvent(new Event(event));
  }
}

function choice(by: RowGrouping["by"] | "", name: string, grouping: RowGrouping | null): TemplateResult {
  return html`<option value=${by} ?selected=${(grouping?.by ?? "") === by}>${name}</option>`;
}

function several(number: number, what: string): string {
  return `${count(number)} ${what}${number === 1 ? "" : "s"}`;
}

const FORMATS: readonly (readonly [RowsTextQuery["format"], string])[] = [
  ["text", "Text"],
  ["csv", "CSV"],
  ["markdown", "Markdown"],
];

const HELP = html`
  <dl>
    <dt>libc heap</dt><dd>both words, in address, permissions, kind, name or path</dd>
    <dt>kind:heap|stack</dt><dd>one or the other; a comma does the same</dd>
    <dt>-kind:file</dt><dd>not that</dd>
    <dt>perm:w perm=r-x</dt><dd>may be written; exactly so</dd>
    <dt>rss>1M size>=64K</dt><dd>every column with a size: pss, uss, dirty, swap, locked …</dd>
    <dt>name: path: module:</dt><dd>text in it; with = the whole of it</dd>
    <dt>addr:0x7f00-0x8000</dt><dd>what is at an address or in a range</dd>
    <dt>age&lt;10s thread=7</dt><dd>when the numbers were read; a thread's stack</dd>
    <dt>"a b"</dt><dd>quotes keep spaces and signs</dd>
  </dl>
`;

/** Milliseconds after the last key until the filter is applied. */
const DEBOUNCE = 150;

customElements.define("table-tools", TableTools);
