import { expect, test } from "vitest";
import {
  firstRow,
  MOST_PIXELS,
  rowsInView,
  type Scrolling,
  scrolledHeight,
  scrollTopOf,
} from "../../../src/webview/data/scrolling.ts";

const list = (rows: number): Scrolling => ({ rows, rowHeight: 22, viewHeight: 350 });

test("60,000 rows scroll pixel by pixel", () => {
  const regions = list(60_000);
  expect(scrolledHeight(regions)).toBe(60_000 * 22);
  expect(firstRow(regions, 0)).toEqual({ row: 0, top: 0 });
  expect(firstRow(regions, 23)).toEqual({ row: 1, top: 22 });
  expect(scrollTopOf(regions, 1000)).toBe(22_000);
});

test("lists that are higher than a browser can lay out scroll from the first row to the last all the same", () => {
  const regions = list(1_000_000);
  expect(scrolledHeight(regions)).toBe(MOST_PIXELS);
  const end = MOST_PIXELS - regions.viewHeight;
  const last = firstRow(regions, end);
  // The lower edge of the last row is that of the view.
  expect(last.top + (1_000_000 - last.row) * 22).toBeCloseTo(end + regions.viewHeight, 3);
  for (const row of [0, 1, 499_999, 900_000]) {
    expect(firstRow(regions, scrollTopOf(regions, row) + 1e-3).row).toBe(row);
  }
});

test("a row near the end is shown as far up as the end allows", () => {
  const regions = list(100);
  expect(scrollTopOf(regions, 99)).toBe(100 * 22 - 350);
  expect(scrollTopOf(list(3), 2)).toBe(0);
});

test("only whole rows count as in view", () => {
  expect(rowsInView(list(10))).toBe(15);
});
