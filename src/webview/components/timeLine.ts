/** The time line: memory and page faults over time, with what its lines and layers mean and the moment pointed at. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { PanelModel } from "../data/panelModel.ts";
import { DIVISIONS, type Division, SERIES } from "../data/timeSeries.ts";
import { legend, shared } from "./styles.ts";
import "./timeChart.ts";
import { marksAt, SERIES_LABELS, valueText } from "./timeWords.ts";
import { zoomTools } from "./tools.ts";
import { Watch } from "./watch.ts";
import { bytes, timeText } from "./words.ts";

export class TimeLine extends LitElement {
  static override properties = { model: { attribute: false } };

  static override styles = [
    shared,
    legend,
    css`
      .readout {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px 4px;
        color: var(--panel-muted);
        font-size: 0.9em;
        font-variant-numeric: tabular-nums;
      }
      .readout b {
        color: var(--panel-foreground);
        font-weight: normal;
      }
      .series {
        padding: 2px 6px;
        border: 1px solid transparent;
        border-radius: 5px;
        background: none;
        color: inherit;
        font: inherit;
        cursor: pointer;
      }
      .series:hover {
        background: var(--vscode-toolbar-hoverBackground);
        outline: 1px dashed var(--vscode-toolbar-hoverOutline, transparent);
        outline-offset: -1px;
      }
      .series[aria-pressed="false"] {
        text-decoration: line-through;
      }
      .series[aria-pressed="false"] i {
        visibility: hidden;
      }
      i {
        display: inline-block;
        width: 14px;
        margin-right: 5px;
        border-top: 2px solid var(--panel-foreground);
        vertical-align: middle;
        forced-color-adjust: none;
      }
      i.pss {
        border-top-style: dashed;
      }
      i.swap {
        border-top-style: dotted;
      }
      i.minorFaults {
        border-color: var(--panel-minor-faults);
      }
      i.majorFaults {
        border-top-style: dashed;
        border-color: var(--panel-major-faults);
      }
      /* Its room is kept, so that nothing moves as the pointer goes over marks. */
      .marks {
        flex: 1 1 60px;
        min-width: 0;
        min-height: 1.3em;
        overflow: hidden;
        color: var(--panel-foreground);
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      select {
        max-width: 100%;
        padding: 1px 2px;
        border: 1px solid var(--vscode-dropdown-border, var(--panel-border));
        border-radius: 2px;
        background: var(--vscode-dropdown-background);
        color: var(--vscode-dropdown-foreground, inherit);
        font: inherit;
      }
    `,
  ];

  declare model: PanelModel;

  constructor() {
    super();
    new Watch(this, () => this.model);
    new Watch(this, () => this.model.history);
    new Watch(this, () => this.model.timeView);
  }

  protected override render(): TemplateResult {
    const { history, timeView, moment } = this.model;
    const { problem } = history;
    const { series } = timeView;
    const time = timeView.pointed ?? moment;
    const at = time === null ? series.samples.length - 1 : series.indexAt(time);
    const sample = series.samples[at];
    return html`
      <section aria-label="Time line">
        <div class="readout">
          ${SERIES.map(
            (name) => html`
              <button
                class="series"
                aria-pressed=${timeView.isShown(name) ? "true" : "false"}
                title=${timeView.isShown(name) ? "Shown: hide it" : "Hidden: show it"}
                @click=${() => timeView.toggle(name)}
              ><i class=${name}></i>${SERIES_LABELS[name]} <b>${valueText(name, series.column(name)[at])}</b>${name === "pss" ? this.#whenRead(at) : nothing}</button>
            `,
          )}
          ${time !== null && sample ? html`<b>${timeText(sample.time)}</b>` : nothing}
          <span class="marks">${marksAt(sample)}</span>
          ${this.#chooser()}
          ${zoomTools(timeView, {
            out: () => timeView.zoomBy(1 / STEP),
            in: () => timeView.zoomBy(STEP),
            whole: () => timeView.showWhole(),
          })}
        </div>
        <time-chart .model=${this.model}></time-chart>
        ${this.#legend(at)}
        ${problem ? html`<p class="problem" role="status">The time line could not be brought up to date: ${problem}</p>` : nothing}
      </section>
    `;
  }

  /** PSS is read with the kinds, or less often, since that keeps the process waiting for longer. */
  #whenRead(at: number): string {
    const { series } = this.model.timeView;
    const [read, kinds] = [series.readAt("pss", at), series.readAt("kinds", at)].map((time) => time && timeText(time));
    return read && kinds && read !== kinds ? ` at ${read}` : "";
  }

  #chooser(): TemplateResult {
    const { timeView } = this.model;
    const choose = (event: Event) => {
      const { value } = event.target as HTMLSelectElement;
      timeView.division = DIVISIONS.find((division) => division === value) ?? timeView.division;
    };
    return html`
      <select aria-label="Division of the RSS" title="Division of the RSS" @change=${choose}>
        ${DIVISIONS.map(
          (division) =>
            html`<option value=${division} ?selected=${division === timeView.division}>${DIVISION_LABELS[division]}</option>`,
        )}
      </select>
    `;
  }

  /** The layers, with what each has at the sample. */
  #legend(at: number): TemplateResult | typeof nothing {
    const { series, division, shownDivision } = this.model.timeView;
    const layers = series.layers(shownDivision);
    if (layers.length === 0) return nothing;
    const read = division === "kind" ? series.readAt("kinds", at) : null;
    const isEarlier = read !== null && timeText(read) !== timeText(series.samples[at]?.time ?? read);
    return html`
      <ul class="legend" aria-label="Parts of the RSS">
        ${layers.map(
          ({ kind, label, values }) =>
            html`<li><span class="swatch kind-${kind}"></span>${label} ${bytes(values[at])}</li>`,
        )}
        ${isEarlier ? html`<li>read at ${timeText(read)}</li>` : nothing}
      </ul>
    `;
  }
}

const DIVISION_LABELS: Readonly<Record<Division, string>> = {
  kind: "RSS by kind",
  part: "RSS by the kernel's parts",
  none: "RSS undivided",
};

/** A press on a button zooms by so much. */
const STEP = 2;

customElements.define("time-line", TimeLine);
