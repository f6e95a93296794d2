import { expect, test } from "vitest";
import { toHex } from "../../../src/memory/address.ts";
import { FoldedAxis } from "../../../src/memory/axis.ts";
import type { Picture, Stretch } from "../../../src/protocol/server.ts";
import { addressIn, chosenAt, positionIn, stretchAt, stretchHolding } from "../../../src/webview/data/stretches.ts";
import { addressTicks } from "../../../src/webview/drawing/addressTicks.ts";
import { stop } from "../linux/programs.ts";
import { imageOf, startDemo } from "../memory/images.ts";

/** The demo's address space, as a picture of so many pixels. */
async function demo(pixels: number) {
  const { pid } = await startDemo();
  await stop(pid);
  const space = await imageOf(pid).read("smaps");
  const axis = new FoldedAxis(space);
  const stretches = axis.stretches(0, axis.length, pixels);
  const picture: Picture = { revision: 1, length: axis.length, from: 0, to: axis.length, stretches };
  return { space, axis, picture };
}

test("every position of the picture is the address that the axis has there", async () => {
  const { axis, picture } = await demo(100_000);
  for (let position = 0.25; position < axis.length; position += 0.5) {
    const stretch = stretchAt(picture, position) as Stretch;
    const address = addressIn(stretch, position);
    // Both divide doubles: a region is at most 2⁴⁷ bytes long, of which a double's error is less than a page.
    const apart = address - axis.address(position);
    expect(apart < 4096n && apart > -4096n).toBe(true);
    const byte = (stretch.to - stretch.from) / stretch.size;
    expect(Math.abs(positionIn(stretch, address) - position)).toBeLessThan(1.5 * byte + 1e-9);
    expect(stretchHolding(picture, address)).toBe(stretch);
  }
  expect(stretchAt(picture, axis.length + 1)).toBeNull();
  expect(stretchAt(picture, -1)).toBeNull();
});

test("a click chooses the region, also among several that share a pixel", async () => {
  const { space, axis, picture } = await demo(20);
  const several = picture.stretches.find(({ regions }) => regions > 2) as Stretch;
  const middle = (several.from + several.to) / 2;
  expect(space.indexOf(BigInt(chosenAt(several, middle)))).toBe(space.indexOf(axis.address(middle)));
  const single = picture.stretches.find(({ regions }) => regions === 1) as Stretch;
  expect(chosenAt(single, (single.from + single.to) / 2)).toBe(single.start);
});

test("the axis names the starts of regions, and round addresses within one that fills the view", async () => {
  const { space, picture } = await demo(100_000);
  const whole = addressTicks(picture, { from: 0, to: picture.length }, 0.1);
  expect(whole.length).toBeGreaterThan(5);
  for (const { address } of whole) expect(toHex(space.region(space.indexOf(BigInt(address))).start)).toBe(address);

  const stack = picture.stretches.find(({ kind }) => kind === "threadStack") as Stretch;
  const view = { from: stack.from + 0.1, to: stack.to - 0.1 };
  const inside = addressTicks(picture, view, 0.1);
  expect(inside.length).toBeGreaterThanOrEqual(4);
  for (const { address, position } of inside) {
    expect(BigInt(address) % 0x10_0000n).toBe(0n);
    expect(Math.abs(Number(addressIn(stack, position) - BigInt(address)))).toBeLessThanOrEqual(1);
  }
  const apart = inside.slice(1).map((tick, index) => tick.position - (inside[index]?.position ?? 0));
  expect(Math.min(...apart)).toBeGreaterThanOrEqual(0.1 * (view.to - view.from));
});
