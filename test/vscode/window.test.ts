/** What the window does around a debug session: before it, over a reload, and when the memory server crashes. */
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { DEMO, ROOT } from "../../scripts/places.mjs";
import { serverProcesses } from "./processes.ts";
import { Window } from "./window.ts";
import { notifications, Panel, Tree } from "./workbench.ts";

const window = new Window();
const tree = new Tree(window);
const demo = spawn(join(DEMO, "build", "demo"), { stdio: "ignore" });
afterAll(() => demo.kill());

test("the extension's entry is small, and no memory server runs before it is needed", async () => {
  expect(statSync(join(ROOT, "dist", "extension.js")).size).toBeLessThan(150_000);
  expect(await serverProcesses(window.host)).toEqual([]);
});

test("without a session the tree says what to do, with a button", async () => {
  await tree.open();
  await tree.view.getByRole("button", { name: "Start Debugging" }).waitFor();
  await tree.view.getByRole("button", { name: "Choose a Process…" }).waitFor();
  expect(await tree.view.textContent()).toContain("Debug a program, or choose a process");
});

test("a process can be chosen without a session", async () => {
  const { page } = window;
  await tree.view.getByRole("button", { name: "Choose a Process…" }).click();
  await page.locator(".quick-input-list .monaco-list-row").first().waitFor();
  await page.keyboard.type(String(demo.pid));
  // Others may have the same digits in their command lines.
  await page.locator(".quick-input-list .monaco-list-row", { hasText: new RegExp(`^demo\\s*${demo.pid}`) }).click();
  await expect.poll(() => tree.lines()).toContainEqual(expect.stringContaining(`demo (${demo.pid})`));
});

test("the panel survives a reload of the window", async () => {
  const panel = new Panel(window);
  await panel.show();
  await panel.heading(`pid ${demo.pid}`).waitFor();
  await window.reload();
  await panel.heading(`pid ${demo.pid}`).waitFor();
  await expect.poll(() => panel.names()).toContain("[heap]");
});

test("a server that crashes is started again and shows the same process, and the user is told once", async () => {
  const [before, ...others] = await serverProcesses(window.host);
  expect(others).toEqual([]);
  if (before === undefined) throw new Error("There is no memory server.");
  process.kill(before, "SIGKILL");
  const restarted = async () => (await serverProcesses(window.host)).filter((pid) => pid !== before);
  await expect.poll(restarted, { timeout: 20_000 }).toHaveLength(1);
  await tree.open();
  await tree.expand("Heap");
  await expect.poll(() => tree.lines()).toContainEqual(expect.stringMatching(/^\[heap\]rw-p/));
  expect(await notifications(window)).toEqual([expect.stringContaining("memory server stopped unexpectedly")]);
});

test("a process that ends keeps its last picture, and is said to have ended", async () => {
  demo.kill();
  await expect.poll(() => tree.lines()).toContainEqual(expect.stringMatching(/^demo \(.*ended/));
  await expect.poll(() => new Panel(window).names()).toContain("[heap]");
});
