/** The treemap: hover tells, a click chooses, a double click goes in; keys do the same. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { Treemap, TreemapNode } from "../../protocol/server.ts";
import type { PanelModel } from "../data/panelModel.ts";
import { WHOLE } from "../data/treemap.ts";
import { drawTreemap, valueText } from "../drawing/drawTreemap.ts";
import type { Surface } from "../drawing/surface.ts";
import { boxAt, boxBeside, layoutTreemap, type PlacedBox } from "../drawing/treemapLayout.ts";
import { Drawn } from "./drawn.ts";
import { legend, shared } from "./styles.ts";
import { kindsLegend } from "./tools.ts";
import "./treemapTip.ts";
import { isInFile, percent, type TreemapTip } from "./treemapTip.ts";
import { Watch } from "./watch.ts";
import { count, MEASURE_LABELS } from "./words.ts";

export class SizeTreemap extends LitElement {
  static override properties = { model: { attribute: false }, heard: { state: true } };

  static override styles = [
    shared,
    legend,
    css`
      .canvas {
        position: relative;
        margin-top: 4px;
      }
      canvas {
        display: block;
        width: 100%;
        height: clamp(160px, 34vh, 720px);
      }
      nav ol {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 4px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      nav li {
        overflow-wrap: anywhere;
      }
      nav li + li::before {
        content: "›";
        margin-right: 4px;
        color: var(--panel-muted);
      }
      nav button {
        padding: 0;
        border: 0;
        background: none;
        color: var(--vscode-textLink-foreground);
        font: inherit;
        text-align: start;
        cursor: pointer;
      }
      nav button:hover {
        text-decoration: underline;
      }
      .muted {
        color: var(--panel-muted);
      }
      .nothing {
        position: absolute;
        inset: 0;
        display: grid;
        place-items: center;
        margin: 0;
        border: 1px dashed var(--panel-border);
        color: var(--panel-muted);
        pointer-events: none;
      }
      p.note {
        margin: 4px 0 0;
        color: var(--panel-muted);
        font-size: 0.9em;
      }
    `,
  ];

  declare model: PanelModel;
  /** For screen readers: the box that was chosen with the keys, or what was entered. */
  declare private heard: string;
  /** The last layout, and what it is of. */
  #layout: { answer: Treemap; surface: Surface; boxes: readonly PlacedBox[] } | null = null;
  #hovered: PlacedBox | null = null;
  readonly #drawn = new Drawn(this, (surface) => {
    const { width, height, ratio } = surface;
    this.#treemap.resize(Math.round(width / ratio), Math.round(height / ratio));
    const { answer, chosen } = this.#treemap;
    const boxes = this.#boxes;
    this.#hovered = boxes.find(({ node }) => node.id === this.#hovered?.node.id) ?? null;
    drawTreemap(surface, { boxes, measure: answer?.measure ?? "size", chosen, hovered: this.#hovered });
  });

  constructor() {
    super();
    this.heard = "";
    new Watch(this, () => this.model.treemap);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#treemap.resize(0, 0);
  }

  protected override render(): TemplateResult {
    const { answer, kinds, problem } = this.#treemap;
    return html`
      <section aria-label="Treemap">
        ${this.#path()}
        <div class="canvas">
          <canvas
            tabindex="0"
            role="application"
            aria-label="Treemap of the memory. The table below lists the same regions."
            aria-keyshortcuts="ArrowLeft ArrowRight ArrowUp ArrowDown Enter Backspace Escape Home /"
            @pointermove=${(event: PointerEvent) => this.#hover(event)}
            @pointerleave=${() => this.#hover(null)}
            @click=${this.#click}
            @dblclick=${this.#doubleClick}
            @keydown=${this.#key}
          ></canvas>
          ${answer?.root.value === 0 ? html`<p class="nothing">Nothing here: ${MEASURE_LABELS[answer.measure]} is 0 B.</p>` : nothing}
          <treemap-tip></treemap-tip>
        </div>
        <div class="heard" role="status">${this.heard}</div>
        ${kindsLegend(kinds, isResidencyKnown(answer) ? "resident share" : null)}
        ${this.#notes()}
        ${problem ? html`<p class="problem" role="status">The treemap could not be brought up to date: ${problem}</p>` : nothing}
      </section>
    `;
  }

  get #treemap() {
    return this.model.treemap;
  }

  get #boxes(): readonly PlacedBox[] {
    const { surface } = this.#drawn;
    const { answer } = this.#treemap;
    if (!answer || !surface) return [];
    if (this.#layout?.answer !== answer || this.#layout.surface !== surface) {
      const { width, height, ratio } = surface;
      this.#layout = { answer, surface, boxes: layoutTreemap(answer.root, width, height, ratio) };
    }
    return this.#layout.boxes;
  }

  #path(): TemplateResult {
    const { answer } = this.#treemap;
    const path = answer?.path ?? [];
    const last = path.length - 1;
    return html`
      <nav aria-label="What the treemap shows">
        <ol>
          ${path.map(({ id, name }, index) =>
            index < last
              ? html`<li><button @click=${() => this.#enter(id)}>${name}</button></li>`
              : html`<li aria-current="location">${name} <span class="muted">${this.#whole()}</span></li>`,
          )}
        </ol>
      </nav>
    `;
  }

  #whole(): string {
    const { answer } = this.#treemap;
    return answer ? `${valueText(answer.root.value, answer.measure)} ${MEASURE_LABELS[answer.measure]}` : "";
  }

  #notes(): TemplateResult | typeof nothing {
    const { answer } = this.#treemap;
    if (!answer) return nothing;
    const { unknown, measure } = answer;
    const notes = [
      measure === this.model.measure
        ? ""
        : "Of sections and symbols the size alone is known: areas stand for that here.",
      unknown === 0
        ? ""
        : `${unknown === 1 ? "1 region has" : `${count(unknown)} regions have`} no area: not read yet.`,
    ].filter((note) => note);
    return notes.length > 0 ? html`<p class="note">${notes.join(" ")}</p>` : nothing;
  }

  #under({ offsetX, offsetY }: MouseEvent): PlacedBox | null {
    const ratio = this.#drawn.surface?.ratio ?? 1;
    return boxAt(this.#boxes, offsetX * ratio, offsetY * ratio);
  }

  #hover(event: PointerEvent | null): void {
    this.#hovered = event && this.#under(event);
    const node = this.#hovered?.node ?? null;
    const tip = this.renderRoot.querySelector("treemap-tip") as TreemapTip;
    tip.show(node, this.#share(node), event?.offsetX ?? 0, event?.offsetY ?? 0, this.#drawn.canvas.clientWidth);
    this.#drawn.redraw();
  }

  #share(node: TreemapNode | null): number {
    const whole = this.#treemap.answer?.root.value ?? 0;
    return node && whole > 0 ? node.value / whole : 0;
  }

  #click(event: MouseEvent): void {
    const box = this.#under(event);
    if (box) this.#choose(box);
  }

  #choose({ node }: PlacedBox): void {
    this.#treemap.choose(node);
    if (node.start !== null) this.model.select(node.start, "treemap");
  }

  #doubleClick(event: MouseEvent): void {
    let box = this.#under(event);
    while (box && !box.node.canEnter) box = box.parent;
    if (box) this.#enter(box.node.id);
  }

  #enter(id: string): void {
    this.#hover(null);
    this.#treemap.enter(id);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { root } = this.#treemap;
    switch (event.key) {
      case "ArrowLeft":
        this.#move(-1, 0);
        break;
      case "ArrowRight":
        this.#move(1, 0);
        break;
      case "ArrowUp":
        this.#move(0, -1);
        break;
      case "ArrowDown":
        this.#move(0, 1);
        break;
      case "Enter":
        this.#goIn();
        break;
      case "/":
        this.dispatchEvent(new Event("find", { bubbles: true, composed: true }));
        break;
      case "Home":
        this.#enter(WHOLE);
        break;
      case "Escape":
      case "Backspace":
        // Escape has other uses where there is nothing to leave.
        if (root === WHOLE) return;
        this.#treemap.leave();
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Chooses the box beside the chosen one, at first the largest. */
  #move(dx: number, dy: number): void {
    const chosen = this.#chosen();
    const next = chosen ? boxBeside(this.#boxes, chosen, dx, dy) : this.#boxes.find(({ head }) => head === 0);
    if (!next) return;
    this.#choose(next);
    const { node } = next;
    const path: string[] = [];
    for (let box: PlacedBox | null = next; box; box = box.parent) path.push(box.node.name);
    const value = valueText(node.value, this.#treemap.answer?.measure ?? "size");
    this.heard = [...path, value, percent(this.#share(node))].join(", ");
  }

  #chosen(): PlacedBox | null {
    return this.#boxes.find(({ node }) => node.id === this.#treemap.chosen) ?? null;
  }

  /** One step towards the chosen box, which stays chosen. */
  #goIn(): void {
    let box = this.#chosen();
    while (box?.parent) box = box.parent;
    if (!box?.node.canEnter) return;
    this.#enter(box.node.id);
    this.heard = box.node.name;
  }
}

/** Whether areas are sizes of regions: the resident share of each is drawn. */
function isResidencyKnown(answer: Treemap | null): boolean {
  return answer?.measure === "size" && answer.root.type !== "region" && !isInFile(answer.root);
}

customElements.define("size-treemap", SizeTreemap);
