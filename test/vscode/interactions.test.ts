/** Each thing that is done in the panel, with the mouse and with the keys alone, as a side column and on the largest of screens, in three themes. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CACHE } from "../../scripts/places.mjs";
import { violations } from "../unit/webview/axe.ts";
import { setBreakpoint, startDebugging, untilStopped } from "./debugging.ts";
import { Hands } from "./interactions/hands.ts";
import { type Interaction, WAYS } from "./interactions/interaction.ts";
import { mapInteractions } from "./interactions/map.ts";
import { selectionInteractions } from "./interactions/selection.ts";
import { tableInteractions } from "./interactions/table.ts";
import { timeInteractions } from "./interactions/time.ts";
import { Window } from "./window.ts";

/** CSS pixels of the panel, and of the window's height. */
const SIZES = [
  { name: "in a side column of 300 pixels", width: 300, height: 1000 },
  { name: "at 1000 pixels", width: 1000, height: 1000 },
  { name: "at 3840 × 2160 pixels", width: 3840, height: 2160 },
];
const THEMES = [
  { name: "light", theme: "Light 2026", className: "vscode-light" },
  { name: "dark", theme: "Dark 2026", className: "vscode-dark" },
  { name: "high contrast", theme: "Default High Contrast", className: "vscode-high-contrast" },
];
/** CSS pixels of the source beside the panel. */
const SOURCE = 320;

const window = new Window();
const hands = new Hands(window);

const run = (command: string, ...args: string[]) =>
  window.host.call(
    (vscode, command: string, args: string[]) =>
      vscode.commands.executeCommand(command, ...args.map((arg) => JSON.parse(arg))).then(() => null),
    command,
    args,
  );

const set = (section: string, value: string | Record<string, boolean>) =>
  window.host.call(
    (vscode, section: string, value: string | Record<string, boolean>) =>
      vscode.workspace
        .getConfiguration()
        .update(section, value, true)
        .then(() => null),
    section,
    value,
  );

test("the panel is opened beside the source of a program that has stopped several times", async () => {
  await window.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await set("debug.toolBarLocation", "hidden");
  // Keys that miss the panel are not to be typed into the source.
  await set("files.autoSave", "off");
  await set("files.readonlyInclude", { "**": true });
  await setBreakpoint(window.host);
  await startDebugging(window.host, "Demo (gdb)");
  await untilStopped(window.host);
  await hands.show();
  const stops = async () =>
    Number(/stopped (\d+) times/.exec((await hands.chart.getAttribute("aria-label")) ?? "")?.[1] ?? 1);
  for (let stop = 2; stop <= 4; stop++) {
    await run("workbench.action.debug.stepOver");
    await expect.poll(stops, { timeout: 30_000 }).toBe(stop);
    await untilStopped(window.host);
  }
  await run("workbench.action.closeSidebar");
  await hands.learn();
  expect([hands.heap, hands.large]).not.toContain("0x0");
});

/** Gives the panel its width. */
async function resize({ width, height }: { width: number; height: number }): Promise<void> {
  const { page } = window;
  await page.setViewportSize({ width: width + SOURCE + 60, height });
  const innerWidth = () => hands.part("body").evaluate(() => globalThis.innerWidth);
  const fit = async () => {
    const all = (await page.locator(".part.editor").boundingBox())?.width ?? 0;
    const groups = [all - width, width].map((part) => ({ size: part / all }));
    await run("vscode.setEditorLayout", JSON.stringify({ orientation: 0, groups }));
    return Math.abs((await innerWidth()) - width);
  };
  await expect.poll(fit, { interval: 300 }).toBeLessThan(4);
}

for (const [row, size] of SIZES.entries()) {
  for (const [column, { name, theme, className }] of THEMES.entries()) {
    describe(`${size.name}, in ${name}`, () => {
      test("the panel has its size and its colours", async () => {
        await resize(size);
        await set("workbench.colorTheme", theme);
        await hands.part(`body.${className}`).waitFor();
      });
      const interactions: Interaction[] = [
        ...mapInteractions(hands),
        ...timeInteractions(hands),
        ...tableInteractions(hands),
        ...selectionInteractions(hands),
      ];
      for (const [index, interaction] of interactions.entries()) {
        // As on a chessboard: both ways at each size and in each theme.
        const way = WAYS[(row + column + index) % WAYS.length] ?? "mouse";
        test(`${interaction.name}, by ${way}`, () => interaction.try(way));
      }

      test("axe finds nothing to object to", async () => {
        await hands.begin(hands.heap);
        await window.page.screenshot({ path: join(CACHE, "reports", `panel-${size.width}-${className}.png`) });
        expect(await violations(await hands.frame())).toEqual([]);
      });
    });
  }
}
