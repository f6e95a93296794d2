/** How soon the panel shows something: marks on its page, and what is read of them. */
import type { Frame } from "playwright-core";
import { expect } from "vitest";

/** On the page, before the panel's script: marks the end of the frame in which the picture is drawn for the first time. */
export function markFirstPicture(): void {
  const { prototype } = CanvasRenderingContext2D;
  const { fillRect } = prototype;
  prototype.fillRect = function (...box) {
    fillRect.apply(this, box);
    const root = this.canvas.getRootNode();
    if (!(root instanceof ShadowRoot) || root.host.localName !== "picture-canvas") return;
    if (!document.querySelector("memory-panel")?.model.picture.whole) return;
    prototype.fillRect = fillRect;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => performance.mark("first picture");
    port2.postMessage(null);
  };
}

export interface FirstPicture {
  /** Milliseconds from the arrival of the panel's script until the picture is drawn. */
  readonly fromScript: number;
  /** When it was drawn, in milliseconds since the epoch. */
  readonly time: number;
}

/** Waits for it. */
export async function firstPicture(page: Frame): Promise<FirstPicture> {
  const drawn = () => page.evaluate(() => performance.getEntriesByName("first picture")[0]?.startTime ?? null);
  await expect.poll(drawn).not.toBeNull();
  return page.evaluate(() => {
    const resources = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    const arrived = resources.find(({ name }) => name.endsWith("panel.js"))?.responseEnd ?? Number.NaN;
    const drawn = performance.getEntriesByName("first picture")[0]?.startTime ?? Number.NaN;
    return { fromScript: drawn - arrived, time: performance.timeOrigin + drawn };
  });
}
