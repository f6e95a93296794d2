/** What is done in the time line and in the list of steps. */
import { expect } from "vitest";
import type { Hands } from "./hands.ts";
import { type Interaction, interaction } from "./interaction.ts";

export function timeInteractions(hands: Hands): Interaction[] {
  const plot = () => hands.part("time-chart .u-over");
  const bar = () => hands.part("moment-bar .bar");
  const wholeButton = () => hands.button("Show the whole (Home)", "time-line");
  const steps = () => hands.part("stop-list");
  const range = () => hands.look(({ model }) => model.timeView.range.to - model.timeView.range.from);

  async function whole(): Promise<number> {
    await hands.begin(hands.heap);
    await expect.poll(() => wholeButton().isDisabled()).toBe(true);
    return range();
  }

  /** What was before the newest sample. */
  async function past(): Promise<void> {
    await whole();
    await hands.look(({ model }) => model.showMoment(model.history.samples.at(-2)?.time ?? null));
    await bar().waitFor();
  }

  async function unfolded(): Promise<void> {
    await whole();
    await hands.look(({ model }) => model.stops.open(true));
    await expect.poll(() => steps().locator("tbody tr").count()).toBeGreaterThan(1);
  }

  const heading = (name: string) => steps().getByRole("button", { name, exact: true });
  const sorted = () => steps().locator("th[aria-sort=descending]").textContent();

  return [
    interaction("a moment is read", {
      begin: whole,
      mouse: async () => plot().hover({ position: await hands.placeIn(plot(), 0.7, 0.5) }),
      keyboard: () => hands.chart.press("ArrowLeft"),
      end: async () => {
        await hands.part("time-line .readout > b").waitFor();
        await hands.chart.press("Escape");
      },
    }),
    interaction("a part of the time is zoomed to", {
      begin: whole,
      mouse: async () => {
        const from = await hands.placeIn(plot(), 0.4, 0.5);
        await hands.drag(plot(), from, { x: from.x / 2, y: 0 });
      },
      keyboard: () => hands.chart.press("+"),
      end: async (before) => {
        await expect.poll(range).toBeLessThan(0.8 * before);
        expect(await bar().count()).toBe(0);
      },
    }),
    interaction("all of the time is shown again", {
      begin: async () => {
        await whole();
        await hands.look(({ model }) => model.timeView.zoomBy(2));
        await expect.poll(() => wholeButton().isEnabled()).toBe(true);
      },
      mouse: async () => plot().dblclick({ position: await hands.placeIn(plot(), 0.5, 0.5) }),
      keyboard: () => hands.chart.press("Home"),
      end: () => expect.poll(() => wholeButton().isDisabled()).toBe(true),
    }),
    interaction("a past moment is shown", {
      begin: whole,
      mouse: async () => plot().click({ position: await hands.placeIn(plot(), 0.3, 0.5) }),
      keyboard: async () => {
        for (const key of ["End", "Shift+ArrowLeft", "Enter"]) await hands.chart.press(key);
      },
      end: async () => {
        await bar()
          .filter({ hasText: /As it was at \d+:\d\d:\d\d/ })
          .waitFor();
        await hands.rows.first().waitFor();
      },
    }),
    interaction("what is live is shown again", {
      begin: past,
      mouse: () => bar().getByRole("button", { name: "Live" }).click(),
      keyboard: () => hands.chart.press("l"),
      end: () => expect.poll(() => bar().count()).toBe(0),
    }),
    interaction("a line is hidden", {
      begin: whole,
      mouse: () => series().click(),
      keyboard: () => series().press("Enter"),
      end: async () => {
        await expect.poll(() => series().getAttribute("aria-pressed")).toBe("false");
        await series().click();
        await expect.poll(() => series().getAttribute("aria-pressed")).toBe("true");
      },
    }),
    interaction("the steps are unfolded", {
      begin: whole,
      mouse: () => steps().locator("summary").click(),
      keyboard: () => steps().locator("summary").press("Enter"),
      end: () => expect.poll(() => steps().locator("tbody tr").count()).toBeGreaterThan(1),
    }),
    interaction("the steps are sorted", {
      begin: async () => {
        await unfolded();
        await heading("RSS").click();
        await expect.poll(sorted).toContain("RSS");
      },
      mouse: () => heading("Minor faults").click(),
      keyboard: async () => {
        await heading("RSS").focus();
        await hands.desk.keyboard.press("Shift+Tab");
        await hands.desk.keyboard.press("Shift+Tab");
        await hands.desk.keyboard.press("Enter");
      },
      end: () => expect.poll(sorted).toContain("Minor faults"),
    }),
    interaction("the memory at a step is shown", {
      begin: unfolded,
      mouse: () => firstStep().click(),
      keyboard: () => firstStep().press("Enter"),
      end: () => bar().waitFor(),
    }),
  ];

  function series() {
    return hands.button(/^swap/, "time-line");
  }

  function firstStep() {
    return steps().locator("tbody tr").first().getByRole("button").first();
  }
}
