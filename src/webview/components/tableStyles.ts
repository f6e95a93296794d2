import { css } from "lit";

/** Of the region table. Its columns' widths are set by the component. */
export const tableStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    gap: 6px;
  }
  .scroller {
    position: relative;
    flex: 1;
    min-height: 0;
    overflow: auto;
    border: 1px solid var(--panel-border);
    border-radius: 2px;
    outline-offset: -1px;
  }
  .body {
    position: relative;
    min-width: var(--table-width);
  }
  .rows {
    position: absolute;
    top: 0;
    left: 0;
    right: 0;
  }
  .head,
  .foot {
    position: sticky;
    z-index: 1;
    min-width: var(--table-width);
    background: var(--vscode-editor-background);
  }
  .head {
    top: 0;
    border-bottom: 1px solid var(--panel-border);
  }
  .foot {
    bottom: 0;
    border-top: 1px solid var(--panel-border);
    color: var(--panel-muted);
  }
  .row {
    display: grid;
    grid-template-columns: var(--columns);
    align-items: center;
    height: 22px;
  }
  .body .row {
    cursor: default;
    user-select: none;
  }
  .body .row:hover {
    background: var(--vscode-list-hoverBackground);
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  .body .row[aria-selected="true"] {
    background: var(--vscode-list-inactiveSelectionBackground, var(--vscode-list-activeSelectionBackground));
    color: var(--vscode-list-inactiveSelectionForeground, inherit);
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  .scroller:focus .row[aria-selected="true"] {
    background: var(--vscode-list-activeSelectionBackground);
    color: var(--vscode-list-activeSelectionForeground, inherit);
  }
  .scroller:focus .row.cursor {
    outline: 1px solid var(--vscode-list-focusOutline, var(--panel-focus));
    outline-offset: -1px;
  }
  .cell {
    padding: 0 8px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .body .code {
    font-family: var(--panel-mono);
    font-size: 0.95em;
  }
  .body .group .cell {
    font-family: inherit;
    font-size: inherit;
  }
  .body .group .cell:first-child {
    display: flex;
    font-weight: 600;
    align-items: center;
    gap: 4px;
    padding-left: 4px;
  }
  .group .cell:first-child span {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .grouped .row:not(.group) .cell:first-child {
    padding-left: 24px;
  }
  .group svg {
    flex: none;
  }
  .group[aria-expanded="true"] svg {
    transform: rotate(90deg);
  }
  .head .cell {
    padding: 0;
  }
  .head button {
    display: flex;
    align-items: center;
    gap: 3px;
    width: 100%;
    height: 22px;
    padding: 0 8px;
    overflow: hidden;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    font-weight: 600;
    white-space: nowrap;
    cursor: pointer;
  }
  .head .number button {
    justify-content: flex-end;
  }
  .head button:hover {
    background: var(--vscode-list-hoverBackground);
  }
  .head svg {
    width: 8px;
    height: 8px;
    flex: none;
    fill: currentColor;
    stroke: none;
  }
  .kind {
    display: flex;
    align-items: center;
    gap: 6px;
  }
  .kind span:last-child {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .compact .kind span:last-child,
  .compact .head .kind button {
    font-size: 0;
  }
  .nothing {
    padding: 10px 8px;
    color: var(--panel-muted);
  }
  p.problem {
    margin: 0;
  }
  @media (forced-colors: active) {
    .body .row[aria-selected="true"] {
      background: Highlight;
      color: HighlightText;
      forced-color-adjust: none;
    }
  }
`;
