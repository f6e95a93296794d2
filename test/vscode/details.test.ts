/** What is at the chosen address, in the panel of a real VS Code: words, and links that lead out of the panel. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { DEMO } from "../../scripts/places.mjs";
import { setBreakpoint, startDebugging, untilStopped } from "./debugging.ts";
import { Window } from "./window.ts";
import { Panel, Tree } from "./workbench.ts";

const window = new Window();
const panel = new Panel(window);
const tree = new Tree(window);

const details = (): Locator => panel.page.locator("selection-details");
const fact = (name: string): Locator =>
  details()
    .locator("dt", { hasText: new RegExp(`^${name}$`) })
    .locator("+ dd");

/** The number of the line of demo.c that contains the text. */
function demoLine(text: string): number {
  const lines = readFileSync(join(DEMO, "demo.c"), "utf8").split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

test("a symbol that is chosen in the tree is told in words, and leads to its line", async () => {
  await setBreakpoint(window.host);
  await startDebugging(window.host, "Demo (gdb)");
  await untilStopped(window.host);
  await panel.show();
  await tree.open();
  for (const name of ["Program", "demo .bss", ".bss"]) await tree.expand(name);
  await tree.row("scratch").click();
  const line = demoLine("char scratch[");
  await fact("Symbol").getByText("scratch").waitFor();
  await fact("Source")
    .getByRole("button", { name: `demo.c:${line}` })
    .click();
  const cursor = () =>
    window.host.call((vscode) => {
      const editor = vscode.window.activeTextEditor;
      return editor ? `${editor.document.uri.path.split("/").at(-1)}:${editor.selection.active.line + 1}` : null;
    });
  await expect.poll(cursor).toBe(`demo.c:${line}`);
  await details().getByText("Fine to read and write, not to execute.").waitFor();
});

test("what is chosen in the table is shown in the tree and copied when that is asked for", async () => {
  await window.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await panel.filter("[heap]");
  await panel.rows.filter({ hasText: "[heap]" }).click();
  await details().getByText("[heap]", { exact: true }).waitFor();
  const address = await details().locator("code").first().textContent();
  await window.host.call((vscode) => vscode.commands.executeCommand("workbench.view.explorer").then(() => null));
  await details().getByRole("button", { name: "Copy address" }).click();
  const clipboard = () => window.host.call((vscode) => vscode.env.clipboard.readText().then((text) => text));
  await expect.poll(clipboard).toBe(address);
  await details().getByRole("button", { name: "Show in tree" }).click();
  await tree.row("[heap]").waitFor();
  await expect.poll(() => tree.row("[heap]").getAttribute("aria-selected")).toBe("true");
});

test("who else maps the chosen region is answered in a list", async () => {
  await panel.filter("libc");
  await panel.rows.filter({ hasText: "libc" }).first().click();
  await details().getByText(/libc/).first().waitFor();
  await details().getByRole("button", { name: "Who else maps this?" }).click();
  await window.page.locator(".quick-input-title", { hasText: "Who else has this: file" }).waitFor({ timeout: 30_000 });
  await window.page.keyboard.press("Escape");
});
