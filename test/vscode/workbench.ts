/** What a user sees in the window and does there: source, tree, panel, hovers. */
import { setTimeout as sleep } from "node:timers/promises";
import type { FrameLocator, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { pointAt } from "../../scripts/mouse.mjs";
import type { Window } from "./window.ts";

/** The tree Process Memory in the Run and Debug side bar. */
export class Tree {
  readonly #window: Window;

  constructor(window: Window) {
    this.#window = window;
  }

  get view(): Locator {
    const { page } = this.#window;
    return page.locator(".pane", { has: page.locator('.pane-header[aria-label^="Process Memory"]') });
  }

  /** Makes the side bar show it, and the views above it small. */
  async open(): Promise<void> {
    const { page, host } = this.#window;
    await host.call((vscode) => vscode.commands.executeCommand("workbench.view.debug").then(() => null));
    const others = ["Variables", "Watch", "Breakpoints", "Call Stack"];
    const headers = others.map((name) => page.locator(`.pane-header[aria-label^="${name}"]`).first());
    const own = this.view.locator(".pane-header");
    let looks = 0;
    const turned = async () => {
      looks++;
      for (const header of [...headers, own]) {
        const before = await header.getAttribute("aria-expanded", { timeout: 10_000 });
        if (before === (header === own ? "true" : "false")) continue;
        await header.click();
        looks = 0;
      }
      return looks;
    };
    // Views were seen open after they had been closed, just when a session had begun: they must have stayed as they are.
    await expect.poll(turned, { timeout: 30_000, interval: 250 }).toBe(2);
  }

  row(label: string | RegExp): Locator {
    return this.view.getByRole("treeitem", { name: typeof label === "string" ? startingWith(label) : label });
  }

  /** The lines as a user reads them: label and description. */
  lines(): Promise<string[]> {
    return this.view.locator(".monaco-list-row").allTextContents();
  }

  /** The line of a row, of which the label is the beginning. */
  async line(label: string): Promise<string | null> {
    return (await this.lines()).find((line) => line.startsWith(label)) ?? null;
  }

  /** Opens a row's children. */
  async expand(label: string | RegExp): Promise<void> {
    await this.#turn(label, "true");
  }

  async collapse(label: string | RegExp): Promise<void> {
    await this.#turn(label, "false");
  }

  async #turn(label: string | RegExp, expanded: "true" | "false"): Promise<void> {
    const row = this.row(label).first();
    const turned = async () => {
      await row.scrollIntoViewIfNeeded({ timeout: 2000 });
      const before = await row.getAttribute("aria-expanded");
      if (before !== expanded) await row.locator(".monaco-tl-twistie").click({ timeout: 2000 });
      return before;
    };
    // The tree draws its rows anew with every reading: one that is gone meanwhile is looked for again.
    await expect.poll(turned, { timeout: 30_000, interval: 500 }).toBe(expanded);
  }
}

/** The accessible names of rows begin with their label: `heap, 132 KiB, of which …`. */
function startingWith(label: string): RegExp {
  return new RegExp(`^${label.replaceAll(/[[\]().*+?^$|\\]/g, "\\$&")}(,|$)`);
}

/** The panel in the editor area. */
export class Panel {
  readonly #window: Window;

  constructor(window: Window) {
    this.#window = window;
  }

  async show(): Promise<void> {
    await this.#window.host.call((vscode) => vscode.commands.executeCommand("processMemory.show").then(() => null));
    await this.page.getByRole("grid", { name: "Regions" }).waitFor();
  }

  /** Its own page, two frames down. */
  get page(): FrameLocator {
    return this.#window.page.frameLocator("iframe.webview.ready").frameLocator("iframe");
  }

  /** The line that names the process. */
  heading(text: string): Locator {
    return this.page.locator("target-header header", { hasText: text });
  }

  /** The totals below it. */
  get totals(): Locator {
    return this.page.locator("target-header dl");
  }

  /** The rows of the table that are in view. */
  get rows(): Locator {
    return this.page.locator(".body [role=row]");
  }

  /** The names of the regions in view. */
  names(): Promise<string[]> {
    return this.#column("name");
  }

  addresses(): Promise<string[]> {
    return this.#column("start");
  }

  async filter(text: string): Promise<void> {
    await this.page.getByRole("searchbox", { name: "Filter regions" }).fill(text);
  }

  /** How many colours the picture has: drawn, it has one and more for each kind. */
  colours(): Promise<number> {
    return this.page
      .locator("picture-canvas canvas")
      .first()
      .evaluate((element) => {
        const canvas = element as HTMLCanvasElement;
        const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
        return new Set(new Uint32Array(data?.buffer ?? new ArrayBuffer(0))).size;
      });
  }

  async #column(field: string): Promise<string[]> {
    const texts = await this.page.locator(`.body [data-column=${field}]`).allTextContents();
    return texts.map((text) => text.trim());
  }
}

/** A row of one of VS Code's views in the side bar, by what it begins with. */
export function viewRow({ page }: Window, view: string, text: string): Locator {
  return page
    .locator(".pane", { has: page.locator(`.pane-header[aria-label^="${view}"]`) })
    .locator(".monaco-list-row")
    .filter({ hasText: new RegExp(`^${text}\\b`) })
    .first();
}

/** Opens or closes a row with children. Fails where it is not in view for two seconds. */
export async function turnRow(row: Locator, expanded: "true" | "false"): Promise<void> {
  const before = await row.getAttribute("aria-expanded", { timeout: 2000 });
  if (before !== expanded) await row.click({ timeout: 2000 });
}

/** Chooses from the menu of a row. */
export async function chooseFromMenu({ page }: Window, row: Locator, name: string): Promise<void> {
  await row.click({ button: "right" });
  const item = page.getByRole("menuitem", { name });
  await item.waitFor();
  // A menu that has just opened lets the first click pass.
  const chosen = async () => {
    await item.click({ timeout: 1000 }).catch(() => undefined);
    return item.isVisible();
  };
  await expect.poll(chosen).toBe(false);
}

/** Runs a command by its title in the palette. */
export async function runCommand({ page, host }: Window, title: string): Promise<void> {
  await host.call((vscode) => vscode.commands.executeCommand("workbench.action.showCommands").then(() => null));
  const input = page.locator(".quick-input-widget input").filter({ visible: true });
  await input.fill(`>${title}`);
  await page
    .locator(".quick-input-list .monaco-list-row", { hasText: title.replace(/^[^:]+: /, "") })
    .first()
    .waitFor();
  await input.press("Enter");
}

/** Clicks a text in a row with Ctrl held, until what its link shows is there. */
export async function followLink({ page }: Window, rows: string, text: string, shown: Locator): Promise<void> {
  const row = page.locator(rows, { hasText: text }).filter({ visible: true }).first();
  await row.waitFor();
  // Links are looked for when the mouse is on them, and the row may still be moved as its editor opens.
  const follow = async () => {
    if (await shown.isVisible()) return true;
    const at = await row.evaluate(middleOf, text, { timeout: 2000 });
    await page.mouse.move(at.x - 5, at.y);
    await page.keyboard.down("Control");
    await page.mouse.move(at.x, at.y, { steps: 3 });
    await sleep(500);
    await page.mouse.click(at.x, at.y);
    await page.keyboard.up("Control");
    return shown.waitFor({ timeout: 2000 }).then(
      () => true,
      () => false,
    );
  };
  await expect.poll(() => follow().catch(() => false), { timeout: 30_000 }).toBe(true);
}

/** Where the third letter of a text stands on the page. (It runs in the page and knows nothing from here.) */
function middleOf(element: Element, text: string): { x: number; y: number } {
  let start = (element.textContent ?? "").indexOf(text) + 2;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.textContent?.length ?? 0;
    if (start < length) {
      const range = document.createRange();
      range.setStart(node, start);
      range.setEnd(node, start + 1);
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    }
    start -= length;
  }
  throw new Error(`${text} is not there.`);
}

/** The quick pick that explains an address. */
export class AddressPick {
  readonly #window: Window;

  constructor(window: Window) {
    this.#window = window;
  }

  get title(): Locator {
    return this.#window.page.locator(".quick-input-title");
  }

  row(text: string): Locator {
    return this.#window.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
  }

  /** All rows that are in view, once one has the text. */
  async lines(text: string): Promise<string> {
    await this.row(text).waitFor();
    // Not the headings of groups: a row that stood for something else before still has the last one, out of sight.
    const rows = this.#window.page.locator(".quick-input-list .monaco-list-row .quick-input-list-rows");
    return (await rows.allTextContents()).join("\n");
  }

  async close(): Promise<void> {
    await this.#window.page.keyboard.press("Escape");
    await this.title.waitFor({ state: "hidden" });
  }
}

/** The notifications that the user has not put away. */
export async function notifications({ page, host }: Window): Promise<string[]> {
  await host.call((vscode) => vscode.commands.executeCommand("notifications.showList").then(() => null));
  const list = page.locator(".notifications-center .notification-list-item-message");
  await list.first().waitFor();
  const texts = await list.allTextContents();
  await host.call((vscode) => vscode.commands.executeCommand("notifications.hideList").then(() => null));
  return texts;
}

/** The first line of VS Code's debug hover over a word. */
export async function debugHover(page: Page, line: string, word: string): Promise<string> {
  await closeHovers(page);
  await pointAt(page, line, word);
  const hover = page.locator(".debug-hover-widget").filter({ visible: true });
  await hover.waitFor();
  const value = hover.locator(".value").filter({ visible: true }).first();
  await value.waitFor();
  return ((await value.textContent()) ?? "").replaceAll("\u00a0", " ");
}

/** The text of the language hover over a word, which VS Code shows while nothing is stopped. */
export async function languageHover(page: Page, line: string, word: string): Promise<string> {
  await closeHovers(page);
  await pointAt(page, line, word);
  return shownLanguageHover(page);
}

/** The text of the language hover that takes the debug hover's place while Alt is held. */
export async function altHover(page: Page, line: string, word: string): Promise<string> {
  return (await bothHovers(page, line, word)).full;
}

/** The debug hover's first line over a word, and the text of the language hover that takes its place with Alt. */
export async function bothHovers(page: Page, line: string, word: string): Promise<{ first: string; full: string }> {
  const first = await debugHover(page, line, word);
  await page.keyboard.down("Alt");
  try {
    return { first, full: await shownLanguageHover(page) };
  } finally {
    await page.keyboard.up("Alt");
  }
}

async function shownLanguageHover(page: Page): Promise<string> {
  const hover = page.locator(".monaco-resizable-hover .monaco-hover-content").filter({ visible: true }).first();
  await hover.filter({ hasNotText: "Loading..." }).waitFor();
  return ((await hover.textContent()) ?? "").replaceAll("\u00a0", " ");
}

async function closeHovers(page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await page.mouse.move(900, 5);
  await page.locator(".debug-hover-widget").filter({ visible: true }).waitFor({ state: "hidden" });
  await sleep(100);
}

/** The text of the status bar's entry, such as `1.4 MiB · 12 faults/s`. */
export function statusBar(page: Page): Locator {
  return page.locator('.statusbar-item[id^="process-memory.process-memory"]');
}
