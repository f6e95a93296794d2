/** What the tests of the panel have in common: a browser, processes that stand still, and places on the page. */
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { launchBrowser } from "../../../scripts/browser.mjs";
import { LiveTarget } from "../../../src/server/liveTarget.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import { startDemo } from "../memory/images.ts";
import { type PanelOptions, PanelPage, readAll } from "./panelPage.ts";

let browser: Browser;

/** The panel in a browser that all tests of a file share. */
export function openPanel(target: LiveTarget | null, options: PanelOptions = {}): Promise<PanelPage> {
  return PanelPage.open(browser, target, options);
}

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

/** A process that stands still, with all of it read. */
export async function standing(pid: number): Promise<LiveTarget> {
  await stop(pid);
  const target = new LiveTarget(pid, openElf);
  onTestFinished(() => target.close());
  await readAll(target);
  return target;
}

export async function demo(): Promise<LiveTarget> {
  return standing((await startDemo()).pid);
}

/** A process of so many regions of one page. */
export async function regions(count: number): Promise<LiveTarget> {
  return standing((await start(compile("vmas.c", "vmas"), [String(count)])).pid);
}

export const rowsOf = ({ page }: PanelPage): Locator => page.locator(".body [role=row]");
export const cellsOf = (panel: PanelPage, column: string): Promise<string[]> =>
  panel.page.locator(`.body [data-column=${column}]`).allTextContents();
export const selectedRow = ({ page }: PanelPage): Locator => page.locator(".body [role=row][aria-selected=true]");
export const pictureOf = ({ page }: PanelPage): Locator => page.locator("picture-canvas canvas");
export const zoomOf = (panel: PanelPage) => (panel.saved as { zoom: { from: number; to: number } | null }).zoom;

/** What stands in an element, or in a component's shadow, with single spaces. */
export const textOf = (place: Locator): Promise<string> =>
  place.evaluate((element) => (element.shadowRoot ?? element).textContent?.replace(/\s+/g, " ").trim() ?? "");

/** Waits until the condition holds; fails with what was last seen. */
export async function eventually<T>(look: () => T | Promise<T>, check: (seen: T) => void): Promise<void> {
  await expect.poll(look).toSatisfy((seen: T) => {
    check(seen);
    return true;
  });
}
