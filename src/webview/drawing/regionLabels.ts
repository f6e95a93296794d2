/** The names in the picture: across where there is room, else upright, else none. */
import { formatBytes } from "../../memory/size.ts";
import type { Stretch } from "../../protocol/server.ts";
import { fitted, widthOf, write } from "./label.ts";
import type { Surface } from "./surface.ts";

/** A box in device pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function writeRegion(surface: Surface, stretch: Stretch, box: Box): void {
  const { context, palette, ratio } = surface;
  const line = Math.round(LINE * ratio);
  if (box.width < line + 2 * ratio) return;
  const name = stretch.name ?? `${stretch.regions} regions`;
  const margin = 5 * ratio;
  context.font = `${11 * ratio}px ${palette.font}`;
  context.textBaseline = "middle";
  context.fillStyle = palette.foreground;
  const room = box.width - 2 * margin;
  const facts = [stretch.permissions, formatBytes(stretch.size)].filter((fact) => fact).join("  ");
  if (widthOf(context, name) <= room || room > 90 * ratio) {
    write(surface, fitted(context, name, room), box.left + margin, box.top + margin + line / 2);
    context.font = `${10 * ratio}px ${palette.monospace}`;
    const fitting = [facts, stretch.permissions ?? ""].find((text) => widthOf(context, text) <= room);
    if (fitting) write(surface, fitting, box.left + margin, box.top + margin + line * 1.5);
    return;
  }
  context.save();
  context.translate(box.left + box.width / 2, box.top + box.height - margin);
  context.rotate(-Math.PI / 2);
  const length = box.height - 2 * margin;
  const shown = fitted(context, name, length);
  write(surface, shown, 0, 0);
  const rest = length - widthOf(context, shown) - 2 * margin;
  context.font = `${10 * ratio}px ${palette.monospace}`;
  if (stretch.permissions && widthOf(context, stretch.permissions) <= rest) {
    write(surface, stretch.permissions, length - widthOf(context, stretch.permissions), 0);
  }
  context.restore();
}

/** CSS pixels. */
const LINE = 14;
