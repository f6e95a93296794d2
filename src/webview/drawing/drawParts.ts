/** Sections and symbols inside the regions of the picture, in a row each below the region's name. */
import type { PlacedPart, Row } from "../data/placedParts.ts";
import type { View } from "../data/view.ts";
import { fitted, widthOf, write } from "./label.ts";
import type { Surface } from "./surface.ts";

/** `top` is that of the regions, in device pixels. */
export function drawParts(surface: Surface, parts: readonly PlacedPart[], view: View, top: number): void {
  const { ratio, width } = surface;
  const scale = width / (view.to - view.from);
  for (const part of parts) {
    if (part.to <= view.from || part.from >= view.to || !hasRoom(part.region, view, width / ratio)) continue;
    const left = Math.max(0, Math.round((part.from - view.from) * scale));
    const right = Math.min(width, Math.max(Math.round((part.to - view.from) * scale), left + 1));
    drawPart(surface, part, left, right, top + Math.round(TOPS[part.row] * ratio));
  }
}

/** The row at so many CSS pixels below the top of the regions. */
export function rowAt(y: number): Row | null {
  if (y >= TOPS.sections && y < TOPS.sections + ROW) return "sections";
  return y >= TOPS.symbols && y < TOPS.symbols + ROW ? "symbols" : null;
}

/** Whether the region is so wide that its name stands across, where it would not cover its parts. */
export function hasRoom(region: View, view: View, width: number): boolean {
  const visible = Math.min(region.to, view.to) - Math.max(region.from, view.from);
  return (visible / (view.to - view.from)) * width >= LEAST_WIDTH;
}

/** CSS pixels: the lines of the region's name, a row, where the rows begin, and a region's least width. */
const NAME = 36;
const ROW = 16;
const TOPS: Readonly<Record<Row, number>> = { sections: NAME, symbols: NAME + ROW + 1 };
const LEAST_WIDTH = 102;

function drawPart(surface: Surface, part: PlacedPart, left: number, right: number, top: number): void {
  const { context, palette, ratio } = surface;
  const rim = right - left > 3 * ratio ? Math.max(1, Math.round(ratio)) : 0;
  const height = Math.round(ROW * ratio);
  // Sets a part off from its region and its neighbours.
  context.globalAlpha = part.row === "symbols" && part.index % 2 === 0 ? 0.7 : 0.4;
  context.fillStyle = palette.background;
  context.fillRect(left, top, right - left - rim, height);
  context.globalAlpha = 1;
  const room = right - left - 8 * ratio;
  if (room < 3 * LETTER * ratio) return;
  context.font = `${11 * ratio}px ${palette.monospace}`;
  const text = fitted(context, part.name, room);
  if (text === "" || widthOf(context, text) > room) return;
  context.textBaseline = "middle";
  context.fillStyle = palette.foreground;
  write(surface, text, left + 4 * ratio, top + height / 2);
}

/** CSS pixels, about. */
const LETTER = 6;
