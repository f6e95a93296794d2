/** What is done in the map: the picture in address order, the treemap, and the field that finds places. */
import { expect } from "vitest";
import type { View } from "../../../src/webview/data/view.ts";
import type { Hands } from "./hands.ts";
import { type Interaction, interaction } from "./interaction.ts";

export function mapInteractions(hands: Hands): Interaction[] {
  const picture = () => hands.picture;
  const span = ({ from, to }: View) => to - from;
  const wholeButton = () => hands.button("Show the whole (Home)", "address-map");
  const measure = () => hands.part("memory-map").getByLabel("Measure");
  const legend = (text: string) => hands.part("address-map .legend li").filter({ hasText: text });
  const path = () => hands.part("size-treemap nav li").allTextContents();
  const field = () => hands.part("place-finder input");
  const places = () => hands.part("place-finder li button");

  async function heap(): Promise<View> {
    await hands.begin(hands.heap);
    return hands.view();
  }

  /** A third of the address space, in its middle. */
  async function closer(): Promise<View> {
    await heap();
    await hands.look(({ model }) => model.picture.zoomBy(3, (model.picture.view.from + model.picture.view.to) / 2));
    return hands.view();
  }

  /** The treemap of everything. */
  async function boxes(): Promise<void> {
    await heap();
    await hands.look(({ model }) => {
      model.treemap.enter("process");
      model.layout = "treemap";
    });
    const root = () => hands.look(({ model }) => model.treemap.answer?.root.id);
    await expect.poll(root).toBe("process");
    await hands.treemap.waitFor();
    await expect.poll(async () => (await path()).length).toBe(1);
  }

  /** Another region is chosen than the one at the beginning, in the details as in the table. */
  async function otherIsChosen(): Promise<void> {
    await expect.poll(() => hands.told()).not.toBe(hands.heap);
    await expect.poll(async () => (await hands.selectedAddresses()).length).toBe(1);
    await expect.poll(() => hands.selectedAddresses()).not.toEqual([hands.heap]);
  }

  const onWidest = async () => ({ x: (await hands.widest()).x, y: REGIONS });

  return [
    interaction("a region is told of", {
      begin: heap,
      mouse: async () => {
        await picture().hover({ position: await onWidest() });
        await expect.poll(() => hands.text("picture-tip")).toMatch(/[\d.]+ [KMG]iB ·\s+RSS/);
      },
      keyboard: async () => {
        await picture().press("Shift+ArrowRight");
        await expect.poll(() => hands.text("picture-canvas .heard")).toMatch(/^.+, [r-][w-][x-][ps], [\d.]+ [KMG]iB$/);
      },
      end: async () => {},
    }),
    interaction("a region is chosen", {
      begin: heap,
      mouse: async () => picture().click({ position: await onWidest() }),
      keyboard: () => picture().press("Shift+ArrowRight"),
      end: otherIsChosen,
    }),
    interaction("the chosen region is zoomed to", {
      begin: async () => {
        await hands.begin(hands.large);
        return hands.widest();
      },
      mouse: ({ x }) => picture().dblclick({ position: { x, y: REGIONS } }),
      keyboard: () => picture().press("Enter"),
      end: async (widest) => {
        await expect.poll(async () => span(await hands.view())).toBeLessThan(2 * span(widest));
        await expect.poll(() => hands.told()).toBe(hands.large);
      },
    }),
    interaction("the picture is zoomed in", {
      begin: heap,
      mouse: async () => {
        await picture().hover({ position: await hands.placeIn(picture(), 0.5, 0.4) });
        await hands.desk.mouse.wheel(0, -200);
      },
      keyboard: () => picture().press("+"),
      end: (before) => expect.poll(async () => span(await hands.view())).toBeLessThan(0.8 * span(before)),
    }),
    interaction("the picture is zoomed out", {
      begin: closer,
      mouse: async () => {
        await picture().hover({ position: await hands.placeIn(picture(), 0.5, 0.4) });
        await hands.desk.mouse.wheel(0, 200);
      },
      keyboard: () => picture().press("-"),
      end: (before) => expect.poll(async () => span(await hands.view())).toBeGreaterThan(1.2 * span(before)),
    }),
    interaction("the whole is shown again", {
      begin: closer,
      mouse: () => wholeButton().click(),
      keyboard: () => picture().press("Home"),
      end: () => expect.poll(() => wholeButton().isDisabled()).toBe(true),
    }),
    interaction("the picture is moved", {
      begin: closer,
      mouse: async () => {
        const from = await hands.placeIn(picture(), 0.6, 0.3);
        await hands.drag(picture(), from, { x: -from.x / 3, y: 0 });
      },
      keyboard: () => picture().press("ArrowRight"),
      end: async (before) => {
        await expect.poll(async () => (await hands.view()).from).toBeGreaterThan(before.from + 0.05 * span(before));
        expect(span(await hands.view()) / span(before)).toBeCloseTo(1);
      },
    }),
    interaction("what is in view is moved in the overview", {
      begin: closer,
      mouse: async () => {
        const overview = hands.part("picture-overview canvas");
        await overview.click({ position: await hands.placeIn(overview, 0.2, 0.5) });
      },
      keyboard: async () => {
        for (let press = 0; press < 5; press++) await picture().press("ArrowLeft");
      },
      end: async (before) => {
        await expect.poll(async () => (await hands.view()).from).toBeLessThan(before.from - 0.2 * span(before));
        expect(span(await hands.view()) / span(before)).toBeCloseTo(1);
      },
    }),
    interaction("another measure is chosen", {
      begin: async () => {
        await heap();
        await legend("height: resident share").waitFor();
      },
      // What the browser unfolds is none of the page.
      mouse: () => measure().selectOption("pss"),
      keyboard: () => measure().press("ArrowDown"),
      end: () => legend("height: PSS share").waitFor(),
    }),
    interaction("the other layout is chosen", {
      begin: heap,
      mouse: () => hands.part("memory-map").getByText("Treemap").click(),
      keyboard: () => hands.part("memory-map").getByRole("radio", { name: "Address order" }).press("ArrowRight"),
      end: () => expect.poll(async () => (await path())[0]).toMatch(/^All memory [\d.]+ [KM]iB RSS$/),
    }),
    interaction("a box of the treemap is told of", {
      begin: boxes,
      mouse: async () => {
        await hands.treemap.hover({ position: await hands.placeIn(hands.treemap, 0.3, 0.4) });
        await expect.poll(() => hands.text("treemap-tip")).toMatch(/[\d.]+ [KM]iB/);
      },
      keyboard: async () => {
        await hands.treemap.press("ArrowRight");
        await expect.poll(() => hands.text("size-treemap .heard")).toMatch(/, [\d.]+ [KM]iB, .*%$/);
      },
      end: async () => {},
    }),
    interaction("a box of the treemap is chosen", {
      begin: boxes,
      mouse: async () => hands.treemap.click({ position: await hands.placeIn(hands.treemap, 0.3, 0.4) }),
      // From box to box, of which some are of several regions.
      keyboard: async () => {
        const selected = () => hands.look(({ model }) => model.rows.selected);
        for (const key of ["ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft"]) {
          if ((await selected()) === hands.heap) await hands.treemap.press(key);
        }
      },
      end: otherIsChosen,
    }),
    interaction("a box of the treemap is gone into", {
      begin: boxes,
      mouse: async () => hands.treemap.dblclick({ position: await hands.placeIn(hands.treemap, 0.3, 0.4) }),
      keyboard: async () => {
        await hands.treemap.press("ArrowLeft");
        await hands.treemap.press("Enter");
      },
      end: () => expect.poll(async () => (await path()).length).toBeGreaterThan(1),
    }),
    interaction("a box of the treemap is left", {
      begin: async () => {
        await boxes();
        await hands.look(({ model }) => model.treemap.enter(model.treemap.answer?.root.children[0]?.id ?? ""));
        await expect.poll(async () => (await path()).length).toBe(2);
      },
      mouse: () => hands.button("All memory", "size-treemap").click(),
      keyboard: () => hands.treemap.press("Escape"),
      end: () => expect.poll(async () => (await path()).length).toBe(1),
    }),
    interaction("a place is found by its name, among several", {
      begin: async () => {
        await heap();
        await field().fill("");
      },
      mouse: async () => {
        await field().click();
        await hands.desk.keyboard.type("libc.so.6\n");
        await places().nth(1).click();
      },
      keyboard: async () => {
        await picture().press("/");
        await hands.tabTo(field());
        await hands.desk.keyboard.type("libc.so.6\n");
        await places().nth(1).waitFor();
        await hands.desk.keyboard.press("ArrowDown");
        await hands.desk.keyboard.press("ArrowDown");
        await hands.desk.keyboard.press("Enter");
      },
      end: async () => {
        await hands.selectedRows.filter({ hasText: "libc" }).waitFor();
        await expect.poll(() => hands.text("place-finder .message")).toMatch(/^0x[0-9a-f]+: libc\.so\.6/);
        await expect.poll(() => places().count()).toBe(0);
      },
    }),
  ];
}

/** CSS pixels from the upper edge of the picture, where regions are drawn and nothing that is in them. */
const REGIONS = 26;
