/** Whoever looks at the panel, on whatever: rules of accessibility, keys alone, forced colours, less motion. */
import { expect, test } from "vitest";
import { violations } from "./axe.ts";
import type { PanelPage, Theme } from "./panelPage.ts";
import { demo, openPanel, rowsOf } from "./panelTools.ts";

async function opened(theme: Theme, width: number): Promise<PanelPage> {
  const panel = await openPanel(await demo(), { theme, width });
  await rowsOf(panel).first().waitFor();
  await panel.page.waitForTimeout(300);
  return panel;
}

for (const theme of ["dark", "light", "contrast"] satisfies Theme[]) {
  for (const width of [300, 1000, 3840]) {
    test(`axe finds nothing to object to in ${theme} at ${width} pixels`, async () => {
      const panel = await opened(theme, width);
      expect(await violations(panel.page)).toEqual([]);
    });
  }
}

test("axe finds nothing to object to where a region and a page are chosen", async () => {
  const panel = await opened("dark", 1000);
  await rowsOf(panel).first().click();
  await panel.page.locator("page-grid canvas").focus();
  await panel.page.keyboard.press("Enter");
  await panel.page.waitForTimeout(300);
  expect(await violations(panel.page)).toEqual([]);
});

test("axe finds nothing to object to in the treemap, nor where the system's colours are forced", async () => {
  const panel = await opened("light", 1000);
  await panel.page.getByRole("radio", { name: "Treemap" }).click();
  await panel.page.waitForTimeout(300);
  expect(await violations(panel.page)).toEqual([]);
  await panel.page.emulateMedia({ forcedColors: "active" });
  await panel.page.waitForTimeout(300);
  expect(await violations(panel.page)).toEqual([]);
});

/** The element that has the focus, however deep in shadows: its name, and whether one sees that it has it. */
const focused = ({ page }: PanelPage) =>
  page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (!element || element === document.body) return null;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
    const labels =
      element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? [...(element.labels ?? [])] : [];
    const name = [
      element.getAttribute("aria-label"),
      ...labels.map(({ textContent }) => textContent),
      element.textContent,
      element.getAttribute("placeholder"),
    ].find((text) => text?.trim());
    return {
      name: name?.replace(/\s+/g, " ").trim().slice(0, 60) ?? element.outerHTML,
      isSeen: outlineStyle !== "none" && outlineWidth !== "0px" && !/, 0\)$/.test(outlineColor),
    };
  });

test("Tab alone leads to everything and out again, and one sees where one is", async () => {
  const panel = await opened("dark", 1000);
  const places: { name: string; isSeen: boolean }[] = [];
  for (;;) {
    await panel.page.keyboard.press("Tab");
    const place = await focused(panel);
    if (place === null || places.length > 60) break;
    // The table's first row is chosen on the way, so that its details come.
    if (place.name === "Regions") {
      await panel.page.keyboard.press("ArrowDown");
      await panel.page.keyboard.press("Enter");
      await panel.page.getByRole("button", { name: "Copy address" }).waitFor();
    }
    places.push(place);
  }
  const names = places.map(({ name }) => name);
  for (const name of [
    ...[/^Refresh$/, /^All counters$/, /^Address order/, /^Measure/, /^Find/, /^Picture of/, /^Time line/],
    ...[
      /^Division of the RSS$/,
      /^Filter/,
      /^Group/,
      /^Columns$/,
      /^Copy$/,
      /^Regions$/,
      /^Copy address$/,
      /^Pages of/,
    ],
  ]) {
    expect(names).toContainEqual(expect.stringMatching(name));
  }
  expect(places.filter(({ isSeen }) => !isSeen).map(({ name }) => name)).toEqual([]);
});

test("nothing moves by itself where less motion is wanted", async () => {
  const panel = await openPanel(await demo());
  await panel.page.emulateMedia({ reducedMotion: "reduce" });
  await rowsOf(panel).first().click();
  await panel.page.waitForTimeout(300);
  const moving = await panel.page.evaluate(() => {
    const elements = (root: Document | ShadowRoot): Element[] =>
      [...root.querySelectorAll("*")].flatMap((element) => [
        element,
        ...(element.shadowRoot ? elements(element.shadowRoot) : []),
      ]);
    return elements(document)
      .filter((element) => {
        const { transitionDuration, animationDuration, scrollBehavior } = getComputedStyle(element);
        return /[1-9]/.test(transitionDuration) || /[1-9]/.test(animationDuration) || scrollBehavior === "smooth";
      })
      .map(({ outerHTML }) => outerHTML.slice(0, 100));
  });
  expect(moving).toEqual([]);
});
