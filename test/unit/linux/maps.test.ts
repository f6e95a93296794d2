import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseRegions, RegionScanner } from "../../../src/linux/maps.ts";
import type { AddressSpace } from "../../../src/memory/addressSpace.ts";
import { USAGE_FIELDS } from "../../../src/memory/region.ts";
import { KERNEL_NAMES, printLine, readPlainly } from "./plainSmaps.ts";

const captured = (name: string) => readFileSync(new URL(`../captured/${name}`, import.meta.url), "utf8");

/** `smaps-linux-6.18.txt` is of a bash; `smaps-like-linux-4.14.txt` is the same with the fields, in the order, of 4.14. */
const TEXTS = ["smaps-linux-6.18.txt", "smaps-like-linux-4.14.txt"].map(captured) as [string, string];

const parse = (text: string) => parseRegions(Buffer.from(text));

function expectAgreement(space: AddressSpace, text: string): void {
  const plain = readPlainly(text);
  expect(space.length).toBe(plain.length);
  for (const [index, { line, fields, flags }] of plain.entries()) {
    const region = space.region(index);
    expect(printLine(region)).toBe(line);
    expect(region.usage?.flags).toEqual(flags);
    expect(region.usage?.thpEligible).toBe(fields.THPeligible === 1);
    for (const field of USAGE_FIELDS) expect(region.usage?.[field]).toBe((fields[KERNEL_NAMES[field]] ?? 0) * 1024);
    expect(region.size).toBe((fields.Size ?? Number.NaN) * 1024);
  }
}

test("every number, flag and name of smaps is read, of new kernels and old ones", () => {
  for (const text of TEXTS) expectAgreement(parse(text), text);
});

test("regions that may get huge pages are told from their neighbours", () => {
  let line = 0;
  const text = TEXTS[0].replace(/(THPeligible: +)0/g, (_, name) => name + Number(line++ % 3 === 1));
  expectAgreement(parse(text), text);
});

test("fields that an older kernel lacks read 0, and fields that nobody asks for are passed over", () => {
  const [now, then] = TEXTS.map(parse) as [AddressSpace, AddressSpace];
  const dirty = [...now.regions()].findIndex((region) => (region.usage?.pssDirty ?? 0) > 0);
  expect(now.region(dirty).usage).toEqual({ ...then.region(dirty).usage, pssDirty: now.usageOf(dirty, "pssDirty") });
  expect(then.usageOf(dirty, "pssDirty")).toBe(0);
});

test("kernels' texts one after the other are read right, though their fields stand in other places", () => {
  const below = TEXTS[1]
    .slice(0, TEXTS[1].indexOf("ffffffffff600000"))
    .replaceAll(/^[0-9a-f]{12}-[0-9a-f]{12}/gm, (range) =>
      range.replaceAll(/\w+/g, (address) => (BigInt(`0x${address}`) - 0x3000_0000_0000n).toString(16)),
    );
  expectAgreement(parse(below + TEXTS[0]), below + TEXTS[0]);
});

test("fields that newer kernels have are passed over, wherever they stand and whatever they say", () => {
  let region = 0;
  const text = TEXTS[0]
    .replaceAll("VmFlags:", () => `ProtectionKey:         ${region++ % 16}\nVmFlags:`)
    .replaceAll(
      "Rss:",
      () => `Future_Field:      ${String(region++).padStart(6)} kB\nA_Name_Of_Many_Letters: ${region} pages\nRss:`,
    );
  expectAgreement(parse(text), text);
});

test("numbers are read right beside any others", () => {
  const random = randomNumbers(7);
  for (let round = 0; round < 50; round++) {
    const text = TEXTS[round % 2 === 0 ? 0 : 1].replaceAll(/^(?!Size)(\w+:) +\d+ kB$/gm, (_, name: string) => {
      const kib = random(3) === 0 ? 0 : random(10 ** random(10));
      return `${name.padEnd(16)}${String(kib).padStart(8)} kB`;
    });
    expectAgreement(parse(text), text);
  }
});

test("a scanner reads one text after the other, also after one that it refused", () => {
  const scanner = new RegionScanner();
  const read = (text: string) => {
    scanner.scan(Buffer.from(text), 0, text.length);
    return scanner.finish();
  };
  const [now, then] = TEXTS;
  expectAgreement(read(now), now);
  scanner.begin();
  expect(() => read(now.slice(0, 1000))).toThrow();
  for (const text of [then, now, now]) {
    scanner.begin();
    expectAgreement(read(text), text);
  }
  const maps = [...parse(now).regions()].map((region) => printLine(region)).join("\n");
  scanner.begin();
  expect([...read(`${maps}\n`).regions()].map(({ usage }) => usage).filter(Boolean)).toEqual([]);
});

test("names stay right when there are ever others, and those of one reading are no more than it has", () => {
  const scanner = new RegionScanner();
  for (const first of [0, 5000, 2000, 0]) {
    const names = Array.from({ length: 5000 }, (_, index) => `/tmp/${(first + index) % 8000}`);
    const lines = names.map(
      (name, at) => `${(at + 1).toString(16)}000-${(at + 2).toString(16)}000 rw-s 00000000 00:1 5 ${name}\n`,
    );
    const text = Buffer.from(lines.join(""));
    scanner.begin().scan(text, 0, text.length);
    const space = scanner.finish();
    expect([...space.regions()].map(({ path }) => path)).toEqual(names);
    expect(space.paths).toEqual(names);
  }
});

test("a text may come in pieces that end anywhere", () => {
  const bytes = Buffer.from(TEXTS[0]);
  for (const size of [1, 7, 28, 4001]) {
    const scanner = new RegionScanner();
    const buffer = Buffer.alloc(8192);
    let unfinished = 0;
    for (let at = 0; at < bytes.length; at += size) {
      const filled = unfinished + bytes.copy(buffer, unfinished, at, at + size);
      const scanned = scanner.scan(buffer, 0, filled);
      buffer.copyWithin(0, scanned, filled);
      unfinished = filled - scanned;
    }
    expectAgreement(scanner.finish(), TEXTS[0]);
  }
});

test("numbers of more than eight digits are read, up to 4 TiB", () => {
  const text = TEXTS[0]
    .replace(/Rss: +\d+ kB/, "Rss:            123456789 kB")
    .replace(/Pss: +\d+ kB/, "Pss: 99999999999 kB");
  const space = parse(text);
  expect(space.usageOf(0, "rss")).toBe(123_456_789 * 1024);
  expect(space.usageOf(0, "pss")).toBe(0xffff_ffff * 1024);
  expect(space.usage(1)).toEqual(parse(TEXTS[0]).usage(1));
});

test("the vsyscall page at the top of the address space is exact", () => {
  const space = parse("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n");
  expect(space.region(0)).toMatchObject({ start: 0xffffffffff600000n, end: 0xffffffffff601000n, size: 4096 });
  expect(space.indexOf(0xffffffffff600fffn)).toBe(0);
  expect(space.indexOf(0xffffffffff601000n)).toBe(-1);
});

test("maps alone says nothing about usage", () => {
  const space = parse("00400000-00401000 rwxs ffffe000 103:02 18446744073709551615                  /dev/x y\n");
  expect(space.region(0)).toMatchObject({
    permissions: "rwxs",
    fileOffset: 0xffffe000,
    device: "103:02",
    inode: Number(18446744073709551615n),
    path: "/dev/x y",
    usage: null,
  });
});

test("names keep their spaces, newlines and ` (deleted)`", () => {
  const line = (start: number, name: string) =>
    `${start.toString(16)}000-${start.toString(16)}800 r--p 00000000 00:00 0 ${name}\n`;
  const names = ["/tmp/a  b ", "/tmp/a\\012b (deleted)", "[anon:my heap]", "/tmp/ä", "/tmp/ä", "anon_inode:[x]"];
  const space = parse(names.map((name, index) => line(0x1000 + index, name)).join("") + line(0x2000, ""));
  expect([...space.regions()].map((region) => region.path)).toEqual([
    "/tmp/a  b ",
    "/tmp/a\nb (deleted)",
    "[anon:my heap]",
    "/tmp/ä",
    "/tmp/ä",
    "anon_inode:[x]",
    null,
  ]);
  expect(space.paths).toHaveLength(5);
});

test("a region that has grown while it was read takes the place of what was read of it", () => {
  const record = (range: string, rss: number) =>
    `${range} rw-p 00000000 00:00 0 \nSize:               1 kB\nRss: ${String(rss).padStart(18)} kB\nVmFlags: rd \n`;
  const space = parse(
    record("00400000-00402000", 1) +
      record("00402000-00403000", 2) +
      record("00403000-00404000", 4) +
      // The second and third have merged with more above them.
      record("00402000-00408000", 0) +
      // The end of that one has merged with what follows.
      record("00407000-00409000", 8),
  );
  const told = [...space.regions()].map(({ start, end, usage }) => [Number(start), Number(end), usage?.rss]);
  expect(told).toEqual([
    [0x400000, 0x402000, 1024],
    [0x402000, 0x407000, 0],
    [0x407000, 0x409000, 8192],
  ]);
});

test("an empty text has no regions", () => {
  expect(parse("").length).toBe(0);
});

test("a text that ends within a line is refused", () => {
  for (const length of [1, 20, 60, 75, 100, 300]) {
    expect(() => parse(TEXTS[0].slice(0, length))).toThrowError(expect.objectContaining({ problem: "unreadable" }));
  }
});

test.each([
  "hello\n",
  "\n",
  "Rss:                   4 kB\n",
  "00400000 00401000 r--p 00000000 00:00 0 \n",
  "00401000-00400000 r--p 00000000 00:00 0 \n",
  "00400000-00401000 r--p 00000000 00:00\n",
  "00400000-00401000 r--p\n",
  "00400000-00401000\n0 0\n",
  "00400000-12345678901234567 r--p 00000000 00:00 0 \n",
  "00400000-00401000 r--p 00000000 00:00 x \n",
  "00400000-00402000 r--p 00000000 00:00 0 \n00401000-00402000 r--p 00000000 00:00 0 \n",
  "00400000-00402000 r--p 00000000 00:00 0 \n00300000-00301000 r--p 00000000 00:00 0 \n",
  "00400000-00401000 r--p 00000000 00:00 0 \nRss\n",
  "00400000-00401000 r--p 00000000 00:00 0 \nRss:                 x4 kB\n",
  "00400000-00401000 r--p 00000000 00:00 0 \nRss: 4 pages\n",
])("a line that the kernel never prints is refused: %j", (text) => {
  expect(() => parse(text)).toThrowError(expect.objectContaining({ problem: "unreadable" }));
});

test("a broken number is refused where the line was recognised, too", () => {
  const last = TEXTS[0].lastIndexOf("Locked:");
  const broken = `${TEXTS[0].slice(0, last)}Locked:                1x kB${TEXTS[0].slice(last + 27)}`;
  expect(() => parse(broken)).toThrowError(expect.objectContaining({ problem: "unreadable" }));
});

test("any bytes end in regions or in a refusal, never in anything else", () => {
  const bytes = Buffer.from(TEXTS[0]);
  const random = randomNumbers(1);
  for (let round = 0; round < 500; round++) {
    const text = Buffer.from(bytes.subarray(0, random(bytes.length)));
    for (let change = 0; change < 3 && text.length > 0; change++) text[random(text.length)] = random(256);
    try {
      expect(parseRegions(text).length).toBeGreaterThanOrEqual(0);
    } catch (error) {
      expect(error).toMatchObject({ problem: "unreadable" });
    }
  }
});

function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
