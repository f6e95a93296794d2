/** Where the boxes of a treemap lie. */
import type { TreemapNode } from "../../protocol/server.ts";
import type { Box } from "./regionLabels.ts";

/** A box in pixels, with the one that it lies in; `null` for the outermost. */
export interface PlacedBox extends Box {
  readonly node: TreemapNode;
  readonly parent: PlacedBox | null;
  /** Of its top, where its name stands above the boxes in it; 0 where there are none. */
  readonly head: number;
}

/**
 * Lays out what is in a node: each box before those in it. Areas are in proportion to the values, but for the names of
 * boxes that have others in them. `ratio`: device pixels in a CSS pixel; all others are device pixels.
 */
export function layoutTreemap(root: TreemapNode, width: number, height: number, ratio: number): PlacedBox[] {
  const placed: PlacedBox[] = [];
  const fill = (children: readonly TreemapNode[], within: Box, parent: PlacedBox | null) => {
    for (const [node, box] of squarified(children, within)) {
      const isNest = node.children.length > 0 && box.width > LEAST_WIDTH * ratio && box.height > LEAST_HEIGHT * ratio;
      const head = isNest ? Math.round(HEAD * ratio) : 0;
      const place = { ...box, node, parent, head };
      placed.push(place);
      const rim = Math.round(RIM * ratio);
      if (isNest) {
        const { left, top } = box;
        const room = { width: box.width - 2 * rim, height: box.height - head - rim };
        fill(node.children, { left: left + rim, top: top + head, ...room }, place);
      }
    }
  };
  fill(root.children, { left: 0, top: 0, width, height }, null);
  return placed;
}

/** The smallest box at a point. */
export function boxAt(boxes: readonly PlacedBox[], x: number, y: number): PlacedBox | null {
  return (
    boxes.findLast(({ left, top, width, height }) => x >= left && x < left + width && y >= top && y < top + height) ??
    null
  );
}

/** The nearest box without others in it in a direction of a box; `null` where there is none. */
export function boxBeside(boxes: readonly PlacedBox[], box: PlacedBox, dx: number, dy: number): PlacedBox | null {
  let nearest: PlacedBox | null = null;
  let least = Number.POSITIVE_INFINITY;
  const [x, y] = middleOf(box);
  for (const other of boxes) {
    if (other === box || other.head > 0) continue;
    const [otherX, otherY] = middleOf(other);
    const along = (otherX - x) * dx + (otherY - y) * dy;
    if (along <= 0) continue;
    const aside = Math.abs((otherX - x) * dy + (otherY - y) * dx);
    // What lies straight ahead comes before what is nearer and aside.
    const distance = along + 2 * aside;
    if (distance < least) [nearest, least] = [other, distance];
  }
  return nearest;
}

/** CSS pixels: the line of a name, the rim around what is in a box, and the smallest box that shows what is in it. */
const HEAD = 16;
const RIM = 2;
const LEAST_WIDTH = 30;
const LEAST_HEIGHT = 34;

function middleOf({ left, top, width, height }: Box): [x: number, y: number] {
  return [left + width / 2, top + height / 2];
}

/**
 * Rows of boxes that are as square as can be, along the shorter side of what is left; their edges on whole pixels.
 * The nodes are ordered, largest first. @see Bruls, Huizing, van Wijk: Squarified Treemaps (2000)
 */
function squarified(nodes: readonly TreemapNode[], { left, top, width, height }: Box): [TreemapNode, Box][] {
  const boxes: [TreemapNode, Box][] = [];
  let [x, y, right, bottom] = [left, top, left + width, top + height];
  let rest = nodes.reduce((sum, { value }) => sum + value, 0);
  for (let first = 0; first < nodes.length; ) {
    const isAcross = right - x < bottom - y;
    const [side, other] = isAcross ? [right - x, bottom - y] : [bottom - y, right - x];
    const last = endOfRow(nodes, first, (side * other) / rest, side);
    const row = nodes.slice(first, last);
    const sum = row.reduce((total, { value }) => total + value, 0);
    const thickness = last === nodes.length ? other : (other * sum) / rest;
    let before = 0;
    for (const node of row) {
      const from = (side * before) / sum;
      before += node.value;
      const to = (side * before) / sum;
      const edges = isAcross ? [x + from, y, x + to, y + thickness] : [x, y + from, x + thickness, y + to];
      const [x0, y0, x1, y1] = edges.map(Math.round) as [number, number, number, number];
      boxes.push([node, { left: x0, top: y0, width: x1 - x0, height: y1 - y0 }]);
    }
    if (isAcross) y += thickness;
    else x += thickness;
    rest -= sum;
    first = last;
  }
  return boxes;
}

/** Where the row ends that begins at `first`: with the next one its worst box would be less square. */
function endOfRow(nodes: readonly TreemapNode[], first: number, pixels: number, side: number): number {
  const largest = (nodes[first] as TreemapNode).value * pixels;
  let sum = 0;
  let best = Number.POSITIVE_INFINITY;
  for (let last = first; last < nodes.length; last++) {
    const smallest = (nodes[last] as TreemapNode).value * pixels;
    sum += smallest;
    const worst = Math.max((side * side * largest) / (sum * sum), (sum * sum) / (side * side * smallest));
    if (worst > best) return last;
    best = worst;
  }
  return nodes.length;
}
