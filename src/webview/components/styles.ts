/** What all components of the panel have in common. */
import { css, unsafeCSS } from "lit";
import { KINDS } from "../../memory/kind.ts";

// Classes, since a strict content policy refuses style attributes.
const swatches = unsafeCSS(KINDS.map((kind) => `.kind-${kind} { background: var(--kind-${kind}); }`).join("\n"));

export const shared = css`
  :host {
    display: block;
    color: var(--panel-foreground);
    font-family: var(--panel-font);
    font-size: var(--vscode-font-size, 13px);
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :focus-visible {
    outline: 1px solid var(--panel-focus);
    outline-offset: -1px;
  }
  .problem {
    color: var(--vscode-errorForeground);
    overflow-wrap: anywhere;
  }
  .number {
    font-variant-numeric: tabular-nums;
    text-align: right;
  }
  button.icon {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    width: 22px;
    height: 22px;
    padding: 0;
    border: 1px solid transparent;
    border-radius: 5px;
    background: none;
    color: var(--vscode-icon-foreground, inherit);
    cursor: pointer;
  }
  button.icon:hover {
    background: var(--vscode-toolbar-hoverBackground);
    outline: 1px dashed var(--vscode-toolbar-hoverOutline, transparent);
    outline-offset: -1px;
  }
  button.icon:disabled {
    opacity: 0.4;
    cursor: default;
  }
  button.action {
    padding: 2px 12px;
    border: 1px solid var(--vscode-button-border, var(--panel-border));
    border-radius: 4px;
    background: var(--vscode-button-secondaryBackground);
    color: var(--vscode-button-secondaryForeground);
    font: inherit;
    cursor: pointer;
  }
  button.action:hover {
    background: var(--vscode-button-secondaryHoverBackground);
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  select {
    min-width: 0;
    height: 24px;
    padding: 0 4px;
    border: 1px solid var(--vscode-dropdown-border, var(--panel-border));
    border-radius: 4px;
    background: var(--vscode-dropdown-background, var(--panel-background));
    color: var(--vscode-dropdown-foreground, inherit);
    font: inherit;
  }
  /* For screen readers. */
  .heard {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  svg {
    width: 16px;
    height: 16px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.2;
  }
  .swatch {
    display: inline-block;
    width: 10px;
    height: 10px;
    flex: none;
    border-radius: 2px;
    forced-color-adjust: none;
  }
  ${swatches}
`;

/** What the colours and patterns of a canvas mean, and the buttons beside it. */
export const legend = css`
  .tools {
    display: flex;
    flex: none;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 3px 14px;
    margin: 6px 0 0;
    padding: 0;
    color: var(--panel-muted);
    font-size: 0.9em;
    list-style: none;
  }
  .legend li {
    display: inline-flex;
    align-items: center;
    gap: 5px;
    white-space: nowrap;
  }
  @container (max-width: 420px) {
    .legend {
      gap: 2px 10px;
    }
  }
  .swatch.executable {
    background: repeating-linear-gradient(135deg, currentColor 0 1px, transparent 1px 4px);
    border: 1px solid currentColor;
  }
  .swatch.share {
    background: linear-gradient(to top, currentColor 45%, transparent 45%);
    border: 1px solid currentColor;
  }
  .swatch.noAccess {
    background:
      repeating-linear-gradient(135deg, currentColor 0 1px, transparent 1px 4px),
      repeating-linear-gradient(45deg, currentColor 0 1px, transparent 1px 4px);
    border: 1px solid currentColor;
  }
`;
