import { once } from "node:events";
import type { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import type { Sample } from "../../../src/protocol/server.ts";
import { LiveTarget } from "../../../src/server/liveTarget.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import type { ViewState } from "../../../src/webview/data/viewState.ts";
import { compile } from "../fixtures.ts";
import { start } from "../linux/programs.ts";
import { type PanelOptions, type PanelPage, readAll } from "./panelPage.ts";
import { demo, eventually, openPanel, rowsOf, textOf } from "./panelTools.ts";

/** Ten minutes, one sample a second, with a stop and a continuation in the middle, and the heap growing. */
function tenMinutes(start: number): Sample[] {
  return Array.from({ length: 600 }, (_, at) => {
    const heap = (4 + Math.floor(at / 20)) * 2 ** 20;
    const rest = { code: 6 * 2 ** 20, anonymous: 3 * 2 ** 20 };
    const rss = heap + rest.code + rest.anonymous;
    return {
      time: start + at * 1000,
      rss,
      rssAnon: heap + rest.anonymous,
      rssFile: rest.code,
      rssShmem: 0,
      swap: 2 ** 20,
      vsz: 2 ** 28,
      minorFaults: at * 40 + Math.floor(at / 20) * 256,
      majorFaults: Math.floor(at / 50),
      threads: 1,
      ...(at % 5 === 0 && { pss: rss - 2 ** 21, kinds: { ...rest, heap } }),
      ...(at === 300 && { marks: { stop: 1 } }),
      ...(at === 310 && { marks: { continue: 1, threadStart: 2 } }),
    };
  });
}

/** A panel of a process with a past. */
async function withPast(
  options: PanelOptions = {},
  change: (sample: Sample, at: number) => Sample = (sample) => sample,
): Promise<{ panel: PanelPage; target: LiveTarget; samples: Sample[] }> {
  const target = await demo();
  const samples = tenMinutes((target.timeline.last?.time ?? 0) - 600_500).map(change);
  const { timeline } = target;
  const newest = timeline.since(0);
  timeline.since = (time) => [...samples, ...newest].filter((sample) => sample.time > time);
  const panel = await openPanel(target, options);
  await eventually(
    () => textOf(panel.page.locator("time-line")),
    (text) => expect(text).toContain("heap"),
  );
  return { panel, target, samples };
}

const chartOf = (panel: PanelPage) => panel.page.locator("time-chart .u-over");
const readoutOf = (panel: PanelPage) => panel.page.locator("time-line .readout");

/** A place in the chart, in shares of its width and height. */
async function at(panel: PanelPage, across: number, down = 0.3): Promise<{ x: number; y: number }> {
  const { x, y, width, height } = (await chartOf(panel).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  return { x: x + across * width, y: y + down * height };
}

/** The seconds that are in view, counted from the first sample. */
function inView(panel: PanelPage, [first]: readonly Sample[]): [from: number, to: number] | null {
  const { range } = (panel.saved as ViewState).time;
  const start = (first?.time ?? 0) / 1000;
  return range && [range.from - start, range.to - start];
}

/** The colours from top to bottom at a share of the chart's width. */
const coloursAt = (panel: PanelPage, across: number) =>
  panel.page.locator("time-chart canvas").evaluate((canvas: HTMLCanvasElement, x) => {
    const pixels = canvas.getContext("2d")?.getImageData(canvas.width * x, 0, 1, canvas.height).data ?? [];
    const colours = Array.from(
      { length: canvas.height },
      (_, y) => `rgb(${[...pixels.slice(4 * y, 4 * y + 3)].join(", ")})`,
    );
    return colours.filter((colour, y) => colour !== colours[y - 1]);
  }, across);

test("the RSS is drawn in layers with the colours of the kinds, and the legend says what each has", async () => {
  const { panel } = await withPast();
  const legend = panel.page.locator("time-line .legend");
  expect(await textOf(legend)).toMatch(/^code 6 MiB ?heap 33 MiB ?anonymous 3 MiB ?read at \d/);
  const colourOf = (kind: string) =>
    legend.locator(`.kind-${kind}`).evaluate((swatch) => getComputedStyle(swatch).backgroundColor);
  const kinds = [await colourOf("anonymous"), await colourOf("heap"), await colourOf("code")];
  const seen = (await coloursAt(panel, 0.9)).filter((colour) => kinds.includes(colour));
  expect([...new Set(seen)]).toEqual(kinds);
  await panel.page.getByLabel("Division of the RSS").selectOption("part");
  await eventually(
    () => textOf(legend),
    (text) => expect(text).toMatch(/^anonymous \d.*files \d.*shared memory 16 KiB$/),
  );
  expect(panel.complaints).toEqual([]);
});

test("the readout follows the pointer, and a series that is switched off stays off", async () => {
  const { panel, target } = await withPast();
  const place = await at(panel, 0.5);
  await panel.page.mouse.move(place.x, place.y);
  await eventually(
    () => textOf(readoutOf(panel)),
    (text) =>
      expect(text).toMatch(/RSS 28 MiB PSS 26 MiB swap 1 MiB minor faults 296\/s major faults 1\/s \d.* stopped/),
  );
  const swap = readoutOf(panel).getByRole("button", { name: "swap" });
  await swap.click();
  expect(await swap.getAttribute("aria-pressed")).toBe("false");
  await eventually(
    () => (panel.saved as ViewState).time.hidden,
    (hidden) => expect(hidden).toEqual(["swap"]),
  );
  const again = await openPanel(target, { saved: panel.saved });
  await readoutOf(again).locator("[aria-pressed=false]", { hasText: "swap" }).waitFor();
  await rowsOf(again).first().waitFor();
});

test("a drag zooms, keys zoom further, and a double click shows the whole; neither shows the past", async () => {
  const { panel, samples } = await withPast();
  const [from, to] = [await at(panel, 0.25), await at(panel, 0.5)];
  await panel.page.mouse.move(from.x, from.y);
  await panel.page.mouse.down();
  await panel.page.mouse.move(to.x, to.y, { steps: 4 });
  await panel.page.mouse.up();
  await eventually(
    () => inView(panel, samples),
    (view) => expect(view?.map((seconds) => Math.round(seconds / 10))).toEqual([15, 30]),
  );
  await panel.page.mouse.move(to.x, to.y + 300);
  await panel.page.locator("time-chart .chart").focus();
  await panel.page.keyboard.press("+");
  await eventually(
    () => inView(panel, samples) ?? [],
    ([start = 0, end = 0]) => {
      expect(end - start).toBeCloseTo(100, -1);
      expect((start + end) / 2).toBeCloseTo(225, -1);
    },
  );
  expect(await panel.page.locator("moment-bar .bar").count()).toBe(0);
  await chartOf(panel).dblclick();
  await eventually(
    () => inView(panel, samples),
    (view) => expect(view).toBeNull(),
  );
  expect(await panel.page.locator("moment-bar .bar").count()).toBe(0);
});

test("the click after a drag shows the past, though the drag led to where other layers are drawn", async () => {
  const { panel, samples } = await withPast({}, (sample, at) => {
    const { kinds } = sample;
    return kinds && at < 300 ? { ...sample, kinds: { ...kinds, jit: 2 ** 20 } } : sample;
  });
  const [from, to] = [await at(panel, 0.6), await at(panel, 0.9)];
  await panel.page.mouse.move(from.x, from.y);
  await panel.page.mouse.down();
  await panel.page.mouse.move(to.x, to.y, { steps: 4 });
  await panel.page.mouse.up();
  await eventually(
    () => inView(panel, samples),
    (view) => expect(view?.map((seconds) => Math.round(seconds / 10))).toEqual([36, 54]),
  );
  await panel.page.mouse.click(from.x, from.y);
  await panel.page.getByRole("button", { name: "Live" }).waitFor();
});

test("a click shows the map and the table of then; L, Escape and the button lead back", async () => {
  const { pid, child } = await start(compile("vmas.c", "vmas"), ["10"]);
  const target = new LiveTarget(pid, openElf);
  onTestFinished(() => target.close());
  await readAll(target);
  await readAll(target);
  const before = target.timeline.last?.time;
  for (let mib = 0; mib < 3; mib++) {
    child.kill("SIGUSR1");
    await once(child.stdout as Readable, "data");
  }
  await readAll(target);
  const panel = await openPanel(target);
  const rss = () => rowsOf(panel).filter({ hasText: "16 MiB" }).locator("[data-column=rss]").textContent();
  const shows = (expected: string) => eventually(rss, (seen) => expect(seen).toBe(expected));
  await shows("3 MiB");
  const goBack = async () => {
    await panel.page.locator("time-chart .chart").focus();
    await panel.page.keyboard.press("End");
    await panel.page.keyboard.press("ArrowLeft");
    await panel.page.keyboard.press("Enter");
    await panel.page.getByRole("button", { name: "Live" }).waitFor();
    expect(panel.asked.rows.at(-1)?.at).toBe(before);
    expect(panel.asked.picture.at(-1)?.at).toBe(before);
    await shows("0 B");
  };
  await goBack();
  expect(await textOf(panel.page.locator("moment-bar"))).toMatch(/^As it was at \d/);
  await eventually(
    () => (panel.saved as ViewState).moment,
    (moment) => expect(moment).toBe(before),
  );
  await panel.page.getByRole("searchbox", { name: "Filter" }).pressSequentially("l");
  await panel.page.getByRole("searchbox", { name: "Filter" }).fill("");
  await shows("0 B");
  await panel.page.getByRole("button", { name: "Live" }).click();
  await shows("3 MiB");
  await goBack();
  await panel.page.keyboard.press("l");
  await shows("3 MiB");
  await goBack();
  await panel.page.keyboard.press("Escape");
  await panel.page.keyboard.press("Escape");
  await shows("3 MiB");
  expect(await panel.page.locator("moment-bar .bar").count()).toBe(0);
  expect(panel.complaints).toEqual([]);
});

test("while the past is shown, what is read now changes neither map nor table", async () => {
  const { panel, target, samples } = await withPast();
  const place = await at(panel, 0.5);
  await panel.page.mouse.click(place.x, place.y);
  await panel.page.getByRole("button", { name: "Live" }).waitFor();
  expect(await textOf(panel.page.locator("moment-bar"))).toContain("(stopped)");
  await eventually(
    () => panel.asked.rows.at(-1)?.at,
    (at) => expect(at).toBe(samples[300]?.time),
  );
  const asked = panel.asked.rows.length;
  const { changed } = target;
  panel.tell("changed", { ...changed, revision: changed.revision + 1, sample: { ...changed.sample, rss: 2 ** 40 } });
  panel.tell("changed", {
    ...changed,
    revision: changed.revision + 2,
    sample: { ...changed.sample, time: Date.now() },
  });
  await panel.page.waitForTimeout(300);
  expect(panel.asked.rows).toHaveLength(asked);
  const again = await openPanel(target, { saved: panel.saved });
  await again.page.getByRole("button", { name: "Live" }).waitFor();
  await rowsOf(again).first().waitFor();
  expect(again.asked.rows.every(({ at }) => at === samples[300]?.time)).toBe(true);
});

test("the keys go from sample to sample and from mark to mark, and each is read out", async () => {
  const { panel } = await withPast();
  const chart = panel.page.locator("time-chart .chart");
  expect(await chart.getAttribute("aria-label")).toMatch(
    /^Time line from \d.* to \d.*: RSS between .* and 42 MiB, .* at the end, stopped, continued, 2 threads started\.$/,
  );
  await chart.focus();
  await panel.page.keyboard.press("Shift+ArrowLeft");
  const heard = panel.page.locator("time-chart .heard");
  await eventually(
    () => textOf(heard),
    (text) =>
      expect(text).toMatch(/, continued, 2 threads started, RSS 28 MiB, .*, heap 19 MiB, code 6 MiB, anonymous 3 MiB$/),
  );
  await panel.page.keyboard.press("Shift+ArrowLeft");
  await eventually(
    () => textOf(heard),
    (text) => expect(text).toContain(", stopped, RSS 28 MiB"),
  );
  await panel.page.keyboard.press("Escape");
  await eventually(
    () => textOf(heard),
    (text) => expect(text).toBe(""),
  );
});

for (const theme of ["dark", "light", "contrast"] as const) {
  for (const width of [300, 900, 3840]) {
    test(`the time line fits ${width} pixels in the ${theme} theme`, async () => {
      const { panel } = await withPast({ theme, width });
      await rowsOf(panel).first().waitFor();
      const place = await at(panel, 0.5);
      await panel.page.mouse.click(place.x, place.y);
      await panel.page.getByRole("button", { name: "Live" }).waitFor();
      for (const part of ["time-line", "moment-bar"]) {
        const box = await panel.page.locator(part).boundingBox();
        expect(box?.x).toBeGreaterThanOrEqual(0);
        expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
        const overflow = await panel.page
          .locator(part)
          .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      }
      expect(await chartOf(panel).evaluate(({ clientWidth }) => clientWidth)).toBeGreaterThan(150);
    });
  }
}
