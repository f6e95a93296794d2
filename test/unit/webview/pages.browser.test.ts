import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { toHex } from "../../../src/memory/address.ts";
import type { LiveTarget } from "../../../src/server/liveTarget.ts";
import type { PanelOptions, PanelPage, Theme } from "./panelPage.ts";
import { demo, eventually, openPanel, rowsOf, textOf } from "./panelTools.ts";

const PAGE = 4096n;
const gridOf = ({ page }: PanelPage): Locator => page.locator("page-grid");
const canvasOf = ({ page }: PanelPage): Locator => page.locator("page-canvas canvas");

/** The panel with the first region of the kind chosen and its pages shown. */
async function withPages(
  kind: string,
  options: PanelOptions = {},
): Promise<{ panel: PanelPage; start: bigint; target: LiveTarget }> {
  const target = await demo();
  const { space } = target.revision;
  const index = Array.from({ length: space.length }, (_, at) => at).find((at) => space.kind(at) === kind) ?? 0;
  const { start } = space.region(index);
  const panel = await openPanel(target, options);
  panel.pages.isMarked = true;
  await rowsOf(panel).first().waitFor();
  expect(await gridOf(panel).isVisible()).toBe(false);
  panel.tell("reveal", { target: target.id, address: toHex(start) });
  // In a small window the words above it leave no room in sight for it.
  await panel.page.getByRole("button", { name: "Copy address" }).waitFor();
  await gridOf(panel).evaluate((grid) => grid.scrollIntoView({ block: "nearest" }));
  await gridOf(panel).locator(".legend li").first().waitFor();
  return { panel, start, target };
}

test("the chosen region's pages are shown, each with its kind in the legend and under the pointer", async () => {
  const { panel, start } = await withPages("threadStack");
  await eventually(
    () => textOf(gridOf(panel)),
    (text) => {
      expect(text).toContain("Pages of stack of thread");
      expect(text).toContain("a cell is 4 pages (16 KiB)");
      expect(text).toContain("anonymous: 896");
      expect(text).toContain("written since the mark: 256");
      expect(text).toContain("not in memory: 512");
    },
  );
  await canvasOf(panel).hover({ position: { x: 2, y: 2 } });
  await eventually(
    () => textOf(panel.page.locator("page-tip")),
    (text) => expect(text).toContain(`${toHex(start)} – `),
  );
  await panel.page.mouse.move(5, 5);
  await panel.page.locator("page-tip").waitFor({ state: "hidden" });
  expect(panel.complaints).toEqual([]);
});

test("a click on a page tells all that is known of it, and Escape ends that", async () => {
  const { panel, start } = await withPages("heap");
  const details = gridOf(panel).locator(".details");
  await canvasOf(panel).click({ position: { x: 2, y: 2 } });
  await eventually(
    () => textOf(details),
    (text) => {
      expect(text).toContain(toHex(start));
      expect(text).toMatch(/In memory|Swapped out|Not in memory/);
      expect(text).toContain("PGD 170");
      expect(text).toContain("33 on 0");
    },
  );
  await panel.page.keyboard.press("Escape");
  await eventually(
    () => textOf(details),
    (text) => expect(text).toBe(""),
  );
});

test("the keys alone lead from the region to a page and back, and say where one is", async () => {
  const { panel, start } = await withPages("threadStack", { width: 400 });
  await canvasOf(panel).focus();
  expect(await textOf(gridOf(panel))).toContain("a cell is 4 pages (16 KiB)");
  await panel.page.keyboard.press("ArrowRight");
  const heard = panel.page.locator("page-canvas .heard");
  await eventually(
    () => textOf(heard),
    (text) => expect(text).toMatch(/^0x[0-9a-f]+: \d of 4 pages in memory/),
  );
  await panel.page.keyboard.press("Enter");
  await eventually(
    () => textOf(gridOf(panel)),
    (text) => expect(text).toContain("a cell is a page (4 KiB)"),
  );
  await panel.page.keyboard.press("Enter");
  await eventually(
    () => textOf(gridOf(panel).locator(".details")),
    (text) => expect(text).toContain("offset in the page 0"),
  );
  const chosen = BigInt(panel.asked.page[0]?.address ?? "0x0");
  expect(chosen).toBeGreaterThan(start);
  expect(chosen).toBeLessThanOrEqual(start + 8n * PAGE);
  await panel.page.keyboard.press("Home");
  await eventually(
    () => textOf(gridOf(panel)),
    (text) => expect(text).toContain("a cell is 4 pages (16 KiB)"),
  );
});

test("wheel and double click zoom, and dragging moves", async () => {
  const { panel } = await withPages("threadStack", { width: 400 });
  await canvasOf(panel).hover({ position: { x: 100, y: 40 } });
  await panel.page.mouse.wheel(0, -100);
  await eventually(
    () => textOf(gridOf(panel)),
    (text) => expect(text).toContain("a cell is 2 pages (8 KiB)"),
  );
  await canvasOf(panel).dblclick({ position: { x: 100, y: 40 } });
  await eventually(
    () => textOf(gridOf(panel)),
    (text) => expect(text).toContain("a cell is a page (4 KiB)"),
  );
  const before = BigInt(panel.asked.pages.at(-1)?.start ?? "0x0");
  const box = (await canvasOf(panel).boundingBox()) ?? { x: 0, y: 0 };
  await panel.page.mouse.move(box.x + 50, box.y + 80);
  await panel.page.mouse.down();
  await panel.page.mouse.move(box.x + 50, box.y + 20, { steps: 6 });
  await panel.page.mouse.up();
  await eventually(
    () => BigInt(panel.asked.pages.at(-1)?.start ?? "0x0"),
    (now) => expect(now).toBeGreaterThan(before),
  );
  await canvasOf(panel).dblclick({ position: { x: 100, y: 40 } });
  await eventually(
    () => textOf(gridOf(panel)),
    (text) => expect(text).toContain("a cell is 4 pages (16 KiB)"),
  );
});

test("the mark is set by its button, and what the kernel cannot tell is said", async () => {
  const { panel } = await withPages("heap");
  panel.pages.isMarked = false;
  panel.tell("changed", panel.state.changed ?? expect.fail());
  await eventually(
    () => textOf(gridOf(panel)),
    (text) => expect(text).toContain("Nothing has been marked yet."),
  );
  await panel.page.getByRole("button", { name: "Mark now" }).click();
  await eventually(
    () => textOf(gridOf(panel)),
    (text) => expect(text).toContain("written since the mark"),
  );
  panel.failure = "This kernel cannot tell which pages are written.";
  await panel.page.getByRole("button", { name: "Mark now" }).click();
  await eventually(
    () => textOf(gridOf(panel).locator(".problem").first()),
    (text) => expect(text).toContain(panel.failure),
  );
});

test("every reading asks for the pages in view, and none while they are out of sight", async () => {
  const target = await demo();
  const panel = await openPanel(target, { height: 500 });
  await rowsOf(panel).first().waitFor();
  panel.tell("reveal", { target: target.id, address: toHex(target.revision.space.region(6).start) });
  await panel.page.getByRole("button", { name: "Copy address" }).waitFor();
  await panel.page.waitForTimeout(200);
  // It may have been in sight until the words above it came.
  const before = panel.asked.pages.length;
  panel.tell("changed", target.changed);
  await panel.page.waitForTimeout(200);
  expect(panel.asked.pages).toHaveLength(before);
  await gridOf(panel).evaluate((grid) => grid.scrollIntoView());
  await gridOf(panel).locator(".legend li").first().waitFor();
  const asked = panel.asked.pages.length;
  panel.tell("changed", target.changed);
  await eventually(
    () => panel.asked.pages.length,
    (now) => expect(now).toBeGreaterThan(asked),
  );
  await panel.page.locator("target-header").evaluate((header) => header.scrollIntoView());
  await panel.page.waitForTimeout(100);
  const out = panel.asked.pages.length;
  panel.tell("changed", target.changed);
  await panel.page.waitForTimeout(200);
  expect(panel.asked.pages).toHaveLength(out);
});

for (const theme of ["dark", "light", "contrast", "contrastLight"] satisfies Theme[]) {
  test(`the grid has its colours in ${theme}, in forced colours too, and is not cut off at 300 pixels`, async () => {
    const { panel } = await withPages("threadStack", { theme, width: 300 });
    const coloured = () =>
      canvasOf(panel).evaluate((element) => {
        const { width, height } = element as HTMLCanvasElement;
        const data = (element as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
        let pixels = 0;
        for (let at = 0; at < data.length; at += 4) if (data[at] !== data[at + 2]) pixels++;
        return pixels / (width * height);
      });
    await eventually(coloured, (share) => expect(share).toBeGreaterThan(0.3));
    await panel.page.emulateMedia({ forcedColors: "active" });
    await panel.page.waitForTimeout(100);
    await eventually(coloured, (share) => expect(share).toBeGreaterThan(0.3));
    expect(
      await panel.page.evaluate(() => {
        const main = document.querySelector("main");
        return main ? main.scrollWidth - main.clientWidth : null;
      }),
    ).toBe(0);
  });
}
