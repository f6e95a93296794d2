import { expect, test } from "vitest";
import { parseRegions } from "../../../src/linux/maps.ts";
import { isSameObject, ObjectScanner, objectKind } from "../../../src/linux/sharedObject.ts";

const MAPS = [
  "10000-11000 r--p 00000000 fe:00 260890                     /usr/lib/libc.so.6",
  "11000-12000 rw-p 00000000 00:00 0 ",
  "12000-13000 rw-p 00000000 00:00 0                          [heap]",
  "13000-14000 rw-s 00000000 00:01 5                          /SYSV0000abcd (deleted)",
  "14000-15000 rw-s 00000000 00:01 5                          /memfd:SYSV (deleted)",
  "15000-16000 rw-s 00000000 00:01 5                          /dev/zero (deleted)",
  "16000-17000 rw-s 00000000 00:01 0                          /SYSV00000000 (deleted)",
  "17000-18000 rw-s 00000000 00:18 5                          /dev/shm/name",
  "18000-19000 rw-p 00000000 00:06 6                          /dev/zero",
  "19000-1a000 rw-s 00000000 00:06 400                        /dev/dri/card0",
  "1a000-1b000 rw-s 00000000 00:0f 1063                       anon_inode:[perf_event]",
  "1b000-1c000 rw-p 00000000 00:10 77                         /anon_hugepage (deleted)",
  "1c000-1d000 rw-s 00000000 00:10 78                         /anon_hugepage (deleted)",
  "1d000-1e000 rw-s 00000000 00:01 9                          [anon_shmem:frames]",
  "1e000-1f000 r--p 00001000 fe:00 260890                     /snap/libc \\012 fe:00 5 .so",
  "1f000-20000 r-xp 00000000 00:00 0                          [vdso]",
];
const space = parseRegions(Buffer.from(`${MAPS.join("\n")}\n`));

test("what a region maps is known by its inode and its name", () => {
  expect(MAPS.map((_, index) => objectKind(space, index))).toEqual([
    ...["file", "private", "private", "sysvShm", "memfd", "sharedAnonymous", "sysvShm", "posixShm", "private", "file"],
    ...["untold", "private", "sharedAnonymous", "sharedAnonymous", "file", "kernel"],
  ]);
});

test("an inode stands for one object of its sort, whatever the file's name", () => {
  expect(isSameObject(space, 0, space, 14)).toBe(true);
  expect(isSameObject(space, 3, space, 3)).toBe(true);
  // One device and one number, but a segment's id, a memfd and memory without a name.
  expect(isSameObject(space, 3, space, 4)).toBe(false);
  expect(isSameObject(space, 4, space, 5)).toBe(false);
  expect(isSameObject(space, 3, space, 7)).toBe(false);
});

test("only the lines of the object are parsed, wherever the text is cut", () => {
  const text = Buffer.from(`${MAPS.join("\n")}\n`);
  for (let cut = 0; cut <= text.length; cut++) {
    const scanner = new ObjectScanner(space, 0);
    const scanned = scanner.scan(text, 0, cut);
    expect(scanned).toBeLessThanOrEqual(cut);
    expect(scanner.scan(text, scanned, text.length)).toBe(text.length);
    expect([...(scanner.finish()?.columns.start ?? [])]).toEqual([0x10000, 0x1e000]);
  }
});

test("an object that nobody maps is not found, and text in a path is no inode", () => {
  const other = parseRegions(Buffer.from("10000-11000 r--p 00000000 fe:00 999 /nowhere\n"));
  const scanner = new ObjectScanner(other, 0);
  scanner.scan(Buffer.from(`${MAPS.join("\n")}\n`), 0, MAPS.join("\n").length + 1);
  expect(scanner.finish()).toBeNull();
  const five = parseRegions(Buffer.from("10000-11000 r--p 00000000 fe:00 5 /five\n"));
  const found = new ObjectScanner(five, 0);
  found.scan(Buffer.from(`${MAPS.join("\n")}\n`), 0, MAPS.join("\n").length + 1);
  const lines = found.finish();
  expect(lines && isSameObject(five, 0, lines, 0)).toBe(false);
});
