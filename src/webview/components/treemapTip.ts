/** What the treemap shows under the pointer, in words. */
import { html, nothing, type TemplateResult } from "lit";
import { KIND_LABELS } from "../../memory/kind.ts";
import { formatBytes } from "../../memory/size.ts";
import type { TreemapNode } from "../../protocol/server.ts";
import { Tip } from "./tip.ts";
import { bytes, count } from "./words.ts";

export class TreemapTip extends Tip {
  static override properties = { node: { state: true }, share: { state: true } };

  declare node: TreemapNode | null;
  /** Of all that is shown, from 0 to 1. */
  declare share: number;

  constructor() {
    super();
    this.node = null;
    this.share = 0;
  }

  /** Shows a box near a point of the canvas, in CSS pixels, `width` wide; or nothing. */
  show(node: TreemapNode | null, share: number, x: number, y: number, width: number): void {
    this.node = node;
    this.share = share;
    this.style.top = `${Math.round(y) + BELOW}px`;
    this.place(node !== null, x, width);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { node } = this;
    if (!node) return nothing;
    const { measures } = node;
    return html`
      <div class="name">
        ${node.kind ? html`<span class="swatch kind-${node.kind}"></span>` : nothing}
        <span>${node.name} <span class="muted">${contents(node)}</span></span>
      </div>
      ${node.start ? html`<p><code>${node.start} – ${node.end}</code> <code>${node.permissions}</code></p>` : nothing}
      <p>${formatBytes(measures.size ?? 0)} · ${percent(this.share)} of what is shown</p>
      ${
        isInFile(node)
          ? nothing
          : html`<p>
              RSS ${bytes(measures.rss)} · PSS ${bytes(measures.pss)} · dirty ${bytes(measures.dirty)} · swap
              ${bytes(measures.swap)} · faulted in ${measures.heat === undefined ? "–" : `${formatBytes(measures.heat)}/s`}
            </p>`
      }
    `;
  }
}

/** CSS pixels: past the pointer's arrow and the margin that a tip has. */
const BELOW = 34;

/** A section, a symbol or several: nothing but their size is known. */
export function isInFile({ id }: TreemapNode): boolean {
  return /^(more:\d+-:)?(section|symbol|gap):/.test(id);
}

/** What it is, or how much is in it. */
function contents(node: TreemapNode): string {
  const { type, name, kind } = node;
  if (type === "section" || type === "symbol") return type;
  if (type === "region" || type === "gap") return kind && KIND_LABELS[kind] !== name ? KIND_LABELS[kind] : "";
  const word = isInFile(node) ? "symbol" : "region";
  return node.count === 1 ? `1 ${word}` : `${count(node.count ?? 0)} ${word}s`;
}

export function percent(share: number): string {
  return share > 0 && share < 0.01 ? "< 1 %" : `${Math.round(share * 100)} %`;
}

customElements.define("treemap-tip", TreemapTip);
