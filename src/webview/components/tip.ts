import { type CSSResultGroup, css, LitElement } from "lit";
import { shared } from "./styles.ts";

/** A small window below what the pointer is on. */
export abstract class Tip extends LitElement {
  static override styles: CSSResultGroup = [
    shared,
    css`
      :host {
        position: absolute;
        z-index: 2;
        top: 100%;
        left: 0;
        width: max-content;
        max-width: min(420px, 100%);
        margin-top: -16px;
        padding: 6px 9px;
        border: 1px solid var(--vscode-editorHoverWidget-border, var(--panel-border));
        border-radius: 3px;
        background: var(--vscode-editorHoverWidget-background, var(--panel-background));
        color: var(--vscode-editorHoverWidget-foreground, var(--panel-foreground));
        box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
        pointer-events: none;
      }
      :host([hidden]) {
        display: none;
      }
      code {
        font-family: var(--panel-mono);
        font-size: 0.95em;
      }
      p {
        margin: 3px 0 0;
      }
      .name {
        display: flex;
        align-items: center;
        gap: 6px;
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .muted {
        color: var(--panel-muted);
        font-weight: normal;
      }
    `,
  ];

  constructor() {
    super();
    this.hidden = true;
  }

  /** Near `x`, in CSS pixels of what it belongs to, `width` wide. */
  protected place(isShown: boolean, x: number, width: number): void {
    this.hidden = !isShown;
    void this.updateComplete.then(() => {
      const left = Math.max(0, Math.min(x + 8, width - this.offsetWidth));
      this.style.transform = `translateX(${Math.round(left)}px)`;
    });
  }
}
