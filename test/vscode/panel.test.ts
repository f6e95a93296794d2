/** Panels: several for several processes, and what stays as the user left it wherever a panel goes. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame, Page } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import { DEMO } from "../../scripts/places.mjs";
import { temporaryFolder } from "../../scripts/processes.mjs";
import type { Targets } from "../../src/extension/targets.ts";
import { Window } from "./window.ts";
import { Panel } from "./workbench.ts";

const window = new Window();
const panel = new Panel(window);
const demos = [1, 2].map(() => spawn(join(DEMO, "build", "demo"), ["10000"], { stdio: "ignore" }));
const [first, second] = demos.map(({ pid }) => String(pid)) as [string, string];
afterAll(() => {
  for (const demo of demos) demo.kill();
});

const run = (command: string) =>
  window.host.call((vscode, name) => vscode.commands.executeCommand(name).then(() => null), command);

/** Makes a process the active target. */
const activate = (pid: string) =>
  window.host.call(async (vscode, pid: number) => {
    const extension = await vscode.extensions.getExtension("process-memory.process-memory")?.activate();
    const { targets } = extension as { targets: Targets };
    targets.activate((await targets.attach(pid, null)).id);
  }, Number(pid));

const tabs = () =>
  window.host.call((vscode) => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label)));

/** The panels that are in sight, by the pids that they show. */
async function shown(pages: Page[] = [window.page]): Promise<string[]> {
  const pids: string[] = [];
  for (const frame of pages.flatMap((page) => page.frames())) {
    const text = await frame
      .locator("target-header header")
      .textContent({ timeout: 200 })
      .catch(() => null);
    const pid = text && /pid (\d+)/.exec(text)?.[1];
    if (pid) pids.push(pid);
  }
  return pids.sort((one, other) => Number(one) - Number(other));
}

/** The page of the panel that shows a process. */
async function pageOf(pid: string, pages: Page[] = [window.page]): Promise<Frame> {
  for (const frame of pages.flatMap((page) => page.frames())) {
    const header = frame.locator("target-header header", { hasText: `pid ${pid}` });
    if ((await header.count().catch(() => 0)) > 0) return frame;
  }
  throw new Error(`No panel shows process ${pid}.`);
}

const filterOf = async (pid: string, pages?: Page[]) =>
  (await pageOf(pid, pages)).getByRole("searchbox", { name: "Filter regions" }).inputValue();
const patient = { timeout: 20_000 };

test("the panel shows the active process, whichever it is", async () => {
  await activate(first);
  await panel.show();
  await panel.heading(`pid ${first}`).waitFor();
  await activate(second);
  await panel.heading(`pid ${second}`).waitFor();
  expect(await tabs()).toEqual(["Process Memory"]);
});

test("another panel is opened beside it and stays with the process that was chosen for it", async () => {
  void run("processMemory.openAnother");
  const { page } = window;
  const choice = page.locator(".quick-input-list .monaco-list-row", { hasText: `demo (${first})` });
  await choice.click();
  await expect.poll(() => shown(), patient).toEqual([first, second]);
  expect(await tabs()).toEqual(["Process Memory", `demo (${first})`]);
  await activate(first);
  await expect.poll(() => shown(), patient).toEqual([first, first]);
  await activate(second);
  await expect.poll(() => shown(), patient).toEqual([first, second]);
});

test("the button in the title lets a panel go and pins it again", async () => {
  const { page } = window;
  await page.getByRole("tab", { name: `demo (${first})` }).click();
  await page.getByRole("button", { name: "Show the Active Process" }).click();
  await expect.poll(() => shown(), patient).toEqual([second, second]);
  expect(await tabs()).toEqual(["Process Memory", "Process Memory"]);
  await activate(first);
  await expect.poll(() => shown(), patient).toEqual([first, first]);
  await page.getByRole("button", { name: "Stay with This Process" }).last().click();
  await expect.poll(tabs, patient).toEqual(["Process Memory", `demo (${first})`]);
  await activate(second);
  await expect.poll(() => shown(), patient).toEqual([first, second]);
});

test("each keeps what the user did over hiding, another group and another window", async () => {
  const { page } = window;
  await (await pageOf(first)).getByRole("searchbox", { name: "Filter regions" }).fill("stack");
  await (await pageOf(second)).getByRole("searchbox", { name: "Filter regions" }).fill("heap");
  await page.waitForTimeout(400);
  await page.getByRole("tab", { name: `demo (${first})` }).click();
  await run("workbench.action.files.newUntitledFile");
  await expect.poll(() => shown(), patient).toEqual([second]);
  await run("workbench.action.closeActiveEditor");
  await expect.poll(() => shown(), patient).toEqual([first, second]);
  await expect.poll(() => filterOf(first), patient).toBe("stack");

  await page.getByRole("tab", { name: `demo (${first})` }).click();
  await run("workbench.action.moveEditorToBelowGroup");
  await expect.poll(() => filterOf(first), patient).toBe("stack");

  const opened = page.context().waitForEvent("page", patient);
  await run("workbench.action.moveEditorToNewWindow");
  const other = await opened;
  await expect.poll(() => filterOf(first, [other]), patient).toBe("stack");
  await other.getByRole("button", { name: "Show the Active Process" }).waitFor();
  await run("workbench.action.restoreEditorsToMainWindow");
  await expect.poll(() => filterOf(first), patient).toBe("stack");
  // It comes back into the group of the other one.
  await run("workbench.action.moveEditorToBelowGroup");
  await expect.poll(() => shown(), patient).toEqual([first, second]);
  expect(await filterOf(second)).toBe("heap");
});

test("after a reload of the window each panel shows its process as it was left", async () => {
  await window.page.waitForTimeout(400);
  await window.reload();
  await expect.poll(() => shown(), { timeout: 60_000 }).toEqual([first, second]);
  expect(await tabs()).toEqual(expect.arrayContaining(["Process Memory", `demo (${first})`]));
  await expect.poll(() => filterOf(first), patient).toBe("stack");
  await expect.poll(() => filterOf(second), patient).toBe("heap");
});

test("everything that the panel loads is the extension's", async () => {
  const loaded = await (await pageOf(first)).evaluate(() =>
    performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname),
  );
  expect(loaded.length).toBeGreaterThan(1);
  expect(loaded.filter((path) => !/\/dist\/panel\.(js|css)$/.test(path))).toEqual([]);
});

test("the content policy refuses scripts, styles and pictures that are not the panel's, and all that is remote", async () => {
  const frame = await pageOf(first);
  const refused = await frame.evaluate(async () => {
    const refused: string[] = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => refused.push(effectiveDirective));
    const attempts = [
      () => document.body.append(Object.assign(document.createElement("script"), { src: "https://example.com/x.js" })),
      () => document.body.setAttribute("style", "color: red"),
      () => document.body.setAttribute("onclick", "document.title = 'run'"),
      () => document.body.insertAdjacentHTML("beforeend", "<b>markup</b>"),
      () => new Function("return 1"),
      () => Object.assign(new Image(), { src: "https://example.com/picture.png" }),
      () => fetch("https://example.com/"),
      () => new WebSocket("wss://example.com/"),
    ];
    for (const attempt of attempts) {
      try {
        await attempt();
      } catch {
        // Refused with an error, and told of.
      }
    }
    document.body.click();
    await new Promise((resolve) => setTimeout(resolve, 500));
    return { refused: [...new Set(refused)].sort(), title: document.title, bold: document.querySelector("b") };
  });
  expect(refused.refused).toEqual(
    expect.arrayContaining(["connect-src", "img-src", "require-trusted-types-for", "style-src-attr"]),
  );
  expect(refused).toMatchObject({ title: "Process Memory", bold: null });
});

for (const [format, begins] of [
  ["svg", "<svg"],
  ["png", "\x89PNG"],
] as const) {
  test(`the picture is saved as ${format}`, async () => {
    const { page } = window;
    const file = join(temporaryFolder(), `picture.${format}`);
    await page.getByRole("tab", { name: `demo (${first})` }).click();
    await page.getByRole("button", { name: "Save Picture…" }).last().click();
    const name = page.locator(".quick-input-box input");
    await expect.poll(() => name.inputValue(), patient).toContain(`demo-${first}.svg`);
    await name.fill(file);
    const confirm = page.locator(".quick-input-widget").getByRole("button", { name: "OK" });
    const saved = async () => {
      // The dialog takes the name a little after it was typed.
      await confirm.click({ timeout: 1000 }).catch(() => undefined);
      return existsSync(file);
    };
    await expect.poll(saved, patient).toBe(true);
    await expect.poll(() => readFileSync(file, "latin1").startsWith(begins), patient).toBe(true);
  });
}
