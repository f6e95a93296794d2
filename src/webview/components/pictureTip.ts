/** What the picture shows under the pointer, in words. */
import { html, nothing, type TemplateResult } from "lit";
import { type Address, toHex } from "../../memory/address.ts";
import { KIND_LABELS } from "../../memory/kind.ts";
import { formatBytes } from "../../memory/size.ts";
import type { Stretch } from "../../protocol/server.ts";
import type { Pointed } from "../data/pointed.ts";
import { isRegion } from "../data/stretches.ts";
import { Tip } from "./tip.ts";
import { Watch } from "./watch.ts";
import { ageText, bytes, count } from "./words.ts";

export class PictureTip extends Tip {
  static override properties = {
    stretch: { state: true },
    address: { state: true },
    pointed: { attribute: false },
  };

  declare stretch: Stretch | null;
  declare address: Address | null;
  declare pointed: Pointed;

  constructor() {
    super();
    this.stretch = null;
    this.address = null;
    new Watch(this, () => this.pointed);
  }

  /** Shows the stretch near `x`, both in CSS pixels of the picture, `width` wide, and the address there; or nothing. */
  show(stretch: Stretch | null, address: Address | null, x: number, width: number): void {
    this.stretch = stretch;
    this.address = address;
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
      ${this.#details()}
      ${several ? html`<p class="muted">Zoom in to tell them apart.</p>` : nothing}
    `;
  }

  /** The lines are there before what they say is known, so that nothing jumps. */
  #details(): TemplateResult {
    const { details } = this.pointed;
    const measures = details?.measures;
    const { heat = null } = measures ?? {};
    const faulted = heat === null ? "–" : `${formatBytes(heat)}/s`;
    const age = details?.age ?? null;
    const { section = null, symbol = null } = details ?? {};
    const place = [section, symbol && `${symbol.name}+0x${symbol.offset.toString(16)}`].filter((part) => part);
    return html`
      <p>
        PSS ${bytes(measures?.pss)} · dirty ${bytes(measures?.dirty)} · swap ${bytes(measures?.swap)} · faulted in
        ${faulted}${age === null ? nothing : html` <span class="muted">· ${ageText(age)}</span>`}
      </p>
      ${isRegion(this.stretch as Stretch) ? html`<p><code>${toHex(this.address ?? 0n)}</code> ${place.join(" · ")}</p>` : nothing}
    `;
  }
}

function share(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (part / whole) * 100;
  return percent > 0 && percent < 1 ? "< 1 %" : `${Math.round(percent)} %`;
}

customElements.define("picture-tip", PictureTip);
