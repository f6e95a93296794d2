/** A small picture of the whole; dragging in it moves what the large one shows. */
import { css, html, LitElement, type TemplateResult } from "lit";
import type { AddressPicture } from "../data/addressPicture.ts";
import { drawOverview } from "../drawing/drawPicture.ts";
import { Drawn } from "./drawn.ts";
import { shared } from "./styles.ts";
import { Watch } from "./watch.ts";

export class PictureOverview extends LitElement {
  static override properties = { picture: { attribute: false } };

  static override styles = [
    shared,
    css`
      canvas {
        display: block;
        width: 100%;
        height: 16px;
        cursor: pointer;
        touch-action: none;
      }
    `,
  ];

  declare picture: AddressPicture;
  readonly #drawn = new Drawn(this, (surface) => {
    const { whole, view, selected, marker, measure, peak } = this.picture;
    if (whole) drawOverview(surface, { view, selected, marker, measure, peak }, whole);
  });

  constructor() {
    super();
    new Watch(this, () => this.picture);
  }

  protected override render(): TemplateResult {
    return html`<canvas
      aria-hidden="true"
      title="The whole address space; drag to move"
      @pointerdown=${this.#grab}
      @pointermove=${this.#drag}
    ></canvas>`;
  }

  #grab(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#drawn.canvas.setPointerCapture(event.pointerId);
    this.#centre(event);
  }

  #drag(event: PointerEvent): void {
    if (this.#drawn.canvas.hasPointerCapture(event.pointerId)) this.#centre(event);
  }

  #centre({ offsetX }: PointerEvent): void {
    const { whole, view } = this.picture;
    if (!whole) return;
    const position = (offsetX / this.#drawn.canvas.clientWidth) * whole.length;
    this.picture.panBy((position - (view.from + view.to) / 2) / (view.to - view.from));
  }
}

customElements.define("picture-overview", PictureOverview);
