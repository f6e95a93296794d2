import { expect, test } from "vitest";
import { around, panned, revealing, zoomed } from "../../../src/webview/data/view.ts";

const LENGTH = 100;

/** Where a position is on the screen, 0 … 1. */
const onScreen = ({ from, to }: { from: number; to: number }, position: number) => (position - from) / (to - from);

test("zooming keeps what is under the pointer where it is", () => {
  let view = { from: 0, to: LENGTH };
  for (const at of [30, 31, 29.5]) {
    const before = onScreen(view, at);
    view = zoomed(view, LENGTH, at, 2, 0.001);
    expect(onScreen(view, at)).toBeCloseTo(before, 10);
  }
  expect(view.to - view.from).toBeCloseTo(LENGTH / 8, 10);
});

test("zooming out ends with the whole, zooming in with the narrowest view", () => {
  expect(zoomed({ from: 40, to: 60 }, LENGTH, 50, 0.01, 1)).toEqual({ from: 0, to: LENGTH });
  const closest = zoomed({ from: 40, to: 60 }, LENGTH, 50, 1e6, 1);
  expect(closest.to - closest.from).toBeCloseTo(1, 10);
});

test("panning ends at both ends of the address space, and the view keeps its width", () => {
  expect(panned({ from: 10, to: 30 }, LENGTH, -50)).toEqual({ from: 0, to: 20 });
  expect(panned({ from: 10, to: 30 }, LENGTH, 5)).toEqual({ from: 15, to: 35 });
  expect(panned({ from: 10, to: 30 }, LENGTH, 500)).toEqual({ from: 80, to: 100 });
});

test("a stretch is shown with a margin on both sides", () => {
  expect(around({ from: 40, to: 60 }, LENGTH, 0.1)).toEqual({ from: 38, to: 62 });
  expect(around({ from: 0, to: 10 }, LENGTH, 0.5)).toEqual({ from: 0, to: 20 });
});

test("what is chosen elsewhere is shown without a move where it can be seen, and made large enough where not", () => {
  const view = { from: 0, to: 50 };
  expect(revealing(view, LENGTH, { from: 10, to: 20 }, 0.02)).toBe(view);
  expect(revealing(view, LENGTH, { from: 60, to: 70 }, 0.02)).toEqual({ from: 40, to: 90 });
  const narrow = revealing(view, LENGTH, { from: 70, to: 70.1 }, 0.02);
  expect(onScreen(narrow, 70.1) - onScreen(narrow, 70)).toBeCloseTo(0.02, 10);
  expect(revealing({ from: 10, to: 12 }, LENGTH, { from: 5, to: 45 }, 0.02)).toEqual({ from: 5, to: 45 });
});
