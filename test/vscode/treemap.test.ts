/** The treemap in the panel of a real VS Code, of a program that is debugged. */
import { expect, test } from "vitest";
import { setBreakpoint, startDebugging, untilStopped } from "./debugging.ts";
import { Window } from "./window.ts";
import { Panel } from "./workbench.ts";

const window = new Window();
const panel = new Panel(window);
const treemap = () => panel.page.locator("size-treemap");
const path = () => treemap().locator("nav li").allTextContents();
const canvas = () => treemap().locator("canvas");
const heard = () => treemap().locator(".heard").textContent();

async function pathHas(length: number): Promise<void> {
  await expect.poll(async () => (await path()).length).toBe(length);
}

test("memory is shown by kind, and areas by the measure that is chosen", async () => {
  await setBreakpoint(window.host);
  await startDebugging(window.host, "Demo (gdb)");
  await untilStopped(window.host);
  await panel.show();
  await panel.page.getByRole("radio", { name: "Treemap" }).check();
  await expect.poll(async () => (await path())[0]).toMatch(/^All memory [\d.]+ [KM]iB RSS$/);
  await panel.page.getByRole("combobox", { name: "Measure" }).selectOption("size");
  await expect.poll(async () => (await path())[0]).toMatch(/^All memory [\d.]+ [MG]iB size$/);
});

test("the keys lead from a kind to a region's symbols, and back", async () => {
  await panel.page.getByRole("combobox", { name: "Measure" }).selectOption("rss");
  await expect.poll(async () => (await path())[0]).toContain("RSS");
  await canvas().focus();
  for (let press = 0; press < 20 && !(await heard())?.includes("libc.so.6 code"); press++) {
    await window.page.keyboard.press(press % 2 ? "ArrowDown" : "ArrowRight");
    await window.page.waitForTimeout(100);
  }
  expect(await heard()).toContain("libc.so.6 code");
  for (const steps of [2, 3]) {
    await window.page.keyboard.press("Enter");
    await pathHas(steps);
  }
  await window.page.keyboard.press("ArrowRight");
  await window.page.keyboard.press("Enter");
  await pathHas(4);
  expect((await path())[3]).toMatch(/^\.\w+ [\d.]+ [KM]iB size$/);
  for (const steps of [3, 2, 1]) {
    await window.page.keyboard.press("Escape");
    await pathHas(steps);
  }
});

test("what is chosen there is chosen in the table", async () => {
  await canvas().focus();
  await window.page.keyboard.press("ArrowLeft");
  const chosen = panel.page.locator(".body [role=row][aria-selected=true]");
  await chosen.waitFor();
  const name = (await heard())?.split(", ")[0] ?? "";
  await expect.poll(() => chosen.textContent()).toContain(name);
});
