/** What is at the chosen address, in words, with links to what it belongs to. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { type HexAddress, toHex } from "../../memory/address.ts";
import { blockInWords } from "../../memory/block.ts";
import { stackInWords } from "../../memory/explanationWords.ts";
import { KIND_LABELS } from "../../memory/kind.ts";
import type { SourceLocation } from "../../memory/module.ts";
import { printable } from "../../memory/names.ts";
import { formatBytes } from "../../memory/size.ts";
import type { ExplanationMessage } from "../../protocol/server.ts";
import type { PanelModel } from "../data/panelModel.ts";
import { isOpenable, offsetText, sourceText, usageText } from "./explanationWords.ts";
import { stateText } from "./pageWords.ts";
import { shared } from "./styles.ts";
import { Watch } from "./watch.ts";

type Content = string | TemplateResult | readonly TemplateResult[];

export class SelectionDetailsView extends LitElement {
  static override properties = { model: { attribute: false } };

  static override styles = [
    shared,
    css`
      :host([hidden]) {
        display: none;
      }
      h2 {
        display: flex;
        align-items: center;
        gap: 6px;
        margin: 0;
        font-size: 1em;
        font-weight: 600;
      }
      h2 span:last-child {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      p {
        margin: 3px 0 0;
        overflow-wrap: anywhere;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        margin-top: 6px;
      }
      dl {
        display: grid;
        grid-template-columns: max-content 1fr;
        gap: 2px 10px;
        margin: 6px 0 0;
      }
      dt,
      small {
        color: var(--panel-muted);
      }
      dt {
        white-space: nowrap;
      }
      dd {
        min-width: 0;
        margin: 0;
        overflow-wrap: anywhere;
      }
      dd div + div {
        margin-top: 2px;
      }
      code {
        font-family: var(--panel-mono);
        font-size: 0.95em;
      }
      button.link {
        display: inline;
        padding: 0;
        border: 0;
        background: none;
        color: var(--vscode-textLink-foreground);
        font: inherit;
        text-align: start;
        overflow-wrap: anywhere;
        cursor: pointer;
      }
      button.link:hover {
        color: var(--vscode-textLink-activeForeground);
        text-decoration: underline;
      }
      @media (forced-colors: active) {
        button.link {
          color: LinkText;
        }
      }
      /* What is there at once is not announced. */
      .waiting {
        color: var(--panel-muted);
        animation: appear 0s 400ms both;
      }
      @keyframes appear {
        from {
          visibility: hidden;
        }
      }
    `,
  ];

  declare model: PanelModel;

  constructor() {
    super();
    new Watch(this, () => this.model.details);
  }

  protected override willUpdate(): void {
    const { explanation, problem } = this.model.details;
    this.hidden = explanation === null && problem === null;
  }

  protected override render(): TemplateResult {
    const { explanation, problem } = this.model.details;
    return html`
      <section aria-label="Details of the selection">
        ${explanation ? this.#about(explanation) : nothing}
        ${problem ? html`<p class="problem" role="status">What is there could not be asked: ${problem}</p>` : nothing}
      </section>
    `;
  }

  #about(explanation: ExplanationMessage): TemplateResult {
    const { address, kind, region, verdict } = explanation;
    const { model } = this;
    return html`
      <h2 title=${region?.name ?? ""}>
        ${kind ? html`<span class="swatch kind-${kind}"></span>` : nothing}
        <span>${region?.name ?? "Not mapped"}</span>
      </h2>
      <p><code>${address}</code> ${kind && html`<small>${KIND_LABELS[kind]}</small>`}</p>
      <p>${verdict.sentence}</p>
      <div class="actions">
        <button class="action" @click=${() => model.copy(address)}>Copy address</button>
        <button class="action" @click=${() => model.showInTree(address)}>Show in tree</button>
        ${region ? html`<button class="action" @click=${() => model.findSharers(address)}>Who else maps this?</button>` : nothing}
      </div>
      <dl>${this.#facts(explanation).map(([name, content]) => html`<dt>${name}</dt><dd>${content}</dd>`)}</dl>
    `;
  }

  #facts(explanation: ExplanationMessage): [name: string, content: Content][] {
    const {
      address,
      region,
      section,
      symbol,
      variable,
      module,
      file,
      stack,
      block,
      page,
      alignment,
      telescope,
      below,
      above,
    } = explanation;
    const facts: [string, Content | null][] = [
      ["Symbol", symbol && this.#symbol(address, symbol)],
      ["Source", this.#source(explanation)],
      [
        "Variable",
        variable &&
          html`<code>${short(variable.name)}</code>${variable.type ? html` is <code>${short(variable.type)}</code>` : nothing}`,
      ],
      [telescope?.steps.length ? "Leads to" : "Holds", this.#telescope(explanation)],
      ["Stack", stack && stackInWords(stack)],
      ["Block", block && this.#block(block)],
      [
        "Region",
        region &&
          html`<code>${region.start}–${region.end} ${region.permissions}</code> <small>${region.permissions.endsWith("s") ? "shared" : "private"}</small>`,
      ],
      ["Memory", region && usageText(region)],
      ["Page", page && (page.guard ? "A guard: whoever touches it gets a SIGSEGV" : stateText(page))],
      ["Section", section && html`<code>${printable(section.name)}</code>${offsetText(section.offset)}`],
      ["File", file && html`${this.#file(file.path)}${offsetText(file.offset)}`],
      ["Build id", module?.buildId ? html`<code>${module.buildId}</code>` : null],
      ["Aligned to", alignment > 1 ? formatBytes(alignment) : null],
      ["Below", below && this.#neighbour(address, -below.distance, below.name)],
      ["Above", above && this.#neighbour(address, above.distance, above.name)],
    ];
    return facts.flatMap(([name, content]) => (content ? [[name, content]] : []));
  }

  #block(block: NonNullable<ExplanationMessage["block"]>): TemplateResult {
    const [size, place] = blockInWords(block).split(block.start);
    return html`${size}${this.#link(block.start, "Go to its beginning", () => this.#goTo(block.start, 0))}${place}`;
  }

  #symbol(address: HexAddress, { name, offset, size }: NonNullable<ExplanationMessage["symbol"]>): TemplateResult {
    const extent = size > 0 ? html` <small>of ${formatBytes(size)}</small>` : nothing;
    return html`${this.#link(short(name), "Go to its beginning", () => this.#goTo(address, -offset))}${offsetText(offset)}${extent}`;
  }

  /** The line through all inlined calls, or where the variable is declared. */
  #source({ frames, source, module }: ExplanationMessage): Content | null {
    if (frames.length > 0) {
      return frames.map(({ function: name, source: line }, depth) => {
        const into = depth > 0 ? "inlined into " : "";
        return html`<div>${into}${name === null ? nothing : html`<code>${short(name)}</code> `}${line ? this.#line(line) : nothing}</div>`;
      });
    }
    if (source) return this.#line(source);
    const isAsked = this.model.details.isWhole || !module;
    return isAsked ? null : html`<span class="waiting">is being read…</span>`;
  }

  #line(source: SourceLocation): TemplateResult {
    return this.#link(sourceText(source), source.file, () => this.model.openSource(source));
  }

  #file(path: string): TemplateResult {
    const text = html`<code>${printable(path)}</code>`;
    return isOpenable(path) ? this.#link(text, "Open the file", () => this.model.openFile(path)) : text;
  }

  #telescope({ telescope }: ExplanationMessage): Content | null {
    // Of code there is nothing to follow.
    if (!telescope || (telescope.steps.length === 0 && telescope.end.what === "code")) return null;
    const steps = telescope.steps.map(
      (step) =>
        html`<div>→ ${this.#link(html`<code>${step.address}</code>`, "Go there", () => this.#goTo(step.address, 0))} <small>${printable(step.place)}</small></div>`,
    );
    return [...steps, html`<div>${printable(telescope.end.words)}</div>`];
  }

  #neighbour(address: HexAddress, distance: number, name: string): TemplateResult {
    return html`${this.#link(name, "Go there", () => this.#goTo(address, distance))} <small>${awayText(Math.abs(distance))}</small>`;
  }

  #link(text: string | TemplateResult, title: string, press: () => void): TemplateResult {
    return html`<button class="link" title=${title} @click=${press}>${text}</button>`;
  }

  #goTo(address: HexAddress, distance: number): void {
    this.model.select(toHex(BigInt(address) + BigInt(distance)), "details");
  }
}

/** Names of templates have no end. */
function short(name: string): string {
  const line = printable(name);
  return line.length > LONGEST_NAME ? `${line.slice(0, LONGEST_NAME)}…` : line;
}

const LONGEST_NAME = 300;

/** `1`: the byte before or after it belongs to the neighbour. */
function awayText(distance: number): string {
  return distance <= 1 ? "adjacent" : `${formatBytes(distance)} away`;
}

customElements.define("selection-details", SelectionDetailsView);
