import { expect, test } from "vitest";
import type { TreemapNode } from "../../../src/protocol/treemap.ts";
import { boxAt, boxBeside, layoutTreemap, type PlacedBox } from "../../../src/webview/drawing/treemapLayout.ts";

function node(name: string, value: number, children: TreemapNode[] = []): TreemapNode {
  return {
    ...{ id: name, type: "region", name, kind: "heap", value, measures: { size: value }, count: 1 },
    ...{ start: null, end: null, permissions: null, canEnter: false, children },
  };
}

const root = (values: readonly number[]) =>
  node(
    "all",
    values.reduce((sum, value) => sum + value, 0),
    values.map((value, index) => node(`${index}`, value)),
  );
const area = ({ width, height }: PlacedBox) => width * height;
const overlaps = (one: PlacedBox, other: PlacedBox) =>
  one.left < other.left + other.width &&
  other.left < one.left + one.width &&
  one.top < other.top + other.height &&
  other.top < one.top + one.height;

test("areas are in proportion, cover all there is, and never each other", () => {
  for (const [width, height] of [
    [1200, 300],
    [284, 306],
    [300, 900],
  ] as const) {
    const values = Array.from({ length: 60 }, (_, index) => 100_000 / (index + 1));
    const whole = root(values);
    const boxes = layoutTreemap(whole, width, height, 1);
    expect(boxes.reduce((sum, box) => sum + area(box), 0)).toBe(width * height);
    for (const [index, box] of boxes.entries()) {
      const exact = (box.node.value / whole.value) * width * height;
      // Edges stand on whole pixels.
      expect(Math.abs(area(box) - exact)).toBeLessThanOrEqual(box.width + box.height + 1);
      expect(boxes.slice(index + 1).some((other) => overlaps(box, other))).toBe(false);
    }
  }
});

test("boxes are nearly square, as in the paper that found the layout", () => {
  const boxes = layoutTreemap(root([6, 6, 4, 3, 2, 2, 1]), 600, 400, 1);
  expect(boxes.map(({ left, top, width, height }) => [left, top, width, height])).toEqual([
    [0, 0, 300, 200],
    [0, 200, 300, 200],
    [300, 0, 171, 233],
    [471, 0, 129, 233],
    [300, 233, 120, 167],
    [420, 233, 120, 167],
    [540, 233, 60, 167],
  ]);
});

test("boxes lie in theirs, below its name, where it is large enough", () => {
  const nest = node("heap", 9000, [node("a", 5000), node("b", 4000)]);
  const boxes = layoutTreemap(node("all", 10_000, [nest, node("small", 1000, [node("c", 1000)])]), 800, 60, 1);
  const [outer, ...rest] = boxes;
  expect(boxes.map(({ node: { name } }) => name)).toEqual(["heap", "a", "b", "small", "c"]);
  expect(outer?.head).toBe(16);
  for (const box of rest.slice(0, 2)) {
    expect(box.parent).toBe(outer);
    expect(box.top).toBeGreaterThanOrEqual((outer?.top ?? 0) + 16);
    expect(box.left + box.width).toBeLessThanOrEqual((outer?.left ?? 0) + (outer?.width ?? 0));
  }
  const narrow = layoutTreemap(node("all", 10, [node("n", 10, [node("c", 10)])]), 800, 30, 1);
  expect(narrow.map(({ node: { name }, head }) => [name, head])).toEqual([["n", 0]]);
});

test("the smallest box at a point is found, and the one beside another", () => {
  const nest = node("heap", 8000, [node("a", 4000), node("b", 4000)]);
  const boxes = layoutTreemap(node("all", 10_000, [nest, node("other", 2000)]), 1000, 200, 1);
  const [heap, a, b, other] = boxes as [PlacedBox, PlacedBox, PlacedBox, PlacedBox];
  expect(boxAt(boxes, 4, 4)).toBe(heap);
  expect(boxAt(boxes, 10, 100)).toBe(a);
  expect(boxAt(boxes, 999, 199)).toBe(other);
  expect(boxAt(boxes, 1000, 100)).toBeNull();
  expect(boxBeside(boxes, a, 1, 0)).toBe(b);
  expect(boxBeside(boxes, b, 1, 0)).toBe(other);
  expect(boxBeside(boxes, b, -1, 0)).toBe(a);
  expect(boxBeside(boxes, a, -1, 0)).toBeNull();
});
