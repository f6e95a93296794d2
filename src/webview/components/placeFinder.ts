/** A field for "where is this?", with the places to choose from where there are several. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { PlaceFinder as Finder } from "../data/placeFinder.ts";
import { shared } from "./styles.ts";
import { Watch } from "./watch.ts";

export class PlaceFinder extends LitElement {
  static override properties = { finder: { attribute: false } };

  static override styles = [
    shared,
    css`
      :host {
        position: relative;
      }
      input {
        width: 100%;
        padding: 2px 6px;
        border: 1px solid var(--vscode-input-border, var(--panel-border));
        border-radius: 2px;
        background: var(--vscode-input-background);
        color: var(--vscode-input-foreground, inherit);
        font: inherit;
      }
      input::placeholder {
        color: var(--vscode-input-placeholderForeground);
      }
      .answer:not(.heard) {
        position: absolute;
        z-index: 3;
        top: 100%;
        width: max-content;
        max-width: min(480px, 90vw);
        max-height: 220px;
        margin-top: 2px;
        padding: 4px;
        overflow: auto;
        border: 1px solid var(--vscode-editorHoverWidget-border, var(--panel-border));
        border-radius: 3px;
        background: var(--vscode-editorHoverWidget-background, var(--panel-background));
        color: var(--vscode-editorHoverWidget-foreground, var(--panel-foreground));
        overflow-wrap: anywhere;
      }
      .message {
        padding: 2px 6px;
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li button {
        width: 100%;
        padding: 2px 6px;
        border: 0;
        background: none;
        color: inherit;
        font: inherit;
        text-align: left;
        cursor: pointer;
      }
      li button:hover {
        background: var(--vscode-list-hoverBackground);
      }
      code {
        font-family: var(--panel-mono);
      }
    `,
  ];

  declare finder: Finder;

  constructor() {
    super();
    new Watch(this, () => this.finder);
  }

  override focus(): void {
    this.renderRoot.querySelector("input")?.select();
  }

  protected override render(): TemplateResult {
    const { places, message, isFound, isAsking } = this.finder;
    const text = isAsking ? "Looking…" : message;
    return html`
      <form role="search" @submit=${this.#submit} @keydown=${this.#key}>
        <input
          type="search"
          aria-label="Find an address, a symbol or an expression"
          aria-keyshortcuts="Enter Escape"
          placeholder="Find address, symbol, expression"
          spellcheck="false"
          autocomplete="off"
          @input=${() => this.finder.forget()}
        />
        <div class=${text === "" || isFound ? "answer heard" : "answer"}>
          <div class="message" role="status">${text}</div>
          ${
            places.length === 0
              ? nothing
              : html`<ul aria-label="Places of that name">
                ${places.map(
                  (place) => html`<li>
                    <button type="button" @click=${() => this.finder.go(place)}>
                      <code>${place.address}</code> ${place.name}
                    </button>
                  </li>`,
                )}
              </ul>`
          }
        </div>
      </form>
    `;
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    this.finder.find(this.renderRoot.querySelector("input")?.value ?? "");
  }

  /** Arrows go from the field to the places and among them; Escape ends the choosing. */
  #key(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1, Escape: 0 }[event.key];
    if (step === undefined || this.finder.message === "") return;
    const stops: HTMLElement[] = [...this.renderRoot.querySelectorAll<HTMLElement>("input, li button")];
    const at = stops.indexOf(event.target as HTMLElement);
    stops[step === 0 ? 0 : at + step]?.focus();
    if (step === 0) this.finder.forget();
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define("place-finder", PlaceFinder);
