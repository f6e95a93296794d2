/** Sections and symbols inside the regions of the picture, in a row each below the region's name. */
import type { Part, Parts, Picture } from "../../protocol/server.ts";
import { isRegion, stretchHolding } from "../data/stretches.ts";
import type { View } from "../data/view.ts";
import { fitted, widthOf, write } from "./label.ts";
import type { Box } from "./regionLabels.ts";
import type { Surface } from "./surface.ts";

/** `lane` is where the regions are drawn. */
export function drawParts(surface: Surface, parts: Parts, picture: Picture, view: View, lane: Box): void {
  const { ratio, width } = surface;
  const scale = width / (view.to - view.from);
  const top = lane.top + NAME * ratio;
  const row = Math.round(ROW * ratio);
  for (const region of parts.regions) {
    const stretch = stretchHolding(picture, BigInt(region.start));
    if (!stretch || !isRegion(stretch) || stretch.start !== region.start) continue;
    const left = (stretch.from - view.from) * scale;
    const perByte = ((stretch.to - stretch.from) * scale) / stretch.size;
    const right = (stretch.to - view.from) * scale;
    if (Math.min(right, width) - Math.max(left, 0) < LEAST_WIDTH * ratio) continue;
    const place = (part: Part, line: number): Box => ({
      left: left + part.offset * perByte,
      top: top + line * (row + ratio),
      width: part.size * perByte,
      height: row,
    });
    for (const section of region.sections) drawPart(surface, section.name, place(section, 0), palest);
    for (const [index, symbol] of region.symbols.entries()) {
      drawPart(surface, symbol.name, place(symbol, 1), index % 2 ? palest : paler);
    }
  }
}

/** CSS pixels: the lines of the region's name, a row, and the narrowest region whose name always stands across. */
const NAME = 36;
const ROW = 16;
const LEAST_WIDTH = 102;
/** Opacities of the background that sets a part off from its region and its neighbours. */
const palest = 0.4;
const paler = 0.7;

function drawPart(surface: Surface, name: string, box: Box, opacity: number): void {
  const { context, palette, ratio, width } = surface;
  const left = Math.max(0, Math.round(box.left));
  const right = Math.min(width, Math.max(Math.round(box.left + box.width), left + 1));
  if (right <= 0 || left >= width) return;
  const rim = right - left > 3 * ratio ? Math.max(1, Math.round(ratio)) : 0;
  context.globalAlpha = opacity;
  context.fillStyle = palette.background;
  context.fillRect(left, box.top, right - left - rim, box.height);
  context.globalAlpha = 1;
  const room = right - left - 8 * ratio;
  if (room < 3 * LETTER * ratio) return;
  context.font = `${11 * ratio}px ${palette.monospace}`;
  const text = fitted(context, name, room);
  if (text === "" || widthOf(context, text) > room) return;
  context.textBaseline = "middle";
  context.fillStyle = palette.foreground;
  write(surface, text, left + 4 * ratio, box.top + box.height / 2);
}

/** CSS pixels, about. */
const LETTER = 6;
