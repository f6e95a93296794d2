import { expect, test } from "vitest";
import { RowSelection } from "../../../src/webview/data/rowSelection.ts";

/** Rows that are called by their lines; those from `onPage` on are not on the page. */
function selection(onPage = 100): RowSelection {
  return new RowSelection((line) => (line < onPage ? `row ${line}` : null));
}

function lines(selected: RowSelection): number[] {
  return Array.from({ length: 20 }, (_, line) => line).filter((line) => selected.has(line));
}

test("rows are added and taken out one by one, also from the middle of several", () => {
  const selected = selection();
  selected.only(3);
  selected.toggle(5);
  expect(lines(selected)).toEqual([3, 5]);
  selected.only(2);
  selected.extendTo(6, 0);
  selected.toggle(4);
  expect(lines(selected)).toEqual([2, 3, 5, 6]);
  expect(selected.spans).toEqual([
    ["row 2", "row 3"],
    ["row 5", "row 6"],
  ]);
  expect(selected.count(20)).toBe(4);
});

test("rows are extended from where they began, upwards too", () => {
  const selected = selection();
  selected.only(5);
  selected.extendTo(8, 0);
  selected.extendTo(3, 0);
  expect(lines(selected)).toEqual([3, 4, 5]);
  const fresh = selection();
  fresh.extendTo(2, 4);
  expect(lines(fresh)).toEqual([2, 3, 4]);
});

test("a span keeps to its rows as others come and go", () => {
  const selected = selection();
  selected.only(5);
  selected.extendTo(3, 0);
  const asked = selected.spans ?? [];
  selected.receive(asked, [[4, 9]]);
  expect(lines(selected)).toEqual([4, 5, 6, 7, 8, 9]);
  selected.extendTo(10, 0);
  expect(lines(selected)).toEqual([9, 10]);
  selected.receive(selected.spans ?? [], [null]);
  expect(selected.isEmpty).toBe(true);
});

test("a row that is not on the page is known when it has come", () => {
  let onPage = 5;
  const selected = new RowSelection((line) => (line < onPage ? `row ${line}` : null));
  selected.only(2);
  selected.extendTo(9, 0);
  expect(selected.has(9)).toBe(true);
  expect(selected.spans).toEqual([]);
  onPage = 100;
  selected.receive([], []);
  expect(selected.spans).toEqual([["row 2", "row 9"]]);
});

test("all rows are selected without knowing them", () => {
  const selected = selection(0);
  selected.all();
  expect(selected.spans).toBeNull();
  expect(selected.count(60_000)).toBe(60_000);
  selected.only(1);
  expect(lines(selected)).toEqual([1]);
});
