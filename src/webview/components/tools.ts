import { html, svg, type TemplateResult } from "lit";

/** The buttons that zoom. `isWhole`: there is nothing to zoom out to; `isClosest`: nor anything closer. */
export function zoomTools(
  { isWhole, isClosest }: { readonly isWhole: boolean; readonly isClosest: boolean },
  press: { readonly out: () => void; readonly in: () => void; readonly whole: () => void },
): TemplateResult {
  return html`
    <div class="tools" role="toolbar" aria-label="Zoom">
      ${tool("Zoom out (−)", svg`<path d="M3.5 8h9" />`, isWhole, press.out)}
      ${tool("Zoom in (+)", svg`<path d="M3.5 8h9M8 3.5v9" />`, isClosest, press.in)}
      ${tool("Show the whole (Home)", svg`<path d="M1.5 8h13M4.5 5l-3 3 3 3M11.5 5l3 3-3 3" />`, isWhole, press.whole)}
    </div>
  `;
}

function tool(title: string, shape: TemplateResult, disabled: boolean, press: () => void): TemplateResult {
  return html`
    <button class="icon" title=${title} aria-label=${title} ?disabled=${disabled} @click=${press}>
      <svg viewBox="0 0 16 16" aria-hidden="true">${shape}</svg>
    </button>
  `;
}
