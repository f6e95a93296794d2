/** Sessions whose adapters do what real ones do seldom: played, so that it happens each time. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { ROOT } from "../../scripts/places.mjs";
import { temporaryFolder } from "../../scripts/processes.mjs";
import type { ExtensionUnderTest } from "../../src/extension/extension.ts";
import type { Part } from "../fixtures/debuggers/playedAdapter.ts";
import { debugCommand, untilOver } from "./debugging.ts";
import { Window } from "./window.ts";
import { notifications } from "./workbench.ts";

const window = new Window();

beforeAll(async () => {
  const folder = temporaryFolder();
  symlinkSync(join(ROOT, "test/fixtures/debuggers/playedAdapter.ts"), join(folder, "lldb-dap"));
  // Where the debugger's extension looks for its adapter, and that for Node.
  await window.host.call(
    (_, path: string) => {
      process.env.PATH = `${path}:${process.env.PATH}`;
    },
    `${folder}:${join(ROOT, "node_modules/.bin")}`,
  );
});

beforeEach(async () => {
  const remaining = () =>
    window.host.call((vscode) =>
      vscode.debug.stopDebugging().then(() => vscode.debug.activeDebugSession?.name ?? null),
    );
  await expect.poll(remaining, { interval: 1000, timeout: 20_000 }).toBeNull();
  await untilOver(window.host);
});

test("the panel that is asked for as debugging begins shows that process, and asks for none", async () => {
  await window.host.call(async (vscode) => {
    await vscode.debug.startDebugging(undefined, {
      name: "Played",
      type: "lldb-dap",
      request: "launch",
      program: "/usr/bin/sleep",
    });
    void vscode.commands.executeCommand("processMemory.show");
  });
  await window.page.locator("iframe.webview.ready").waitFor();
  expect(await window.page.locator(".quick-input-widget").filter({ visible: true }).count()).toBe(0);
  await window.host.call((vscode) =>
    vscode.commands.executeCommand("workbench.action.closeAllEditors").then(() => null),
  );
});

test("a session that is restarted is followed, though the adapter it had exits late", async () => {
  await start({ lingers: 2000 });
  const first = await expect.poll(debuggees).toHaveLength(1).then(debuggees);
  await debugCommand(window.host, "restart");
  await expect.poll(async () => (await debuggees()).some((pid) => pid !== null && !first.includes(pid))).toBe(true);
  await sleep(3000);
  expect(await debuggees()).toEqual([expect.any(Number)]);
});

test("a crash stands, though another thread is told to stand as well", async () => {
  await start({
    plays: [
      { event: "stopped", body: { reason: "exception", description: "signal SIGSEGV", threadId: 1 } },
      { event: "stopped", body: { reason: "breakpoint", threadId: 2, allThreadsStopped: true } },
    ],
  });
  await expect.poll(crashes).toEqual(["SIGSEGV"]);
});

test("an address of a process that nobody looks at any more shows no other process", async () => {
  await start({});
  await expect.poll(debuggees).toHaveLength(1);
  await window.host.call((vscode) =>
    vscode.commands.executeCommand("processMemory.showAddress", { target: "1:1", address: "0x10" }).then(() => null),
  );
  await expect
    .poll(() => notifications(window))
    .toContainEqual("The process in which 0x10 was is no longer looked at.");
  expect(await window.page.locator("iframe.webview").count()).toBe(0);
});

// The last, since VS Code does not always end two sessions that are stopped at once.
test("of two programs that crashed each has its own report", async () => {
  for (const signal of ["SIGSEGV", "SIGABRT"]) {
    await start({
      plays: [{ event: "stopped", body: { reason: "exception", description: `signal ${signal}`, threadId: 1 } }],
    });
  }
  await expect.poll(crashes).toEqual(["SIGSEGV", "SIGABRT"]);
  for (const [index, signal] of ["SIGSEGV", "SIGABRT"].entries()) {
    await showReport(index);
    await expect.poll(editorText).toContain(`${signal} in sleep`);
  }
});

async function start(part: Part): Promise<void> {
  await window.host.call(
    async (vscode, text: string) => {
      const configuration = { name: "Played", type: "lldb-dap", request: "launch", ...JSON.parse(text) };
      await vscode.debug.startDebugging(undefined, configuration);
    },
    JSON.stringify({ program: "/usr/bin/sleep", ...part }),
  );
}

/** The processes of the sessions that are followed; `null` for one that is not known. */
function debuggees(): Promise<(number | null)[]> {
  return window.host.call((vscode) => {
    const { sessions }: ExtensionUnderTest =
      vscode.extensions.getExtension("process-memory.process-memory")?.exports ?? {};
    return sessions.all.map(({ target }) => target?.info.pid ?? null);
  });
}

/** The signals of the crashes at which programs stand. */
function crashes(): Promise<string[]> {
  return window.host.call((vscode) => {
    const { crashes }: ExtensionUnderTest =
      vscode.extensions.getExtension("process-memory.process-memory")?.exports ?? {};
    return crashes.standing.map(({ report }) => report.signal);
  });
}

/** "Show Report" of one of the crashes. */
function showReport(index: number): Promise<null> {
  return window.host.call(async (vscode, index: number) => {
    const { crashes }: ExtensionUnderTest =
      vscode.extensions.getExtension("process-memory.process-memory")?.exports ?? {};
    await vscode.commands.executeCommand("processMemory.explainCrash", crashes.standing[index]?.target);
    return null;
  }, index);
}

function editorText(): Promise<string> {
  return window.host.call((vscode) => vscode.window.activeTextEditor?.document.getText() ?? "");
}
