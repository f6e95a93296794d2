/** The picture in the panel of a real VS Code: where something is, as the server and the debugger tell. */
import { expect, test } from "vitest";
import { debugCommand, setBreakpoint, startDebugging, untilRunning, untilStopped } from "./debugging.ts";
import { Window } from "./window.ts";
import { Panel } from "./workbench.ts";

const window = new Window();
const panel = new Panel(window);
const field = () => panel.page.locator("place-finder input");
const message = () => panel.page.locator("place-finder .message");

async function find(text: string): Promise<void> {
  await field().fill(text);
  await field().press("Enter");
}

test("a symbol, a local pointer and an expression of the debugged program are gone to", async () => {
  await setBreakpoint(window.host);
  await startDebugging(window.host, "Demo (lldb-dap)");
  await untilStopped(window.host);
  await panel.show();
  await find("scratch");
  await expect.poll(() => message().textContent()).toMatch(/^0x[0-9a-f]+: scratch in demo/);
  await panel.page.locator("region-table [aria-selected=true]", { hasText: "demo" }).waitFor();
  await find("on_stack");
  await expect.poll(() => message().textContent()).toMatch(/^0x[0-9a-f]+: on_stack: \[stack\]$/);
  await panel.page.locator("region-table [aria-selected=true]", { hasText: "[stack]" }).waitFor();
  await find("memory->blocks");
  await expect.poll(() => message().textContent()).toMatch(/^0x[0-9a-f]+: memory->blocks: \[heap\]$/);
});

test("what would call a function is not evaluated", async () => {
  await find("getpid()");
  await expect.poll(() => message().textContent()).toBe("“getpid()” is no address, symbol or region here.");
});

test("while the program runs, the debugger is not asked", async () => {
  await debugCommand(window.host, "continue");
  await untilRunning(window.host);
  await find("on_stack");
  await expect.poll(() => message().textContent()).toBe("“on_stack” is no address, symbol or region here.");
  await debugCommand(window.host, "stop");
});
