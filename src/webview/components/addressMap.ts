/** The picture with all that belongs to it: the overview, the tools, the legend, and what went wrong. */
import { css, html, LitElement, nothing, svg, type TemplateResult } from "lit";
import { KIND_LABELS } from "../../memory/kind.ts";
import type { PanelModel } from "../data/panelModel.ts";
import "./pictureCanvas.ts";
import "./pictureOverview.ts";
import { shared } from "./styles.ts";
import { Watch } from "./watch.ts";

export class AddressMap extends LitElement {
  static override properties = { model: { attribute: false } };

  static override styles = [
    shared,
    css`
      .top {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      picture-overview {
        flex: 1;
        min-width: 0;
      }
      .tools {
        display: flex;
        flex: none;
      }
      picture-canvas {
        margin-top: 4px;
      }
      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 3px 14px;
        margin: 6px 0 0;
        padding: 0;
        color: var(--panel-muted);
        font-size: 0.9em;
        list-style: none;
      }
      .legend li {
        display: inline-flex;
        align-items: center;
        gap: 5px;
        white-space: nowrap;
      }
      @container (max-width: 420px) {
        .legend {
          gap: 2px 10px;
          max-height: 88px;
          overflow-y: auto;
        }
      }
      .swatch.share {
        background: linear-gradient(to top, currentColor 45%, transparent 45%);
        border: 1px solid currentColor;
      }
      .swatch.executable {
        background: repeating-linear-gradient(135deg, currentColor 0 1px, transparent 1px 4px);
        border: 1px solid currentColor;
      }
      .swatch.noAccess {
        background:
          repeating-linear-gradient(135deg, currentColor 0 1px, transparent 1px 4px),
          repeating-linear-gradient(45deg, currentColor 0 1px, transparent 1px 4px);
        border: 1px solid currentColor;
      }
    `,
  ];

  declare model: PanelModel;

  constructor() {
    super();
    new Watch(this, () => this.model.picture);
  }

  protected override render(): TemplateResult {
    const { picture } = this.model;
    const whole = picture.zoom === null;
    const middle = (picture.view.from + picture.view.to) / 2;
    return html`
      <section aria-label="Address space">
        <div class="top">
          <picture-overview .picture=${picture}></picture-overview>
          <div class="tools" role="toolbar" aria-label="Zoom">
            ${tool("Zoom out (−)", svg`<path d="M3.5 8h9" />`, whole, () => picture.zoomBy(1 / STEP, middle))}
            ${tool("Zoom in (+)", svg`<path d="M3.5 8h9M8 3.5v9" />`, false, () => picture.zoomBy(STEP, middle))}
            ${tool("Show the whole (Home)", svg`<path d="M1.5 8h13M4.5 5l-3 3 3 3M11.5 5l3 3-3 3" />`, whole, () => picture.showWhole())}
          </div>
        </div>
        <picture-canvas .model=${this.model}></picture-canvas>
        <ul class="legend" aria-label="Colours">
          ${picture.kinds.map((kind) => html`<li><span class="swatch kind-${kind}"></span>${KIND_LABELS[kind]}</li>`)}
          <li><span class="swatch share"></span>height: resident share</li>
          <li><span class="swatch executable"></span>executable</li>
          <li><span class="swatch noAccess"></span>no access</li>
        </ul>
        ${picture.problem ? html`<p class="problem" role="status">The picture could not be brought up to date: ${picture.problem}</p>` : nothing}
      </section>
    `;
  }
}

/** A press on a button zooms by so much. */
const STEP = 2;

function tool(title: string, shape: TemplateResult, disabled: boolean, press: () => void): TemplateResult {
  return html`
    <button class="icon" title=${title} aria-label=${title} ?disabled=${disabled} @click=${press}>
      <svg viewBox="0 0 16 16" aria-hidden="true">${shape}</svg>
    </button>
  `;
}

customElements.define("address-map", AddressMap);
