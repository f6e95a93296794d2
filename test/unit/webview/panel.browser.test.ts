import { readFileSync } from "node:fs";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { launchBrowser } from "../../../scripts/browser.mjs";
import { toHex } from "../../../src/memory/address.ts";
import { FoldedAxis } from "../../../src/memory/axis.ts";
import { formatBytes } from "../../../src/memory/size.ts";
import type { Changed } from "../../../src/protocol/server.ts";
import { LiveTarget } from "../../../src/server/liveTarget.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import { startDemo } from "../memory/images.ts";
import { PanelPage, type Theme, variablesOf } from "./panelPage.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

/** A process that stands still, with all of it read. */
async function standing(pid: number): Promise<LiveTarget> {
  await stop(pid);
  const target = new LiveTarget(pid, openElf);
  onTestFinished(() => target.close());
  await target.read("everything");
  return target;
}

async function demo(): Promise<LiveTarget> {
  return standing((await startDemo()).pid);
}

/** A process of so many regions of one page. */
async function regions(count: number): Promise<LiveTarget> {
  return standing((await start(compile("vmas.c", "vmas"), [String(count)])).pid);
}

const rowsOf = ({ page }: PanelPage): Locator => page.locator(".body [role=row]");
const cellsOf = (panel: PanelPage, column: string): Promise<string[]> =>
  panel.page.locator(`.body [data-column=${column}]`).allTextContents();
const selectedRow = ({ page }: PanelPage): Locator => page.locator(".body [role=row][aria-selected=true]");
const pictureOf = ({ page }: PanelPage): Locator => page.locator("picture-canvas canvas");
const zoomOf = (panel: PanelPage) => (panel.saved as { zoom: { from: number; to: number } | null }).zoom;

/** What stands in an element, or in a component's shadow, with single spaces. */
const textOf = (place: Locator): Promise<string> =>
  place.evaluate((element) => (element.shadowRoot ?? element).textContent?.replace(/\s+/g, " ").trim() ?? "");

/** Waits until the condition holds; fails with what was last seen. */
async function eventually<T>(look: () => T | Promise<T>, check: (seen: T) => void): Promise<void> {
  await expect.poll(look).toSatisfy((seen: T) => {
    check(seen);
    return true;
  });
}

test("the panel shows the process, its state and its totals, under a strict content policy", async () => {
  const target = await demo();
  const panel = await PanelPage.open(browser, target);
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

test("every region lies in the picture where its address says", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await PanelPage.open(browser, target, { width: 2400 });
  await rowsOf(panel).first().waitFor();
  const picture = pictureOf(panel);
  const { width } = (await picture.boundingBox()) ?? { width: 0 };
  const axis = new FoldedAxis(space);
  const tip = panel.page.locator("picture-tip");
  for (let index = 0; index < space.length; index++) {
    const { start, end, permissions } = space.region(index);
    const middle = (axis.position(start) + axis.position(end)) / 2;
    await picture.hover({ position: { x: (middle / axis.length) * width, y: 60 } });
    const text = await textOf(tip);
    expect(text).toContain(`${toHex(start)} – ${toHex(end)}`);
    expect(text).toContain(permissions);
    expect(text).toContain(formatBytes(space.size(index)));
  }
});

test("gaps tell their size, and the pointer's leaving ends the telling", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await PanelPage.open(browser, target);
  await rowsOf(panel).first().waitFor();
  const axis = new FoldedAxis(space);
  const heap = Array.from({ length: space.length }, (_, index) => space.region(index)).findIndex(
    ({ kind }) => kind === "heap",
  );
  const [below, above] = [space.region(heap).end, space.region(heap + 1).start];
  const { width } = (await pictureOf(panel).boundingBox()) ?? { width: 0 };
  const middle = (axis.position(below) + axis.position(above)) / 2;
  await pictureOf(panel).hover({ position: { x: (middle / axis.length) * width, y: 60 } });
  const tip = panel.page.locator("picture-tip");
  expect(await textOf(tip)).toContain(`Nothing mapped: ${formatBytes(Number(above - below))}`);
  await panel.page.mouse.move(5, 5);
  await tip.waitFor({ state: "hidden" });
});

test("a region chosen in the picture is chosen in the table and told to the other views", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await PanelPage.open(browser, target);
  await rowsOf(panel).first().waitFor();
  const axis = new FoldedAxis(space);
  const index = space.length - 3;
  const { start, end } = space.region(index);
  const { width } = (await pictureOf(panel).boundingBox()) ?? { width: 0 };
  const middle = (axis.position(start) + axis.position(end)) / 2;
  await pictureOf(panel).click({ position: { x: (middle / axis.length) * width, y: 60 } });
  await selectedRow(panel).waitFor();
  expect(await textOf(selectedRow(panel))).toContain(toHex(start));
  expect(panel.told.select).toEqual([{ target: target.id, address: toHex(start) }]);
});

test("a row chosen with the keys is shown in the picture", async () => {
  const target = await regions(2000);
  const panel = await PanelPage.open(browser, target);
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
  const panel = await PanelPage.open(browser, target);
  await rowsOf(panel).first().waitFor();
  const { start } = target.revision.space.region(3000);
  panel.tell("reveal", { target: target.id, address: toHex(start + 16n) });
  await selectedRow(panel).waitFor();
  expect(await textOf(selectedRow(panel))).toContain(toHex(start));
  expect(await selectedRow(panel).isVisible()).toBe(true);
  await eventually(
    () => zoomOf(panel),
    (zoom) => expect(zoom).not.toBeNull(),
  );
  expect(panel.told.select).toEqual([]);
});

test("the wheel zooms at the pointer, dragging and keys move, Home shows the whole", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await PanelPage.open(browser, target);
  await rowsOf(panel).first().waitFor();
  const picture = pictureOf(panel);
  const box = (await picture.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const axis = new FoldedAxis(space);
  const at = (axis.position(space.region(10).start) + axis.position(space.region(10).end)) / 2;
  const x = (at / axis.length) * box.width;
  await panel.page.mouse.move(box.x + x, box.y + 60);
  for (let notch = 0; notch < 10; notch++) await panel.page.mouse.wheel(0, -100);
  await eventually(
    () => zoomOf(panel),
    (zoom) => expect(zoom && zoom.to - zoom.from).toBeLessThan(axis.length / 8),
  );
  const near = zoomOf(panel) ?? { from: 0, to: 1 };
  expect(near.from + (x / box.width) * (near.to - near.from)).toBeCloseTo(at, 1);

  await panel.page.mouse.down();
  await panel.page.mouse.move(box.x + x + 100, box.y + 60, { steps: 5 });
  await panel.page.mouse.up();
  const dragged = near.from - (100 / box.width) * (near.to - near.from);
  await eventually(
    () => zoomOf(panel)?.from,
    (from) => expect(from).toBeCloseTo(dragged, 1),
  );
  expect(panel.told.select).toEqual([]);

  await picture.focus();
  await panel.page.keyboard.press("ArrowRight");
  await eventually(
    () => zoomOf(panel)?.from,
    (from) => expect(from).toBeGreaterThan(dragged + 0.01),
  );
  await panel.page.keyboard.press("Home");
  await eventually(
    () => zoomOf(panel),
    (zoom) => expect(zoom).toBeNull(),
  );
  await panel.page.keyboard.press("+");
  await eventually(
    () => zoomOf(panel),
    (zoom) => expect(zoom).not.toBeNull(),
  );
});

test("a double click zooms to the region, down to a single page", async () => {
  const target = await demo();
  const { space } = target.revision;
  const panel = await PanelPage.open(browser, target);
  await rowsOf(panel).first().waitFor();
  const axis = new FoldedAxis(space);
  const stack = Array.from({ length: space.length }, (_, index) => space.region(index)).find(
    ({ kind }) => kind === "threadStack",
  );
  if (!stack) throw new Error("The demo has no thread.");
  const [from, to] = [axis.position(stack.start), axis.position(stack.end)];
  const box = (await pictureOf(panel).boundingBox()) ?? { x: 0, y: 0, width: 0 };
  await pictureOf(panel).dblclick({ position: { x: ((from + to) / 2 / axis.length) * box.width, y: 60 } });
  await eventually(
    () => zoomOf(panel)?.from,
    (left) => expect(left).toBeCloseTo(from - 0.05 * (to - from), 3),
  );
  for (let notch = 0; notch < 60; notch++) await panel.page.mouse.wheel(0, -400);
  const page = ((to - from) * 4096) / stack.size;
  await eventually(
    () => zoomOf(panel),
    (zoom) => expect((zoom?.to ?? 0) - (zoom?.from ?? 0)).toBeCloseTo(page, 9),
  );
});

test("the keys choose one region after the other in the picture", async () => {
  const target = await demo();
  const panel = await PanelPage.open(browser, target);
  await rowsOf(panel).first().waitFor();
  await pictureOf(panel).focus();
  for (let press = 0; press < 3; press++) {
    await panel.page.keyboard.press("Shift+ArrowRight");
    await eventually(
      () => panel.told.select.length,
      (told) => expect(told).toBe(press + 1),
    );
    await eventually(
      () => panel.asked.picture.at(-1)?.selected,
      (asked) => {
        expect(asked).toBe(panel.told.select.at(-1)?.address);
      },
    );
    await panel.page.waitForTimeout(50);
  }
  const { space } = target.revision;
  expect(panel.told.select.map(({ address }) => address)).toEqual(
    [0, 1, 2].map((index) => toHex(space.region(index).start)),
  );
});

test("60,000 regions scroll to the last, with few of them on the page", async () => {
  const target = await regions(60_000);
  const { space } = target.revision;
  const panel = await PanelPage.open(browser, target);
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
  const panel = await PanelPage.open(browser, target);
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
  const panel = await PanelPage.open(browser, target);
  await rowsOf(panel).first().waitFor();
  const field = panel.page.getByRole("searchbox");
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
  expect(foot).toContain(formatBytes(expected.totals.rss));
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
  const panel = await PanelPage.open(browser, target);
  await rowsOf(panel).first().waitFor();
  await panel.page.locator("[role=grid]").focus();
  await panel.page.keyboard.press("ArrowDown");
  await panel.page.keyboard.press("Control+c");
  await eventually(
    () => panel.told.copy.length,
    (told) => expect(told).toBe(1),
  );
  const { start, end, permissions, size } = target.revision.space.region(1);
  const text = panel.told.copy[0]?.text ?? "";
  expect(text.split("\t").slice(0, 2)).toEqual([`${toHex(start)}-${toHex(end)}`, formatBytes(size)]);
  expect(text).toContain(permissions);
});

test("what has not been read is a dash that says so", async () => {
  const { pid } = await startDemo();
  await stop(pid);
  const target = new LiveTarget(pid, openElf);
  onTestFinished(() => target.close());
  await target.read("boundaries");
  const panel = await PanelPage.open(browser, target);
  await rowsOf(panel).first().waitFor();
  expect(new Set(await cellsOf(panel, "rss"))).toEqual(new Set(["–"]));
  expect(await panel.page.locator(".body [data-column=rss]").first().getAttribute("title")).toBe("not read yet");
  await target.read("everything");
  panel.tell("changed", target.changed);
  await eventually(
    () => cellsOf(panel, "rss"),
    (cells) => expect(cells).not.toContain("–"),
  );
});

test("the time line takes what it is told, asks for what it missed, and reads out the newest", async () => {
  const { pid } = await startDemo();
  const target = new LiveTarget(pid, openElf);
  onTestFinished(() => target.close());
  await target.read("everything");
  const panel = await PanelPage.open(browser, target);
  await panel.page.locator("time-line canvas").waitFor();
  for (const mark of [undefined, "stop", "continue"] as const) {
    await panel.page.waitForTimeout(150);
    const asked = panel.asked.timeline.length;
    await target.read("everything", mark);
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
    await target.read("everything");
  }
  panel.tell("changed", target.changed);
  await eventually(
    () => panel.asked.timeline.at(-1)?.since,
    (asked) => expect(asked).toBe(since),
  );
});

test("hidden and shown again the panel is as it was left", async () => {
  const target = await regions(3000);
  const panel = await PanelPage.open(browser, target);
  await rowsOf(panel).first().waitFor();
  await panel.page.getByRole("searchbox").fill("rw-p");
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

  const again = await PanelPage.open(browser, target, { saved: panel.saved });
  await eventually(
    () => cellsOf(again, "start"),
    (cells) => expect(cells[0]).toBe(starts[0]?.start),
  );
  expect(await textOf(selectedRow(again))).toContain(starts[2]?.start);
  expect(await again.page.getByRole("searchbox").inputValue()).toBe("rw-p");
  await again.page.getByRole("columnheader", { name: "Address", exact: false }).waitFor();
  await again.page.waitForTimeout(300);
  expect(again.saved).toEqual(panel.saved);
});

test("without a process the panel says what to do, with a button", async () => {
  const panel = await PanelPage.open(browser, null, { message: "This process debugs another machine." });
  await panel.page.getByRole("button", { name: "Choose a process…" }).click();
  expect(await textOf(panel.page.locator("memory-panel"))).toContain("This process debugs another machine.");
  await eventually(
    () => panel.told.pickProcess,
    (told) => expect(told).toEqual([null]),
  );
});

test("a notice stands above the picture", async () => {
  const message = "Its memory may not be read: it belongs to root.";
  const panel = await PanelPage.open(browser, await demo(), { message });
  await panel.page.locator(".notice").waitFor();
  expect(await textOf(panel.page.locator(".notice"))).toBe(message);
});

test("a question that fails is said in its place, and what is shown stays", async () => {
  const target = await demo();
  const panel = await PanelPage.open(browser, target);
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
    const problem = panel.page.locator(`${place} .problem`);
    await problem.waitFor();
    expect(await textOf(problem)).toContain(panel.failure);
  }
  const after = await cellsOf(panel, "start");
  expect(after.length).toBeGreaterThan(3);
  // The words take a little of the table's room.
  expect(before.slice(0, after.length)).toEqual(after);
  panel.failure = null;
  panel.tell("changed", later(2));
  await panel.page.locator(".problem").first().waitFor({ state: "detached" });
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
  const panel = await PanelPage.open(browser, await standing(pid));
  await panel.page.getByRole("searchbox").fill("onerror");
  await eventually(
    () => cellsOf(panel, "name"),
    (names) => expect(names).toEqual([expect.stringContaining("<img src=x")]),
  );
  expect(await panel.page.locator("img").count()).toBe(0);
  expect(panel.complaints).toEqual([]);
});

test("the panel follows the theme while it is open", async () => {
  const panel = await PanelPage.open(browser, await demo(), { theme: "dark" });
  await rowsOf(panel).first().waitFor();
  const dark = await pictureOf(panel).screenshot();
  await panel.page.evaluate((variables) => {
    document.documentElement.setAttribute("data-test", "light");
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`:root { ${variables} }`);
    document.adoptedStyleSheets = [sheet];
    document.body.className = "vscode-light";
  }, variablesOf("light"));
  await eventually(
    () => pictureOf(panel).screenshot(),
    (light) => expect(light.equals(dark)).toBe(false),
  );
  const light = await PanelPage.open(browser, null, { theme: "light" });
  const background = (page: PanelPage) =>
    page.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  expect(await background(panel)).toBe(await background(light));
});

test("forced colours leave the kinds theirs", async () => {
  const panel = await PanelPage.open(browser, await demo(), { theme: "contrast" });
  await rowsOf(panel).first().waitFor();
  const colours = () =>
    pictureOf(panel).evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement;
      const data = (element as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
      let coloured = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at] !== data[at + 2]) coloured++;
      return coloured / (width * height);
    });
  await eventually(colours, (share) => expect(share).toBeGreaterThan(0.3));
  await panel.page.emulateMedia({ forcedColors: "active" });
  await panel.page.waitForTimeout(200);
  await eventually(colours, (share) => expect(share).toBeGreaterThan(0.3));
});

for (const theme of ["dark", "light", "contrast", "contrastLight"] satisfies Theme[]) {
  for (const width of [300, 1400, 3840]) {
    test(`nothing is cut off in ${theme} at ${width} pixels`, async () => {
      const panel = await PanelPage.open(browser, await demo(), { theme, width });
      await rowsOf(panel).first().waitFor();
      const overflow = await panel.page.evaluate(() => {
        const main = document.querySelector("main");
        return main ? main.scrollWidth - main.clientWidth : null;
      });
      expect(overflow).toBe(0);
      expect(panel.complaints).toEqual([]);
    });
  }
}

test("the picture has as many pixels as the screen", async () => {
  const fine = await launchBrowser("--force-device-scale-factor=2", "--window-size=1200,900");
  onTestFinished(() => fine.close());
  const panel = await PanelPage.open(fine, await demo(), { width: null });
  await rowsOf(panel).first().waitFor();
  const pixels = await pictureOf(panel).evaluate((canvas) => ({
    drawn: (canvas as HTMLCanvasElement).width,
    wide: canvas.clientWidth,
  }));
  expect(pixels.drawn).toBe(2 * pixels.wide);
  expect(panel.asked.picture.at(-1)?.pixels).toBe(pixels.drawn);
});
