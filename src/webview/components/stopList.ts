/** What the steps cost, as a table to be unfolded; a click on one shows the memory as it was at that stop. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { STOP_ORDERS } from "../../memory/stepCost.ts";
import { attribution, grownText, kindsText, stepParts } from "../../memory/stepWords.ts";
import type { PlacedStep, StopOrder } from "../../protocol/server.ts";
import type { PanelModel } from "../data/panelModel.ts";
import { shared } from "./styles.ts";
import { Watch } from "./watch.ts";
import { bytes, count, timeText } from "./words.ts";

export class StopList extends LitElement {
  static override properties = { model: { attribute: false } };

  static override styles = [
    shared,
    css`
      :host([hidden]) {
        display: none;
      }
      summary {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        cursor: pointer;
      }
      summary span,
      p {
        color: var(--panel-muted);
        font-size: 0.9em;
      }
      .scroll {
        max-height: 200px;
        margin-top: 4px;
        overflow: auto;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        white-space: nowrap;
      }
      th {
        position: sticky;
        top: 0;
        background: var(--panel-background);
        font-weight: normal;
        text-align: left;
      }
      th,
      td {
        padding: 1px 8px 1px 0;
      }
      td {
        border-top: 1px solid var(--panel-border);
      }
      button {
        padding: 1px 4px;
        border: 0;
        border-radius: 3px;
        background: none;
        color: inherit;
        font: inherit;
        cursor: pointer;
      }
      button:hover {
        background: var(--vscode-toolbar-hoverBackground);
      }
      td button {
        color: var(--vscode-textLink-foreground);
      }
      [aria-current] {
        background: var(--vscode-list-inactiveSelectionBackground);
      }
      .also {
        color: var(--panel-muted);
      }
    `,
  ];

  declare model: PanelModel;

  constructor() {
    super();
    new Watch(this, () => this.model);
    new Watch(this, () => this.model.stops);
  }

  protected override willUpdate(): void {
    const { last, total, problem } = this.model.stops;
    this.hidden = last === null && total === 0 && problem === null;
  }

  protected override render(): TemplateResult {
    const { stops } = this.model;
    const { last, problem } = stops;
    const toggle = (event: Event) => stops.open((event.target as HTMLDetailsElement).open);
    return html`
      <details ?open=${stops.isOpen} @toggle=${toggle}>
        <summary>Steps ${last ? html`<span>last: ${stepParts(last, MOST_KINDS).join(" · ") || "no change"}</span>` : nothing}</summary>
        ${problem ? html`<p class="problem" role="status">What the steps cost could not be asked: ${problem}</p>` : nothing}
        ${stops.isOpen && stops.total > 0 ? this.#table() : nothing}
      </details>
    `;
  }

  #table(): TemplateResult {
    const { stops } = this.model;
    const { stops: shown, total } = stops;
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label="Steps by cost">
        <table>
          <thead>
            <tr>
              ${STOP_ORDERS.map((order) => this.#heading(order))}
              <th scope="col">Stopped at</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map((step) => this.#row(step))}
          </tbody>
        </table>
      </div>
      ${shown.length < total ? html`<p>${count(shown.length)} of ${count(total)} steps</p>` : nothing}
    `;
  }

  #heading(order: StopOrder): TemplateResult {
    const { stops } = this.model;
    const isSorted = stops.sort === order;
    return html`
      <th scope="col" class=${order === "stop" ? "" : "number"} aria-sort=${isSorted ? "descending" : "none"}>
        <button title=${order === "stop" ? "The newest first" : "The most first"} @click=${() => stops.sortBy(order)}>
          ${TITLES[order]}${isSorted ? html`<span aria-hidden="true"> ↓</span>` : nothing}
        </button>
      </th>
    `;
  }

  #row(step: PlacedStep): TemplateResult {
    const { model } = this;
    const { changes, place, time } = step;
    const cells = [
      count(step.minorFaults),
      count(step.majorFaults),
      step.rss === null ? "–" : grownText(step.rss),
      step.heap === null ? "–" : grownText(step.heap),
      bytes(changes && changes.added.bytes + changes.grown.bytes),
      bytes(changes && changes.removed.bytes + changes.shrunk.bytes),
    ];
    return html`
      <tr aria-current=${model.moment === time ? "true" : nothing}>
        <td>
          <button title="Show the memory as it was at this stop" @click=${() => model.showMoment(time)}>
            ${count(step.stop)}, ${timeText(time)}
          </button>
        </td>
        ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
        <td>
          ${
            place
              ? html`<button title=${place.file} @click=${() => model.openSource(place)}>
                  ${place.file.replace(/^.*\//, "")}:${place.line}
                </button>`
              : "–"
          }
          <span class="also">${[kindsText(step), ...attribution(step)].filter((text) => text).join(" · ")}</span>
        </td>
      </tr>
    `;
  }
}

/** More would not fit beside the heading. */
const MOST_KINDS = 2;

const TITLES: Readonly<Record<StopOrder, string>> = {
  stop: "Stop",
  minorFaults: "Minor faults",
  majorFaults: "Major faults",
  rss: "RSS",
  heap: "Heap size",
  mapped: "Mapped",
  unmapped: "Unmapped",
};

customElements.define("stop-list", StopList);
