/** The time line's chart: hover points, a drag zooms, a click shows a past moment; keys do the same. */
import { css, html, LitElement, type TemplateResult } from "lit";
import uPlot from "uplot";
import { marked } from "../data/history.ts";
import type { PanelModel } from "../data/panelModel.ts";
import { SERIES, stacked } from "../data/timeSeries.ts";
import { drawings } from "../drawing/pageDrawing.ts";
import { onThemeChange, readPalette } from "../drawing/palette.ts";
import { timeLineOptions } from "../drawing/timeLineChart.ts";
import { shared } from "./styles.ts";
import { heardAt, summaryOf } from "./timeWords.ts";
import { Watch } from "./watch.ts";

export class TimeChart extends LitElement {
  static override properties = { model: { attribute: false }, heard: { state: true } };

  static override styles = [
    shared,
    css`
      .chart {
        height: clamp(130px, 19vh, 240px);
      }
      canvas {
        display: block;
        width: 100%;
        height: 100%;
      }
      .u-wrap {
        position: relative;
        user-select: none;
      }
      .u-over,
      .u-under,
      .u-axis,
      .u-select,
      .u-cursor-x {
        position: absolute;
      }
      .u-over {
        cursor: crosshair;
        touch-action: pan-y;
      }
      .u-select {
        background: color-mix(in srgb, var(--panel-focus) 30%, transparent);
        border: solid var(--panel-focus);
        border-width: 0 1px;
        pointer-events: none;
      }
      .u-cursor-x {
        top: 0;
        left: 0;
        height: 100%;
        border-right: 1px dashed var(--panel-foreground);
        pointer-events: none;
      }
      .u-off,
      .u-cursor-y {
        display: none;
      }
    `,
  ];

  declare model: PanelModel;
  /** For screen readers: the sample that was chosen with the keys. */
  declare private heard: string;
  #chart: uPlot | null = null;
  /** What the chart's series stand for. */
  #shown = "";
  #drawn: unknown[] = [];
  #momentBefore: number | null = null;
  #wasDragged = false;
  #stopTheme: (() => void) | null = null;
  readonly #resize = new ResizeObserver(() => this.#fit());

  constructor() {
    super();
    this.heard = "";
    new Watch(this, () => this.model);
    new Watch(this, () => this.model.history);
    new Watch(this, () => this.model.timeView);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stopTheme = onThemeChange(() => this.#renew());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stopTheme?.();
    this.#resize.disconnect();
    this.#chart?.destroy();
    this.#chart = null;
    this.#drawn = [];
  }

  protected override updated(): void {
    const { timeView, moment } = this.model;
    const shown = [timeView.series, timeView.shownDivision, timeView.state.hidden, moment];
    if (shown.every((part, at) => part === this.#drawn[at])) return;
    this.#drawn = shown;
    this.#draw();
  }

  protected override render(): TemplateResult {
    return html`
      <div
        class="chart"
        tabindex="0"
        role="application"
        aria-label=${summaryOf(this.model.history.samples)}
        aria-keyshortcuts="ArrowLeft ArrowRight Shift+ArrowLeft Shift+ArrowRight Enter + - Home End Escape"
        @keydown=${this.#key}
        @pointerdown=${this.#press}
        @click=${this.#click}
        @dblclick=${this.#showWhole}
      ></div>
      <div class="heard" role="status">${this.heard}</div>
    `;
  }

  get #place(): HTMLElement {
    return this.renderRoot.querySelector(".chart") as HTMLElement;
  }

  #draw(): void {
    const { history, timeView } = this.model;
    const { series } = timeView;
    const layers = series.layers(timeView.shownDivision);
    const lines = SERIES.filter((name) => timeView.isShown(name));
    const data: uPlot.AlignedData = [
      series.times,
      ...stacked(layers).reverse(),
      ...lines.map((name) => series.column(name)),
    ];
    const shown = [...layers.map(({ kind }) => kind), ...lines].join();
    if (this.#chart && shown === this.#shown) {
      this.#chart.setData(data);
      return;
    }
    this.#shown = shown;
    this.#chart?.destroy();
    const place = this.#place;
    const options = timeLineOptions(readPalette(place), {
      layers: layers.toReversed(),
      lines,
      range: () => timeView.range,
      marked: () => marked(history.samples),
      moment: () => this.model.moment && this.model.moment / 1000,
    });
    const hooks = {
      ...options.hooks,
      setCursor: [
        ({ cursor }: uPlot) => {
          timeView.pointed = timeView.series.samples[cursor.idx ?? -1]?.time ?? null;
        },
      ],
      setSelect: [(chart: uPlot) => this.#brush(chart)],
    };
    const size = { width: Math.max(place.clientWidth, 1), height: place.clientHeight };
    const chart = new uPlot({ ...options, ...size, hooks }, data, place);
    drawings.set(chart.ctx.canvas, { repeat: () => chart.batch(() => chart.redraw()) });
    this.#chart = chart;
    this.#resize.observe(place);
  }

  /** Anew, since uPlot takes its colours once. */
  #renew(): void {
    this.#shown = "";
    this.#draw();
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#place;
    if (width === 0) return;
    this.#chart?.setSize({ width, height });
    this.model.timeView.resize(width);
  }

  #brush(chart: uPlot): void {
    const { left, width } = chart.select;
    chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#wasDragged = width >= LEAST_DRAG;
    if (this.#wasDragged) this.model.timeView.show(chart.posToVal(left, "x"), chart.posToVal(left + width, "x"));
  }

  #press(): void {
    this.#wasDragged = false;
  }

  /** The end of a drag is a click, too, unless the chart was made anew by then. */
  #click(event: MouseEvent): void {
    const wasDragged = this.#wasDragged;
    this.#wasDragged = false;
    if (wasDragged || event.detail > 1) return;
    this.#momentBefore = this.model.moment;
    this.#showPointed();
  }

  /** That which the double click's first one did is taken back. */
  #showWhole(): void {
    this.model.showMoment(this.#momentBefore);
    this.model.timeView.showWhole();
  }

  /** What is pointed at becomes the moment that is shown; the newest sample is no past. */
  #showPointed(): void {
    const { history, timeView } = this.model;
    const { pointed } = timeView;
    if (pointed !== null) this.model.showMoment(pointed === history.samples.at(-1)?.time ? null : pointed);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { history, timeView } = this.model;
    const last = history.samples.at(-1)?.time ?? null;
    const from = timeView.pointed ?? last ?? 0;
    switch (event.key) {
      case "ArrowLeft":
      case "ArrowRight":
        this.#point(this.#next(from, event.key === "ArrowLeft" ? -1 : 1, event.shiftKey));
        break;
      case "End":
        this.#point(last);
        break;
      case "Enter":
        this.#showPointed();
        break;
      case "+":
      case "=":
        timeView.zoomBy(KEY_ZOOM);
        break;
      case "-":
      case "_":
        timeView.zoomBy(1 / KEY_ZOOM);
        break;
      case "Home":
        timeView.showWhole();
        break;
      case "Escape":
        if (timeView.pointed === null) return;
        this.#point(null);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** The sample before or after, or the next one with marks; where there is none, the same again. */
  #next(from: number, step: -1 | 1, toMark: boolean): number {
    const { history, timeView } = this.model;
    const samples = toMark ? history.samples.filter(({ marks }) => marks) : timeView.series.samples;
    const next = step < 0 ? samples.findLast(({ time }) => time < from) : samples.find(({ time }) => time > from);
    return next?.time ?? from;
  }

  /** A time in milliseconds since the epoch, or nothing. */
  #point(time: number | null): void {
    const { timeView } = this.model;
    if (time !== null) {
      timeView.reveal(time / 1000);
      this.#draw();
    }
    const left = time === null ? HIDDEN : (this.#chart?.valToPos(time / 1000, "x") ?? HIDDEN);
    this.#chart?.setCursor({ left, top: time === null ? HIDDEN : 0 });
    timeView.pointed = time;
    this.heard = time === null ? "" : heardAt(timeView, time);
  }
}

/** CSS pixels; a pointer that moved less has not been dragged. */
const LEAST_DRAG = 4;
const KEY_ZOOM = 1.5;
/** Where uPlot has no cursor. */
const HIDDEN = -10;

customElements.define("time-chart", TimeChart);
