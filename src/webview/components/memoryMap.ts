/** The map of the memory, as a picture in address order or as a treemap, by a measure; and the field that finds places in it. */
import { css, html, LitElement, type TemplateResult } from "lit";
import { MEASURES } from "../../memory/measure.ts";
import type { PanelModel } from "../data/panelModel.ts";
import { LAYOUTS, type Layout } from "../data/viewState.ts";
import "./addressMap.ts";
import "./placeFinder.ts";
import type { PlaceFinder } from "./placeFinder.ts";
import "./sizeTreemap.ts";
import { shared } from "./styles.ts";
import { Watch } from "./watch.ts";
import { MEASURE_LABELS } from "./words.ts";

export class MemoryMap extends LitElement {
  static override properties = { model: { attribute: false } };

  static override styles = [
    shared,
    css`
      .tools {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
        margin-bottom: 4px;
      }
      place-finder {
        flex: 0 1 270px;
        min-width: 150px;
      }
      fieldset {
        display: flex;
        gap: 10px;
        margin: 0;
        padding: 0;
        border: 0;
      }
      label {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        cursor: pointer;
      }
      input {
        margin: 0;
        accent-color: var(--panel-focus);
      }
    `,
  ];

  declare model: PanelModel;

  constructor() {
    super();
    new Watch(this, () => this.model);
  }

  protected override render(): TemplateResult {
    const { model } = this;
    return html`
      <div class="tools">
        <fieldset aria-label="Layout of the map">
          ${LAYOUTS.map(
            (layout) => html`
              <label>
                <input
                  type="radio"
                  name="layout"
                  .checked=${model.layout === layout}
                  @change=${() => {
                    model.layout = layout;
                  }}
                />${LAYOUT_LABELS[layout]}
              </label>
            `,
          )}
        </fieldset>
        <label>
          Measure
          <select @change=${this.#measure}>
            ${MEASURES.map(
              (measure) =>
                html`<option value=${measure} ?selected=${model.measure === measure}>${MEASURE_LABELS[measure]}</option>`,
            )}
          </select>
        </label>
        <place-finder .finder=${model.finder}></place-finder>
      </div>
      ${
        model.layout === "treemap"
          ? html`<size-treemap .model=${model} @find=${this.#find}></size-treemap>`
          : html`<address-map .model=${model} @find=${this.#find}></address-map>`
      }
    `;
  }

  #find(): void {
    this.renderRoot.querySelector<PlaceFinder>("place-finder")?.focus();
  }

  #measure({ target }: Event): void {
    const measure = MEASURES.find((known) => known === (target as HTMLSelectElement).value);
    if (measure) this.model.measure = measure;
  }
}

const LAYOUT_LABELS: Record<Layout, string> = { address: "Address order", treemap: "Treemap" };

customElements.define("memory-map", MemoryMap);
