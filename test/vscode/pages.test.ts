/** The pages of a region, in the panel of a real VS Code, from the kernel. */
import { expect, test } from "vitest";
import { setBreakpoint, startDebugging, untilStopped } from "./debugging.ts";
import { Window } from "./window.ts";
import { Panel, Tree } from "./workbench.ts";

const window = new Window();
const panel = new Panel(window);
const tree = new Tree(window);
const grid = () => panel.page.locator("page-grid");

test("the region that is chosen in the table shows its pages", async () => {
  await setBreakpoint(window.host);
  await startDebugging(window.host, "Demo (gdb)");
  await untilStopped(window.host);
  await panel.show();
  await panel.filter("[heap]");
  const heap = panel.rows.filter({ hasText: "[heap]" });
  await heap.click();
  await grid().getByText("Pages of [heap]").waitFor();
  await grid()
    .locator(".legend li", { hasText: /^anonymous: [\d,]+$/ })
    .waitFor();
});

test("it stays chosen where the tree opens down to a section that begins in another region", async () => {
  await tree.open();
  for (const name of ["Program", "demo .bss", ".bss"]) await tree.expand(name);
  await panel.filter("demo .bss");
  const bss = panel.rows.filter({ hasText: "demo .bss" });
  await bss.click();
  await grid().getByText("Pages of demo .bss").waitFor();
  await window.page.waitForTimeout(1500);
  expect(await grid().locator("h2").textContent()).toBe("Pages of demo .bss");
  await panel.filter("[heap]");
  await panel.rows.filter({ hasText: "[heap]" }).click();
  await grid().getByText("Pages of [heap]").waitFor();
});

test("a page is told in words, with the indexes of its tables", async () => {
  await grid().locator("canvas").focus();
  await window.page.keyboard.press("Enter");
  const details = grid().locator(".details");
  await details.getByText(/^In memory, anonymous/).waitFor();
  await details.getByText(/PGD \d+.*offset in the page 0/).waitFor();
});

test("marking shows what is written since, or says why that cannot be told", async () => {
  await grid().getByRole("button", { name: "Mark now" }).click();
  const marked = grid().locator(".legend li", { hasText: "written since the mark" });
  const refused = grid().locator(".problem");
  await marked.or(refused).first().waitFor();
  if ((await refused.count()) > 0) expect(await refused.first().textContent()).toMatch(/cannot be told|can't/);
});
