/** What is done in the table of regions. */
import { expect } from "vitest";
import type { Hands } from "./hands.ts";
import { type Interaction, interaction } from "./interaction.ts";

export function tableInteractions(hands: Hands): Interaction[] {
  const field = () => hands.page.getByRole("searchbox", { name: "Filter regions" });
  const header = (name: string) => hands.grid.getByRole("columnheader", { name, exact: true });
  const groups = () => hands.page.getByLabel("Group the regions");
  const matches = () => hands.part("table-tools .matches").textContent();
  const clipboard = () => hands.window.host.call((vscode) => vscode.env.clipboard.readText().then((text) => text));

  const allRows = () => hands.begin(hands.heap);

  async function oneRow(): Promise<void> {
    await allRows();
    await hands.look(({ model }) => model.rows.filterBy("name=[heap]"));
    await expect.poll(() => hands.names()).toEqual(["[heap]"]);
  }

  /** Nothing is copied yet. */
  async function clean(): Promise<void> {
    await hands.window.host.call((vscode) => vscode.env.clipboard.writeText("nothing").then(() => null));
  }

  const copying = (format: string, copied: RegExp) =>
    interaction(`rows are copied as ${format}`, {
      begin: async () => {
        await oneRow();
        await clean();
      },
      mouse: async () => {
        await hands.button("Copy", "table-tools").click();
        await copyButton(format).click();
      },
      keyboard: async () => {
        await hands.button("Copy", "table-tools").press("Enter");
        await hands.tabTo(copyButton(format));
        await hands.desk.keyboard.press("Enter");
      },
      end: () => expect.poll(clipboard).toMatch(copied),
    });

  return [
    interaction("the rows are sorted by a column", {
      begin: allRows,
      mouse: () => header("RSS").getByRole("button").click(),
      keyboard: async () => {
        await header("Address").getByRole("button").focus();
        await hands.desk.keyboard.press("ArrowRight");
        await hands.desk.keyboard.press("ArrowRight");
        await hands.desk.keyboard.press("Enter");
      },
      end: async () => {
        await expect.poll(() => header("RSS").getAttribute("aria-sort")).toBe("descending");
        const sizes = () =>
          hands.part(".body [data-column=rss]").evaluateAll((cells: HTMLElement[]) => cells.map(({ title }) => title));
        const bytes = async () =>
          (await sizes()).map((title) => Number(/^[\d,]+/.exec(title)?.[0].replaceAll(",", "")));
        const isSorted = async () => {
          const seen = await bytes();
          return seen.length > 1 && seen.every((size, at) => size <= (seen[at - 1] ?? Number.POSITIVE_INFINITY));
        };
        await expect.poll(isSorted).toBe(true);
      },
    }),
    interaction("the rows are filtered, and their totals are told", {
      begin: allRows,
      mouse: async () => {
        await field().click();
        await hands.desk.keyboard.type("name=[heap]");
      },
      keyboard: async () => {
        await hands.part("stop-list summary").focus();
        await hands.tabTo(field());
        await hands.desk.keyboard.type("name=[heap]");
      },
      end: async () => {
        await expect.poll(() => hands.names()).toEqual(["[heap]"]);
        await expect.poll(matches).toContain("1 region");
        for (const column of ["size", "rss"]) {
          const [of, total] = [".body", ".foot"].map((part) => hands.part(`${part} [data-column=${column}]`));
          expect(await of?.textContent()).toMatch(/^\d/);
          await expect.poll(() => total?.textContent()).toBe(await of?.textContent());
        }
      },
    }),
    interaction("the filter is cleared", {
      begin: oneRow,
      mouse: async () => {
        const { x, y } = await hands.placeIn(field(), 1, 0.5);
        await field().click({ position: { x: x - CROSS, y } });
      },
      keyboard: () => field().press("Escape"),
      end: async () => {
        await expect.poll(() => hands.rows.count()).toBeGreaterThan(2);
        expect(await field().inputValue()).toBe("");
      },
    }),
    interaction("the rows are grouped by module", {
      begin: allRows,
      // What the browser unfolds is none of the page.
      mouse: () => groups().selectOption("module"),
      keyboard: async () => {
        await groups().press("ArrowDown");
        await groups().press("ArrowDown");
      },
      end: async () => {
        await hands.page.getByRole("treegrid", { name: "Regions" }).waitFor();
        await expect.poll(() => hands.rows.first().textContent()).toContain("demo (");
      },
    }),
    interaction("a group is unfolded", {
      begin: async () => {
        await allRows();
        await groups().selectOption("module");
        await expect.poll(() => hands.rows.first().getAttribute("aria-expanded")).toBe("false");
      },
      mouse: () => hands.rows.first().click(),
      keyboard: async () => {
        await hands.grid.press("Home");
        await hands.grid.press("ArrowRight");
      },
      end: async () => {
        await expect.poll(() => hands.rows.first().getAttribute("aria-expanded")).toBe("true");
        await expect.poll(() => hands.rows.nth(1).getAttribute("aria-level")).toBe("2");
      },
    }),
    interaction("a column is added", {
      begin: allRows,
      mouse: async () => {
        await hands.button("Columns", "table-tools").click();
        await box("USS").click();
        await hands.desk.keyboard.press("Escape");
      },
      keyboard: async () => {
        await hands.button("Columns", "table-tools").press("Enter");
        await hands.tabTo(box("USS"));
        await hands.desk.keyboard.press("Space");
        await hands.desk.keyboard.press("Escape");
      },
      end: () => header("USS").waitFor(),
    }),
    copying("Text", /^Address\s+Size\s.*\n0x[0-9a-f]+-0x[0-9a-f]+ .*\[heap\]\n$/),
    copying("CSV", /^start,[\s\S]*\r\n0x[0-9a-f]+,/),
    copying("Markdown", /^\| Address +\|[\s\S]*\| *`?0x[0-9a-f]+/),
    interaction("a row is chosen", {
      begin: allRows,
      mouse: () => hands.part(".body [role=row]:has(+ [aria-selected=true])").click(),
      keyboard: async () => {
        for (const key of ["ArrowUp", "Enter"]) await hands.grid.press(key);
      },
      end: async () => {
        await expect.poll(() => hands.told()).not.toBe(hands.heap);
        await expect.poll(async () => hands.selectedAddresses()).toEqual([await hands.told()]);
      },
    }),
    interaction("several rows are selected and copied", {
      begin: async () => {
        await allRows();
        await clean();
      },
      mouse: () => hands.part("[aria-selected=true] + .row + .row").click({ modifiers: ["Shift"] }),
      keyboard: async () => {
        for (let press = 0; press < 2; press++) await hands.grid.press("Shift+ArrowDown");
      },
      end: async () => {
        await expect.poll(matches).toContain("3 selected");
        await hands.grid.press("Control+c");
        await expect.poll(async () => (await clipboard()).match(/^ *0x[0-9a-f]+/gm)?.length).toBe(3);
      },
    }),
  ];

  function copyButton(format: string) {
    return hands.part("table-tools #copy").getByRole("button", { name: format }).first();
  }

  function box(name: string) {
    return hands.part("table-tools #columns").getByRole("checkbox", { name, exact: true });
  }
}

/** CSS pixels from the field's end to the middle of the cross that empties it. */
const CROSS = 12;
