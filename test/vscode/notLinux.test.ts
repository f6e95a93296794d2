/** On a machine that is no Linux the extension installs, does nothing, and says so. */
import { expect, test } from "vitest";
import { serverProcesses } from "./processes.ts";
import { Window } from "./window.ts";
import { Tree } from "./workbench.ts";

const window = new Window();
const tree = new Tree(window);

test.each(["darwin"])("on %s the tree says plainly that targets must be Linux", async (platform) => {
  // The only machine here is Linux: its extension host is told otherwise before the extension is activated.
  await window.host.call((_, name: string) => {
    Object.defineProperty(process, "platform", { value: name });
  }, platform);
  await tree.open();
  await expect.poll(() => tree.view.textContent()).toContain("Process Memory shows processes of Linux");
  expect(await tree.view.getByRole("button", { name: "Choose a Process…" }).count()).toBe(0);
  for (const command of ["processMemory.show", "processMemory.explainCrash", "processMemory.openAnother"]) {
    await window.host.call((vscode, name: string) => vscode.commands.executeCommand(name).then(() => null), command);
  }
  expect(await serverProcesses(window.host)).toEqual([]);
});
