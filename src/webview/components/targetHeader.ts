/** Which process is shown, what it does, and its totals. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { Changed } from "../../protocol/server.ts";
import type { PanelModel } from "../data/panelModel.ts";
import { shared } from "./styles.ts";
import { changeText, counters, fact } from "./targetCounters.ts";
import { Watch } from "./watch.ts";
import { bytes, count, perSecond, timeText } from "./words.ts";

export class TargetHeader extends LitElement {
  static override properties = { model: { attribute: false } };

  static override styles = [
    shared,
    css`
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 8px;
        min-height: 26px;
      }
      h1 {
        margin: 0;
        max-width: 100%;
        font-size: 1.15em;
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .state {
        display: inline-flex;
        align-items: center;
        gap: 5px;
        white-space: nowrap;
      }
      .state svg {
        width: 10px;
        height: 10px;
        fill: currentColor;
        stroke: none;
      }
      .running svg {
        color: var(--vscode-debugIcon-startForeground, var(--vscode-charts-green));
      }
      .stopped svg {
        color: var(--vscode-debugIcon-pauseForeground, var(--vscode-charts-blue));
      }
      .ended {
        color: var(--panel-muted);
      }
      .path {
        flex: 1 1 120px;
        min-width: 0;
        overflow: hidden;
        color: var(--panel-muted);
        text-overflow: ellipsis;
        white-space: nowrap;
        /* Of a long path the end says more. */
        direction: rtl;
        text-align: left;
      }
      .actions {
        display: flex;
        align-items: center;
        gap: 4px;
        margin-left: auto;
      }
      select {
        width: 190px;
        max-width: 50cqw;
      }
      .badge {
        padding: 1px 7px;
        border: 1px solid var(--vscode-contrastBorder, transparent);
        border-radius: 10px;
        background: var(--vscode-badge-background);
        color: var(--vscode-badge-foreground);
        font-size: 0.85em;
        white-space: nowrap;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(108px, 1fr));
        gap: 6px 12px;
        margin: 8px 0 0;
      }
      dt {
        color: var(--panel-muted);
        font-size: 0.85em;
        white-space: nowrap;
      }
      dd {
        margin: 1px 0 0;
        font-variant-numeric: tabular-nums;
        font-size: 1.08em;
      }
      @container (max-width: 420px) {
        dl {
          grid-template-columns: repeat(auto-fill, minmax(84px, 1fr));
          gap: 4px 8px;
        }
      }
      details {
        margin-top: 6px;
      }
      summary {
        width: max-content;
        max-width: 100%;
        color: var(--panel-muted);
        cursor: pointer;
      }
      summary span {
        color: var(--panel-foreground);
      }
      /* Below its number where there is no room beside it. */
      dd small {
        display: inline-block;
        color: var(--panel-muted);
        font-size: 0.85em;
      }
    `,
  ];

  declare model: PanelModel;

  constructor() {
    super();
    new Watch(this, () => this.model);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { state, last } = this.model;
    if (!state?.shown) return nothing;
    const pid = state.shown.split(":")[0];
    const label = state.targets.find(({ target }) => target === state.shown)?.label;
    return html`
      <header>
        <h1>${last?.command ?? label ?? "process"}</h1>
        <span class="badge">pid ${pid}</span>
        ${last ? stateOf(last.state) : nothing}
        <span class="path" title=${last?.executable ?? ""}>${last?.executable ? html`<bdi>${last.executable}</bdi>` : nothing}</span>
        <span class="actions">
          ${state.targets.length > 1 ? this.#chooser() : nothing}
          <button class="icon" title="Read everything now" aria-label="Refresh" @click=${() => this.model.refresh()}>
            <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M13.4 8a5.4 5.4 0 1 1-1.7-3.9M13.5 1.8v3h-3" /></svg>
          </button>
        </span>
      </header>
      ${last ? numbers(last) : nothing}
      ${last ? this.#more(last) : nothing}
    `;
  }

  /** All counters, once they are asked for. */
  #more(last: Changed): TemplateResult {
    const { hasCounters, lastChange } = this.model;
    const change = lastChange && changeText(lastChange.changes);
    return html`
      <details
        .open=${hasCounters}
        @toggle=${(event: Event) => {
          this.model.hasCounters = (event.target as HTMLDetailsElement).open;
        }}
      >
        <summary>
          All counters${lastChange && change ? html` · <span>${timeText(lastChange.sample.time)}: ${change}</span>` : nothing}
        </summary>
        ${hasCounters ? html`<dl>${counters(last)}</dl>` : nothing}
      </details>
    `;
  }

  #chooser(): TemplateResult {
    const { state } = this.model;
    return html`
      <select
        aria-label="Shown process"
        @change=${(event: Event) => this.model.show((event.target as HTMLSelectElement).value)}
      >
        ${state?.targets.map(
          ({ target, label, ended }) =>
            html`<option value=${target} .selected=${target === state.shown}>${label}${ended ? " (ended)" : ""}</option>`,
        )}
      </select>
    `;
  }
}

function stateOf(state: Changed["state"]): TemplateResult {
  const shapes = { running: "M2 1l7 4-7 4z", stopped: "M2 1h2v8H2zM6 1h2v8H6z", ended: "M2 2h6v6H2z" };
  return html`
    <span class="state ${state}"><svg viewBox="0 0 10 10" aria-hidden="true"><path d=${shapes[state]} /></svg>${state}</span>
  `;
}

function numbers({ sample, totals, rates, state }: Changed): TemplateResult {
  const running = state === "running";
  const faults = (total: number, rate: number) =>
    html`${count(total)}${running ? html` <small>${perSecond(rate)}</small>` : nothing}`;
  const spared = totals?.pss === null ? SPARED : "";
  return html`
    <dl>
      ${fact("RSS", "Resident set size: what is in RAM", bytes(sample.rss))}
      ${fact("PSS", `Proportional set size: shared pages counted by their share${spared}`, bytes(totals?.pss))}
      ${fact("USS", `Unique set size: what only this process uses${spared}`, bytes(totals?.uss))}
      ${fact("Swap", "Swapped out", bytes(totals?.swap))}
      ${fact("VSZ", "Virtual size: all that is mapped", bytes(sample.vsz))}
      ${fact("Minor faults", "Page faults that needed no I/O, since the start", faults(sample.minorFaults, rates.minor))}
      ${fact("Major faults", "Page faults that loaded from a device, since the start", faults(sample.majorFaults, rates.major))}
      ${fact("Threads", "Threads", count(sample.threads))}
    </dl>
  `;
}

/** Why sums are not known, though those of resident memory are. */
const SPARED = ". Read when it stops, or when you refresh: it has to wait meanwhile, since a region is large";

customElements.define("target-header", TargetHeader);
