/** Says that the panel shows the past, with the way back to what is now. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { PanelModel } from "../data/panelModel.ts";
import { shared } from "./styles.ts";
import { marksAt } from "./timeWords.ts";
import { Watch } from "./watch.ts";
import { timeText } from "./words.ts";

export class MomentBar extends LitElement {
  static override properties = { model: { attribute: false } };

  static override styles = [
    shared,
    css`
      /* In sight wherever the panel is scrolled to. */
      :host {
        position: sticky;
        top: 0;
        z-index: 4;
        background: var(--panel-background);
      }
      /* Empty it takes no room, nor the gap behind it. */
      :host([empty]) {
        margin-bottom: -10px;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 10px;
        padding: 4px 8px;
        border: 1px solid var(--vscode-inputValidation-warningBorder, var(--panel-border));
        border-radius: 2px;
        background: var(--vscode-inputValidation-warningBackground);
        color: var(--vscode-inputValidation-warningForeground, inherit);
      }
      .bar span {
        flex: 1 1 auto;
        font-variant-numeric: tabular-nums;
      }
      button {
        padding: 2px 10px;
        border: 1px solid var(--vscode-button-border, transparent);
        border-radius: 2px;
        background: var(--vscode-button-background);
        color: var(--vscode-button-foreground);
        font: inherit;
        cursor: pointer;
      }
      button:hover {
        background: var(--vscode-button-hoverBackground);
      }
    `,
  ];

  declare model: PanelModel;

  constructor() {
    super();
    new Watch(this, () => this.model);
    new Watch(this, () => this.model.rows);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("keydown", this.#key);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.#key);
  }

  protected override willUpdate(): void {
    this.toggleAttribute("empty", this.model.moment === null);
  }

  protected override render(): TemplateResult {
    const { moment } = this.model;
    return html`<div role="status">${moment === null ? nothing : this.#bar(moment)}</div>`;
  }

  #bar(moment: number): TemplateResult {
    const sample = this.model.history.samples.find(({ time }) => time === moment);
    const marks = marksAt(sample);
    const { time } = this.model.rows;
    const read = time === null || timeText(time) === timeText(moment) ? nothing : `, regions read at ${timeText(time)}`;
    return html`
      <div class="bar">
        <span>As it was at ${timeText(moment)}${marks ? ` (${marks})` : nothing}${read}</span>
        <button title="Back to what is now (L or Escape)" aria-keyshortcuts="L Escape" @click=${() => this.model.showMoment(null)}>Live</button>
      </div>
    `;
  }

  /** In every part of the panel, where the key means nothing else. */
  readonly #key = (event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey, altKey, defaultPrevented } = event;
    if (defaultPrevented || ctrlKey || metaKey || altKey || this.model.moment === null || isTyped(event)) return;
    if (key === "l" || key === "L" || key === "Escape") this.model.showMoment(null);
  };
}

/** Whether the key goes into a field. */
function isTyped(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  return target instanceof HTMLElement && target.matches("input, textarea, select");
}

customElements.define("moment-bar", MomentBar);
