/** The picture with all that belongs to it: the overview, the tools, the legend, and what went wrong. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { formatBytes } from "../../memory/size.ts";
import type { AddressPicture } from "../data/addressPicture.ts";
import type { PanelModel } from "../data/panelModel.ts";
import "./pictureCanvas.ts";
import "./pictureOverview.ts";
import { legend, shared } from "./styles.ts";
import { kindsLegend, zoomTools } from "./tools.ts";
import { Watch } from "./watch.ts";

export class AddressMap extends LitElement {
  static override properties = { model: { attribute: false } };

  static override styles = [
    shared,
    legend,
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
      picture-canvas {
        margin-top: 4px;
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
          ${zoomTools(
            { isWhole: whole, isClosest: false },
            {
              out: () => picture.zoomBy(1 / STEP, middle),
              in: () => picture.zoomBy(STEP, middle),
              whole: () => picture.showWhole(),
            },
          )}
        </div>
        <picture-canvas .model=${this.model}></picture-canvas>
        ${kindsLegend(picture.kinds, heightText(picture))}
        ${picture.problem ? html`<p class="problem" role="status">The picture could not be brought up to date: ${picture.problem}</p>` : nothing}
      </section>
    `;
  }
}

/** What a full height means. */
function heightText({ measure, peak }: AddressPicture): string {
  switch (measure) {
    case "size":
      return `size, by its logarithm, to ${formatBytes(peak)}`;
    case "heat":
      return `faulted in, by its logarithm, to ${formatBytes(peak)}/s`;
    default:
      return `${SHARES[measure]} share`;
  }
}

const SHARES = { rss: "resident", pss: "PSS", dirty: "dirty", swap: "swapped" };

/** A press on a button zooms by so much. */
const STEP = 2;

customElements.define("address-map", AddressMap);
