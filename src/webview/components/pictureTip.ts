/** What the picture shows under the pointer, in words. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { KIND_LABELS } from "../../memory/kind.ts";
import { formatBytes } from "../../memory/size.ts";
import type { Stretch } from "../../protocol/server.ts";
import { isRegion } from "../data/stretches.ts";
import { shared } from "./styles.ts";
import { bytes, count } from "./words.ts";

export class PictureTip extends LitElement {
  static override properties = { stretch: { state: true } };

  static override styles = [
    shared,
    css`
      :host {
        position: absolute;
        z-index: 2;
        top: 100%;
        left: 0;
        width: max-content;
        max-width: min(420px, 100%);
        margin-top: -16px;
        padding: 6px 9px;
        border: 1px solid var(--vscode-editorHoverWidget-border, var(--panel-border));
        border-radius: 3px;
        background: var(--vscode-editorHoverWidget-background, var(--panel-background));
        color: var(--vscode-editorHoverWidget-foreground, var(--panel-foreground));
        box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
        pointer-events: none;
      }
      :host([hidden]) {
        display: none;
      }
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
      code {
        font-family: var(--panel-mono);
        font-size: 0.95em;
      }
      p {
        margin: 3px 0 0;
      }
    `,
  ];

  declare stretch: Stretch | null;

  constructor() {
    super();
    this.stretch = null;
    this.hidden = true;
  }

  /** Shows the stretch near `x`, both in CSS pixels of the picture, `width` wide; or nothing. */
  show(stretch: Stretch | null, x: number, width: number): void {
    this.hidden = stretch === null;
    this.stretch = stretch;
    void this.updateComplete.then(() => {
      const left = Math.max(0, Math.min(x + 8, width - this.offsetWidth));
      this.style.transform = `translateX(${Math.round(left)}px)`;
    });
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
