import { html, nothing, svg, type TemplateResult } from "lit";
import { KIND_LABELS, type Kind } from "../../memory/kind.ts";

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

/** What the colours and patterns of a map mean, and the height of the full colour; `null`: nothing. */
export function kindsLegend(kinds: readonly Kind[], height: string | null): TemplateResult {
  return html`
    <ul class="legend" aria-label="Colours">
      ${kinds.map((kind) => html`<li><span class="swatch kind-${kind}"></span>${KIND_LABELS[kind]}</li>`)}
      ${height === null ? nothing : html`<li><span class="swatch share"></span>height: ${height}</li>`}
      <li><span class="swatch executable"></span>executable</li>
      <li><span class="swatch noAccess"></span>no access</li>
    </ul>
  `;
}

function tool(title: string, shape: TemplateResult, disabled: boolean, press: () => void): TemplateResult {
  return html`
    <button class="icon" title=${title} aria-label=${title} ?disabled=${disabled} @click=${press}>
      <svg viewBox="0 0 16 16" aria-hidden="true">${shape}</svg>
    </button>
  `;
}
