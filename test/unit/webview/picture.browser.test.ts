import type { Locator } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { launchBrowser } from "../../../scripts/browser.mjs";
import { toHex } from "../../../src/memory/address.ts";
import { FoldedAxis } from "../../../src/memory/axis.ts";
import { formatBytes } from "../../../src/memory/size.ts";
import { PanelPage } from "./panelPage.ts";
import { demo, eventually, openPanel, pictureOf, rowsOf, selectedRow, textOf, zoomOf } from "./panelTools.ts";

test("every region lies in the picture where its address says", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await openPanel(target, { width: 2400 });
  await rowsOf(panel).first().waitFor();
  const picture = pictureOf(panel);
  const { width } = (await picture.boundingBox()) ?? { width: 0 };
  const axis = new FoldedAxis(space);
  const tip = panel.page.locator("picture-tip");
  for (let index = 0; index < space.length; index++) {
    const { start, end, permissions } = space.region(index);
    const middle = (axis.position(start) + axis.position(end)) / 2;
    await picture.hover({ position: { x: (middle / axis.length) * width, y: 60 } });
    const text = await textOf(tip);
    expect(text).toContain(`${toHex(start)} – ${toHex(end)}`);
    expect(text).toContain(permissions);
    expect(text).toContain(formatBytes(space.size(index)));
  }
});

test("gaps tell their size, and the pointer's leaving ends the telling", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const axis = new FoldedAxis(space);
  const heap = Array.from({ length: space.length }, (_, index) => space.region(index)).findIndex(
    ({ kind }) => kind === "heap",
  );
  const [below, above] = [space.region(heap).end, space.region(heap + 1).start];
  const { width } = (await pictureOf(panel).boundingBox()) ?? { width: 0 };
  const middle = (axis.position(below) + axis.position(above)) / 2;
  await pictureOf(panel).hover({ position: { x: (middle / axis.length) * width, y: 60 } });
  const tip = panel.page.locator("picture-tip");
  expect(await textOf(tip)).toContain(`Nothing mapped: ${formatBytes(Number(above - below))}`);
  await panel.page.mouse.move(5, 5);
  await tip.waitFor({ state: "hidden" });
});

test("a region chosen in the picture is chosen in the table and told to the other views", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const axis = new FoldedAxis(space);
  const index = space.length - 3;
  const { start, end } = space.region(index);
  const { width } = (await pictureOf(panel).boundingBox()) ?? { width: 0 };
  const middle = (axis.position(start) + axis.position(end)) / 2;
  await pictureOf(panel).click({ position: { x: (middle / axis.length) * width, y: 60 } });
  await selectedRow(panel).waitFor();
  await eventually(
    () => textOf(selectedRow(panel)),
    (text) => expect(text).toContain(toHex(start)),
  );
  expect(panel.told.select).toEqual([{ target: target.id, address: toHex(start) }]);
});

test("the wheel zooms at the pointer, dragging and keys move, Home shows the whole", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const picture = pictureOf(panel);
  const box = (await picture.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const axis = new FoldedAxis(space);
  const at = (axis.position(space.region(10).start) + axis.position(space.region(10).end)) / 2;
  const x = (at / axis.length) * box.width;
  await panel.page.mouse.move(box.x + x, box.y + 60);
  for (let notch = 0; notch < 10; notch++) await panel.page.mouse.wheel(0, -100);
  await eventually(
    () => zoomOf(panel),
    (zoom) => expect(zoom && zoom.to - zoom.from).toBeLessThan(axis.length / 8),
  );
  const near = zoomOf(panel) ?? { from: 0, to: 1 };
  expect(near.from + (x / box.width) * (near.to - near.from)).toBeCloseTo(at, 1);

  await panel.page.mouse.down();
  await panel.page.mouse.move(box.x + x + 100, box.y + 60, { steps: 5 });
  await panel.page.mouse.up();
  const dragged = near.from - (100 / box.width) * (near.to - near.from);
  await eventually(
    () => zoomOf(panel)?.from,
    (from) => expect(from).toBeCloseTo(dragged, 1),
  );
  expect(panel.told.select).toEqual([]);

  await picture.focus();
  await panel.page.keyboard.press("ArrowRight");
  await eventually(
    () => zoomOf(panel)?.from,
    (from) => expect(from).toBeGreaterThan(dragged + 0.01),
  );
  await panel.page.keyboard.press("Home");
  await eventually(
    () => zoomOf(panel),
    (zoom) => expect(zoom).toBeNull(),
  );
  await panel.page.keyboard.press("+");
  await eventually(
    () => zoomOf(panel),
    (zoom) => expect(zoom).not.toBeNull(),
  );
});

test("a double click zooms to the region, and the wheel down to a few bytes", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const axis = new FoldedAxis(space);
  const stack = Array.from({ length: space.length }, (_, index) => space.region(index)).find(
    ({ kind }) => kind === "threadStack",
  );
  if (!stack) throw new Error("The demo has no thread.");
  const [from, to] = [axis.position(stack.start), axis.position(stack.end)];
  const box = (await pictureOf(panel).boundingBox()) ?? { x: 0, y: 0, width: 0 };
  await pictureOf(panel).dblclick({ position: { x: ((from + to) / 2 / axis.length) * box.width, y: 60 } });
  await eventually(
    () => zoomOf(panel)?.from,
    (left) => expect(left).toBeCloseTo(from - 0.05 * (to - from), 3),
  );
  for (let notch = 0; notch < 60; notch++) await panel.page.mouse.wheel(0, -400);
  const bytes = ((to - from) * 64) / stack.size;
  await eventually(
    () => zoomOf(panel),
    (zoom) => expect((zoom?.to ?? 0) - (zoom?.from ?? 0)).toBeCloseTo(bytes, 9),
  );
});

test("the keys choose one region after the other in the picture", async () => {
  const target = await demo();
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  await pictureOf(panel).focus();
  for (let press = 0; press < 3; press++) {
    await panel.page.keyboard.press("Shift+ArrowRight");
    await eventually(
      () => panel.told.select.length,
      (told) => expect(told).toBe(press + 1),
    );
    await eventually(
      () => panel.asked.picture.at(-1)?.selected,
      (asked) => {
        expect(asked).toBe(panel.told.select.at(-1)?.address);
      },
    );
    await panel.page.waitForTimeout(50);
  }
  const { space } = target.revision;
  expect(panel.told.select.map(({ address }) => address)).toEqual(
    [0, 1, 2].map((index) => toHex(space.region(index).start)),
  );
});

test("the picture has as many pixels as the screen", async () => {
  const fine = await launchBrowser("--force-device-scale-factor=2", "--window-size=1200,900");
  onTestFinished(() => fine.close());
  const panel = await PanelPage.open(fine, await demo(), { width: null });
  await rowsOf(panel).first().waitFor();
  const pixels = await pictureOf(panel).evaluate((canvas) => ({
    drawn: (canvas as HTMLCanvasElement).width,
    wide: canvas.clientWidth,
  }));
  expect(pixels.drawn).toBe(2 * pixels.wide);
  expect(panel.asked.picture.at(-1)?.pixels).toBe(pixels.drawn);
});

test("the buttons zoom in, out and to the whole, by mouse and by keys, and dragging in the overview moves", async () => {
  const target = await demo();
  const axis = new FoldedAxis(target.revision.space);
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const map = panel.page.locator("address-map");
  const [zoomIn, zoomOut, whole] = [/^Zoom in/, /^Zoom out/, /^Show the whole/].map((name) =>
    map.getByRole("button", { name }),
  ) as [Locator, Locator, Locator];
  const width = () => {
    const zoom = zoomOf(panel);
    return zoom && (zoom.to - zoom.from) / axis.length;
  };
  expect(await zoomOut.isDisabled()).toBe(true);
  await zoomIn.click();
  await expect.poll(width).toBeCloseTo(1 / 2, 2);
  await zoomIn.press("Enter");
  await expect.poll(width).toBeCloseTo(1 / 4, 2);
  await zoomOut.press("Space");
  await expect.poll(width).toBeCloseTo(1 / 2, 2);

  const overview = (await map.locator("picture-overview").boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await panel.page.mouse.move(overview.x + overview.width / 2, overview.y + 5);
  await panel.page.mouse.down();
  await panel.page.mouse.move(overview.x + overview.width * 0.75, overview.y + 5, { steps: 4 });
  await panel.page.mouse.up();
  await expect.poll(() => (zoomOf(panel)?.from ?? 0) / axis.length).toBeCloseTo(1 / 2, 2);

  await whole.click();
  await expect.poll(width).toBeNull();
  expect(await whole.isDisabled()).toBe(true);
});

test("what moves under a resting pointer is told", async () => {
  const target = await demo();
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const picture = pictureOf(panel);
  const { width } = (await picture.boundingBox()) ?? { width: 0 };
  await picture.hover({ position: { x: width / 2, y: 60 } });
  await picture.focus();
  for (const key of ["+", "+", "ArrowRight", "ArrowRight", "ArrowRight"]) await panel.page.keyboard.press(key);
  const { space } = target.revision;
  const axis = new FoldedAxis(space);
  await expect.poll(() => zoomOf(panel)?.from ?? 0).toBeGreaterThan(axis.length * 0.4);
  const zoom = zoomOf(panel) ?? { from: 0, to: 0 };
  const middle = (zoom.from + zoom.to) / 2;
  const region = Array.from({ length: space.length }, (_, at) => space.region(at)).find(
    ({ start, end }) => axis.position(start) <= middle && middle < axis.position(end),
  );
  await eventually(
    () => textOf(panel.page.locator("picture-tip")),
    (text) => {
      expect(text).toContain(region ? `${toHex(region.start)} – ${toHex(region.end)}` : "Nothing mapped");
    },
  );
});
