/** The table of regions in the panel of a real VS Code: what is copied, and what stays over being hidden. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { DEMO } from "../../scripts/places.mjs";
import type { Targets } from "../../src/extension/targets.ts";
import { Window } from "./window.ts";
import { Panel } from "./workbench.ts";

const window = new Window();
const panel = new Panel(window);
const demo = spawn(join(DEMO, "build", "demo"), { stdio: "ignore" });
afterAll(() => demo.kill());

const clipboard = () => window.host.call((vscode) => vscode.env.clipboard.readText().then((text) => text));
const button = (name: string) => panel.page.getByRole("button", { name, exact: true });

test("all rows that pass the filter are copied as CSV", async () => {
  await window.host.call(async (vscode, pid: number) => {
    const extension = await vscode.extensions.getExtension("process-memory.process-memory")?.activate();
    const { targets } = extension as { targets: Targets };
    targets.activate((await targets.attach(pid, null)).id);
  }, demo.pid ?? 0);
  await window.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await panel.show();
  await panel.filter("perm:w path:libc");
  const lines = readFileSync(`/proc/${demo.pid}/maps`, "utf8").split("\n");
  const expected = lines.filter((line) => /^\S+ .w.. .*libc/.test(line)).map((line) => `0x${line.split("-")[0]}`);
  expect(expected.length).toBeGreaterThan(0);
  await expect.poll(() => panel.addresses()).toEqual(expected);
  await button("Copy").click();
  await button("CSV").click();
  const starts = async () => (await clipboard()).split("\r\n").map((line) => line.split(",")[0]);
  await expect.poll(starts).toEqual(["start", ...expected, ""]);
});

test("groups and columns stay while the panel is hidden", async () => {
  await panel.filter("");
  await panel.page.getByLabel("Group the regions").selectOption("module");
  await button("Columns").click();
  await panel.page.getByRole("checkbox", { name: "Swap PSS" }).check();
  await window.page.keyboard.press("Escape");
  const grid = panel.page.getByRole("treegrid", { name: "Regions" });
  await grid.getByRole("columnheader", { name: "Swap PSS" }).waitFor();
  await expect.poll(() => panel.rows.first().textContent()).toContain("demo (");
  // What is saved goes to VS Code a moment later.
  await window.page.waitForTimeout(500);
  const run = (command: string) =>
    window.host.call((vscode, name) => vscode.commands.executeCommand(name).then(() => null), command);
  await run("workbench.action.files.newUntitledFile");
  await run("workbench.action.closeActiveEditor");
  await run("processMemory.show");
  await grid.getByRole("columnheader", { name: "Swap PSS" }).waitFor();
  await expect.poll(() => panel.rows.first().textContent()).toContain("demo (");
  await window.page.screenshot({ path: join(import.meta.dirname, "../../.cache/reports/table.png") });
});
