/** "Save Picture": what stands on the page — canvases, words, swatches — as one SVG, and that as a PNG. */
import { readPalette } from "./palette.ts";
import { short } from "./svgPath.ts";
import { attributes, escaped, fontOf, paint, recorded } from "./svgRecorder.ts";

/** Repeats what was drawn on a canvas, at once. */
export const drawings = new WeakMap<HTMLCanvasElement, { readonly repeat: () => void }>();

/** The parts of the page one below the other, under a title and a line of facts. */
export function pageDrawing(parts: readonly Element[], title: string, facts: string): string {
  const palette = readPalette(document.body);
  const heading = (text: string, y: number, size: number, color: string) =>
    `<text x="${MARGIN}" y="${y}" ${fontOf(`${size}px ${palette.font}`)} ${attributes(paint("fill", color, 1))}>${escaped(text)}</text>`;
  let elements = heading(title, 26, 16, palette.foreground) + heading(facts, 44, 11, palette.muted);
  let height = 56;
  let width = 0;
  const page = new PageDrawing(palette.background);
  for (const part of parts) {
    const box = part.getBoundingClientRect();
    elements += `<g transform="translate(${short(MARGIN - box.left)} ${short(height - box.top)})">${page.draw(part)}</g>`;
    height += box.height + GAP;
    width = Math.max(width, box.width + 2 * MARGIN);
  }
  const size = `width="${short(width)}" height="${short(height)}"`;
  const ground = `<path d="M0 0h${short(width)}v${short(height)}h${short(-width)}z" ${attributes(paint("fill", palette.background, 1))}/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${short(width)} ${short(height)}"><title>${escaped(title)}</title>${ground}${elements}</svg>`;
}

/** CSS pixels. */
const MARGIN = 16;
const GAP = 12;

/** A PNG of it in base64, `scale` pixels for one of the SVG's. Fails where the browser can't draw it. */
export async function asPng(svg: string, scale: number): Promise<string> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png").replace(/^.*,/, "");
}

/** What is for pressing, typing and hearing is no part of the picture, nor what is switched off. */
const LEFT_OUT =
  '.heard, .tools, [role="toolbar"], [hidden], button.icon, input, select, script, style, svg, [aria-pressed="false"]';

class PageDrawing {
  readonly #background: string;
  #canvases = 0;

  constructor(background: string) {
    this.#background = background;
  }

  draw(node: Node): string {
    if (node instanceof Text) return words(node);
    if (!(node instanceof Element || node instanceof ShadowRoot)) return "";
    if (node instanceof ShadowRoot) return this.#children(node);
    if (node.matches(LEFT_OUT) || !node.checkVisibility({ visibilityProperty: true })) return "";
    if (node instanceof HTMLCanvasElement) return this.#canvas(node);
    return box(node) + this.#children(node.shadowRoot ?? node);
  }

  #children(node: Node): string {
    return [...node.childNodes].map((child) => this.draw(child)).join("");
  }

  #canvas(canvas: HTMLCanvasElement): string {
    const drawing = drawings.get(canvas);
    const context = canvas.getContext("2d");
    const { left, top, width, height } = canvas.getBoundingClientRect();
    if (!drawing || !context || width === 0 || height === 0) return "";
    this.#canvases++;
    const names = `canvas${this.#canvases}-`;
    const elements = recorded(context, drawing.repeat, this.#background, names);
    const view = `viewBox="0 0 ${canvas.width} ${canvas.height}"`;
    return `<svg x="${short(left)}" y="${short(top)}" width="${short(width)}" height="${short(height)}" ${view}>${elements}</svg>`;
  }
}

/** The words of a text, line by line as they are broken. */
function words(text: Text): string {
  const parent = text.parentElement ?? (text.getRootNode() as ShadowRoot).host;
  const style = getComputedStyle(parent);
  const range = document.createRange();
  const lines: { left: number; bottom: number; top: number; words: string }[] = [];
  for (const { index, 0: word } of text.data.matchAll(/\S+/g)) {
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    const { left, top, bottom, width } = range.getBoundingClientRect();
    const line = lines.at(-1);
    if (width === 0) continue;
    if (line && Math.abs(line.top - top) < 2) line.words += ` ${word}`;
    else lines.push({ left, top, bottom, words: word });
  }
  const size = Number.parseFloat(style.fontSize);
  const look = `${fontOf(`${style.fontWeight} ${style.fontSize} ${style.fontFamily}`)} ${attributes(paint("fill", style.color, 1))}`;
  return lines
    .map(({ left, top, bottom, words }) => {
      const baseline = (top + bottom) / 2 + size * MIDDLE_TO_BASELINE;
      return `<text x="${short(left)}" y="${short(baseline)}" ${look}>${escaped(words)}</text>`;
    })
    .join("");
}

/** Of the font's size, in the usual fonts. */
const MIDDLE_TO_BASELINE = 0.35;

/** An element's fill and lines: swatches are no more. */
function box(element: Element): string {
  const style = getComputedStyle(element);
  const { left, top, width, height } = element.getBoundingClientRect();
  const thick = Number.parseFloat(style.borderTopWidth);
  const around = Number.parseFloat(style.borderBottomWidth) > 0;
  const rectangle = (inset: number, share = 1) => {
    const [x, y] = [left + inset, top + height - (height - 2 * inset) * share - inset];
    return `<rect ${attributes({ x: short(x), y: short(y), width: short(width - 2 * inset), height: short((height - 2 * inset) * share), rx: short(Number.parseFloat(style.borderTopLeftRadius) || 0) })}`;
  };
  let drawn = "";
  if (plain(style.backgroundColor)) {
    drawn += `${rectangle(0)} ${attributes(paint("fill", style.backgroundColor, 1))}/>`;
  }
  if (thick > 0 && style.borderTopStyle !== "none" && plain(style.borderTopColor)) {
    const line = attributes({
      ...paint("stroke", style.borderTopColor, 1),
      "stroke-width": short(thick),
      fill: "none",
    });
    const dash = { dashed: 2, dotted: 1 }[style.borderTopStyle];
    const dashes = dash ? ` stroke-dasharray="${short(dash * thick)} ${short(thick)}"` : "";
    drawn += around
      ? `${rectangle(thick / 2)} ${line}${dashes}/>`
      : `<path d="M${short(left)} ${short(top + thick / 2)}h${short(width)}" ${line}${dashes}/>`;
  }
  return drawn + hatching(style, left, top, width, height);
}

/** The gradients of the legend's swatches (components/styles.ts): hatched, crossed, filled in part. */
function hatching({ backgroundImage, color }: CSSStyleDeclaration, ...box: number[]): string {
  const [left = 0, top = 0, width = 0, height = 0] = box;
  const [right, bottom] = [left + width, top + height];
  const share = /^linear-gradient\(to top.*?([\d.]+)%/.exec(backgroundImage)?.[1];
  if (share) {
    const filled = (height * Number(share)) / 100;
    return `<path d="M${short(left)} ${short(bottom - filled)}h${short(width)}v${short(filled)}h${short(-width)}z" ${attributes(paint("fill", color, 1))}/>`;
  }
  const hatched = backgroundImage.split("repeating-linear-gradient").length - 1;
  if (hatched === 0) return "";
  const line = (x0: number, y0: number, x1: number, y1: number) =>
    `M${short(x0)} ${short(y0)}L${short(x1)} ${short(y1)}`;
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
  let path = line(left, bottom, right, top) + line(left, middleY, middleX, top) + line(middleX, bottom, right, middleY);
  if (hatched > 1)
    path += line(left, top, right, bottom) + line(middleX, top, right, middleY) + line(left, middleY, middleX, bottom);
  return `<path d="${path}" ${attributes({ ...paint("stroke", color, 1), fill: "none" })}/>`;
}

function plain(color: string): boolean {
  return color !== "transparent" && !/^rgba\(.*, 0\)$|\/ 0\)$/.test(color);
}
