import { expect, test } from "vitest";
import { toHex } from "../../../src/memory/address.ts";
import { toExplanationMessage } from "../../../src/memory/messages.ts";
import { imageOf, startPlaces } from "./images.ts";

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
    region: { size: space.size(space.indexOf(address)), rss: null, permissions: "rw-p", kind: "data", thread: null },
    module: { path: image.executable, bias: toHex(space.module(0)?.bias ?? 0n) },
    section: { name: ".data" },
    symbol: { name: "numbers", offset: 8, size: 16 },
  });
  const thread = toExplanationMessage(await image.explain(places.address("in_thread")));
  expect(thread.region?.thread).toBeGreaterThan(places.pid);
  expect(toExplanationMessage(await image.explain(0n))).toMatchObject({ region: null, module: null, kind: null });
});
