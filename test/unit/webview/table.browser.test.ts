import { expect, onTestFinished, test } from "vitest";
import { toHex } from "../../../src/memory/address.ts";
import { FoldedAxis } from "../../../src/memory/axis.ts";
import { formatBytes } from "../../../src/memory/size.ts";
import { LiveTarget } from "../../../src/server/liveTarget.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { stop } from "../linux/programs.ts";
import { startDemo } from "../memory/images.ts";
import { readAll } from "./panelPage.ts";
import { cellsOf, demo, eventually, openPanel, regions, rowsOf, selectedRow, textOf, zoomOf } from "./panelTools.ts";

test("a row chosen with the keys is shown in the picture", async () => {
  const target = await regions(2000);
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  await panel.page.locator("[role=grid]").focus();
  for (const key of ["ArrowDown", "ArrowDown", "ArrowUp", "PageDown", "Enter"]) await panel.page.keyboard.press(key);
  await selectedRow(panel).waitFor();
  await eventually(
    () => zoomOf(panel),
    (zoom) => expect(zoom).not.toBeNull(),
  );
  const address = panel.told.select[0]?.address ?? "0x0";
  const axis = new FoldedAxis(target.revision.space);
  const { from, to } = zoomOf(panel) ?? { from: 0, to: 0 };
  expect(from).toBeLessThanOrEqual(axis.position(BigInt(address)));
  expect(to).toBeGreaterThan(axis.position(BigInt(address)));
});

test("what is chosen in the tree is revealed in the picture and the table", async () => {
  const target = await regions(5000);
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const { start } = target.revision.space.region(3000);
  panel.tell("reveal", { target: target.id, address: toHex(start + 16n) });
  await selectedRow(panel).waitFor();
  await eventually(
    () => textOf(selectedRow(panel)),
    (text) => expect(text).toContain(toHex(start)),
  );
  expect(await selectedRow(panel).isVisible()).toBe(true);
  await eventually(
    () => zoomOf(panel),
    (zoom) => expect(zoom).not.toBeNull(),
  );
  expect(panel.told.select).toEqual([]);
});

test("60,000 regions scroll to the last, with few of them on the page", async () => {
  const target = await regions(60_000);
  const { space } = target.revision;
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  expect(await textOf(panel.page.locator(".matches"))).toBe(`${space.length.toLocaleString("en")} regions`);
  await panel.page.locator("[role=grid]").focus();
  await panel.page.keyboard.press("End");
  const last = toHex(space.region(space.length - 1).start);
  await eventually(
    () => textOf(rowsOf(panel).last()),
    (text) => expect(text).toContain(last),
  );
  expect(await rowsOf(panel).last().getAttribute("aria-rowindex")).toBe(String(space.length + 1));
  expect(await panel.page.locator("[role=grid]").getAttribute("aria-rowcount")).toBe(String(space.length + 1));
  expect(await rowsOf(panel).count()).toBeLessThan(60);
  const asked = panel.asked.rows.map(({ limit }) => limit);
  expect(Math.max(...asked)).toBeLessThan(200);

  await panel.page.locator("[role=grid]").evaluate((grid) => {
    grid.scrollTop = grid.scrollHeight / 2;
  });
  await eventually(
    () => cellsOf(panel, "start"),
    (starts) => {
      expect(starts.length).toBeGreaterThan(5);
      const indexes = starts.map((start) => space.indexOf(BigInt(start)));
      expect(indexes).toEqual(indexes.map((_, position) => (indexes[0] as number) + position));
      expect(Math.abs((indexes[0] as number) - space.length / 2)).toBeLessThan(100);
    },
  );
});

test("headers sort by click and by key, numbers with the largest first", async () => {
  const target = await demo();
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const { space } = target.revision;
  const sizes = Array.from({ length: space.length }, (_, index) => space.size(index)).sort((a, b) => b - a);
  const header = (name: string) => panel.page.getByRole("columnheader", { name });
  await header("Size").getByRole("button").click();
  await eventually(
    () => cellsOf(panel, "size"),
    (cells) => {
      expect(cells).toEqual(sizes.slice(0, cells.length).map(formatBytes));
    },
  );
  expect(await header("Size").getAttribute("aria-sort")).toBe("descending");
  expect(await header("Address").getAttribute("aria-sort")).toBe("none");
  await header("Size").getByRole("button").press("Enter");
  await eventually(
    () => cellsOf(panel, "size"),
    (cells) => {
      expect(cells).toEqual(sizes.reverse().slice(0, cells.length).map(formatBytes));
      sizes.reverse();
    },
  );
  expect(await header("Size").getAttribute("aria-sort")).toBe("ascending");
  await panel.page.keyboard.press("ArrowRight");
  await panel.page.keyboard.press("Space");
  await eventually(
    () => header("RSS").getAttribute("aria-sort"),
    (sort) => expect(sort).toBe("descending"),
  );
});

test("the filter leaves what it names, with the totals of that, and Escape takes it away", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const field = panel.page.getByRole("searchbox", { name: "Filter regions" });
  await field.fill("libc.so");
  const expected = target.revision.rows(
    { target: target.id, filter: "libc.so", sort: "start", descending: false, offset: 0, limit: 100 },
    null,
  );
  expect(expected.total).toBeGreaterThan(2);
  await eventually(
    () => cellsOf(panel, "start"),
    (starts) => {
      expect(starts).toEqual(expected.rows.map(({ start }) => start));
    },
  );
  const foot = await textOf(panel.page.locator(".foot"));
  expect(foot).toContain(formatBytes(expected.totals.rss ?? Number.NaN));
  expect(foot).toContain(formatBytes(expected.totals.size));
  expect(panel.asked.rows.filter(({ filter }) => filter !== "").length).toBeLessThan(4);
  await field.press("Escape");
  await eventually(
    () => textOf(panel.page.locator(".matches")),
    (text) => expect(text).toBe(`${space.length} regions`),
  );
  expect(await field.inputValue()).toBe("");
});

test("Ctrl+C copies the row", async () => {
  const target = await demo();
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  await panel.page.locator("[role=grid]").focus();
  await panel.page.keyboard.press("ArrowDown");
  await panel.page.keyboard.press("Control+c");
  await eventually(
    () => panel.copied.length,
    (copied) => expect(copied).toBe(1),
  );
  const { start, end, permissions, size } = target.revision.space.region(1);
  const [head, row] = (panel.copied[0] ?? "").split("\n");
  expect(head).toMatch(/^Address +Size/);
  expect(row).toContain(`${toHex(start)}-${toHex(end)}`);
  expect(row).toContain(`${formatBytes(size)} `);
  expect(row).toContain(permissions);
  expect(panel.copied[0]?.trim().split("\n").length).toBe(2);
});

test("what has not been read is a dash that says so", async () => {
  const { pid } = await startDemo();
  await stop(pid);
  const target = new LiveTarget(pid, openElf);
  onTestFinished(() => target.close());
  await target.read("regions");
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  expect(new Set(await cellsOf(panel, "rss"))).toEqual(new Set(["–"]));
  expect(await panel.page.locator(".body [data-column=rss]").first().getAttribute("title")).toBe("not read yet");
  await readAll(target);
  panel.tell("changed", target.changed);
  await eventually(
    () => cellsOf(panel, "rss"),
    (cells) => expect(cells).not.toContain("–"),
  );
  const title = await panel.page.locator(".body [data-column=rss]").first().getAttribute("title");
  expect(title).toMatch(/^[\d,]+ bytes, (just read|\d+ s old)$/);
});

test("regions stand together by kind or module, with sums, and fold by click and by key", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await openPanel(target, { height: 1800 });
  await rowsOf(panel).first().waitFor();
  await panel.page.getByLabel("Group the regions").selectOption("kind");
  const kinds = new Set(Array.from(space.regions(), ({ kind }) => kind));
  const groups = panel.page.locator(".body [role=row][aria-level='1']");
  await eventually(
    () => groups.count(),
    (shown) => expect(shown).toBe(kinds.size),
  );
  expect(await rowsOf(panel).count()).toBe(kinds.size);
  const code = [...space.regions()].filter(({ kind }) => kind === "code");
  const size = code.reduce((sum, region) => sum + region.size, 0);
  const row = groups.filter({ hasText: `code (${code.length})` }).first();
  expect(await row.locator("[data-column=size]").textContent()).toBe(formatBytes(size));
  await row.click();
  const members = panel.page.locator(".body [role=row][aria-level='2']");
  await eventually(
    () => members.count(),
    (shown) => expect(shown).toBe(code.length),
  );
  expect(await row.getAttribute("aria-expanded")).toBe("true");
  await panel.page.keyboard.press("ArrowLeft");
  await eventually(
    () => members.count(),
    (shown) => expect(shown).toBe(0),
  );
  await panel.page.keyboard.press("ArrowRight");
  await eventually(
    () => members.count(),
    (shown) => expect(shown).toBe(code.length),
  );
  await panel.page.getByRole("button", { name: "Unfold all" }).click();
  await panel.page.getByRole("treegrid").focus();
  await eventually(
    () => panel.page.getByRole("treegrid").getAttribute("aria-rowcount"),
    (count) => expect(count).toBe(String(kinds.size + space.length + 1)),
  );
  const again = await openPanel(target, { saved: panel.saved });
  await eventually(
    () => again.page.getByLabel("Group the regions").inputValue(),
    (by) => expect(by).toBe("kind"),
  );
  await rowsOf(again)
    .filter({ hasText: `code (${code.length})` })
    .first()
    .waitFor();
});

test("all columns of smaps can be chosen, are sorted by, and are there again", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await openPanel(target, { width: 700 });
  await rowsOf(panel).first().waitFor();
  await panel.page.getByRole("button", { name: "Columns" }).press("Enter");
  for (const name of ["Referenced", "KSM", "Offset", "Device", "Inode", "Flags", "Path"]) {
    await panel.page.getByRole("checkbox", { name, exact: true }).press("Space");
  }
  await panel.page.getByRole("checkbox", { name: "Size" }).press("Space");
  await panel.page.keyboard.press("Escape");
  await panel.page.getByRole("group", { name: "Columns" }).waitFor({ state: "hidden" });
  const headers = () => panel.page.getByRole("columnheader").allTextContents();
  await eventually(headers, (titles) => {
    const shown = titles.map((title) => title.trim());
    expect(shown).not.toContain("Size");
    expect(shown.slice(0, 4)).toEqual(["Address", "RSS", "Referenced", "KSM"]);
  });
  await panel.page.getByRole("columnheader", { name: "Referenced" }).getByRole("button").click();
  const referenced = [...space.regions()].map(({ usage }) => usage?.referenced ?? -1).sort((a, b) => b - a);
  await eventually(
    () => cellsOf(panel, "referenced"),
    (cells) => expect(cells).toEqual(referenced.slice(0, cells.length).map(formatBytes)),
  );
  expect(await panel.page.locator(".foot [data-column=referenced]").textContent()).toBe(
    formatBytes(referenced.reduce((sum, each) => sum + each, 0)),
  );
  const flags = new Set([...space.regions()].map(({ usage }) => usage?.flags.join(" ")));
  expect([...flags]).toContain((await cellsOf(panel, "flags"))[0]);
  await eventually(
    () => (panel.saved as { columns: string[] | null }).columns,
    (columns) => expect(columns).toContain("ksm"),
  );
  const again = await openPanel(target, { saved: panel.saved });
  await again.page.locator(".body [data-column=ksm]").first().waitFor();
});

test("a mistake in the filter is told beside it, and the rows stay", async () => {
  const panel = await openPanel(await demo());
  await rowsOf(panel).first().waitFor();
  const field = panel.page.getByRole("searchbox", { name: "Filter regions" });
  await field.fill("kind:heap");
  await eventually(
    () => rowsOf(panel).count(),
    (count) => expect(count).toBe(1),
  );
  await field.fill("kind:heap rss>lots");
  const problem = panel.page.locator("table-tools .problem");
  await eventually(
    () => problem.textContent(),
    (text) => expect(text).toContain("“lots” is no number"),
  );
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  expect(await rowsOf(panel).count()).toBe(1);
  expect(panel.asked.rows.some(({ filter }) => filter.includes("lots"))).toBe(false);
  await field.fill("-kind:heap");
  await eventually(
    () => problem.textContent(),
    (text) => expect(text).toBe(""),
  );
});

test("several rows are selected by mouse and by keys, and copied as CSV or Markdown", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const selected = () =>
    panel.page.locator(".body [role=row][aria-selected=true] [data-column=start]").allTextContents();
  const starts = (...indexes: number[]) => indexes.map((index) => toHex(space.region(index).start));
  await rowsOf(panel).nth(1).click();
  await rowsOf(panel)
    .nth(3)
    .click({ modifiers: ["Shift"] });
  await rowsOf(panel)
    .nth(5)
    .click({ modifiers: ["Control"] });
  await eventually(selected, (shown) => expect(shown).toEqual(starts(1, 2, 3, 5)));
  await panel.page.keyboard.press("Shift+ArrowDown");
  await rowsOf(panel)
    .nth(2)
    .click({ modifiers: ["Control"] });
  await eventually(selected, (shown) => expect(shown).toEqual(starts(1, 3, 5, 6)));
  expect(await textOf(panel.page.locator(".matches"))).toBe(`${space.length} regions, 4 selected`);
  await panel.page.getByRole("button", { name: "Copy", exact: true }).click();
  await panel.page.getByRole("group", { name: "4 selected rows" }).getByRole("button", { name: "CSV" }).click();
  await eventually(
    () => panel.copied.length,
    (copied) => expect(copied).toBe(1),
  );
  const csv = (panel.copied[0] ?? "").trim().split("\r\n");
  expect(csv[0]).toBe("start,end,size,rss,pss,dirty,swap,permissions,kind,name");
  expect(csv.slice(1).map((line) => line.split(",")[0])).toEqual(starts(1, 3, 5, 6));
  await eventually(
    () => textOf(panel.page.locator(".matches")),
    (text) => expect(text).toContain("4 rows copied"),
  );
  await panel.page.locator("[role=grid]").focus();
  await panel.page.keyboard.press("Control+a");
  await panel.page.getByRole("button", { name: "Copy", exact: true }).click();
  await panel.page
    .getByRole("group", { name: `All ${space.length} rows` })
    .getByRole("button", { name: "Markdown" })
    .click();
  await eventually(
    () => panel.copied[1]?.trim().split("\n").length,
    (lines) => expect(lines).toBe(space.length + 2),
  );
});

test("rows out of view are selected to the last and copied", async () => {
  const target = await regions(3000);
  const { space } = target.revision;
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  await panel.page.locator("[role=grid]").focus();
  for (const key of ["ArrowDown", "ArrowDown", "Shift+End"]) await panel.page.keyboard.press(key);
  await eventually(
    () => textOf(panel.page.locator(".matches")),
    (text) => expect(text).toContain(`${(space.length - 2).toLocaleString("en")} selected`),
  );
  await eventually(
    () => cellsOf(panel, "start"),
    (cells) => expect(cells.at(-1)).toBe(toHex(space.region(space.length - 1).start)),
  );
  await panel.page.keyboard.press("Control+c");
  await eventually(
    () => panel.copied[0]?.trim().split("\n").length,
    (lines) => expect(lines).toBe(space.length - 2 + 1),
  );
});
