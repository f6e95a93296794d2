/** Says above the map why the target has crashed, while it stands there. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { CrashNotice as Notice } from "../../protocol/panel.ts";
import type { PanelModel } from "../data/panelModel.ts";
import { shared } from "./styles.ts";
import { Watch } from "./watch.ts";

export class CrashNotice extends LitElement {
  static override properties = { model: { attribute: false } };

  static override styles = [
    shared,
    css`
      /* Empty it takes no room, nor the gap behind it. */
      :host([empty]) {
        margin-bottom: -10px;
      }
      .crash {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 4px 10px;
        padding: 5px 8px;
        border: 1px solid var(--vscode-inputValidation-errorBorder, var(--panel-border));
        border-radius: 2px;
        background: var(--vscode-inputValidation-errorBackground);
        color: var(--vscode-inputValidation-errorForeground, inherit);
      }
      p {
        flex: 1 1 24em;
        margin: 0;
        overflow-wrap: anywhere;
      }
      .address {
        font-family: var(--vscode-editor-font-family, monospace);
      }
    `,
  ];

  declare model: PanelModel;

  constructor() {
    super();
    new Watch(this, () => this.model);
  }

  protected override willUpdate(): void {
    this.toggleAttribute("empty", !this.model.state?.crash);
  }

  protected override render(): TemplateResult {
    const crash = this.model.state?.crash;
    return html`<div role="status">${crash ? this.#notice(crash) : nothing}</div>`;
  }

  #notice({ signal, title, sentence, address }: Notice): TemplateResult {
    const go = address === null ? nothing : this.#address(address);
    return html`
      <div class="crash">
        <p><strong>${signal}: ${title}.</strong> ${sentence}</p>
        ${go}
        <button class="action" @click=${() => this.model.showCrash()}>Show Report</button>
      </div>
    `;
  }

  #address(address: NonNullable<Notice["address"]>): TemplateResult {
    return html`
      <button
        class="action address"
        title="What is at the fault address"
        aria-label="Fault address ${address}"
        @click=${() => this.model.select(address, "details")}
      >
        ${address}
      </button>
    `;
  }
}

customElements.define("crash-notice", CrashNotice);
