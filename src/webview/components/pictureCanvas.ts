/** The large picture: hover tells, a click chooses, wheel, drag and keys move. */
import { css, html, LitElement, type TemplateResult } from "lit";
import type { Address } from "../../memory/address.ts";
import { formatBytes } from "../../memory/size.ts";
import type { Stretch } from "../../protocol/server.ts";
import type { PanelModel } from "../data/panelModel.ts";
import type { PlacedPart, Row } from "../data/placedParts.ts";
import { addressIn, chosenAt, isRegion, stretchAt } from "../data/stretches.ts";
import type { View } from "../data/view.ts";
import { hasRoom, rowAt } from "../drawing/drawParts.ts";
import { ABOVE, drawPicture } from "../drawing/drawPicture.ts";
import { Drawn } from "./drawn.ts";
import "./pictureTip.ts";
import type { PictureTip } from "./pictureTip.ts";
import { shared } from "./styles.ts";
import { Watch } from "./watch.ts";

export class PictureCanvas extends LitElement {
  static override properties = { model: { attribute: false }, heard: { state: true } };

  static override styles = [
    shared,
    css`
      :host {
        position: relative;
      }
      canvas {
        display: block;
        width: 100%;
        height: clamp(130px, 22vh, 320px);
        touch-action: none;
      }
      canvas.grabbed {
        cursor: grabbing;
      }
    `,
  ];

  declare model: PanelModel;
  /** For screen readers: the region that was chosen with the keys. */
  declare private heard: string;
  readonly #drawn = new Drawn(this, (surface) => {
    const { whole, detail, parts, view, selected, marker, measure, peak } = this.#picture;
    this.#picture.resize(surface.width);
    const pictures = [whole, detail].filter((picture) => picture !== null);
    drawPicture(surface, { view, pictures, parts, measure, peak, selected, marker, hovered: this.#hovered });
  });
  /** Where the pointer is, in CSS pixels, with the stretch and the address there; `null` while it is elsewhere, or drags. */
  #pointer: number | null = null;
  #hovered: Stretch | null = null;
  #address: Address | null = null;
  /** Among what the keys choose; `null`: regions. */
  #row: Row | null = null;
  /** Where the pointer was pressed, in CSS pixels, and whether it moved since. */
  #press: { x: number; moved: boolean } | null = null;

  constructor() {
    super();
    this.heard = "";
    new Watch(this, () => this.model.picture);
  }

  protected override render(): TemplateResult {
    return html`
      <canvas
        tabindex="0"
        role="application"
        aria-label="Picture of the address space. The table below lists the same regions."
        aria-keyshortcuts="+ - Home ArrowLeft ArrowRight Shift+ArrowLeft Shift+ArrowRight ArrowDown ArrowUp Enter /"
        @wheel=${this.#wheel}
        @pointerdown=${this.#grab}
        @pointermove=${this.#move}
        @pointerup=${this.#release}
        @pointercancel=${this.#release}
        @pointerleave=${this.#leave}
        @dblclick=${this.#enter}
        @keydown=${this.#key}
      ></canvas>
      <picture-tip .pointed=${this.#picture.pointed}></picture-tip>
      <div class="heard" role="status">${this.heard}</div>
    `;
  }

  /** What moved under a pointer that rests. */
  protected override updated(): void {
    if (this.#pointer === null) return;
    const before = this.#hovered;
    const stretch = this.#stretchUnder(this.#pointer);
    this.#hovered = stretch;
    const isSame = stretch?.start === before?.start && stretch?.end === before?.end;
    if (!isSame || this.#addressAt(stretch, this.#pointer) !== this.#address) this.#hover(this.#pointer);
  }

  get #picture() {
    return this.model.picture;
  }

  get #tip(): PictureTip {
    return this.renderRoot.querySelector("picture-tip") as PictureTip;
  }

  #positionAt(x: number): number {
    const { from, to } = this.#picture.view;
    return from + (x / this.#drawn.canvas.clientWidth) * (to - from);
  }

  #stretchUnder(x: number): Stretch | null {
    const { detail, whole } = this.#picture;
    const position = this.#positionAt(x);
    return (detail && stretchAt(detail, position)) ?? (whole && stretchAt(whole, position));
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PIXELS;
    // Chromium turns shift and a wheel into a sideways one; a touch pad has both.
    const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
    const { clientWidth } = this.#drawn.canvas;
    if (event.shiftKey || Math.abs(sideways) > Math.abs(event.deltaY)) {
      this.#picture.panBy((sideways * pixels) / clientWidth);
    } else {
      this.#picture.zoomBy(ZOOM_A_PIXEL ** (-event.deltaY * pixels), this.#positionAt(event.offsetX));
    }
    this.#hover(event.offsetX);
  }

  #grab(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#drawn.canvas.setPointerCapture(event.pointerId);
    this.#press = { x: event.offsetX, moved: false };
  }

  #move(event: PointerEvent): void {
    const press = this.#press;
    if (!press) {
      this.#hover(event.offsetX);
      return;
    }
    if (!press.moved && Math.abs(event.offsetX - press.x) < CLICK_PIXELS) return;
    this.#drawn.canvas.classList.add("grabbed");
    this.#hover(null);
    this.#picture.panBy((press.x - event.offsetX) / this.#drawn.canvas.clientWidth);
    this.#press = { x: event.offsetX, moved: true };
  }

  #release(event: PointerEvent): void {
    const press = this.#press;
    this.#press = null;
    this.#drawn.canvas.classList.remove("grabbed");
    if (press && !press.moved && event.type === "pointerup") this.#choose(event);
  }

  #leave(): void {
    this.#hover(null);
  }

  /** The section or symbol that is drawn there. */
  #partUnder({ offsetX, offsetY }: MouseEvent): PlacedPart | null {
    const row = rowAt(offsetY - ABOVE);
    const position = this.#positionAt(offsetX);
    const { parts, view } = this.#picture;
    const part = parts.find((each) => each.row === row && each.from <= position && position < each.to);
    return part && hasRoom(part.region, view, this.#drawn.canvas.clientWidth) ? part : null;
  }

  #choose(event: MouseEvent): void {
    const part = this.#partUnder(event);
    if (part) {
      this.model.select(part.address, "picture");
      return;
    }
    const x = event.offsetX;
    const stretch = this.#stretchUnder(x);
    if (stretch && stretch.kind !== null) this.model.select(chosenAt(stretch, this.#positionAt(x)), "picture");
  }

  #enter(event: MouseEvent): void {
    const stretch = this.#partUnder(event) ?? this.#stretchUnder(event.offsetX);
    if (stretch) this.#picture.zoomTo(stretch);
  }

  #hover(x: number | null): void {
    this.#pointer = x;
    const stretch = x === null ? null : this.#stretchUnder(x);
    this.#hovered = stretch;
    const address = this.#addressAt(stretch, x);
    this.#address = address;
    this.#picture.point(stretch, address);
    this.#tip.show(stretch, address, x ?? 0, this.#drawn.canvas.clientWidth);
    this.#drawn.redraw();
  }

  #addressAt(stretch: Stretch | null, x: number | null): Address | null {
    return stretch && x !== null ? addressIn(stretch, this.#positionAt(x)) : null;
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { view, selected } = this.#picture;
    const middle = (view.from + view.to) / 2;
    const back = event.key === "ArrowLeft";
    switch (event.key) {
      case "+":
      case "=":
        this.#picture.zoomBy(KEY_ZOOM, middle);
        break;
      case "-":
      case "_":
        this.#picture.zoomBy(1 / KEY_ZOOM, middle);
        break;
      case "Home":
        this.#picture.showWhole();
        break;
      case "ArrowLeft":
      case "ArrowRight":
        if (event.shiftKey) this.#chooseNext(back ? -1 : 1);
        else this.#picture.panBy(back ? -KEY_PAN : KEY_PAN);
        break;
      case "/":
        this.dispatchEvent(new Event("find", { bubbles: true, composed: true }));
        break;
      case "ArrowDown":
      case "ArrowUp":
        this.#changeRow(event.key === "ArrowDown" ? 1 : -1);
        break;
      case "Enter":
        if (selected) this.#picture.zoomTo(this.#chosenPart ?? selected);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** The keys go from regions to sections to symbols, and back. */
  #changeRow(direction: -1 | 1): void {
    const rows = [null, "sections", "symbols"] as const;
    this.#row = rows[rows.indexOf(this.#row) + direction] ?? (direction > 0 ? "symbols" : null);
    this.heard = this.#row ?? "regions";
  }

  /** The one of the row in which the keys move that begins at the chosen address. */
  get #chosenPart(): PlacedPart | null {
    const { parts, address } = this.#picture;
    return parts.find((part) => part.row === this.#row && part.address === address) ?? null;
  }

  /** Chooses what is before or after what is chosen, or the first in view: a region, a section or a symbol. */
  #chooseNext(direction: -1 | 1): void {
    const { detail, whole, view, selected, marker, parts } = this.#picture;
    const row = this.#row;
    const places: readonly (Stretch | PlacedPart)[] = row
      ? parts.filter((part) => part.row === row)
      : ((detail ?? whole)?.stretches.filter(isRegion) ?? []);
    const part = row && this.#chosenPart;
    const chosen = part || !row || marker === null ? (part ?? selected) : { from: marker, to: marker };
    // Parts of a row can lie upon each other: they follow each other by where they begin.
    const isAfter = ({ from }: View) => (row ? from > (chosen?.from ?? 0) : from >= (chosen?.to ?? 0));
    const isBefore = ({ from, to }: View) => (row ? from < (chosen?.from ?? 0) : to <= (chosen?.from ?? 0));
    const isHere = ({ from }: View) => row !== null && part === null && from === chosen?.from;
    const next = !chosen
      ? places.find(({ to }) => to > view.from)
      : direction > 0
        ? places.find((place) => isHere(place) || isAfter(place))
        : places.findLast(isBefore);
    if (!next) return;
    const [address, words] = "address" in next ? [next.address, null] : [next.start, next.permissions];
    this.model.select(address, "picture");
    this.#picture.reveal(next);
    this.heard = [next.name, words, formatBytes(next.size)].filter((word) => word).join(", ");
  }
}

/** Pixels of a line, for wheels that count in lines. */
const LINE_PIXELS = 16;
/** A notch of 100 pixels zooms by a quarter. */
const ZOOM_A_PIXEL = 1.0023;
/** A pointer that moved less was not dragged. */
const CLICK_PIXELS = 4;
const KEY_ZOOM = 1.5;
/** Of the view's width. */
const KEY_PAN = 0.1;

customElements.define("picture-canvas", PictureCanvas);
