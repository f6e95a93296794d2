/** Resident memory and page faults over time, with a mark for every stop, continue, exec and exit. */
import { html, LitElement, nothing, type TemplateResult } from "lit";
import uPlot from "uplot";
import { columns, type History, type HistoryColumns, marks } from "../data/history.ts";
import { onThemeChange, readPalette } from "../drawing/palette.ts";
import { timeLineOptions } from "../drawing/timeLineChart.ts";
import { Watch } from "./watch.ts";
import { bytes, perSecond } from "./words.ts";

export class TimeLine extends LitElement {
  static override properties = { history: { attribute: false }, pointed: { state: true } };

  declare history: History;
  /** The sample under the pointer. */
  declare private pointed: number | null;
  #chart: uPlot | null = null;
  #columns: HistoryColumns = [[], [], [], []];
  #drawn: History["samples"] | null = null;
  #stopTheme: (() => void) | null = null;
  readonly #resize = new ResizeObserver(() => this.#fit());

  constructor() {
    super();
    this.pointed = null;
    new Watch(this, () => this.history);
  }

  /** uPlot's style sheet is the page's: it does not reach into a shadow. */
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stopTheme = onThemeChange(() => this.#draw());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stopTheme?.();
    this.#resize.disconnect();
    this.#chart?.destroy();
    this.#chart = null;
  }

  protected override firstUpdated(): void {
    this.#resize.observe(this.#place);
    this.#draw();
  }

  protected override willUpdate(): void {
    if (this.history.samples !== this.#drawn) this.#columns = columns(this.history.samples);
  }

  protected override updated(): void {
    if (this.history.samples === this.#drawn) return;
    this.#drawn = this.history.samples;
    this.#chart?.setData(this.#columns);
  }

  protected override render(): TemplateResult {
    const [times, rss, minor, major] = this.#columns;
    const at = this.pointed ?? times.length - 1;
    const time = this.pointed === null ? undefined : times[at];
    const rate = (value: number | null | undefined) => (value === null || value === undefined ? "–" : perSecond(value));
    return html`
      <section aria-label="Time line">
        <p class="readout">
          <span><i class="rss"></i>RSS <b>${bytes(rss[at])}</b></span>
          <span><i class="minor"></i>minor faults <b>${rate(minor[at])}</b></span>
          <span><i class="major"></i>major faults <b>${rate(major[at])}</b></span>
          ${time === undefined ? nothing : html`<span>${new Date(time * 1000).toLocaleTimeString()}</span>`}
        </p>
        <div class="chart"></div>
        ${this.history.problem ? html`<p class="problem" role="status">The time line could not be brought up to date: ${this.history.problem}</p>` : nothing}
      </section>
    `;
  }

  get #place(): HTMLElement {
    return this.querySelector(".chart") as HTMLElement;
  }

  /** Anew, since uPlot takes its colours once. */
  #draw(): void {
    this.#chart?.destroy();
    const place = this.#place;
    const options = timeLineOptions(readPalette(this), () => marks(this.history.samples));
    const cursor = (chart: uPlot) => {
      this.pointed = chart.cursor.idx ?? null;
    };
    this.#chart = new uPlot(
      {
        ...options,
        width: Math.max(place.clientWidth, 1),
        height: place.clientHeight,
        hooks: { ...options.hooks, setCursor: [cursor] },
      },
      this.#columns,
      place,
    );
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#place;
    if (width > 0) this.#chart?.setSize({ width, height });
  }
}

customElements.define("time-line", TimeLine);
