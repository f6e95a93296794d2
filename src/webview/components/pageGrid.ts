/** The pages of the chosen region: the grid with its legend, what cannot be told, and one page in words. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { formatBytes } from "../../memory/size.ts";
import { type PageCounts, sumOf } from "../data/pageCells.ts";
import type { PageGrid } from "../data/pageGrid.ts";
import "./pageCanvas.ts";
import { detailSentences } from "./pageWords.ts";
import { legend, shared } from "./styles.ts";
import { zoomTools } from "./tools.ts";
import { Watch } from "./watch.ts";
import { count } from "./words.ts";

export class PageGridView extends LitElement {
  static override properties = { pages: { attribute: false } };

  static override styles = [
    shared,
    legend,
    css`
      :host([hidden]) {
        display: none;
      }
      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px 10px;
        margin-bottom: 4px;
      }
      h2 {
        margin: 0;
        max-width: 100%;
        overflow: hidden;
        font-size: 1em;
        font-weight: 600;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .scale {
        flex: 1 1 120px;
        color: var(--panel-muted);
        font-size: 0.9em;
      }
      .note,
      .details p {
        margin: 4px 0 0;
        overflow-wrap: anywhere;
      }
      .note {
        color: var(--panel-muted);
        font-size: 0.9em;
      }
      .details {
        max-height: 120px;
        overflow-y: auto;
        margin-top: 6px;
        padding: 6px 9px;
        border: 1px solid var(--panel-border);
        border-radius: 3px;
      }
      .details:empty {
        display: none;
      }
      .details .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        font-family: var(--panel-mono);
      }
      .file {
        background: var(--page-file);
      }
      .anonymous {
        background: var(--page-anonymous);
      }
      .zero {
        background: var(--page-zero);
      }
      .swapped {
        background: repeating-linear-gradient(135deg, currentColor 0 1px, transparent 1px 4px) var(--page-swapped);
      }
      .absent {
        background: var(--panel-grid);
        border: 1px solid var(--panel-border);
      }
      .huge {
        border: 1px solid currentColor;
      }
      .written {
        background: linear-gradient(to bottom left, var(--page-written) 50%, transparent 50%);
      }
    `,
  ];

  declare pages: PageGrid;
  readonly #sight = new IntersectionObserver((entries) => {
    this.pages.isVisible = entries.at(-1)?.isIntersecting ?? false;
  });

  /** The page that is told of. */
  #told: string | null = null;

  constructor() {
    super();
    new Watch(this, () => this.pages);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#sight.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sight.disconnect();
    this.pages.isVisible = false;
  }

  protected override willUpdate(): void {
    this.hidden = this.pages.region === null;
  }

  /** A page that was chosen is seen, where the panel is lower than what it shows. */
  protected override updated(): void {
    const address = this.pages.details?.address ?? null;
    if (address === this.#told) return;
    this.#told = address;
    this.renderRoot.querySelector(".details")?.scrollIntoView({ block: "nearest" });
  }

  protected override render(): TemplateResult | typeof nothing {
    const { pages } = this;
    const { answer, region, cursor, problem, refusal } = pages;
    const notes = answer?.notes ?? [];
    if (!region) return nothing;
    return html`
      <section aria-label="Pages of the chosen region">
        <div class="top">
          <h2 title=${region.name}>Pages of ${region.name}</h2>
          <span class="scale">${answer ? scale(answer.pagesPerCell, answer.pageSize) : nothing}</span>
          <button
            class="action"
            title="From now on the pages that are written are shown"
            @click=${() => pages.mark()}
          >Mark now</button>
          ${zoomTools(
            { isWhole: pages.isWhole, isClosest: pages.pagesPerCell === 1 },
            {
              out: () => pages.zoomBy(-1, cursor),
              in: () => pages.zoomBy(1, cursor),
              whole: () => pages.showWhole(),
            },
          )}
        </div>
        <page-canvas .pages=${pages}></page-canvas>
        ${answer ? html`<ul class="legend" aria-label="Pages in view">${legendOf(sumOf(answer, region))}</ul>` : nothing}
        ${notes.filter((note) => note !== refusal).map((note) => html`<p class="note">${note}</p>`)}
        ${refusal ? html`<p class="problem" role="status">${refusal}</p>` : nothing}
        ${problem ? html`<p class="problem" role="status">The pages could not be brought up to date: ${problem}</p>` : nothing}
        <div class="details" role="status">${this.#details(notes)}</div>
      </section>
    `;
  }

  /** Without what is said of all pages already. */
  #details(said: readonly string[]): TemplateResult | typeof nothing {
    const { details } = this.pages;
    if (!details) return nothing;
    return html`<div class="head">
        ${details.address}
        <button class="icon" title="Close (Escape)" aria-label="Close" @click=${() => this.pages.choose(null)}>
          <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8" /></svg>
        </button>
      </div>
      ${detailSentences(details)
        .filter((sentence) => !said.includes(sentence))
        .map((sentence) => html`<p>${sentence}</p>`)}`;
  }
}

function scale(pagesPerCell: number, pageSize: number): string {
  const size = formatBytes(pagesPerCell * pageSize);
  return pagesPerCell === 1 ? `a cell is a page (${size})` : `a cell is ${count(pagesPerCell)} pages (${size})`;
}

/** Those that there are, and how many. */
function legendOf(counts: PageCounts): TemplateResult[] {
  const entries: [className: string, label: string, pages: number | null][] = [
    ["anonymous", "anonymous", counts.anonymous],
    ["file", "file or shared memory", counts.file],
    ["zero", "page of zeros", counts.zero],
    ["swapped", "swapped out", counts.swapped],
    ["absent", "not in memory", counts.absent],
    ["executable", "mapped elsewhere too", counts.shared],
    ["huge", "huge", counts.huge],
    ["written", "written since the mark", counts.written],
  ];
  return entries.flatMap(([className, label, pages]) =>
    pages === null || (pages === 0 && className !== "written")
      ? []
      : html`<li><span class="swatch ${className}"></span>${label}: ${count(pages)}</li>`,
  );
}

customElements.define("page-grid", PageGridView);
