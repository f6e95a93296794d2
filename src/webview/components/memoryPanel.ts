/** The whole panel: header, notice, picture, time line, table; or what to do while there is no target. */
import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { PanelModel } from "../data/panelModel.ts";
import "./crashNotice.ts";
import "./memoryMap.ts";
import "./momentBar.ts";
import "./pageGrid.ts";
import "./regionTable.ts";
import "./selectionDetails.ts";
import "./stopList.ts";
import "./targetHeader.ts";
import "./timeLine.ts";
import { Watch } from "./watch.ts";

export class MemoryPanel extends LitElement {
  static override properties = { model: { attribute: false }, hasMap: { state: true } };

  declare model: PanelModel;
  /** What is below the map waits until the first picture has been drawn: so that comes sooner. */
  declare private hasMap: boolean;

  constructor() {
    super();
    this.hasMap = false;
    new Watch(this, () => this.model);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { picture } = this.model;
    const stop = picture.listen(() => {
      if (!picture.whole && !picture.problem) return;
      stop();
      // The canvas knows its size in the first frame and is drawn in the second.
      requestAnimationFrame(() => {
        requestAnimationFrame(() => {
          setTimeout(() => {
            this.hasMap = true;
            this.model.pictured();
          });
        });
      });
    });
  }

  /** It is the page: laid out by panel.css. */
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { model } = this;
    if (model.problem) return this.#empty(model.problem);
    if (!model.state) return nothing;
    if (model.state.shown === null) return this.#empty(model.state.message);
    return html`
      <main>
        <target-header .model=${model}></target-header>
        <div role="status">${model.state.message ? notice(model.state.message) : nothing}</div>
        <crash-notice .model=${model}></crash-notice>
        <moment-bar .model=${model}></moment-bar>
        <memory-map .model=${model}></memory-map>
        ${this.hasMap ? this.#lower() : nothing}
      </main>
    `;
  }

  #lower(): TemplateResult {
    const { model } = this;
    return html`
        <div class="lower">
          <div class="left">
            <time-line .model=${model}></time-line>
            <stop-list .model=${model}></stop-list>
            <region-table .model=${model}></region-table>
          </div>
          <aside aria-label="Selection" ?hidden=${!model.hasSelection}>
            <selection-details .model=${model}></selection-details>
            <page-grid .pages=${model.pages}></page-grid>
          </aside>
        </div>
    `;
  }

  #empty(message: string | null): TemplateResult {
    return html`
      <div class="empty">
        <h1>No process to show</h1>
        <p>${message ?? "Start debugging a program, or choose a process that runs on this machine."}</p>
        <button @click=${() => this.model.pickProcess()}>Choose a process…</button>
      </div>
    `;
  }
}

function notice(message: string): TemplateResult {
  return html`
    <div class="notice">
      <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6.4" /><path d="M8 7v4M8 4.6v1.2" /></svg>
      <span>${message}</span>
    </div>
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    "memory-panel": MemoryPanel;
  }
}

customElements.define("memory-panel", MemoryPanel);
