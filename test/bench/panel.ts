/**
 * How fluid the panel is with many regions: a part of `npm run bench`. The real bundle in a browser without a GPU; what it
 * asks comes as text through the browser's debugging port, slower than in a window of VS Code.
 */
import type { CDPSession, Page } from "playwright-core";
import { expect, test } from "vitest";
import type { LiveTarget } from "../../src/server/liveTarget.ts";
import { type PanelPage, readAll } from "../unit/webview/panelPage.ts";
import { openPanel, pictureOf, regions } from "../unit/webview/panelTools.ts";
import { printTable } from "./bench.ts";

const REGIONS = 65_000;
const FRAMES = 150;
const UPDATES = 20;

test("a process of many regions in the panel", async () => {
  const target = await regions(REGIONS);
  const panel = await openPanel(target);
  const { page } = panel;
  const session = await page.context().newCDPSession(page);
  // Processor time: what else the machine does is no matter.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.waitForTimeout(1000);
  const zoom = await frames(page, session, { deltaX: 0, deltaY: -40, turn: 75 });
  const pan = await frames(page, session, { deltaX: 60, deltaY: 0, turn: 40 });
  const update = await updates(panel, target, session);
  await session.send("HeapProfiler.collectGarbage");
  const heap = (await metric(session, "JSHeapUsedSize")) / 2 ** 20;
  process.stdout.write(`\nThe panel with ${target.revision.space.length.toLocaleString("en")} regions.\n`);
  printTable([
    ["", "measured", "wanted"],
    ["zoom: from frame to frame, 95 %", `${zoom.interval.toFixed(1)} ms`, "16 ms"],
    ["zoom: main thread at work for a frame, 95 %", `${zoom.work.toFixed(1)} ms`, "16 ms"],
    ["zoom: main thread, processor time a frame", `${zoom.processor.toFixed(1)} ms`, ""],
    ["pan: from frame to frame, 95 %", `${pan.interval.toFixed(1)} ms`, "16 ms"],
    ["pan: main thread at work for a frame, 95 %", `${pan.work.toFixed(1)} ms`, "16 ms"],
    ["pan: main thread, processor time a frame", `${pan.processor.toFixed(1)} ms`, ""],
    ["an update: main thread, processor time", `${update.toFixed(1)} ms`, "8 ms"],
    ["JavaScript heap", `${heap.toFixed(1)} MiB`, "60 MiB"],
  ]);
}, 150_000);

/**
 * The wheel is turned with each frame, back and forth: how far frames are apart, how long the main thread is at work for
 * one (both of 95 in a hundred frames, and with the time that others have the processor), and its processor time for one.
 */
async function frames(
  page: Page,
  session: CDPSession,
  wheel: { deltaX: number; deltaY: number; turn: number },
): Promise<{ interval: number; work: number; processor: number }> {
  const canvas = await pictureOf({ page } as PanelPage).elementHandle();
  const before = await processorTime(session);
  const { intervals, works } = await page.evaluate(
    ({ canvas, wheel, count }) =>
      new Promise<{ intervals: number[]; works: number[] }>((resolve) => {
        const times: number[] = [];
        const works: number[] = [];
        const { width, height } = (canvas as HTMLCanvasElement).getBoundingClientRect();
        // What is sent within a frame arrives when that has been laid out and painted.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => works.push(performance.now() - data);
        const frame = (time: number) => {
          times.push(time);
          if (times.length > count) {
            resolve({ intervals: times.slice(1).map((each, index) => each - (times[index] ?? 0)), works });
            return;
          }
          port2.postMessage(performance.now());
          const sign = Math.floor(times.length / wheel.turn) % 2 ? -1 : 1;
          const place = { clientX: width * 0.4, clientY: height / 2, bubbles: true, cancelable: true };
          canvas?.dispatchEvent(
            new WheelEvent("wheel", { ...place, deltaX: sign * wheel.deltaX, deltaY: sign * wheel.deltaY }),
          );
          requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      }),
    { canvas, wheel, count: FRAMES },
  );
  const spent = (await processorTime(session)) - before;
  return { interval: most(intervals), work: most(works), processor: spent / FRAMES };
}

/** Of 95 in a hundred. */
function most(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.95)] ?? Number.NaN;
}

/** Milliseconds of the main thread for each new revision. */
async function updates(panel: PanelPage, target: LiveTarget, session: CDPSession): Promise<number> {
  const { page } = panel;
  await pictureOf(panel).focus();
  await page.keyboard.press("Home");
  await page.waitForTimeout(500);
  await readAll(target);
  const before = await processorTime(session);
  for (let update = 1; update <= UPDATES; update++) {
    const asked = panel.asked.picture.length;
    panel.tell("changed", { ...target.changed, revision: target.changed.revision + update });
    await expect.poll(() => panel.asked.picture.length, { interval: 20 }).toBeGreaterThan(asked);
    await page.waitForTimeout(100);
  }
  return ((await processorTime(session)) - before) / UPDATES;
}

/** Milliseconds of processor time that the main thread has worked, without the debugging port's own. */
async function processorTime(session: CDPSession): Promise<number> {
  return ((await metric(session, "TaskDuration")) - (await metric(session, "DevToolsCommandDuration"))) * 1000;
}

async function metric(session: CDPSession, name: string): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find((each) => each.name === name)?.value ?? Number.NaN;
}
