import { expect, test } from "vitest";
import { toHex } from "../../../src/memory/address.ts";
import { toExplanationMessage, toRow } from "../../../src/memory/messages.ts";
import { regionName } from "../../../src/memory/names.ts";
import { stop } from "../linux/programs.ts";
import { imageOf, startPlaces } from "./images.ts";

test("a row of the table says what the region says", async () => {
  const { pid } = await startPlaces();
  await stop(pid);
  const image = imageOf(pid);
  const space = await image.read("smaps");
  for (const [index, region] of [...space.regions()].entries()) {
    expect(toRow(space, index)).toEqual({
      start: toHex(region.start),
      end: toHex(region.end),
      size: region.size,
      rss: region.usage?.rss,
      pss: region.usage?.pss,
      dirty: (region.usage?.sharedDirty ?? 0) + (region.usage?.privateDirty ?? 0),
      swap: region.usage?.swap,
      age: expect.any(Number),
      permissions: region.permissions,
      kind: region.kind,
      name: regionName(space, index),
      path: region.path,
    });
  }
});

test("a row of a region that was not read in detail has no numbers but its size", async () => {
  const { pid } = await startPlaces();
  const space = await imageOf(pid).read("maps");
  expect(toRow(space, 0)).toMatchObject({ size: 4096, rss: null, pss: null, dirty: null, swap: null, age: null });
});

test("an explanation survives the wire", async () => {
  const places = await startPlaces();
  const image = imageOf(places.pid);
  const space = await image.read("maps");
  const address = places.address("numbers");
  const message = toExplanationMessage(await image.explain(address));
  expect(JSON.parse(JSON.stringify(message))).toEqual(message);
  expect(message).toMatchObject({
    address: toHex(address),
    kind: "data",
    region: { ...toRow(space, space.indexOf(address)), thread: null },
    module: { path: image.executable, bias: toHex(space.module(0)?.bias ?? 0n) },
    section: { name: ".data" },
    symbol: { name: "numbers", offset: 8, size: 16 },
  });
  const thread = toExplanationMessage(await image.explain(places.address("in_thread")));
  expect(thread.region?.thread).toBeGreaterThan(places.pid);
  expect(toExplanationMessage(await image.explain(0n))).toMatchObject({ region: null, module: null, kind: null });
});
