/** A treemap: boxes in boxes, in the colours of their kinds, with their names. */
import { formatBytes } from "../../memory/size.ts";
import type { Measure, TreemapNode } from "../../protocol/server.ts";
import { fitted, widthOf, write } from "./label.ts";
import { patternOf } from "./patterns.ts";
import type { Surface } from "./surface.ts";
import type { PlacedBox } from "./treemapLayout.ts";

export interface TreemapScene {
  readonly boxes: readonly PlacedBox[];
  /** What areas stand for. */
  readonly measure: Measure;
  /** {@link TreemapNode.id}. */
  readonly chosen: string | null;
  readonly hovered: PlacedBox | null;
}

export function drawTreemap(surface: Surface, { boxes, measure, chosen, hovered }: TreemapScene): void {
  const { context, palette, width, height } = surface;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  for (const box of boxes) fillBox(surface, box, measure);
  for (const box of boxes) writeBox(surface, box, measure);
  if (hovered) outline(surface, hovered, palette.foreground, 1);
  const selected = boxes.find(({ node }) => node.id === chosen);
  if (!selected) return;
  // The rim sets it off from a fill that is like it.
  outline(surface, selected, palette.background, 4);
  outline(surface, selected, palette.focus, 2);
}

/** A box's value in words: heat is bytes a second. */
export function valueText(value: number, measure: Measure): string {
  return measure === "heat" ? `${formatBytes(value)}/s` : formatBytes(value);
}

/** Pale what only holds other boxes, or is not resident; in full colour what is. */
function fillBox(
  { context, palette, patterns, ratio }: Surface,
  { node, head, ...box }: PlacedBox,
  measure: Measure,
): void {
  const rim = Math.max(1, Math.round(ratio));
  const [width, height] = [box.width - rim, box.height - rim];
  if (width <= 0 || height <= 0) return;
  const color = node.kind === null ? palette.muted : palette.kinds[node.kind];
  const fill = (alpha: number, from: number) => {
    context.globalAlpha = alpha;
    context.fillRect(box.left, box.top + from, width, height - from);
  };
  context.fillStyle = color;
  fill(head > 0 ? 0.22 : 0.3, 0);
  const full = head > 0 ? 0 : fullShare(node, measure);
  if (full === null) fill(0.25, 0);
  else fill(0.55, height * (1 - full));
  const special = head > 0 ? null : patternOf(node.permissions);
  const pattern = special && patterns.of(special);
  if (pattern) {
    context.fillStyle = pattern;
    fill(special === "noAccess" ? 0.4 : 0.25, 0);
  }
  context.globalAlpha = 1;
}

/** How much of a box is in full colour; `null` where that is not known, as where areas are sizes what is resident. */
function fullShare({ type, measures: { size, rss } }: TreemapNode, measure: Measure): number | null {
  if (type === "gap") return 0;
  if (type === "more") return null;
  if (measure !== "size") return 1;
  return rss === undefined || !size ? null : Math.min(1, rss / size);
}

function writeBox(surface: Surface, { node, head, left, top, width, height }: PlacedBox, measure: Measure): void {
  const { context, palette, ratio } = surface;
  const margin = 4 * ratio;
  const room = width - 2 * margin;
  if (room < LEAST_ROOM * ratio || height < LINE * ratio) return;
  const value = valueText(node.value, measure);
  context.textBaseline = "middle";
  context.font = `${11 * ratio}px ${palette.font}`;
  context.fillStyle = palette.foreground;
  const name = fitted(context, node.name, room);
  const y = top + (head > 0 ? head / 2 : (LINE * ratio) / 2 + ratio);
  if (name) write(surface, name, left + margin, y);
  const used = widthOf(context, name);
  context.font = `${10 * ratio}px ${palette.monospace}`;
  const own = widthOf(context, value);
  if (head > 0) {
    if (used + own + 2 * margin <= room) write(surface, value, left + width - margin - own - ratio, y);
  } else if (height >= 2 * LINE * ratio && own <= room) {
    write(surface, value, left + margin, y + LINE * ratio);
  }
}

/** CSS pixels. */
const LINE = 14;
const LEAST_ROOM = 18;

function outline(
  { context, ratio }: Surface,
  { left, top, width, height }: PlacedBox,
  color: string,
  line: number,
): void {
  const thickness = line * ratio;
  context.strokeStyle = color;
  context.lineWidth = thickness;
  context.strokeRect(
    left + thickness / 2,
    top + thickness / 2,
    Math.max(0, width - thickness - ratio),
    Math.max(0, height - thickness - ratio),
  );
}
