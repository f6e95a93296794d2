/** What the picture shows under the pointer, in words. */
import { type CSSResultGroup, css, html, nothing, type TemplateResult } from "lit";
import { KIND_LABELS } from "../../memory/kind.ts";
import { formatBytes } from "../../memory/size.ts";
import type { Stretch } from "../../protocol/server.ts";
import { isRegion } from "../data/stretches.ts";
import { Tip } from "./tip.ts";
import { bytes, count } from "./words.ts";

export class PictureTip extends Tip {
  static override properties = { stretch: { state: true } };

  static override styles: CSSResultGroup = [
    Tip.styles,
    css`
      .name {
        display: flex;
        align-items: center;
        gap: 6px;
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .muted {
        color: var(--panel-muted);
        font-weight: normal;
      }
    `,
  ];

  declare stretch: Stretch | null;

  constructor() {
    super();
    this.stretch = null;
  }

  /** Shows the stretch near `x`, both in CSS pixels of the picture, `width` wide; or nothing. */
  show(stretch: Stretch | null, x: number, width: number): void {
    this.stretch = stretch;
    this.place(stretch !== null, x, width);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { stretch } = this;
    if (!stretch) return nothing;
    const range = html`<p><code>${stretch.start} – ${stretch.end}</code></p>`;
    if (stretch.kind === null)
      return html`<div class="name">Nothing mapped: ${formatBytes(stretch.size)}</div>${range}`;
    const several = !isRegion(stretch);
    const kind = several ? `mostly ${KIND_LABELS[stretch.kind]}` : KIND_LABELS[stretch.kind];
    return html`
      <div class="name">
        <span class="swatch kind-${stretch.kind}"></span>
        <span>${stretch.name ?? `${count(stretch.regions)} regions`} <span class="muted">${kind}</span></span>
      </div>
      ${range}
      <p>
        ${stretch.permissions ? html`<code>${stretch.permissions}</code> · ` : nothing}${formatBytes(stretch.size)} ·
        RSS ${stretch.rss === null ? "not read yet" : html`${bytes(stretch.rss)} (${share(stretch.rss, stretch.size)})`}
      </p>
      ${several ? html`<p class="muted">Zoom in to tell them apart.</p>` : nothing}
    `;
  }
}

function share(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (part / whole) * 100;
  return percent > 0 && percent < 1 ? "< 1 %" : `${Math.round(percent)} %`;
}

customElements.define("picture-tip", PictureTip);
