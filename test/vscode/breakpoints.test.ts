/** Memory breakpoints: added in their view, hit while the demo runs, with the reason of the stop where stops are shown. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { debugCommand, setBreakpoint, startDebugging, untilOver, untilRunning, untilStopped } from "./debugging.ts";
import { Window } from "./window.ts";
import { notifications, Tree } from "./workbench.ts";

describe.each(["lldb-dap", "gdb"])("memory breakpoints with %s", (debug) => {
  const window = new Window();
  const tree = new Tree(window);
  const view = () => window.page.locator(".pane", { has: header("Memory Breakpoints") });
  const header = (name: string) => window.page.locator(`.pane-header[aria-label^="${name}"]`);
  const rows = () => view().locator(".monaco-list-row");
  const callStack = () => window.page.locator(".pane", { has: header("Call Stack") });

  /** Answers the questions of a command: what is to be chosen in lists, and then what is to be typed. */
  async function answer(choices: string[], amount?: string): Promise<void> {
    const { page } = window;
    const input = page.locator(".quick-input-widget input[type=text]").filter({ visible: true });
    for (const choice of choices) {
      const row = page.locator(".quick-input-list .monaco-list-row.focused", { hasText: choice });
      await input.fill(choice);
      await row.waitFor();
      await page.keyboard.press("Enter");
      await row.waitFor({ state: "hidden" });
    }
    if (amount === undefined) return;
    await input.fill(amount);
    await page.keyboard.press("Enter");
  }

  /** The size of the debuggee's heap. */
  async function heap(): Promise<number> {
    const pid = /^demo \((\d+)\)/.exec((await tree.lines())[0] ?? "")?.[1];
    const line = readFileSync(`/proc/${pid}/maps`, "utf8")
      .split("\n")
      .find((each) => each.endsWith("[heap]"));
    const [start = "", end = ""] = line?.split(" ")[0]?.split("-") ?? [];
    return Number.parseInt(end, 16) - Number.parseInt(start, 16);
  }

  test("one is added in the view", async () => {
    await tree.open();
    if ((await header("Memory Breakpoints").getAttribute("aria-expanded")) === "false") {
      await header("Memory Breakpoints").click();
    }
    await view().getByRole("button", { name: "Add Memory Breakpoint…" }).first().click();
    await answer(["Memory grows between stops", "Size of heap"], "256K");
    await expect.poll(() => rows().allTextContents()).toEqual(["Size of heap grows by 256 KiB"]);
  });

  test("the program is paused, and the call stack says why", async () => {
    if ((await header("Call Stack").getAttribute("aria-expanded")) === "false") await header("Call Stack").click();
    await startDebugging(window.host, `Demo (${debug})`);
    await untilStopped(window.host);
    await expect
      .poll(() => callStack().textContent())
      .toMatch(/Paused: Size of heap grew by 26\d KiB since it was looked at first: it is \d+ KiB\./);
    await expect.poll(() => rows().allTextContents()).toEqual([expect.stringMatching(/KiB1 hit$/)]);
    await expect
      .poll(() => notifications(window))
      .toContainEqual(expect.stringMatching(/^Paused: Size of heap grew by/));
  });

  test("the next is measured from that stop", async () => {
    const before = await heap();
    await debugCommand(window.host, "continue");
    await untilRunning(window.host);
    await untilStopped(window.host);
    await expect.poll(() => rows().allTextContents()).toEqual([expect.stringMatching(/KiB2 hits$/)]);
    await expect.poll(() => callStack().textContent()).toContain("since the last stop");
    expect((await heap()) - before).toBeGreaterThanOrEqual(256 * 1024);
  });

  test("one that is disabled pauses no more", async () => {
    await rows().first().getByRole("checkbox").click();
    const before = await heap();
    await debugCommand(window.host, "continue");
    await untilRunning(window.host);
    await expect.poll(heap, { timeout: 20_000 }).toBeGreaterThan(before + 400 * 1024);
    expect(await rows().allTextContents()).toEqual([expect.stringMatching(/KiB2 hits$/)]);
  });

  test("one is edited by Enter, and hit again once it is enabled", async () => {
    await rows().first().click();
    await window.page.keyboard.press("Enter");
    await answer([], "64K");
    await expect.poll(() => rows().allTextContents()).toEqual(["Size of heap grows by 64 KiB"]);
    await rows().first().getByRole("checkbox").click();
    await untilStopped(window.host);
    await expect.poll(() => callStack().textContent()).toMatch(/grew by .* since the breakpoint was set/);
    // The debugger's own signal is no exception to the user.
    expect(await window.page.locator(".exception-widget").count()).toBe(0);
  });

  test("another is made of a region in the tree", async () => {
    const { page } = window;
    await header("Call Stack").click();
    await header("Memory Breakpoints").click();
    await tree.expand("Stacks");
    await tree.row("[stack]").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Break When This Changes…" }).hover();
    await page.keyboard.press("Enter");
    await answer(["Its protection changes"]);
    await header("Memory Breakpoints").click();
    await expect.poll(() => rows().count()).toBe(2);
  });

  test("they are there after a reload, and removed by a key", async () => {
    await debugCommand(window.host, "stop");
    await untilOver(window.host);
    await window.reload();
    await tree.open();
    await expect.poll(() => rows().count()).toBe(2);
    expect((await rows().allTextContents())[1]).toMatch(/^0x7f[0-9a-f]+-0x7f[0-9a-f]+ changes protection$/);
    // A window that has just been loaded may still move the focus elsewhere.
    const removed = async () => {
      if ((await rows().count()) === 2) {
        await rows().first().click();
        await window.page.keyboard.press("Delete");
      }
      return rows().count();
    };
    await expect.poll(removed, { interval: 1000 }).toBe(1);
    expect(await rows().allTextContents()).toEqual([expect.stringMatching(/changes protection$/)]);
  });

  test("where nothing is read while it runs they are tested at stops, whose own reason stays", async () => {
    const { host } = window;
    await host.call((vscode) =>
      vscode.workspace
        .getConfiguration("processMemory")
        .update("pollInterval", 0, true)
        .then(() => null),
    );
    await expect.poll(() => view().textContent()).toContain("tested at stops alone");
    await view().getByRole("button", { name: "Add Memory Breakpoint…" }).first().click();
    await answer(["Memory grows between stops", "Size of heap"], "400K");
    await setBreakpoint(host);
    await startDebugging(host, `Demo (${debug})`);
    await untilStopped(host);
    // Which process it is may be found out after the stop: going on before would leave this one unseen.
    await expect.poll(async () => (await tree.lines())[0]).toMatch(/^demo \(\d+\)/);
    await debugCommand(host, "continue");
    await untilRunning(host);
    await untilStopped(host);
    await expect.poll(() => rows().allTextContents()).toContainEqual("Size of heap grows by 400 KiB1 hit");
    await expect
      .poll(() => notifications(window))
      .toContainEqual(
        expect.stringMatching(/^Size of heap grew by \d+ KiB since the last stop: it is [\d.]+ [KM]iB\.$/),
      );
    if ((await header("Call Stack").getAttribute("aria-expanded")) === "false") await header("Call Stack").click();
    await expect.poll(() => callStack().textContent()).toMatch(/breakpoint/i);
    expect(await callStack().textContent()).not.toContain("grew");
    await debugCommand(host, "stop");
    await untilOver(host);
  });
});
