import type { Locator } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { type Address, toHex } from "../../../src/memory/address.ts";
import type { Changed } from "../../../src/protocol/server.ts";
import { explanationOf, explanationWithSource } from "../../../src/server/explanations.ts";
import { LiveTarget } from "../../../src/server/liveTarget.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { startPlaces } from "../memory/images.ts";
import { type PanelOptions, type PanelPage, readAll, type Theme } from "./panelPage.ts";
import { demo, eventually, openPanel, rowsOf, textOf } from "./panelTools.ts";

const detailsOf = ({ page }: PanelPage): Locator => page.locator("selection-details");
const factOf = (panel: PanelPage, name: string): Locator =>
  detailsOf(panel)
    .locator("dt", { hasText: new RegExp(`^${name}$`) })
    .locator("+ dd");
const linkIn = (panel: PanelPage, name: string): Locator => factOf(panel, name).getByRole("button").first();

/** The panel of a program that says where its objects are. */
async function places(options: PanelOptions = {}) {
  const { pid, address } = await startPlaces();
  const target = new LiveTarget(pid, openElf);
  onTestFinished(() => target.close());
  await readAll(target);
  const panel = await openPanel(target, options);
  await rowsOf(panel).first().waitFor();
  const choose = (chosen: Address) => panel.tell("reveal", { target: target.id, address: toHex(chosen) });
  return { panel, target, address, choose };
}

test("of code the details tell symbol, line, section and file, and lead to each", async () => {
  const { panel, target, address, choose } = await places();
  expect(await detailsOf(panel).isVisible()).toBe(false);
  const answer = address("answer");
  choose(answer + 4n);
  await linkIn(panel, "Source").waitFor();
  const { source, region, section } = await explanationWithSource(target, await explanationOf(target, answer + 4n));
  expect(await textOf(factOf(panel, "Symbol"))).toMatch(/^answer \+ 0x4 of \d+ B$/);
  expect(await textOf(factOf(panel, "Source"))).toContain(`places.c:${source?.line}`);
  expect(await textOf(factOf(panel, "Section"))).toBe(`.text + 0x${section?.offset.toString(16)}`);
  expect(await textOf(detailsOf(panel))).toContain("Fine to read and execute, not to write.");
  expect(await textOf(factOf(panel, "Region"))).toContain(`${toHex(region?.start ?? 0n)}–${toHex(region?.end ?? 0n)}`);
  await linkIn(panel, "Source").click();
  await linkIn(panel, "File").click();
  await linkIn(panel, "Symbol").click();
  await eventually(
    () => panel.told.select,
    (told) => expect(told).toEqual([{ target: target.id, address: toHex(answer) }]),
  );
  expect(panel.told.openSource).toEqual([source]);
  expect(panel.told.openFile).toEqual([{ path: region?.path }]);
  await eventually(
    () => textOf(factOf(panel, "Symbol")),
    (text) => expect(text).toMatch(/^answer of \d+ B$/),
  );
});

test("of the heap they tell the block, and lead to its beginning", async () => {
  const { panel, target, address, choose } = await places();
  const block = address("heap");
  choose(block + 8n);
  await linkIn(panel, "Block").waitFor();
  const [size, start] = [(await explanationOf(target, block)).block?.size.toLocaleString("en-US"), toHex(block)];
  expect(await textOf(factOf(panel, "Block"))).toBe(`${size} bytes at ${start}, 8 into it, in use (glibc malloc)`);
  await linkIn(panel, "Block").click();
  await eventually(
    () => textOf(factOf(panel, "Block")),
    (text) => expect(text).toBe(`${size} bytes at ${start}, in use (glibc malloc)`),
  );
});

test("of data they tell the variable, and the buttons copy, show in the tree and ask who else maps it", async () => {
  const { panel, target, address, choose } = await places();
  const numbers = address("numbers");
  choose(numbers);
  await factOf(panel, "Variable").waitFor();
  expect(await textOf(factOf(panel, "Variable"))).toMatch(/^numbers is int\s?\[4\]$/);
  expect(await textOf(linkIn(panel, "Source"))).toMatch(/^places\.c:\d+$/);
  for (const name of ["Copy address", "Show in tree", "Who else maps this?"]) {
    await detailsOf(panel).getByRole("button", { name }).click();
  }
  const place = { target: target.id, address: toHex(numbers) };
  await eventually(
    () => panel.told.sharers,
    (told) => expect(told).toEqual([place]),
  );
  expect(panel.told.showInTree).toEqual([place]);
  expect(panel.told.copy).toEqual([{ text: toHex(numbers) }]);
});

test("where nothing is mapped they say so, and lead to the nearest regions", async () => {
  const { panel, target, choose } = await places();
  choose(0x10n);
  await eventually(
    () => textOf(detailsOf(panel)),
    (text) => expect(text).toMatch(/Not mapped.*0x10.*16 bytes past null/),
  );
  expect(await factOf(panel, "Below").count()).toBe(0);
  await linkIn(panel, "Above").click();
  await eventually(
    () => panel.told.select.at(-1)?.address,
    (address) => expect(address).toBe(toHex(target.revision.space.region(0).start)),
  );
  await linkIn(panel, "Above").waitFor();
  await expect.poll(() => panel.page.locator("page-grid").isVisible()).toBe(true);
});

test("the keyboard alone follows a link", async () => {
  const { panel, address, choose } = await places();
  choose(address("answer") + 4n);
  await linkIn(panel, "Symbol").focus();
  await panel.page.keyboard.press("Enter");
  await eventually(
    () => panel.told.select.at(-1)?.address,
    (chosen) => expect(chosen).toBe(toHex(address("answer"))),
  );
  await eventually(
    () => textOf(factOf(panel, "Symbol")),
    (text) => expect(text).toMatch(/^answer of/),
  );
});

test("hidden and shown again the panel tells of the same address, and shows the same pages", async () => {
  const { panel, target, address, choose } = await places();
  choose(address("in_thread"));
  const canvas = (shown: PanelPage) => shown.page.locator("page-canvas canvas");
  const scale = (shown: PanelPage) => textOf(shown.page.locator("page-grid .scale"));
  await eventually(
    () => scale(panel),
    (text) => expect(text).toMatch(/^a cell is \d+ pages/),
  );
  await canvas(panel).focus();
  await panel.page.keyboard.press("+");
  await panel.page.keyboard.press("Enter");
  await eventually(
    () => scale(panel),
    (text) => expect(text).toBe("a cell is a page (4 KiB)"),
  );
  await eventually(
    () => (panel.saved as { pages?: { pagesPerCell: number } }).pages?.pagesPerCell,
    (pages) => expect(pages).toBe(1),
  );
  const again = await openPanel(target, { saved: panel.saved });
  await detailsOf(again)
    .getByText(toHex(address("in_thread")), { exact: true })
    .waitFor();
  await eventually(
    () => scale(again),
    (text) => expect(text).toBe("a cell is a page (4 KiB)"),
  );
  const [before, after] = [panel.asked.pages.at(-1), again.asked.pages.at(-1)];
  expect([after?.start, after?.end]).toEqual([before?.start, before?.end]);
});

test("they are asked for anew when regions changed, and say what went wrong", async () => {
  const { panel, target, address, choose } = await places();
  choose(address("numbers"));
  await linkIn(panel, "Source").waitFor();
  const { length } = panel.asked.explain;
  const next = (revision: number): Changed => ({ ...target.changed, revision });
  panel.tell("changed", next(target.changed.revision + 1));
  await eventually(
    () => panel.asked.explain.slice(length),
    (asked) => expect(asked).toMatchObject([{ address: toHex(address("numbers")), withSource: true }]),
  );
  panel.failure = "The process has ended.";
  panel.tell("changed", next(target.changed.revision + 2));
  await eventually(
    () => textOf(detailsOf(panel)),
    (text) => expect(text).toContain("What is there could not be asked: The process has ended."),
  );
  expect(await textOf(factOf(panel, "Symbol"))).toContain("numbers");
});

test("the header tells all counters when it is asked to, and still does when shown again", async () => {
  const target = await demo();
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const header = panel.page.locator("target-header");
  expect(await textOf(header)).not.toContain("Peak RSS");
  await header.locator("summary").focus();
  await panel.page.keyboard.press("Enter");
  const { status } = target.changed;
  await eventually(
    () => textOf(header),
    (text) => {
      expect(text).toContain("Peak RSS");
      expect(text).toContain(`Switches, voluntary${status.voluntarySwitches?.toLocaleString("en")}`);
    },
  );
  await eventually(
    () => (panel.saved as { counters?: boolean }).counters,
    (counters) => expect(counters).toBe(true),
  );
  const again = await openPanel(target, { saved: panel.saved });
  await again.page.locator("target-header", { hasText: "Peak RSS" }).waitFor();
});

test("the header says what became of regions last, and when", async () => {
  const target = await demo();
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const { changed } = target;
  const none = { count: 0, bytes: 0 };
  const changes = { added: none, removed: none, grown: none, shrunk: none, protection: none, usage: none };
  const header = panel.page.locator("target-header summary");
  expect(await textOf(header)).toBe("All counters");
  panel.tell("changed", {
    ...changed,
    revision: changed.revision + 1,
    changes: { ...changes, added: { count: 3, bytes: 12_288 }, removed: { count: 1, bytes: 4096 } },
  });
  const said = /^All counters · \d\d:\d\d:\d\d: \+3 regions \(12 KiB\), 1 removed \(4 KiB\)$/;
  await eventually(
    () => textOf(header),
    (text) => expect(text).toMatch(said),
  );
  panel.tell("changed", { ...changed, revision: changed.revision + 2, changes: { ...changes, usage: changes.added } });
  await panel.page.waitForTimeout(100);
  expect(await textOf(header)).toMatch(said);
});

for (const [theme, width, height] of [
  ["dark", 300, 900],
  ["light", 700, 700],
  ["contrast", 1400, 900],
  ["contrastLight", 3840, 2000],
] satisfies [Theme, number, number][]) {
  test(`what is chosen is in sight beside the rest at ${width} pixels in ${theme}`, async () => {
    const { panel, address, choose } = await places({ theme, width, height });
    choose(address("answer"));
    await linkIn(panel, "Source").waitFor();
    const [aside, table] = await Promise.all([
      panel.page.locator("aside").boundingBox(),
      panel.page.locator("region-table").boundingBox(),
    ]);
    if (!aside || !table) return expect.fail("The panel has no details or no table.");
    expect(aside.y + aside.height).toBeLessThanOrEqual(height);
    expect(aside.x + aside.width).toBeLessThanOrEqual(width);
    if (width >= 1000) expect(aside.x).toBeGreaterThanOrEqual(table.x + table.width);
    else expect(aside.height).toBeLessThanOrEqual(0.41 * height);
    const overflow = await panel.page.evaluate(() =>
      ["main", "aside"].map((name) => {
        const element = document.querySelector(name);
        return element ? element.scrollWidth - element.clientWidth : null;
      }),
    );
    expect(overflow).toEqual([0, 0]);
    expect(panel.complaints).toEqual([]);
  });
}
