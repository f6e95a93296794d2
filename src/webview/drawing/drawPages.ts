/** The page grid: each cell a small heap of what its pages are, with signs for what else is so of them. */
import type { PagesAnswer } from "../../protocol/server.ts";
import { countsOf, type Layout, type PageCounts, type Range } from "../data/pageCells.ts";
import type { PageState } from "./palette.ts";
import type { Box } from "./regionLabels.ts";
import type { Surface } from "./surface.ts";

export interface PageScene {
  readonly answer: PagesAnswer;
  readonly region: Range;
  readonly layout: Layout;
  readonly hovered: number | null;
  readonly cursor: number | null;
}

export function drawPages(surface: Surface, scene: PageScene): void {
  const { context, palette, width, height } = surface;
  const { answer, region } = scene;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  for (let cell = 0; cell < answer.present.length; cell++) {
    drawCell(surface, countsOf(answer, region, cell), boxOf(surface, scene.layout, cell));
  }
  if (scene.hovered !== null) outline(surface, boxOf(surface, scene.layout, scene.hovered), palette.foreground, 1);
  if (scene.cursor !== null) {
    const box = boxOf(surface, scene.layout, scene.cursor);
    outline(surface, box, palette.background, 4);
    outline(surface, box, palette.focus, 2);
  }
}

/** From below. */
const HEAP = ["file", "anonymous", "zero", "swapped"] as const satisfies PageState[];

function drawCell(surface: Surface, counts: PageCounts, box: Box): void {
  const { context, palette, patterns, ratio } = surface;
  const { left, top, width, height } = box;
  context.fillStyle = palette.grid;
  context.fillRect(left, top, width, height);
  if (counts.pages === 0) return;
  const bottom = top + height;
  const heightOf = (pages: number) => Math.round((pages / counts.pages) * height);
  let below = 0;
  for (const state of HEAP) {
    if (counts[state] === 0) continue;
    // A single page among many is seen too.
    const from = Math.min(heightOf(below), height - 1);
    const to = Math.max(heightOf(below + counts[state]), from + 1);
    context.fillStyle = palette.pages[state];
    context.fillRect(left, bottom - to, width, to - from);
    if (state === "swapped") hatch("noAccess", bottom - to, to - from);
    below += counts[state];
  }
  if (counts.shared > 0) {
    const shared = Math.max(1, heightOf(counts.shared));
    hatch("executable", bottom - shared, shared);
  }
  if (counts.huge) outline(surface, { ...box, left: left + ratio, width: width - ratio }, palette.foreground, 1);
  if (counts.written) drawCorner(surface, box);

  function hatch(pattern: "executable" | "noAccess", y: number, tall: number): void {
    const fill = patterns.of(pattern);
    if (!fill) return;
    context.globalAlpha = 0.6;
    context.fillStyle = fill;
    context.fillRect(left, y, width, tall);
    context.globalAlpha = 1;
  }
}

/** The upper right corner of a cell with written pages. */
function drawCorner({ context, palette, ratio }: Surface, { left, top, width }: Box): void {
  const size = Math.max(4 * ratio, width * 0.45);
  for (const [color, edge] of [
    [palette.background, size + ratio],
    [palette.pages.written, size],
  ] as const) {
    context.fillStyle = color;
    context.beginPath();
    context.moveTo(left + width - edge, top);
    context.lineTo(left + width, top);
    context.lineTo(left + width, top + edge);
    context.fill();
  }
}

function boxOf({ ratio }: Surface, { columns, size }: Layout, cell: number): Box {
  const edge = (position: number) => Math.round(position * size * ratio);
  const [column, row] = [cell % columns, Math.floor(cell / columns)];
  const gap = Math.max(1, Math.round(ratio));
  const [left, top] = [edge(column), edge(row)];
  return { left, top, width: edge(column + 1) - left - gap, height: edge(row + 1) - top - gap };
}

function outline({ context, ratio }: Surface, box: Box, color: string, thickness: number): void {
  const line = thickness * ratio;
  context.strokeStyle = color;
  context.lineWidth = line;
  context.strokeRect(box.left + line / 2, box.top + line / 2, box.width - line, box.height - line);
}
