// The pictures of the README: VS Code with the demo, as a user sees it.
import { openPage } from "./browser.mjs";
import { pointAt } from "./mouse.mjs";

const PATIENCE = 90_000;

/**
 * What there are pictures of, and the file in media/: the whole window, the panel as wide as the window, its treemap, the
 * panel in a narrow column, the hover over a pointer.
 */
export const SUBJECTS = {
  window: "overview.png",
  panel: "panel.png",
  treemap: "treemap.png",
  narrow: "narrow.png",
  hover: "hover.png",
};

/** @typedef {keyof typeof SUBJECTS} Subject */

/**
 * Opens the page, waits until the tree and the panel are filled, and saves what is seen.
 * @param {string} url
 * @param {string} file a PNG
 * @param {Subject} subject
 */
export async function takePicture(url, file, subject) {
  const page = await openPage(url);
  try {
    page.setDefaultTimeout(PATIENCE);
    const tree = page.locator(".pane", { has: page.locator('.pane-header[aria-label^="Process Memory"]') });
    await tree.getByRole("treeitem").nth(3).waitFor();
    const panel = page.frameLocator("iframe.webview.ready").frameLocator("iframe");
    await panel.locator(".body [role=row]").nth(3).waitFor();
    const source = page.getByRole("tab", { name: "demo.c" });
    await source.click();
    await arrange(page, tree);
    await source.click();
    // For a look at the time line: some seconds of running, to the next stop.
    await page.keyboard.press("F5");
    await panel.locator("target-header", { hasText: "running" }).waitFor();
    await panel.locator("target-header", { hasText: "stopped" }).waitFor();
    if (subject === "narrow") await page.setViewportSize(NARROW);
    if (subject === "panel" || subject === "treemap") {
      await widen(page);
      await choose(panel);
    }
    if (subject === "treemap") await panel.getByRole("radio", { name: "Treemap" }).click();
    await page.waitForTimeout(1500);
    await page.screenshot({ path: file, ...(await frame(page, subject)) });
  } finally {
    await page.context().browser()?.close();
  }
}

/**
 * Room for the tree: the side bar wider, the views above it closed but for the call stack, the tree opened here and there,
 * down to symbols.
 * @param {import("playwright-core").Page} page
 * @param {import("playwright-core").Locator} tree
 */
async function arrange(page, tree) {
  for (const name of ["Variables", "Watch", "Breakpoints"]) {
    const header = page.locator(`.pane-header[aria-label^="${name}"]`).first();
    if ((await header.getAttribute("aria-expanded")) === "true") await header.click();
  }
  const bar = await page.locator(".part.sidebar").boundingBox();
  if (bar !== null) {
    const edge = { x: bar.x + bar.width, y: bar.y + bar.height / 2 };
    await page.mouse.move(edge.x, edge.y);
    await page.mouse.down();
    await page.mouse.move(edge.x + 60, edge.y, { steps: 5 });
    await page.mouse.up();
  }
  for (const name of ["Stacks", "Heap", "Program", "demo .bss", ".bss"]) {
    const start = name.replaceAll(".", "\\.");
    await tree
      .getByRole("treeitem", { name: new RegExp(`^${start},`) })
      .locator(".monaco-tl-twistie")
      .click();
  }
  await tree
    .getByRole("treeitem", { name: /demo\.c:\d+/ })
    .first()
    .waitFor();
}

/**
 * The part of the page that shows the subject.
 * @param {import("playwright-core").Page} page
 * @param {Subject} subject
 * @returns {Promise<import("playwright-core").PageScreenshotOptions>}
 */
async function frame(page, subject) {
  if (subject !== "hover") {
    await page.mouse.move(800, 3);
    await page.waitForTimeout(500);
    return subject === "window" ? {} : clip(await page.locator("iframe.webview.ready").boundingBox());
  }
  await pointAt(page, "char *message", "message");
  const hover = page.locator(".debug-hover-widget").filter({ visible: true });
  await hover.waitFor();
  await page.waitForTimeout(500);
  const box = await hover.boundingBox();
  return clip(box && { x: box.x - 120, y: box.y - 40, width: box.width + 140, height: box.height + 140 });
}

/**
 * A region with its pages and words. Not by the mouse: the row may be out of sight in a low window.
 * @param {import("playwright-core").FrameLocator} panel
 */
async function choose(panel) {
  await panel.locator(".body [role=row]", { hasText: "[heap]" }).dispatchEvent("click");
  await panel.locator("page-grid .legend li").first().waitFor();
}

/** A window that leaves some 300 pixels to the panel. */
const NARROW = { width: 1000, height: 1200 };

/**
 * The panel's group of editors over the whole window.
 * @param {import("playwright-core").Page} page
 */
async function widen(page) {
  await page.getByRole("tab", { name: "Process Memory" }).click();
  await page.keyboard.press("Control+b");
  await page.keyboard.press("Control+k");
  await page.keyboard.press("Control+m");
}

/** @param {{ x: number, y: number, width: number, height: number } | null} box */
function clip(box) {
  return box === null ? {} : { clip: box };
}
