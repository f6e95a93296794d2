import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { formatBytes } from "../../../src/memory/size.ts";
import type { Changed } from "../../../src/protocol/server.ts";
import { LiveTarget } from "../../../src/server/liveTarget.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { start } from "../linux/programs.ts";
import { startDemo } from "../memory/images.ts";
import { readAll, readNumbers } from "./panelPage.ts";
import {
  cellsOf,
  demo,
  eventually,
  openPanel,
  regions,
  rowsOf,
  selectedRow,
  standing,
  textOf,
  zoomOf,
} from "./panelTools.ts";

test("the panel shows the process, its state and its totals, under a strict content policy", async () => {
  const target = await demo();
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const text = await textOf(panel.page.locator("target-header"));
  const { command, pid } = target.info;
  const { totals, sample } = target.changed;
  expect(text).toContain(command);
  expect(text).toContain(`pid ${pid}`);
  expect(text).toContain("running");
  expect(text).toContain(`RSS${formatBytes(sample.rss)}`);
  expect(text).toContain(`PSS${formatBytes(totals?.pss ?? -1)}`);
  expect(text).toContain(`USS${formatBytes(totals?.uss ?? -1)}`);
  expect(text).toContain(`VSZ${formatBytes(sample.vsz)}`);
  expect(text).toContain(`Minor faults${sample.minorFaults.toLocaleString("en")}`);
  expect(panel.complaints).toEqual([]);
});

test("the script is smaller than 250 kB", () => {
  expect(readFileSync("dist/panel.js").length).toBeLessThan(250_000);
});

test("the time line takes what it is told, asks for what it missed, and reads out the newest", async () => {
  const { pid } = await startDemo();
  const target = new LiveTarget(pid, openElf);
  onTestFinished(() => target.close());
  await readAll(target);
  const panel = await openPanel(target);
  await panel.page.locator("time-line canvas").waitFor();
  for (const mark of [undefined, "stop", "continue"] as const) {
    await panel.page.waitForTimeout(150);
    const asked = panel.asked.timeline.length;
    await target.read("regions", mark);
    panel.tell("changed", target.changed);
    await readNumbers(target);
    panel.tell("changed", target.changed);
    const rss = formatBytes(target.changed.sample.rss);
    await eventually(
      () => textOf(panel.page.locator(".readout")),
      (text) => expect(text).toContain(`RSS ${rss}`),
    );
    expect(panel.asked.timeline).toHaveLength(asked);
  }
  const since = target.timeline.last?.time;
  for (let missed = 0; missed < 2; missed++) {
    await panel.page.waitForTimeout(150);
    await readAll(target);
  }
  panel.tell("changed", target.changed);
  await eventually(
    () => panel.asked.timeline.at(-1)?.since,
    (asked) => expect(asked).toBe(since),
  );
});

test("hidden and shown again the panel is as it was left", async () => {
  const target = await regions(3000);
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  await panel.page.getByRole("searchbox", { name: "Filter regions" }).fill("rw-p");
  await panel.page.getByRole("columnheader", { name: "Address" }).getByRole("button").click();
  await eventually(
    () => panel.asked.rows.at(-1),
    (asked) => expect(asked).toMatchObject({ filter: "rw-p", descending: true }),
  );
  await panel.page.locator("[role=grid]").evaluate((grid) => {
    grid.scrollTop = 22 * 400;
  });
  const starts = target.revision.rows(
    { target: target.id, filter: "rw-p", sort: "start", descending: true, offset: 400, limit: 3 },
    null,
  ).rows;
  await eventually(
    () => cellsOf(panel, "start"),
    (cells) => expect(cells[0]).toBe(starts[0]?.start),
  );
  await rowsOf(panel).nth(2).click();
  await eventually(
    () => panel.saved,
    (saved) => {
      expect(saved).toMatchObject({ row: 400, filter: "rw-p", selected: starts[2]?.start });
      expect(zoomOf(panel)).not.toBeNull();
    },
  );

  const again = await openPanel(target, { saved: panel.saved });
  await eventually(
    () => cellsOf(again, "start"),
    (cells) => expect(cells[0]).toBe(starts[0]?.start),
  );
  await eventually(
    () => textOf(selectedRow(again)),
    (text) => expect(text).toContain(starts[2]?.start),
  );
  expect(await again.page.getByRole("searchbox", { name: "Filter regions" }).inputValue()).toBe("rw-p");
  await again.page.getByRole("columnheader", { name: "Address", exact: false }).waitFor();
  await again.page.waitForTimeout(300);
  expect(again.saved).toEqual(panel.saved);
});

test("without a process the panel says what to do, with a button", async () => {
  const panel = await openPanel(null, { message: "This process debugs another machine." });
  await panel.page.getByRole("button", { name: "Choose a process…" }).click();
  expect(await textOf(panel.page.locator("memory-panel"))).toContain("This process debugs another machine.");
  await eventually(
    () => panel.told.pickProcess,
    (told) => expect(told).toEqual([null]),
  );
});

test("a notice stands above the picture", async () => {
  const message = "Its memory may not be read: it belongs to root.";
  const panel = await openPanel(await demo(), { message });
  await panel.page.locator(".notice").waitFor();
  expect(await textOf(panel.page.locator(".notice"))).toBe(message);
});

test("a question that fails is said in its place, and what is shown stays", async () => {
  const target = await demo();
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const before = await cellsOf(panel, "start");
  /** A notice of which the panel missed the one before, so that every part of it asks. */
  const later = (readings: number): Changed => {
    const { changed } = target;
    const sample = { ...changed.sample, time: changed.sample.time + readings };
    return { ...changed, revision: changed.revision + readings, sample, sampleBefore: 0 };
  };
  panel.failure = "The memory server is starting again.";
  panel.tell("changed", later(1));
  for (const place of ["address-map", "time-line", "region-table"]) {
    const problem = panel.page.locator(`${place} .problem:not(:empty)`);
    await problem.waitFor();
    expect(await textOf(problem)).toContain(panel.failure);
  }
  const after = await cellsOf(panel, "start");
  expect(after.length).toBeGreaterThan(3);
  // The words take a little of the table's room.
  expect(before.slice(0, after.length)).toEqual(after);
  panel.failure = null;
  panel.tell("changed", later(2));
  await panel.page.locator(".problem:not(:empty)").first().waitFor({ state: "detached" });
});

test("names from the process are text, whatever is in them", async () => {
  const script = `import mmap, os, sys, time
name = "/dev/shm/<img src=x onerror=alert(1)>\\\\n" + str(os.getpid())
file = open(name, "w+b")
file.truncate(4096)
memory = mmap.mmap(file.fileno(), 4096)
os.unlink(name)
print("ready", flush=True)
time.sleep(600)`;
  const { pid } = await start("python3", ["-c", script]);
  const panel = await openPanel(await standing(pid));
  await panel.page.getByRole("searchbox", { name: "Filter regions" }).fill("onerror");
  await eventually(
    () => cellsOf(panel, "name"),
    (names) => expect(names).toEqual([expect.stringContaining("<img src=x")]),
  );
  expect(await panel.page.locator("img").count()).toBe(0);
  expect(panel.complaints).toEqual([]);
});

test("another process, and reading everything anew, are asked for by mouse and by keys", async () => {
  const target = await demo();
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  const header = panel.page.locator("target-header");
  const refresh = header.getByRole("button", { name: "Refresh" });
  await refresh.click();
  await refresh.press("Enter");
  await expect.poll(() => panel.told.refresh).toEqual([{ target: target.id }, { target: target.id }]);

  const chooser = header.getByRole("combobox", { name: "Shown process" });
  expect(await chooser.count()).toBe(0);
  const other = { target: "1:1" as const, label: "other (1)", ended: true };
  panel.tell("state", { ...panel.state, targets: [...panel.state.targets, other] });
  await chooser.waitFor();
  expect(await chooser.locator("option").allTextContents()).toContain("other (1) (ended)");
  await chooser.focus();
  await panel.page.keyboard.press("ArrowDown");
  await expect.poll(() => panel.told.show).toEqual([{ target: "1:1" }]);
  await chooser.selectOption(target.id);
  await expect.poll(() => panel.told.show.at(-1)).toEqual({ target: target.id });
});

test("what is below the map comes also where the first picture fails", async () => {
  const target = await demo();
  const { revision } = target;
  revision.picture = () => {
    throw new Error("There is no picture.");
  };
  const panel = await openPanel(target);
  await rowsOf(panel).first().waitFor();
  await eventually(
    () => textOf(panel.page.locator("address-map")),
    (text) => expect(text).toContain("There is no picture."),
  );
});
