/** The picture of an address space: gaps with their sizes above, the stretches, addresses below. */
import type { Kind } from "../../memory/kind.ts";
import { formatBytes } from "../../memory/size.ts";
import type { Measure, Picture, Stretch } from "../../protocol/server.ts";
import type { PlacedPart } from "../data/placedParts.ts";
import { indexAt } from "../data/stretches.ts";
import type { View } from "../data/view.ts";
import { addressTicks } from "./addressTicks.ts";
import { drawParts } from "./drawParts.ts";
import { widthOf, write } from "./label.ts";
import { type PatternName, patternOf } from "./patterns.ts";
import { type Box, writeRegion } from "./regionLabels.ts";
import type { Surface } from "./surface.ts";

export interface Scene {
  readonly view: View;
  /** What to draw, coarse ones first: each covers a part of the axis. */
  readonly pictures: readonly Picture[];
  /** What heights stand for, and the largest value. */
  readonly measure: Measure;
  readonly peak: number;
  readonly parts: readonly PlacedPart[];
  readonly selected: View | null;
  /** Where the chosen address is. */
  readonly marker: number | null;
  readonly hovered: View | null;
}

export function drawPicture(surface: Surface, scene: Scene): void {
  const { context, palette, width, height, ratio } = surface;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  const lane = laneOf(surface);
  const draw = { surface, scene, lane, detailed: true };
  const finest = scene.pictures.at(-1);
  const isCovered = finest && finest.from <= scene.view.from && finest.to >= scene.view.to;
  for (const picture of isCovered ? [finest] : scene.pictures) drawStretches(draw, picture);
  if (finest) {
    drawParts(surface, scene.parts, scene.view, lane.top);
    drawGapSizes(draw, finest);
    drawTicks(draw, finest);
  }
  context.fillStyle = palette.border;
  context.fillRect(0, lane.top + lane.height, width, Math.max(1, Math.round(ratio)));
  if (scene.hovered) outline(draw, scene.hovered, palette.foreground, 1);
  if (scene.selected) {
    // The rim sets it off from a fill that is like it.
    outline(draw, scene.selected, palette.background, 4);
    outline(draw, scene.selected, palette.focus, 2);
  }
  if (scene.marker !== null) drawMarker(draw, scene.marker);
}

/** A small picture of the whole, with a frame around what is in view. */
export function drawOverview(
  surface: Surface,
  whole: Omit<Scene, "pictures" | "hovered" | "parts">,
  picture: Picture,
): void {
  const { view, selected } = whole;
  const { context, palette, width, height, ratio } = surface;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  const scene: Scene = {
    ...{ ...whole, view: { from: 0, to: picture.length } },
    ...{ pictures: [picture], parts: [], hovered: null },
  };
  const lane: Lane = { top: 0, height };
  const draw = { surface, scene, lane, detailed: false };
  drawStretches(draw, picture);
  const left = pixel(draw, view.from);
  const right = Math.max(left + 3 * ratio, pixel(draw, view.to));
  context.fillStyle = palette.background;
  context.globalAlpha = 0.65;
  context.fillRect(0, 0, left, height);
  context.fillRect(right, 0, width - right, height);
  context.globalAlpha = 1;
  if (selected) outline(draw, selected, palette.focus, 2);
  if (right - left >= width) return;
  context.strokeStyle = palette.foreground;
  context.lineWidth = ratio;
  context.strokeRect(left + ratio / 2, ratio / 2, right - left - ratio, height - ratio);
}

interface Lane {
  readonly top: number;
  readonly height: number;
}

interface Drawing {
  readonly surface: Surface;
  readonly scene: Scene;
  readonly lane: Lane;
  /** With names and patterns, which a small picture has no room for. */
  readonly detailed: boolean;
}

/** CSS pixels above the lane, for the sizes of gaps, and below it, for addresses. */
export const ABOVE = 16;
const BELOW = 20;

function laneOf({ height, ratio }: Surface): Lane {
  const top = Math.round(ABOVE * ratio);
  return { top, height: height - top - Math.round(BELOW * ratio) };
}

function pixel({ surface, scene: { view } }: Drawing, position: number): number {
  return Math.round(((position - view.from) / (view.to - view.from)) * surface.width);
}

function drawStretches(draw: Drawing, picture: Picture): void {
  const { surface, scene, lane } = draw;
  const { context, palette, ratio } = surface;
  const named: [Stretch, Box][] = [];
  const begin = Math.max(0, pixel(draw, picture.from));
  const end = Math.min(surface.width, pixel(draw, picture.to));
  context.clearRect(begin, lane.top, end - begin, lane.height);
  // Thousands of stretches are a pixel wide: those that look alike are filled at once.
  let run: Fill | null = null;
  for (let index = indexAt(picture, scene.view.from); index < picture.stretches.length; index++) {
    const stretch = picture.stretches[index] as Stretch;
    if (stretch.from >= scene.view.to) break;
    const left = Math.max(-1, pixel(draw, stretch.from));
    const right = Math.min(surface.width + 1, Math.max(pixel(draw, stretch.to), left + 1));
    if (stretch.kind === null) {
      context.fillStyle = palette.grid;
      context.fillRect(left, lane.top + Math.round(lane.height / 2), right - left, Math.max(1, Math.round(ratio)));
      continue;
    }
    const rim = right - left > 3 * ratio ? Math.max(1, Math.round(ratio)) : 0;
    const fill = fillOf(draw, stretch, left, right - rim);
    if (run && rim === 0 && isAlike(run, fill) && left <= run.right) {
      run.right = Math.max(run.right, fill.right);
      continue;
    }
    if (run) fillRegion(draw, run);
    run = rim === 0 ? fill : null;
    if (run) continue;
    fillRegion(draw, fill);
    if (draw.detailed) named.push([stretch, { left, top: lane.top, width: fill.right - left, height: lane.height }]);
  }
  if (run) fillRegion(draw, run);
  for (const [stretch, box] of named) {
    const visible = inView(box, surface.width);
    if (stretch.value === null) writeUnknown(surface, visible);
    writeRegion(surface, stretch, visible);
  }
}

/** How a stretch looks, from left to right in device pixels. */
interface Fill {
  readonly kind: Kind;
  readonly special: PatternName | null;
  /** How much of it stands in full colour, in device pixels. */
  readonly height: number;
  readonly left: number;
  right: number;
}

function fillOf({ surface, scene, lane }: Drawing, stretch: Stretch, left: number, right: number): Fill {
  const share = heightOf(stretch, scene);
  const height = share > 0 ? Math.max(Math.round(2 * surface.ratio), Math.round(lane.height * share)) : 0;
  return { kind: stretch.kind ?? "anonymous", special: patternOf(stretch.permissions), height, left, right };
}

function isAlike(one: Fill, other: Fill): boolean {
  return one.kind === other.kind && one.special === other.special && one.height === other.height;
}

/** Pale for what is mapped; in full colour, from below, what the measure says of it. */
function fillRegion({ surface, lane, detailed }: Drawing, { kind, special, height, left, right }: Fill): void {
  const { context, palette, patterns } = surface;
  context.fillStyle = palette.kinds[kind];
  context.globalAlpha = special === "noAccess" ? 0.12 : 0.3;
  context.fillRect(left, lane.top, right - left, lane.height);
  if (height > 0) {
    context.globalAlpha = 0.85;
    context.fillRect(left, lane.top + lane.height - height, right - left, height);
  }
  const pattern = special && detailed ? patterns.of(special) : null;
  if (pattern) {
    context.globalAlpha = special === "noAccess" ? 0.5 : 0.35;
    context.fillStyle = pattern;
    context.fillRect(left, lane.top, right - left, lane.height);
  }
  context.globalAlpha = 1;
}

/**
 * From 0 to 1, 0 also where it is not known. Of the size, which the width already tells, and of heat, which has no whole,
 * by the logarithm beside the largest.
 */
function heightOf({ value, size }: Stretch, { measure, peak }: Pick<Scene, "measure" | "peak">): number {
  if (value === null || value === 0) return 0;
  if (measure !== "size" && measure !== "heat") return Math.min(1, value / size);
  return Math.min(1, Math.log2(1 + value / 4096) / Math.log2(1 + Math.max(peak, value) / 4096));
}

/** Nothing is known of it by the measure, which is not the same as nothing. */
function writeUnknown(surface: Surface, { left, top, width, height }: Box): void {
  const { context, palette, ratio } = surface;
  if (width < 10 * ratio) return;
  context.font = `${11 * ratio}px ${palette.font}`;
  context.textBaseline = "middle";
  context.fillStyle = palette.muted;
  write(surface, "?", left + width - 9 * ratio, top + height - 9 * ratio);
}

/** The part of a box that is on the screen: its name stays in view when one zooms into it. */
function inView(box: Box, width: number): Box {
  const left = Math.max(0, box.left);
  return { ...box, left, width: Math.min(width, box.left + box.width) - left };
}

/** The sizes of the gaps, the largest first, where they do not cover each other. */
function drawGapSizes(draw: Drawing, picture: Picture): void {
  const { surface, scene, lane } = draw;
  const { context, palette, ratio, width } = surface;
  const gaps: Stretch[] = [];
  for (let index = indexAt(picture, scene.view.from); index < picture.stretches.length; index++) {
    const stretch = picture.stretches[index] as Stretch;
    if (stretch.from >= scene.view.to) break;
    if (stretch.kind === null) gaps.push(stretch);
  }
  gaps.sort((one, other) => other.size - one.size);
  context.font = `${10 * ratio}px ${palette.font}`;
  context.textBaseline = "middle";
  const taken: [left: number, right: number][] = [];
  for (const gap of gaps.slice(0, MOST_GAP_SIZES)) {
    const text = formatBytes(gap.size);
    const half = widthOf(context, text) / 2 + 5 * ratio;
    const middle = (Math.max(0, pixel(draw, gap.from)) + Math.min(width, pixel(draw, gap.to))) / 2;
    const at = Math.min(Math.max(middle, half), width - half);
    if (taken.some(([left, right]) => at + half > left && at - half < right)) continue;
    taken.push([at - half, at + half]);
    context.fillStyle = palette.muted;
    write(surface, text, at - half + 5 * ratio, lane.top / 2 - ratio);
    context.fillRect(Math.round(middle), lane.top - 3 * ratio, Math.max(1, Math.round(ratio)), 3 * ratio);
  }
}

/** More than fit side by side on a wide screen. */
const MOST_GAP_SIZES = 200;

function drawTicks(draw: Drawing, picture: Picture): void {
  const { surface, scene, lane } = draw;
  const { context, palette, ratio, width } = surface;
  context.font = `${10 * ratio}px ${palette.monospace}`;
  context.textBaseline = "middle";
  const room = widthOf(context, "0x7fffffffffff") + 12 * ratio;
  const bottom = lane.top + lane.height;
  let free = Number.NEGATIVE_INFINITY;
  for (const { position, address } of addressTicks(picture, scene.view, room / width)) {
    const x = pixel(draw, position);
    context.fillStyle = palette.border;
    context.fillRect(x, bottom, Math.max(1, Math.round(ratio)), 5 * ratio);
    // Digits are equally wide, and addresses new with each frame: measured are only as many digits.
    const long = widthOf(context, "0".repeat(address.length));
    // The last one is moved in rather than cut, where there is room.
    const left = Math.min(x, width - long - ratio);
    if (left < free) continue;
    free = left + long + 6 * ratio;
    context.fillStyle = palette.muted;
    context.fillText(address, left, bottom + 12 * ratio);
  }
}

function outline(draw: Drawing, { from, to }: View, color: string, thickness: number): void {
  const { surface, lane } = draw;
  const { context, ratio } = surface;
  const line = thickness * ratio;
  const left = Math.max(pixel(draw, from), -2 * line);
  const right = Math.min(Math.max(pixel(draw, to), left + 3 * ratio), surface.width + 2 * line);
  if (right < 0 || left > surface.width) return;
  context.strokeStyle = color;
  context.lineWidth = line;
  context.strokeRect(left + line / 2, lane.top + line / 2, right - left - line, lane.height - line);
}

/** A line through the lane with a head above it. */
function drawMarker(draw: Drawing, position: number): void {
  const { surface, lane } = draw;
  const { context, palette, ratio } = surface;
  const x = pixel(draw, position);
  const line = Math.max(1, Math.round(ratio));
  context.fillStyle = palette.background;
  context.fillRect(x - line, lane.top, 3 * line, lane.height);
  context.fillStyle = palette.focus;
  context.fillRect(x, lane.top, line, lane.height);
  context.beginPath();
  context.moveTo(x + line / 2, lane.top + 2 * ratio);
  context.lineTo(x - 5 * ratio, lane.top - 6 * ratio);
  context.lineTo(x + line + 5 * ratio, lane.top - 6 * ratio);
  context.fill();
}
