/** What a cell of the page grid is, in words. */
import { html, nothing, type TemplateResult } from "lit";
import type { PageCounts, Range } from "../data/pageCells.ts";
import { cellText } from "./pageWords.ts";
import { Tip } from "./tip.ts";

export class PageTip extends Tip {
  static override properties = { cell: { state: true } };

  declare cell: { range: Range; counts: PageCounts } | null;

  constructor() {
    super();
    this.cell = null;
  }

  /** Shows a cell near a place, in CSS pixels of the grid, `width` wide; or nothing. */
  show(cell: PageTip["cell"], x: number, bottom: number, width: number): void {
    this.cell = cell;
    this.style.top = `${bottom + 18}px`;
    this.place(cell !== null, x, width);
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.cell) return nothing;
    const { range, counts } = this.cell;
    return html`
      <div><code>${range.start} – ${range.end}</code></div>
      <p>${cellText(counts)}</p>
    `;
  }
}

customElements.define("page-tip", PageTip);
