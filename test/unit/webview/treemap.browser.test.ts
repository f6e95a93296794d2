import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import type { Treemap, TreemapQuery } from "../../../src/protocol/treemap.ts";
import type { LiveTarget } from "../../../src/server/liveTarget.ts";
import { treemapOf } from "../../../src/server/treemap.ts";
import { layoutTreemap, type PlacedBox } from "../../../src/webview/drawing/treemapLayout.ts";
import type { PanelOptions, PanelPage } from "./panelPage.ts";
import { demo, eventually, openPanel, regions, rowsOf, selectedRow, textOf } from "./panelTools.ts";

const canvasOf = ({ page }: PanelPage): Locator => page.locator("size-treemap canvas");
const pathOf = ({ page }: PanelPage): Promise<string[]> => page.locator("size-treemap nav li").allTextContents();
const rootOf = ({ saved }: PanelPage) => (saved as { box: string } | undefined)?.box;

async function openTreemap(target: LiveTarget, options: PanelOptions & { measure?: string } = {}): Promise<PanelPage> {
  const saved = { shown: target.id, layout: "treemap", measure: options.measure ?? "size" };
  const panel = await openPanel(target, { saved, ...options });
  await rowsOf(panel).first().waitFor();
  await pathSays(panel, "All memory");
  return panel;
}

async function pathSays(panel: PanelPage, ...names: string[]): Promise<void> {
  await eventually(
    () => pathOf(panel),
    (path) => {
      expect(path.length).toBe(names.length);
      for (const [index, name] of names.entries()) expect(path[index]).toContain(name);
    },
  );
}

/** The answer that the panel shows, and where its boxes lie in CSS pixels. */
async function shown(panel: PanelPage, target: LiveTarget): Promise<{ answer: Treemap; boxes: PlacedBox[] }> {
  const query = panel.asked.treemap.at(-1) as TreemapQuery;
  const answer = await treemapOf(target.revision, query, (module) => target.elf(module));
  return { answer, boxes: layoutTreemap(answer.root, query.width, query.height, 1) };
}

async function boxOf(panel: PanelPage, target: LiveTarget, isWanted: (box: PlacedBox) => boolean): Promise<PlacedBox> {
  const box = (await shown(panel, target)).boxes.find(isWanted);
  if (!box) throw new Error("There is no such box.");
  return box;
}

/** Within the box and no other: in its name's line, or where it holds no others in its middle. */
const pointIn = ({ left, top, width, height, head }: PlacedBox) => ({
  x: left + width / 2,
  y: top + (head > 0 ? head / 2 : height / 2),
});

test("under the pointer every box tells what it is", async () => {
  const target = await demo();
  const panel = await openTreemap(target);
  const { boxes } = await shown(panel, target);
  expect(boxes.length).toBeGreaterThan(15);
  const tip = panel.page.locator("treemap-tip");
  for (const box of boxes.filter(({ width, height }) => width > 2 && height > 2)) {
    await canvasOf(panel).hover({ position: pointIn(box) });
    const text = await textOf(tip);
    expect(text).toContain(box.node.name);
    if (box.node.start) expect(text).toContain(`${box.node.start} – ${box.node.end}`);
  }
  await panel.page.mouse.move(5, 5);
  await tip.waitFor({ state: "hidden" });
  expect(panel.complaints).toEqual([]);
});

test("a region chosen in the treemap is chosen in the table, and the other way round", async () => {
  const target = await demo();
  const panel = await openTreemap(target, { measure: "rss" });
  const heap = await boxOf(panel, target, ({ node }) => node.name === "[heap]");
  await canvasOf(panel).click({ position: pointIn(heap) });
  await eventually(
    () => textOf(selectedRow(panel)),
    (text) => expect(text).toContain(heap.node.start),
  );
  expect(panel.told.select).toEqual([{ target: target.id, address: heap.node.start }]);
  const before = await canvasOf(panel).screenshot();
  const libc = await boxOf(panel, target, ({ node }) => node.name === "libc.so.6 code");
  panel.tell("reveal", { target: target.id, address: libc.node.start ?? "0x0" });
  await eventually(
    () => panel.asked.treemap.at(-1)?.selected,
    (selected) => expect(selected).toBe(libc.node.start),
  );
  expect((await shown(panel, target)).answer.selected).toBe(libc.node.id);
  await eventually(
    () => canvasOf(panel).screenshot(),
    (after) => expect(after.equals(before)).toBe(false),
  );
});

test("double clicks go in from the kind to the symbols, the path and Escape go out", async () => {
  const target = await demo();
  const panel = await openTreemap(target, { measure: "rss" });
  const enter = async (isWanted: (box: PlacedBox) => boolean) => {
    await canvasOf(panel).dblclick({ position: pointIn(await boxOf(panel, target, isWanted)) });
  };
  await enter(({ node }) => node.id === "kind:code");
  await pathSays(panel, "All memory", "code");
  await enter(({ node }) => node.name === "libc.so.6 code");
  await pathSays(panel, "All memory", "code", "libc.so.6 code");
  expect(await textOf(panel.page.locator("size-treemap .note"))).toContain("the size alone is known");
  await enter(({ node }) => node.name === ".text");
  await pathSays(panel, "All memory", "code", "libc.so.6 code", ".text");
  const { boxes } = await shown(panel, target);
  expect(boxes.filter(({ node }) => node.type === "symbol").length).toBeGreaterThan(50);
  await canvasOf(panel).hover({ position: pointIn(boxes[0] as PlacedBox) });
  expect(await textOf(panel.page.locator("treemap-tip"))).toContain(boxes[0]?.node.name);
  await canvasOf(panel).focus();
  await panel.page.keyboard.press("Escape");
  await pathSays(panel, "All memory", "code", "libc.so.6 code");
  await panel.page.locator("size-treemap nav button", { hasText: "code" }).first().click();
  await pathSays(panel, "All memory", "code");
  await eventually(
    () => rootOf(panel),
    (root) => expect(root).toBe("kind:code"),
  );
  const again = await openPanel(target, { saved: panel.saved });
  await pathSays(again, "All memory", "code");
});

test("the keys choose boxes, go in and go out", async () => {
  const target = await demo();
  const panel = await openTreemap(target, { measure: "rss" });
  const { boxes } = await shown(panel, target);
  const heard = panel.page.locator("size-treemap .heard");
  await canvasOf(panel).focus();
  await panel.page.keyboard.press("ArrowRight");
  const largest = boxes.find(({ head }) => head === 0) as PlacedBox;
  await eventually(
    () => textOf(heard),
    (text) => expect(text).toContain(largest.node.name),
  );
  expect(panel.told.select).toEqual([{ target: target.id, address: largest.node.start }]);
  await panel.page.keyboard.press("ArrowRight");
  await eventually(
    () => textOf(heard),
    (text) => expect(text).not.toContain(largest.node.name),
  );
  await panel.page.keyboard.press("ArrowLeft");
  await panel.page.keyboard.press("Enter");
  const outermost = boxes[0] as PlacedBox;
  await pathSays(panel, "All memory", outermost.node.name);
  await panel.page.keyboard.press("Enter");
  await eventually(
    () => pathOf(panel),
    (path) => expect(path.length).toBe(3),
  );
  await panel.page.keyboard.press("Backspace");
  await pathSays(panel, "All memory", outermost.node.name);
  await panel.page.keyboard.press("Home");
  await pathSays(panel, "All memory");
});

test("layout and measure are chosen with the keyboard, for both layouts, and kept", async () => {
  const target = await demo();
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  await panel.page.getByRole("radio", { name: "Address order" }).focus();
  await panel.page.keyboard.press("ArrowRight");
  await canvasOf(panel).waitFor();
  const measure = panel.page.getByRole("combobox", { name: "Measure" });
  await measure.selectOption("swap");
  await panel.page.getByText("Nothing here: swap is 0 B.").waitFor();
  await measure.selectOption("dirty");
  await pathSays(panel, "dirty");
  expect(panel.asked.picture.at(-1)?.measure).toBe("dirty");
  await eventually(
    () => panel.saved,
    (saved) => expect(saved).toMatchObject({ layout: "treemap", measure: "dirty" }),
  );
  const asked = panel.asked.treemap.length;
  await panel.page.getByRole("radio", { name: "Address order" }).check();
  await panel.page.locator("picture-canvas").waitFor();
  await measure.selectOption("rss");
  await eventually(
    () => panel.asked.picture.at(-1)?.measure,
    (asked) => expect(asked).toBe("rss"),
  );
  expect(panel.asked.treemap.length).toBe(asked);
});

test("of many small regions one sees as many boxes as there is room for", async () => {
  const target = await regions(20_000);
  const panel = await openTreemap(target);
  const { boxes } = await shown(panel, target);
  expect(boxes.length).toBeLessThan(2500);
  const kind = boxes.find(({ node }) => (node.count ?? 0) >= 20_000) as PlacedBox;
  await canvasOf(panel).dblclick({ position: pointIn(kind) });
  await pathSays(panel, "All memory", kind.node.name);
  const more = await boxOf(panel, target, ({ node }) => node.type === "more");
  expect(more.node.count).toBeGreaterThan(19_000);
  await canvasOf(panel).dblclick({ position: pointIn(more) });
  await pathSays(panel, "All memory", kind.node.name, more.node.name);
  await eventually(
    async () => (await shown(panel, target)).boxes.length,
    (count) => expect(count).toBeGreaterThan(10),
  );
});

for (const [theme, width] of [
  ["dark", 300],
  ["light", 3840],
  ["contrast", 1400],
] as const) {
  test(`the treemap fits into ${width} pixels in ${theme}`, async () => {
    const panel = await openTreemap(await demo(), { theme, width });
    const overflow = await panel.page.evaluate(() => {
      const main = document.querySelector("main");
      return main ? main.scrollWidth - main.clientWidth : null;
    });
    expect(overflow).toBe(0);
    expect((await canvasOf(panel).boundingBox())?.width).toBeLessThanOrEqual(width);
    expect(panel.complaints).toEqual([]);
  });
}

test("what is found is chosen in the treemap", async () => {
  const panel = await openTreemap(await demo(), { measure: "rss" });
  await canvasOf(panel).focus();
  await panel.page.keyboard.press("/");
  await panel.page.keyboard.type("printf");
  await panel.page.keyboard.press("Enter");
  await eventually(
    () => textOf(selectedRow(panel)),
    (text) => expect(text).toContain("libc.so.6 code"),
  );
  await canvasOf(panel).focus();
  await panel.page.keyboard.press("Enter");
  await pathSays(panel, "All memory", "code");
});

test("the treemap of a past moment is asked for as it was then", async () => {
  const target = await demo();
  const moment = Date.now() - 5000;
  const panel = await openPanel(target, { saved: { shown: target.id, layout: "treemap", measure: "rss", moment } });
  await pathSays(panel, "All memory");
  expect(panel.asked.treemap.at(-1)?.at).toBe(moment);
  await panel.page.keyboard.press("l");
  await eventually(
    () => panel.asked.treemap.at(-1)?.at,
    (at) => expect(at).toBeNull(),
  );
});

test("what went wrong is said", async () => {
  const panel = await openTreemap(await demo());
  panel.failure = "The memory server is gone.";
  await panel.page.getByRole("combobox", { name: "Measure" }).selectOption("pss");
  await panel.page.getByText("The treemap could not be brought up to date: The memory server is gone.").waitFor();
});
