/** What is done in the details of the selection, in the grid of its pages, and in the panel's title. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { temporaryFolder } from "../../../scripts/processes.mjs";
import type { Hands } from "./hands.ts";
import { type Interaction, interaction } from "./interaction.ts";

export function selectionInteractions(hands: Hands): Interaction[] {
  const pages = () => hands.pages;
  const wholeButton = () => hands.button("Show the whole (Home)", "page-grid");
  const zoom = () => hands.look(({ model }) => ({ ...model.pages.zoom, size: model.pages.pagesPerCell }));
  const clipboard = () => hands.window.host.call((vscode) => vscode.env.clipboard.readText().then((text) => text));

  /** The pages of a large region, all of them. */
  async function whole() {
    await hands.begin(hands.large);
    await expect.poll(() => hands.look(({ model }) => model.pages.region?.start)).toBe(hands.large);
    await expect.poll(async () => (await zoom()).size).toBeGreaterThan(1);
    await answered((await zoom()).size);
    return zoom();
  }

  async function single() {
    await whole();
    await hands.look(({ model }) => model.pages.zoomTo(0));
    await answered(1);
    return zoom();
  }

  /** The cells on the page have so many pages each. */
  async function answered(size: number): Promise<void> {
    await expect.poll(() => hands.look(({ model }) => model.pages.answer?.pagesPerCell)).toBe(size);
  }

  const chosen = () => hands.begin(hands.heap);
  const below = () =>
    hands.details
      .locator("dt", { hasText: /^Below$/ })
      .locator("+ dd")
      .getByRole("button");
  const source = () => hands.details.getByRole("button", { name: /^demo\.c:\d+$/ });

  return [
    interaction("what a cell of the page grid has is told", {
      begin: single,
      mouse: async () => {
        await pages().hover({ position: await hands.placeIn(pages(), 0.3, 0.5) });
        await expect.poll(() => hands.text("page-tip")).toMatch(/0x[0-9a-f]+ – 0x[0-9a-f]+/);
      },
      keyboard: async () => {
        await pages().press("ArrowRight");
        await expect.poll(() => hands.part("page-canvas .heard").textContent()).toMatch(/^0x[0-9a-f]+: ./);
      },
      end: async () => {},
    }),
    interaction("the page grid is zoomed in", {
      begin: whole,
      mouse: async () => {
        await pages().hover({ position: await hands.placeIn(pages(), 0.5, 0.5) });
        await hands.desk.mouse.wheel(0, -60);
      },
      keyboard: () => pages().press("+"),
      end: async ({ size }) => {
        await expect.poll(async () => (await zoom()).size).toBe(size / 2);
        await answered(size / 2);
      },
    }),
    interaction("all pages are shown again", {
      begin: single,
      mouse: () => wholeButton().click(),
      keyboard: () => pages().press("Home"),
      end: () => expect.poll(() => wholeButton().isDisabled()).toBe(true),
    }),
    interaction("the page grid is moved", {
      begin: single,
      mouse: async () => {
        const { x, y } = await hands.placeIn(pages(), 0.5, 0.8);
        await hands.drag(pages(), { x, y }, { x: 0, y: -y / 2 });
      },
      keyboard: async () => {
        for (let press = 0; press < 2; press++) await pages().press("PageDown");
      },
      end: ({ first = 0 }) => expect.poll(async () => (await zoom()).first).toBeGreaterThan(first),
    }),
    interaction("a page is chosen", {
      begin: single,
      mouse: async () => pages().click({ position: await hands.placeIn(pages(), 0.3, 0.5) }),
      keyboard: () => pages().press("Enter"),
      end: async () => {
        await expect.poll(() => hands.part("page-grid .details").textContent()).toMatch(/0x[0-9a-f]+[\s\S]*PGD \d+/);
      },
    }),
    interaction("a link in the details is followed to the neighbour", {
      begin: chosen,
      mouse: () => below().click(),
      keyboard: () => below().press("Enter"),
      end: () => expect.poll(() => hands.told()).not.toBe(hands.heap),
    }),
    interaction("the chosen address is copied", {
      begin: chosen,
      mouse: () => hands.button("Copy address", "selection-details").click(),
      keyboard: () => hands.button("Copy address", "selection-details").press("Enter"),
      end: () => expect.poll(clipboard).toBe(hands.heap),
    }),
    interaction("a link in the details is followed to the source", {
      begin: async () => {
        await hands.begin(hands.heap);
        await cursorTo(0);
        const field = hands.part("place-finder input");
        await field.fill("scratch");
        await field.press("Enter");
        await source().waitFor();
      },
      mouse: () => source().click(),
      keyboard: () => source().press("Enter"),
      end: () => expect.poll(cursor).toContain("char scratch["),
    }),
    interaction("the picture is saved", {
      begin: async () => {
        await hands.begin(hands.heap);
        await hands.picture.focus();
        return join(temporaryFolder(), "picture.svg");
      },
      mouse: async (file) => {
        await hands.desk.getByRole("button", { name: "Save Picture…" }).last().click();
        await named(file, () =>
          hands.desk.locator(".quick-input-widget").getByRole("button", { name: "OK" }).click({ timeout: 1000 }),
        );
      },
      keyboard: async (file) => {
        await hands.picture.press("F1");
        await name().fill(">Process Memory: Save Picture");
        await hands.desk.locator(".quick-input-list .monaco-list-row", { hasText: "Save Picture" }).first().waitFor();
        await name().press("Enter");
        await named(file, () => name().press("Enter", { timeout: 1000 }));
      },
      end: (file) => expect.poll(() => existsSync(file) && readFileSync(file, "latin1").startsWith("<svg")).toBe(true),
    }),
  ];

  function name() {
    return hands.desk.locator(".quick-input-box input").filter({ visible: true });
  }

  /** Gives the file its name; the dialog takes it a little after it was typed. */
  async function named(file: string, confirm: () => Promise<void>): Promise<void> {
    await expect.poll(() => name().inputValue()).toMatch(/\.svg$/);
    await name().fill(file);
    const closed = async () => {
      await confirm().catch(() => undefined);
      return name()
        .waitFor({ state: "hidden", timeout: 2000 })
        .then(
          () => true,
          () => false,
        );
    };
    await expect.poll(closed).toBe(true);
  }

  async function cursorTo(line: number): Promise<void> {
    await hands.window.host.call((vscode, line: number) => {
      for (const editor of vscode.window.visibleTextEditors) editor.selection = new vscode.Selection(line, 0, line, 0);
    }, line);
  }

  /** The line in which the cursor stands. */
  function cursor(): Promise<string | null> {
    return hands.window.host.call(({ window: { activeTextEditor: editor } }) =>
      editor ? editor.document.lineAt(editor.selection.active.line).text : null,
    );
  }
}
