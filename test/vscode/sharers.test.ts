/** Who else has a region's memory: asked in the tree, answered in a list from which the other process is opened. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, expect, test } from "vitest";
import { compile } from "../unit/fixtures.ts";
import { serverProcesses } from "./processes.ts";
import { Window } from "./window.ts";
import { notifications, Tree } from "./workbench.ts";

const window = new Window();
const tree = new Tree(window);
const parent = spawn(compile("sharing.c", "sharing"), ["anonymous"], { stdio: ["ignore", "pipe", "inherit"] });
const said = once(parent.stdout, "data");
// The child ends with its parent.
afterAll(() => parent.kill());

/** Chooses a node's "Who Else Maps This?" in its menu. */
async function askWhoElse(label: string): Promise<void> {
  await tree.row(label).first().click({ button: "right" });
  await window.page.getByRole("menuitem", { name: "Who Else Maps This?" }).hover();
  // A menu that has just opened takes no clicks.
  await window.page.keyboard.press("Enter");
}

test("a shared region's menu lists the processes that map it too, and choosing one shows it", async () => {
  const { page } = window;
  const [, child] = String(await said)
    .trim()
    .split(" ");
  await tree.open();
  await tree.view.getByRole("button", { name: "Choose a Process…" }).click();
  await page.locator(".quick-input-list .monaco-list-row").first().waitFor();
  await page.keyboard.type(String(parent.pid));
  await page.locator(".quick-input-list .monaco-list-row.focused", { hasText: String(parent.pid) }).waitFor();
  await page.keyboard.press("Enter");
  await tree.expand("Shared memory");
  await askWhoElse("shared anonymous");
  const row = page.locator(".quick-input-list .monaco-list-row.focused", { hasText: `${child}  ` });
  await row.waitFor();
  expect(await row.textContent()).toMatch(new RegExp(`${child} .*child.*rw-s`));
  await page.keyboard.press("Enter");
  await expect.poll(() => tree.lines()).toContainEqual(expect.stringContaining(`sharing-sharing (${child})`));
});

test("of memory that nobody else can have it is said why", async () => {
  await tree.expand("Kernel");
  await askWhoElse("[vdso]");
  await expect
    .poll(() => notifications(window))
    .toContainEqual("Every process has these pages: the kernel provides them.");
});

test("a search that takes long is shown, and can be cancelled", async () => {
  const { page, host } = window;
  const [server] = await serverProcesses(host);
  if (server === undefined) throw new Error("There is no memory server.");
  process.kill(server, "SIGSTOP");
  try {
    await askWhoElse("[vdso]");
    await host.call((vscode) => vscode.commands.executeCommand("notifications.showList").then(() => null));
    const notification = page.locator(".notification-list-item", { hasText: "Looking at all processes" }).first();
    await notification.waitFor();
    await notification.getByRole("button", { name: "Cancel" }).click();
    process.kill(server, "SIGCONT");
    await notification.waitFor({ state: "hidden" });
    expect(await page.locator(".notification-list-item", { hasText: "cancelled" }).count()).toBe(0);
  } finally {
    process.kill(server, "SIGCONT");
  }
});
