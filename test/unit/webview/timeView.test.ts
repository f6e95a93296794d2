import { expect, test } from "vitest";
import type { Changed, Sample } from "../../../src/protocol/server.ts";
import { History } from "../../../src/webview/data/history.ts";
import { TimeView } from "../../../src/webview/data/timeView.ts";

const START = 1_800_000_000;

/** A view of so many seconds, one sample a second. */
async function viewOf(seconds: number) {
  const samples = Array.from({ length: seconds + 1 }, (_, at) => ({ time: (START + at) * 1000 }) as Sample);
  const history = new History(() => Promise.resolve({ samples } as never));
  history.look("1:1");
  await expect.poll(() => history.samples.length).toBe(seconds + 1);
  const view = new TimeView(history, { division: "kind", hidden: [], range: null, isFollowing: false });
  const inView = () => [view.range.from - START, view.range.to - START];
  const tick = () => {
    const before = history.samples.at(-1)?.time ?? 0;
    history.receive({ sample: { time: before + 1000 }, sampleBefore: before } as Changed);
  };
  return { view, inView, tick };
}

test("a brushed stretch stays where it is; one that ends with the newest sample goes on with it", async () => {
  const { view, inView, tick } = await viewOf(100);
  expect(inView()).toEqual([0, 100]);
  view.show(START + 20, START + 30);
  tick();
  expect(inView()).toEqual([20, 30]);
  view.show(START + 81, START + 101);
  tick();
  tick();
  expect(inView()).toEqual([83, 103]);
  view.showWhole();
  expect(inView()).toEqual([0, 103]);
});

test("nothing beyond the samples comes into view, and never less than two seconds", async () => {
  const { view, inView } = await viewOf(100);
  view.show(START - 50, START + 10);
  expect(inView()).toEqual([0, 60]);
  view.show(START + 50.1, START + 50.2);
  expect(inView()[0]).toBeCloseTo(49.15, 5);
  expect(view.isClosest).toBe(true);
  view.show(START - 5, START + 500);
  expect(view.isWhole).toBe(true);
});

test("a short past is shown with the twenty seconds before its end", async () => {
  const { inView } = await viewOf(5);
  expect(inView()).toEqual([-15, 5]);
});

test("zooming keeps the newest sample in its place, or what is pointed at; what is pointed at comes into view", async () => {
  const { view, inView } = await viewOf(100);
  view.zoomBy(4);
  expect(inView()).toEqual([75, 100]);
  view.reveal(START + 40);
  expect(inView()).toEqual([40, 65]);
  view.pointed = (START + 50) * 1000;
  view.zoomBy(2.5);
  expect(inView()).toEqual([46, 56]);
  view.zoomBy(1 / 100);
  expect(view.isWhole).toBe(true);
});

test("series are switched off and on, and without the RSS there are no parts of it", async () => {
  const { view } = await viewOf(1);
  view.toggle("rss");
  expect(view.isShown("rss")).toBe(false);
  expect(view.shownDivision).toBe("none");
  expect(view.state.hidden).toEqual(["rss"]);
  view.toggle("rss");
  expect(view.shownDivision).toBe("kind");
});
