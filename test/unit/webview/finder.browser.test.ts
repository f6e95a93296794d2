import { expect, test } from "vitest";
import { toHex } from "../../../src/memory/address.ts";
import { demo, eventually, openPanel, pictureOf, rowsOf, selectedRow, textOf, zoomOf } from "./panelTools.ts";

async function open(options = {}) {
  const target = await demo();
  const panel = await openPanel(target, options);
  await rowsOf(panel).first().waitFor();
  const field = panel.page.locator("place-finder input");
  const find = async (text: string) => {
    await field.fill(text);
    await field.press("Enter");
  };
  return { target, panel, field, find, answer: panel.page.locator("place-finder .message") };
}

test("a symbol is gone to: chosen, in view, and named with its section", async () => {
  const { target, panel, find, answer } = await open();
  await find("main");
  await eventually(
    () => answer.textContent(),
    (text) => expect(text).toMatch(/^0x[0-9a-f]+: main in demo/),
  );
  const address = BigInt(panel.told.select.at(-1)?.address ?? "0x0");
  const { axis, space } = target.revision;
  await eventually(
    () => zoomOf(panel),
    (zoom) => {
      expect(zoom?.from).toBeLessThan(axis.position(address));
      expect(zoom?.to).toBeGreaterThan(axis.position(address));
    },
  );
  await eventually(
    () => textOf(selectedRow(panel)),
    (text) => expect(text).toContain(toHex(space.region(space.indexOf(address)).start)),
  );
  const { width, x, y } = (await pictureOf(panel).boundingBox()) ?? { width: 0, x: 0, y: 0 };
  const { from, to } = zoomOf(panel) ?? { from: 0, to: 1 };
  await panel.page.mouse.move(x + ((axis.position(address + 16n) - from) / (to - from)) * width, y + 60);
  await eventually(
    () => textOf(panel.page.locator("picture-tip")),
    (text) => expect(text).toMatch(/PSS .* dirty .* swap .* faulted in .*\.text · main\+0x(f|1[0-9a-f])$/),
  );
  expect(panel.complaints).toEqual([]);
});

test("an address in nothing that is mapped leads to the gap, and chooses nothing", async () => {
  const { target, panel, find, answer } = await open();
  const { space, axis } = target.revision;
  const heap = Array.from({ length: space.length }, (_, index) => index).findIndex(
    (index) => space.kind(index) === "heap",
  );
  const gap = space.region(heap).end + 4096n;
  await find(toHex(gap));
  await eventually(
    () => answer.textContent(),
    (text) => expect(text).toMatch(new RegExp(`^${toHex(gap)}: not mapped`)),
  );
  await eventually(
    () => zoomOf(panel),
    (zoom) => {
      expect(zoom?.from).toBeLessThanOrEqual(axis.extentOf(heap).to);
      expect(zoom?.to).toBeGreaterThanOrEqual(axis.extentOf(heap + 1).from);
    },
  );
  expect(panel.told.select).toEqual([]);
});

test("several places of a name are chosen from with the keys alone", async () => {
  const { target, panel, field } = await open();
  await pictureOf(panel).focus();
  await panel.page.keyboard.press("/");
  await panel.page.keyboard.type("libc.so.6");
  await panel.page.keyboard.press("Enter");
  const places = panel.page.locator("place-finder li button");
  await places.first().waitFor();
  const { space } = target.revision;
  const libc = Array.from(space.regions()).filter(({ path }) => path?.endsWith("libc.so.6"));
  expect(await places.count()).toBeGreaterThanOrEqual(libc.length);
  await panel.page.keyboard.press("ArrowDown");
  await panel.page.keyboard.press("ArrowDown");
  await panel.page.keyboard.press("Enter");
  await eventually(
    () => panel.told.select.at(-1)?.address,
    (address) => expect(address).toBe(toHex(libc[1]?.start ?? 0n)),
  );
  expect(await places.count()).toBe(0);
  await field.fill("libc.so.6");
  await field.press("Enter");
  await places.first().waitFor();
  await field.press("Escape");
  await places.first().waitFor({ state: "detached" });
});

test("what is found nowhere is said beside the field, also at 300 pixels, and a failure with its reason", async () => {
  const { panel, find, answer } = await open({ width: 300 });
  await find("<b>nothing</b>");
  await eventually(
    () => answer.textContent(),
    (text) => expect(text).toBe("“<b>nothing</b>” is no address, symbol or region here."),
  );
  const box = await answer.boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(300);
  panel.failure = "The memory server ended.";
  await find("main");
  await eventually(
    () => answer.textContent(),
    (text) => expect(text).toBe("That could not be looked for: The memory server ended."),
  );
});
