/** Resident memory and page faults over time, with marks for what happened to the process and its threads. */
import { html, LitElement, nothing, type TemplateResult } from "lit";
import uPlot from "uplot";
import { columns, type History, type HistoryColumns, inOrder, MARKS, marked } from "../data/history.ts";
import { onThemeChange, readPalette } from "../drawing/palette.ts";
import { timeLineOptions } from "../drawing/timeLineChart.ts";
import { Watch } from "./watch.ts";
import { bytes, markText, perSecond } from "./words.ts";

export class TimeLine extends LitElement {
  static override properties = { history: { attribute: false }, pointed: { state: true }, heard: { state: true } };

  declare history: History;
  /** The sample under the pointer. */
  declare private pointed: number | null;
  /** For screen readers: the sample that was chosen with the keys. */
  declare private heard: string;
  #chart: uPlot | null = null;
  #columns: HistoryColumns = [[], [], [], []];
  #drawn: History["samples"] | null = null;
  #stopTheme: (() => void) | null = null;
  readonly #resize = new ResizeObserver(() => this.#fit());

  constructor() {
    super();
    this.pointed = null;
    this.heard = "";
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
          ${time === undefined ? nothing : html`<span>${clock(time)}</span>`}
          <span class="marks">${this.#marksAt(at)}</span>
        </p>
        <div
          class="chart"
          tabindex="0"
          role="application"
          aria-label=${this.#summary()}
          aria-keyshortcuts="ArrowLeft ArrowRight Shift+ArrowLeft Shift+ArrowRight Escape"
          @keydown=${this.#key}
        ></div>
        <div class="heard" role="status">${this.heard}</div>
        ${this.history.problem ? html`<p class="problem" role="status">The time line could not be brought up to date: ${this.history.problem}</p>` : nothing}
      </section>
    `;
  }

  /** What happened at a sample, in words. */
  #marksAt(index: number): string {
    const marks = this.history.samples[index]?.marks;
    return marks ? inOrder(marks).map(markText).join(", ") : "";
  }

  /** From when to when, and all marks with how often. */
  #summary(): string {
    const [times] = this.#columns;
    const [first, last] = [times[0], times.at(-1)];
    if (first === undefined || last === undefined) return "Time line: nothing has been read yet.";
    const sums = new Map<string, number>();
    for (const { marks } of this.history.samples) {
      for (const [mark, times] of marks ? inOrder(marks) : []) sums.set(mark, (sums.get(mark) ?? 0) + times);
    }
    const happened = MARKS.flatMap((mark) => (sums.has(mark) ? markText([mark, sums.get(mark) ?? 0]) : []));
    return `Time line from ${clock(first)} to ${clock(last)}${happened.length > 0 ? `: ${happened.join(", ")}` : ""}.`;
  }

  /** Arrows go from sample to sample, with Shift from mark to mark. */
  #key(event: KeyboardEvent): void {
    const chart = this.#chart;
    const { samples } = this.history;
    const step = { ArrowLeft: -1, ArrowRight: 1, Escape: 0 }[event.key];
    if (!chart || step === undefined || samples.length === 0) return;
    event.preventDefault();
    let next = Math.min(Math.max((this.pointed ?? samples.length - 1) + step, 0), samples.length - 1);
    while (event.shiftKey && samples[next] && !samples[next]?.marks && samples[next + step]) next += step;
    const [times, rss] = this.#columns;
    const time = times[next] as number;
    chart.setCursor(step === 0 ? { left: -10, top: -10 } : { left: chart.valToPos(time, "x"), top: 0 });
    this.pointed = step === 0 ? null : next;
    const told = [clock(time), `RSS ${bytes(rss[next])}`, this.#marksAt(next)];
    this.heard = step === 0 ? "" : told.filter((text) => text !== "").join(", ");
  }

  get #place(): HTMLElement {
    return this.querySelector(".chart") as HTMLElement;
  }

  /** Anew, since uPlot takes its colours once. */
  #draw(): void {
    this.#chart?.destroy();
    const place = this.#place;
    const options = timeLineOptions(readPalette(this), () => marked(this.history.samples));
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

function clock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString();
}

customElements.define("time-line", TimeLine);
