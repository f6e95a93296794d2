import { expect, test } from "vitest";
import { parseRegions } from "../../../src/linux/maps.ts";
import type { HexAddress } from "../../../src/memory/address.ts";
import { packPicture } from "../../../src/memory/pictureMessage.ts";
import type { PictureMessage, PictureQuery } from "../../../src/protocol/server.ts";
import { Revision } from "../../../src/server/revision.ts";
import { AddressPicture } from "../../../src/webview/data/addressPicture.ts";
import type { Ask } from "../../../src/webview/data/question.ts";

const revision = new Revision(
  1,
  parseRegions(Buffer.from("1000-9000 rw-p 00000000 00:00 0 \n9000-a000 r--p 00000000 00:00 0 \n")),
);

function answerOf(query: PictureQuery): PictureMessage {
  return packPicture(revision.picture(query, query.selected ? BigInt(query.selected) : null));
}

/** A picture whose questions for the whole are answered when that is asked for, and others never. */
function waiting(): { picture: AddressPicture; asked: PictureQuery[]; answer: () => Promise<void> } {
  const asked: PictureQuery[] = [];
  let resolve: (answer: PictureMessage) => void = () => {};
  const ask = ((method: string, query: PictureQuery) =>
    new Promise((resolved) => {
      if (method !== "picture" || query.to !== null) return;
      asked.push(query);
      resolve = resolved;
    })) as Ask;
  const picture = new AddressPicture(ask, ask);
  const answer = async () => {
    resolve(answerOf(asked.at(-1) as PictureQuery));
    await new Promise((done) => setTimeout(done));
  };
  return { picture, asked, answer };
}

const AHEAD: PictureQuery = { target: "1:2", at: null, measure: "rss", from: 0, to: null, pixels: 10, selected: null };

test("a picture that was sent ahead is shown until the answer is there", async () => {
  const { picture, asked, answer } = waiting();
  picture.resize(1000);
  picture.look("1:2", null);
  expect(asked).toMatchObject([{ target: "1:2", pixels: 1000 }]);
  picture.offer(AHEAD, answerOf(AHEAD));
  expect(picture.whole?.stretches.length).toBeGreaterThan(0);
  await answer();
  const answered = picture.whole;
  picture.offer(AHEAD, answerOf(AHEAD));
  expect(picture.whole).toBe(answered);
});

test.each([
  ["of another process", { target: "3:4" }],
  ["by another measure", { measure: "size" }],
] as const)("one %s is not shown", (_, other) => {
  const { picture } = waiting();
  picture.resize(1000);
  picture.look("1:2", null);
  picture.offer({ ...AHEAD, ...other }, answerOf(AHEAD));
  expect(picture.whole).toBeNull();
});

test("of the past none is shown", () => {
  const { picture } = waiting();
  picture.resize(1000);
  picture.look("1:2", null);
  picture.lookAt(1_000_000);
  picture.offer(AHEAD, answerOf(AHEAD));
  expect(picture.whole).toBeNull();
});

test("what was chosen comes into view once it is known", async () => {
  const { picture, answer } = await closeTo("0x9000");
  expect(picture.view.to).toBeLessThan(1);
  await answer();
  const { view, selected } = picture;
  expect([selected && selected.from >= view.from, selected && selected.to <= view.to]).toEqual([true, true]);
});

test("a view that was moved meanwhile stays where it was moved to", async () => {
  const { picture, answer } = await closeTo("0x9000");
  picture.panBy(1);
  const moved = picture.view;
  await answer();
  expect(picture.region?.start).toBe("0x9000");
  expect(picture.view).toEqual(moved);
});

/** The first bytes are in view, and another region was just chosen. */
async function closeTo(address: HexAddress): Promise<ReturnType<typeof waiting>> {
  const waited = waiting();
  const { picture, answer } = waited;
  picture.resize(1000);
  picture.look("1:2", null);
  await answer();
  picture.zoomBy(1000, 0);
  picture.select(address, true);
  return waited;
}
