/** Two runs of one program: the panel stays with the first while the second is debugged. */
import { expect, test } from "vitest";
import { debugCommand, setBreakpoint, startDebugging, untilOver, untilStopped } from "./debugging.ts";
import { Window } from "./window.ts";
import { Panel, Tree } from "./workbench.ts";

const window = new Window();
const panel = new Panel(window);
const tree = new Tree(window);

async function debug(): Promise<void> {
  await setBreakpoint(window.host);
  await startDebugging(window.host, "Demo (gdb)");
  await untilStopped(window.host);
}

test("a run that a panel stays with is kept beyond its session, beside the next one", async () => {
  const { page, host } = window;
  await debug();
  await panel.show();
  const header = panel.page.locator("target-header header");
  await header.getByText(/pid \d+/).waitFor();
  const first = /pid \d+/.exec((await header.textContent()) ?? "")?.[0];
  await page.getByRole("tab", { name: "Process Memory" }).click();
  await page.getByRole("button", { name: "Stay with This Process" }).click();
  await page.getByRole("tab", { name: /^demo \(\d+\)/ }).waitFor();
  await debugCommand(host, "stop");
  await untilOver(host);
  await debug();
  await tree.open();
  await expect.poll(() => tree.lines()).toContainEqual(expect.stringMatching(/^demo \(\d+\)(?!.*ended)/));
  expect(await header.textContent()).toContain(first);
  expect(await header.textContent()).toContain("ended");
});

test("let go, the panel shows the run that is debugged now", async () => {
  const { page } = window;
  const header = panel.page.locator("target-header header");
  await page.getByRole("tab", { name: /^demo \(\d+\)/ }).click();
  await page.getByRole("button", { name: "Show the Active Process" }).click();
  await expect.poll(() => header.textContent()).toContain("stopped");
});
