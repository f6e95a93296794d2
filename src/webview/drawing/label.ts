/** Text on a canvas, where there is room for it. */
import type { Surface } from "./surface.ts";

/** A text cut to a width in device pixels, with an ellipsis; `""` where not even three letters fit. */
export function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (text.length * 4 > width && text.length > 400) return fitted(context, text.slice(0, 400), width);
  if (widthOf(context, text) <= width) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (widthOf(context, `${text.slice(0, middle)}…`) <= width) low = middle;
    else high = middle - 1;
  }
  return low < 3 ? "" : `${text.slice(0, low)}…`;
}

/** Device pixels. */
export function widthOf(context: CanvasRenderingContext2D, text: string): number {
  const key = `${context.font}\n${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  // Names come and go with the targets: what was measured long ago is not worth its memory.
  if (widths.size > 5000) widths.clear();
  const { width } = context.measureText(text);
  widths.set(key, width);
  return width;
}

const widths = new Map<string, number>();

/** Writes with a rim in the background's colour, so that it can be read on any fill. */
export function write({ context, palette, ratio }: Surface, text: string, x: number, y: number): void {
  context.strokeStyle = palette.background;
  context.lineWidth = 3 * ratio;
  context.lineJoin = "round";
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}
