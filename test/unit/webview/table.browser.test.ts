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
