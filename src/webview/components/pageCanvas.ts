/** The grid itself: hover tells, a click chooses, wheel, drag and keys move. */
import { css, html, LitElement, type TemplateResult } from "lit";
import { toHex } from "../../memory/address.ts";
import {
  capacityOf,
  cellAt,
  countsOf,
  extentOf,
  type Layout,
  layoutOf,
  type PageCounts,
  type Range,
  type Room,
} from "../data/pageCells.ts";
import type { PageGrid } from "../data/pageGrid.ts";
import { drawPages } from "../drawing/drawPages.ts";
import { Drawn } from "./drawn.ts";
import "./pageTip.ts";
import type { PageTip } from "./pageTip.ts";
import { cellText } from "./pageWords.ts";
import { shared } from "./styles.ts";
import { Watch } from "./watch.ts";

export class PageCanvas extends LitElement {
  static override properties = { pages: { attribute: false }, heard: { state: true }, hasFocus: { state: true } };

  static override styles = [
    shared,
    css`
      :host {
        position: relative;
      }
      canvas {
        display: block;
        width: 100%;
        touch-action: none;
      }
      canvas:focus-visible {
        outline-offset: 2px;
      }
      canvas.grabbed {
        cursor: grabbing;
      }
    `,
  ];

  declare pages: PageGrid;
  /** For screen readers: the cell at the cursor. */
  declare private heard: string;
  declare private hasFocus: boolean;
  readonly #drawn = new Drawn(this, (surface) => {
    const { answer, region } = this.pages;
    this.pages.resize(capacityOf(this.#room));
    if (!answer || !region) return;
    const cursor = this.hasFocus || this.pages.details ? this.#cellOf(this.pages.cursor) : null;
    drawPages(surface, { answer, region, layout: this.#layout, hovered: this.#hovered, cursor });
  });
  /** The cell under the pointer. */
  #hovered: number | null = null;
  /** Where the pointer was pressed, in CSS pixels, and how many cells it was moved since. */
  #press: { x: number; y: number; cells: number; moved: boolean } | null = null;
  /** Of the wheel, what made no step yet. */
  #turned = 0;

  constructor() {
    super();
    this.heard = "";
    this.hasFocus = false;
    new Watch(this, () => this.pages);
  }

  protected override updated(): void {
    const { rows, size } = this.#layout;
    this.#drawn.canvas.style.height = `${this.pages.answer ? rows * size : HEIGHT}px`;
  }

  protected override render(): TemplateResult {
    return html`
      <canvas
        tabindex="0"
        role="application"
        aria-label="Pages of ${this.pages.region?.name ?? "the region"}. Arrows go from cell to cell, Enter tells more."
        aria-keyshortcuts="+ - Home ArrowLeft ArrowRight ArrowUp ArrowDown PageUp PageDown Enter Escape"
        @wheel=${this.#wheel}
        @pointerdown=${this.#grab}
        @pointermove=${this.#move}
        @pointerup=${this.#release}
        @pointercancel=${this.#release}
        @pointerleave=${() => this.#hover(null)}
        @dblclick=${this.#enter}
        @keydown=${this.#key}
        @focus=${() => this.#focused(true)}
        @blur=${() => this.#focused(false)}
      ></canvas>
      <page-tip></page-tip>
      <div class="heard" role="status">${this.heard}</div>
    `;
  }

  get #room(): Room {
    return { width: this.#drawn.canvas.clientWidth, height: HEIGHT };
  }

  get #layout(): Layout {
    return layoutOf(this.#room, this.pages.answer?.present.length ?? 1);
  }

  get #tip(): PageTip {
    return this.renderRoot.querySelector("page-tip") as PageTip;
  }

  /** The cell of a page, `null` where it is not in view. */
  #cellOf(page: number): number | null {
    const { answer, region } = this.pages;
    if (!answer || !region) return null;
    const cell = cellAt(answer, region, page * answer.pageSize);
    return cell >= 0 && cell < answer.present.length ? cell : null;
  }

  /** The cell under a place of the canvas. */
  #cellUnder({ offsetX, offsetY }: MouseEvent): number | null {
    const { columns, size } = this.#layout;
    const column = Math.floor(offsetX / size);
    const cell = Math.floor(offsetY / size) * columns + column;
    const isOnCell = column >= 0 && column < columns && cell >= 0;
    return isOnCell && cell < (this.pages.answer?.present.length ?? 0) ? cell : null;
  }

  /** The first page of the cell. */
  #pageOf(cell: number): number {
    const { answer, region } = this.pages;
    return answer && region ? Math.floor(extentOf(answer, region, cell).from / answer.pageSize) : 0;
  }

  #describe(cell: number | null): { range: Range; counts: PageCounts } | null {
    const { answer, region } = this.pages;
    if (cell === null || !answer || !region) return null;
    const { from, to } = extentOf(answer, region, cell);
    const address = (offset: number) => toHex(BigInt(region.start) + BigInt(offset));
    return { range: { start: address(from), end: address(to) }, counts: countsOf(answer, region, cell) };
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const delta = (event.deltaY || event.deltaX) * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PIXELS);
    this.#turned += delta;
    const steps = Math.trunc(this.#turned / STEP_PIXELS);
    if (steps === 0) return;
    this.#turned -= steps * STEP_PIXELS;
    const cell = this.#cellUnder(event);
    if (event.shiftKey) this.pages.panBy(steps * this.#layout.columns);
    else this.pages.zoomBy(-steps, cell === null ? this.pages.cursor : this.#pageOf(cell));
    this.#hover(event);
  }

  #grab(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#drawn.canvas.setPointerCapture(event.pointerId);
    this.#press = { x: event.offsetX, y: event.offsetY, cells: 0, moved: false };
  }

  #move(event: PointerEvent): void {
    const press = this.#press;
    if (!press) {
      this.#hover(event);
      return;
    }
    const { columns, size } = this.#layout;
    const [x, y] = [press.x - event.offsetX, press.y - event.offsetY];
    if (!press.moved && Math.hypot(x, y) < CLICK_PIXELS) return;
    this.#drawn.canvas.classList.add("grabbed");
    this.#hover(null);
    const cells = Math.round(y / size) * columns + Math.round(x / size);
    if (cells !== press.cells) this.pages.panBy(cells - press.cells);
    this.#press = { ...press, cells, moved: true };
  }

  #release(event: PointerEvent): void {
    const press = this.#press;
    this.#press = null;
    this.#drawn.canvas.classList.remove("grabbed");
    const cell = this.#cellUnder(event);
    if (!press || press.moved || event.type !== "pointerup" || cell === null) return;
    this.pages.moveTo(this.#pageOf(cell));
    if (this.pages.answer?.pagesPerCell === 1) this.pages.choose(this.#pageOf(cell));
  }

  #enter(event: MouseEvent): void {
    const cell = this.#cellUnder(event);
    if (this.pages.pagesPerCell === 1) this.pages.showWhole();
    else if (cell !== null) this.pages.zoomTo(this.#pageOf(cell));
  }

  #hover(event: MouseEvent | null): void {
    const cell = event && this.#cellUnder(event);
    this.#hovered = cell;
    const { columns, size } = this.#layout;
    const bottom = cell === null ? 0 : (Math.floor(cell / columns) + 1) * size;
    this.#tip.show(this.#describe(cell), event?.offsetX ?? 0, bottom, this.#room.width);
    this.#drawn.redraw();
  }

  #focused(hasFocus: boolean): void {
    this.hasFocus = hasFocus;
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { pages } = this;
    const { columns, rows } = this.#layout;
    const moves: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
      PageUp: -columns * rows,
      PageDown: columns * rows,
    };
    const cells = moves[event.key];
    if (cells !== undefined) pages.moveBy(cells, columns);
    else if (event.key === "+" || event.key === "=") pages.zoomBy(1, pages.cursor);
    else if (event.key === "-" || event.key === "_") pages.zoomBy(-1, pages.cursor);
    else if (event.key === "Home") pages.showWhole();
    else if (event.key === "Escape") pages.choose(null);
    else if (event.key !== "Enter") return;
    else if (pages.pagesPerCell === 1) pages.choose(pages.cursor);
    else pages.zoomTo(pages.cursor);
    event.preventDefault();
    event.stopPropagation();
    const cell = this.#describe(this.#cellOf(pages.cursor));
    this.heard = cell ? `${cell.range.start}: ${cellText(cell.counts)}` : "";
  }
}

/** CSS pixels: as high as the grid becomes. */
const HEIGHT = 132;
/** Pixels of a line, for wheels that count in lines, and of a wheel's step. */
const LINE_PIXELS = 16;
const STEP_PIXELS = 60;
/** A pointer that moved less was not dragged. */
const CLICK_PIXELS = 4;

customElements.define("page-canvas", PageCanvas);
