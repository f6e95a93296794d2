import { expect, test } from "vitest";
import {
  nobodyInWords,
  objectInWords,
  rangesInWords,
  relationInWords,
  type SharedPages,
  type SharedRange,
  type Sharer,
  type Sharers,
  sharedPagesInWords,
  unreadableInWords,
} from "../../../src/memory/sharers.ts";

function range(start: number, size: number, fileOffset: number): SharedRange {
  return {
    start: `0x${start.toString(16)}`,
    end: `0x${(start + size).toString(16)}`,
    permissions: "r--p",
    fileOffset,
    path: "/lib/x.so",
  };
}

function sharer(...ranges: SharedRange[]): Sharer {
  return { pid: 7, command: "other", user: "me", relation: null, ranges, overlap: 0, pages: null };
}

/** Of a file, of which the second and third page are mapped. */
const answer: Sharers = {
  region: range(0x10000, 0x2000, 0x1000),
  object: { kind: "file", name: "/lib/x.so", size: 0x8000, sysv: null },
  sharers: [],
  looked: 214,
  unreadable: 3,
  hidden: false,
};

test("the ranges with the same part of the object are told first", () => {
  const before = range(0x20000, 0x1000, 0);
  const same = range(0x21000, 0x2000, 0x1000);
  const after = range(0x23000, 0x1000, 0x3000);
  expect(rangesInWords(answer, sharer(same))).toBe("0x21000-0x23000 r--p");
  expect(rangesInWords(answer, sharer(before, same))).toBe("0x21000-0x23000 r--p and 1 other part of it");
  expect(rangesInWords(answer, sharer(before, same, after))).toBe("0x21000-0x23000 r--p and 2 other parts of it");
  expect(rangesInWords(answer, sharer(before, after))).toBe(
    "other parts of it: 0x20000-0x21000 r--p, 0x23000-0x24000 r--p",
  );
});

test("another name of the object is told", () => {
  const same = { ...range(0x20000, 0x2000, 0x1000), path: "/lib/link\n.so" };
  expect(rangesInWords(answer, sharer(same))).toBe("0x20000-0x22000 r--p, as /lib/link\\012.so");
});

test("an object is told with its size, System V's with id, attaches and maker", () => {
  expect(objectInWords(answer.object)).toBe("file /lib/x.so, 32 KiB");
  const sysv = { id: 5, attaches: 2, creator: 77, lastUser: 78 };
  expect(objectInWords({ kind: "sysvShm", name: "0x0000abcd", size: 4096, sysv })).toBe(
    "System V shared memory 0x0000abcd, 4 KiB, id 5, attached 2 times, made by process 77",
  );
});

test("without page frames the number of shared pages is said to be the most that it can be", () => {
  const words = (pages: Partial<SharedPages>) =>
    sharedPagesInWords(answer, { shared: 1200, present: 2400, counted: 0x2000, exact: true, ...pages });
  expect(words({})).toBe("1,200 of 2,400 pages still shared");
  expect(words({ exact: false })).toBe("at most 1,200 of 2,400 pages still shared");
  expect(words({ shared: 0, exact: false })).toBe("0 of 2,400 pages still shared");
  expect(words({ counted: 0x1000 })).toBe("1,200 of 2,400 pages still shared in the 4 KiB that were looked at");
});

test("nobody, relations and processes that could not be read have words", () => {
  expect(nobodyInWords(answer.object)).toBe("Nobody else maps this file.");
  expect(relationInWords("group")).toBe("in its process group");
  expect(relationInWords(null)).toBe("");
  expect(unreadableInWords(answer)).toBe("3 of 214 processes could not be read.");
  expect(unreadableInWords({ ...answer, unreadable: 0 })).toBe("");
  expect(unreadableInWords({ ...answer, unreadable: 0, hidden: true })).toMatch(/^\/proc hides .*hidepid/);
});
