import { expect, test } from "vitest";
import { parseRegions } from "../../../src/linux/maps.ts";
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
  return packPicture(revision.picture(query, null));
}

/** A picture whose questions are answered when that is asked for. */
function waiting(): { picture: AddressPicture; asked: PictureQuery[]; answer: () => Promise<void> } {
  const asked: PictureQuery[] = [];
  let resolve: (answer: PictureMessage) => void = () => {};
  const ask = ((method: string, query: PictureQuery) => {
    if (method === "picture") asked.push(query);
    return new Promise((resolved) => {
      resolve = resolved;
    });
  }) as Ask;
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
