import { expect, test } from "vitest";
import { SmapsTableScanner } from "../../../src/linux/smapsTable.ts";

const TEXT = `00400000-00401000 r-xp 00000000 fe:00 42                                 /opt/a b (deleted)
Size:                  4 kB
Rss:                   4 kB
VmFlags: rd ex mr mw me 
7ffd1000-7ffd2000 rw-p 00000000 00:00 0                                  [stack]
Size:                  4 kB
Rss:                   8 kB
THPeligible:           1
VmFlags: rd wr 
`;

function tableOf(text: string, piece: number) {
  const scanner = new SmapsTableScanner();
  const bytes = Buffer.from(text);
  let from = 0;
  for (let to = Math.min(piece, bytes.length); from < bytes.length && to <= bytes.length; to += piece) {
    from = scanner.scan(bytes, from, to);
    if (to < bytes.length && to + piece > bytes.length) from = scanner.scan(bytes, from, bytes.length);
  }
  return scanner.finish();
}

test.each([10_000, 7, 100])("every number is in the table, whatever the pieces of %s bytes", (piece) => {
  expect(tableOf(TEXT, piece)).toEqual({
    fields: ["Size", "Rss", "THPeligible"],
    rows: [
      {
        ...{ start: "00400000", permissions: "r-xp", offset: "00000000", device: "fe:00", inode: "42" },
        ...{ path: "/opt/a b (deleted)", numbers: [4, 4, 0] },
      },
      {
        ...{ start: "7ffd1000", permissions: "rw-p", offset: "00000000", device: "00:00", inode: "0" },
        ...{ path: "[stack]", numbers: [4, 8, 1] },
      },
    ],
  });
});

test.each(["Rss:                   4 kB\n", "what is this?\n", `${TEXT}and this\n`])(
  "a text that smaps can't have is refused in a sentence",
  (text) => {
    expect(() => tableOf(text, 10_000)).toThrow(/can't be understood/);
  },
);
