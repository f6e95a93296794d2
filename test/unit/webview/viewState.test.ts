import { expect, test } from "vitest";
import { readViewState, type ViewState } from "../../../src/webview/data/viewState.ts";

test("what was saved is read again", () => {
  const state: ViewState = {
    shown: "12:345",
    pinned: true,
    selected: "0xffffffffff600000",
    zoom: { from: 1.5, to: 3 },
    layout: "treemap",
    measure: "pss",
    box: "kind:heap",
    filter: "libc",
    order: { sort: "rss", descending: true },
    columns: ["start", "ksm", "path"],
    grouping: { by: "module", isFolded: true, except: ["group:heap"] },
    row: 17,
    pages: { start: "0x7f0000000000", pagesPerCell: 4, first: 128, chosen: 130 },
    counters: true,
    time: { division: "part", hidden: ["swap"], range: { from: 1.8e9, to: 1.8e9 + 60 }, isFollowing: true },
    stops: "rss",
    moment: 1.8e12,
  };
  expect(readViewState(structuredClone(state))).toEqual(state);
});

test("what another version saved, or nobody, is left out", () => {
  const nothing = {
    shown: null,
    pinned: false,
    selected: null,
    zoom: null,
    layout: "address",
    measure: "rss",
    box: "process",
    filter: "",
    order: { sort: "start", descending: false },
    columns: null,
    grouping: null,
    row: 0,
    pages: null,
    counters: false,
    time: { division: "kind", hidden: [], range: null, isFollowing: false },
    stops: null,
    moment: null,
  };
  for (const saved of [undefined, null, 7, "x", [], {}]) expect(readViewState(saved)).toEqual(nothing);
  const wrong = {
    shown: 12,
    pinned: 1,
    selected: "zero",
    zoom: { from: 3, to: Number.NaN },
    filter: {},
    order: { sort: "colour", descending: 1 },
    columns: "all",
    grouping: { by: "colour", isFolded: true, except: [] },
    row: -1,
    pages: { start: "0x7f0000000000", pagesPerCell: 4, first: -1 },
    counters: "yes",
    time: { division: "month", hidden: "all", range: [1, 2], isFollowing: 1 },
    stops: "time",
    moment: "now",
  };
  expect(readViewState(wrong)).toEqual(nothing);
});
