import { expect, test } from "vitest";
import { FoldedAxis } from "../../../src/memory/axis.ts";
import { packPicture, unpackPicture } from "../../../src/memory/pictureMessage.ts";
import type { Picture } from "../../../src/protocol/picture.ts";
import { start, stop } from "../linux/programs.ts";
import { imageOf } from "./images.ts";

test("a picture is the same after its way as columns", async () => {
  const { pid } = await start("node", ["-e", "console.log('ready'); setInterval(() => {}, 1000)"]);
  await stop(pid);
  const axis = new FoldedAxis(await imageOf(pid).read("smaps"));
  const views = [
    [0, axis.length, 100_000],
    [0, axis.length, 50],
    [axis.length / 3, axis.length / 2, 1000],
  ] as const;
  for (const [from, to, pixels] of views) {
    const stretches = axis.stretches(from, to, pixels, "pss");
    const picture: Picture = { revision: 3, time: 5, length: axis.length, from, to, stretches };
    const sent = JSON.stringify(packPicture(picture));
    const { stretches: received, ...rest } = unpackPicture(JSON.parse(sent));
    expect(rest).toEqual({ revision: 3, time: 5, length: axis.length, from, to });
    expect(
      received.map(({ from, to, start, end, kind, name, permissions, regions, size, rss, value }) => {
        return { from, to, start, end, kind, name, permissions, regions, size, rss, value };
      }),
    ).toEqual(stretches.map((stretch) => ({ permissions: null, ...stretch })));
    expect(sent.length).toBeLessThan(JSON.stringify(picture).length / 2);
  }
});

test("a picture without stretches stays one", () => {
  const picture: Picture = { revision: 1, time: 1, length: 0, from: 0, to: 0, stretches: [] };
  expect(unpackPicture(packPicture(picture))).toEqual(picture);
});
