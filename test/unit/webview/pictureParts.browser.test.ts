import { expect, test } from "vitest";
import { toHex } from "../../../src/memory/address.ts";
import { runAddress } from "../../../src/memory/modules.ts";
import { partsOf } from "../../../src/server/pictureParts.ts";
import { demo, eventually, openPanel, pictureOf, rowsOf, textOf, zoomOf } from "./panelTools.ts";

/** The panel with the demo's code in view, and the places of its sections and symbols. */
async function openCode() {
  const target = await demo();
  const { space, axis } = target.revision;
  const program = space.modules.find(({ isProgram }) => isProgram);
  const text = program?.layout.sections.find(({ name }) => name === ".text");
  if (!program || !text) throw new Error("The demo has no code.");
  const index = space.indexOf(runAddress(program, text.address));
  const region = space.region(index);
  const extent = axis.extentOf(index);
  const query = { target: target.id, ...extent, pixels: 20_000 };
  const [parts] = (await partsOf(target.revision, query, (module) => target.elf(module))).regions;
  const saved = { shown: target.id, zoom: extent };
  const panel = await openPanel(target, { saved });
  await rowsOf(panel).first().waitFor();
  const symbols = parts?.symbols ?? [];
  const largest = symbols.reduce((one, other) => (other.size > one.size ? other : one));
  const { width = 0 } = (await pictureOf(panel).boundingBox()) ?? {};
  await eventually(
    () => panel.asked.parts.length,
    (asked) => expect(asked).toBeGreaterThan(0),
  );
  await panel.page.waitForTimeout(300);
  return {
    ...{ panel, region, extent, largest, sections: parts?.sections ?? [], symbols },
    addressOf: ({ offset }: { offset: number }) => toHex(region.start + BigInt(offset)),
    middleOf: ({ offset, size }: { offset: number; size: number }) => ((offset + size / 2) / region.size) * width,
  };
}

/** CSS pixels from the canvas's top to the middles of the rows. */
const SECTIONS = 16 + 36 + 8;
const SYMBOLS = SECTIONS + 17;

test("a click on a symbol or section chooses it, a double click zooms to it", async () => {
  const { panel, region, extent, largest, sections, addressOf, middleOf } = await openCode();
  const picture = pictureOf(panel);
  await picture.click({ position: { x: middleOf(largest), y: SYMBOLS } });
  await eventually(
    () => panel.told.select.at(-1)?.address,
    (address) => expect(address).toBe(addressOf(largest)),
  );
  const text = sections.find(({ name }) => name === ".text");
  if (!text) throw new Error("There is no .text.");
  await picture.click({ position: { x: middleOf(largest), y: SECTIONS } });
  await eventually(
    () => panel.told.select.at(-1)?.address,
    (address) => expect(address).toBe(addressOf(text)),
  );
  await picture.click({ position: { x: middleOf(largest), y: 30 } });
  await eventually(
    () => panel.told.select.at(-1)?.address,
    (address) => expect(address).toBe(toHex(region.start)),
  );
  await picture.dblclick({ position: { x: middleOf(largest), y: SYMBOLS } });
  const byte = (extent.to - extent.from) / region.size;
  await eventually(
    () => zoomOf(panel),
    (zoom) => {
      expect(zoom?.from).toBeCloseTo(extent.from + (largest.offset - 0.05 * largest.size) * byte, 6);
      expect(zoom?.to).toBeCloseTo(extent.from + (largest.offset + 1.05 * largest.size) * byte, 6);
    },
  );
  expect(panel.complaints).toEqual([]);
});

test("the keys go down to sections and symbols, and through them", async () => {
  const { panel, sections, symbols, addressOf } = await openCode();
  const { keyboard } = panel.page;
  await pictureOf(panel).focus();
  const heard = panel.page.locator("picture-canvas .heard");
  const press = async (key: string, address: string, words: RegExp) => {
    await keyboard.press(key);
    await eventually(
      () => panel.told.select.at(-1)?.address,
      (told) => expect(told).toBe(address),
    );
    expect(await textOf(heard)).toMatch(words);
    await panel.page.waitForTimeout(200);
  };
  await keyboard.press("ArrowDown");
  expect(await textOf(heard)).toBe("sections");
  const [first, second] = sections;
  if (!first || !second) throw new Error("There are no sections.");
  await press("Shift+ArrowRight", addressOf(first), new RegExp(`^${first.name}`));
  await press("Shift+ArrowRight", addressOf(second), new RegExp(`^${second.name}`));
  await press("Shift+ArrowLeft", addressOf(first), new RegExp(`^${first.name}`));
  await keyboard.press("ArrowDown");
  expect(await textOf(heard)).toBe("symbols");
  const at = symbols.find(({ offset }) => offset >= first.offset);
  await press("Shift+ArrowRight", addressOf(at ?? first), new RegExp(`^${at?.name}`));
  await keyboard.press("ArrowUp");
  await keyboard.press("ArrowUp");
  expect(await textOf(heard)).toBe("regions");
});

test("heights stand for the measure that is asked for", async () => {
  const target = await demo();
  const panel = await openPanel(target, { saved: { measure: "swap" } });
  await rowsOf(panel).first().waitFor();
  await eventually(
    () => panel.asked.picture.at(-1)?.measure,
    (measure) => expect(measure).toBe("swap"),
  );
  await eventually(
    () => textOf(panel.page.locator("address-map .legend")),
    (text) => expect(text).toContain("height: swapped share"),
  );
});
