import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { LiveTarget } from "../../../src/server/liveTarget.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import type { PanelOptions } from "./panelPage.ts";
import { readAll } from "./panelPage.ts";
import { eventually, openPanel, textOf } from "./panelTools.ts";

/** A target at its first stop; `step` lets it do what comes next (see test/fixtures/steps) and reads it at the stop then. */
async function stepped() {
  const { pid, child } = await start(compile("steps.c", "steps", ["-g", "-pthread"]), ["ask"]);
  await stop(pid);
  const target = new LiveTarget(pid, openElf);
  onTestFinished(() => target.close());
  await readAll(target, "stop");
  const step = async () => {
    process.kill(pid, "SIGCONT");
    process.kill(pid, "SIGUSR1");
    await once(child.stdout, "data");
    await stop(pid);
    await readAll(target, "stop");
  };
  return { target, step };
}

async function openSteps(options: PanelOptions = {}, steps = 5) {
  const { target, step } = await stepped();
  for (let done = 0; done < steps; done++) await step();
  const panel = await openPanel(target, options);
  const list = panel.page.locator("stop-list");
  const rows = () => list.locator("tbody tr").allTextContents();
  const firstCells = () => list.locator("tbody td:first-child button").allTextContents();
  const numbers = async () => (await firstCells()).map((text) => Number.parseInt(text, 10));
  return { target, step, panel, list, rows, numbers };
}

test("the last step is told above the folded list, for which nothing is asked", async () => {
  const { panel, list, target } = await openSteps({}, 1);
  await eventually(
    () => textOf(list.locator("summary")),
    (text) => {
      expect(text).toMatch(/^Steps last: \+\d+ minor faults · RSS \+1[.\d]* MiB \(heap.*\) · heap \+1 MiB in size$/);
    },
  );
  expect(panel.asked.stops).toEqual([{ target: target.id, sort: "minorFaults", limit: 0 }]);
  expect(panel.complaints).toEqual([]);
});

test("without a step there is no list", async () => {
  const { list, panel } = await openSteps({}, 0);
  await expect.poll(() => panel.asked.stops.length).toBe(1);
  await expect.poll(() => list.isVisible()).toBe(false);
});

test("unfolded it has the steps by what they cost, and new ones as they come", async () => {
  const { panel, list, numbers, rows, step, target } = await openSteps();
  await list.locator("summary").click();
  await expect.poll(numbers).toHaveLength(5);
  const faults = target.stops.costliest("minorFaults", 9).stops.map(({ stop }) => stop);
  expect(await numbers()).toEqual(faults);
  await list.getByRole("button", { name: "Stop", exact: true }).click();
  await expect.poll(numbers).toEqual([6, 5, 4, 3, 2]);
  expect(await list.locator("th[aria-sort=descending]").textContent()).toContain("Stop");
  await list.getByRole("button", { name: "Unmapped" }).press("Enter");
  await expect.poll(async () => (await numbers())[0]).toBe(5);
  expect((await rows())[0]).toMatch(/-[.\d]+ [KM]iB\s*0 B\s*0 B\s*1 MiB/);
  await list.getByRole("button", { name: "Stop", exact: true }).click();
  await step();
  panel.tell("changed", target.changed);
  panel.tell("stepped", { target: target.id });
  await expect.poll(numbers).toEqual([7, 6, 5, 4, 3, 2]);
  expect(panel.complaints).toEqual([]);
});

test("a click on a stop shows the memory of then, one on its line the source", async () => {
  const { panel, list, target } = await openSteps({ saved: { stops: "stop" } });
  panel.place = { file: "/src/steps.c", line: 81, column: 0 };
  panel.tell("stepped", { target: target.id });
  const place = list.locator("tbody tr").first().getByRole("button", { name: "steps.c:81" });
  await place.click();
  await expect.poll(() => panel.told.openSource).toEqual([{ file: "/src/steps.c", line: 81, column: 0 }]);
  const third = list.locator("tbody tr").nth(3);
  await third.getByRole("button").first().press("Enter");
  await panel.page.locator("moment-bar .bar").waitFor();
  expect(await third.getAttribute("aria-current")).toBe("true");
  const { time } = target.stops.costliest("stop", 9).stops[3] ?? {};
  expect(panel.asked.rows.at(-1)?.at).toBe(time);
});

test("that other threads ran is said where they did, also in a narrow panel", async () => {
  const { panel, rows } = await openSteps({ saved: { stops: "stop" }, width: 300, theme: "light" });
  await expect.poll(rows).toHaveLength(5);
  const said = (await rows()).map((row) => row.includes("1 other thread ran too"));
  expect(said).toEqual([true, false, false, false, false]);
  const sizes = await panel.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(sizes[0]).toBeLessThanOrEqual(sizes[1] as number);
});

test("what the server answers instead is said, and the rest goes on", async () => {
  const { panel, list, target } = await openSteps({ saved: { stops: "stop" } });
  await expect.poll(() => list.locator("tbody tr").count()).toBe(5);
  panel.failure = "It is gone.";
  panel.tell("stepped", { target: target.id });
  await expect.poll(() => list.locator(".problem").textContent()).toContain("could not be asked: It is gone.");
});
