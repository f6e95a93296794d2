/** The time line, in the panel of a real VS Code: stops are marked, and a click on one shows the map and the table of then. */
import { expect, test } from "vitest";
import { debugCommand, setBreakpoint, startDebugging, untilStopped } from "./debugging.ts";
import { Window } from "./window.ts";
import { Panel } from "./workbench.ts";

const window = new Window();
const panel = new Panel(window);
const chart = () => panel.page.locator("time-chart .chart");
const bar = () => panel.page.locator("moment-bar .bar");
const stops = async () => Number(/stopped (\d+) times/.exec((await chart().getAttribute("aria-label")) ?? "")?.[1]);

test("each stop is marked, and the RSS divided by kind", async () => {
  await setBreakpoint(window.host);
  await startDebugging(window.host, "Demo (gdb)");
  await untilStopped(window.host);
  await panel.show();
  for (let stop = 2; stop <= 3; stop++) {
    await debugCommand(window.host, "continue");
    await expect.poll(stops, { timeout: 30_000 }).toBe(stop);
  }
  await panel.page.locator("time-line .legend li", { hasText: /^heap [\d.]+ MiB$/ }).waitFor();
});

test("Enter shows an earlier stop, also while there are new ones, and L what is live", async () => {
  const toMark = async () => {
    await chart().press("Shift+ArrowLeft");
    return panel.page.locator("time-chart .heard").textContent();
  };
  await expect.poll(toMark).toContain(", stopped, ");
  await chart().press("Enter");
  await bar().waitFor();
  const [shown] = /As it was at \d+:\d\d:\d\d \(stopped/.exec((await bar().textContent()) ?? "") ?? [];
  await debugCommand(window.host, "continue");
  await expect.poll(stops, { timeout: 30_000 }).toBe(4);
  expect(await bar().textContent()).toContain(shown);
  expect(await panel.page.locator("time-line .problem").count()).toBe(0);
  // With a stop the focus goes to the source.
  await untilStopped(window.host);
  await chart().press("l");
  await bar().waitFor({ state: "detached" });
  await expect.poll(() => panel.rows.count()).toBeGreaterThan(5);
});
