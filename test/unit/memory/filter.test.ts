import { expect, test } from "vitest";
import type { AddressSpace } from "../../../src/memory/addressSpace.ts";
import { filterProblem, parseFilter } from "../../../src/memory/filter.ts";
import type { Region } from "../../../src/memory/region.ts";
import { filterRegions } from "../../../src/memory/regionFilter.ts";
import { stop } from "../linux/programs.ts";
import { imageOf, startDemo } from "./images.ts";

async function aDemo(what: "smaps" | "maps"): Promise<AddressSpace> {
  const { pid } = await startDemo();
  await stop(pid);
  return imageOf(pid).read(what);
}

const found = (space: AddressSpace, filter: string, now?: number) => [
  ...filterRegions(space, parseFilter(filter), now),
];
const where = (space: AddressSpace, test: (region: Region) => boolean) =>
  Array.from(space.regions(), test).flatMap((holds, index) => (holds ? [index] : []));

test("each condition lets through what it says, of a real process", async () => {
  const space = await aDemo("smaps");
  const isStack = ({ kind }: Region) => kind === "stack" || kind === "threadStack";
  const heap = [...space.regions()].find(({ kind }) => kind === "heap");
  if (!heap) throw new Error("There is no heap.");
  const between = `0x${heap.start.toString(16)}-0x${(heap.end + 1n).toString(16)}`;
  const cases: [filter: string, test: (region: Region) => boolean][] = [
    ["", () => true],
    ["kind:heap", ({ kind }) => kind === "heap"],
    ["kind:stack", isStack],
    ["kind=stack", ({ kind }) => kind === "stack"],
    ["kind:heap|stack", (region) => region.kind === "heap" || isStack(region)],
    ["kind:heap, stack", (region) => region.kind === "heap" || isStack(region)],
    ["kind:heap,stack", (region) => region.kind === "heap" || isStack(region)],
    [" , | -| ", () => true],
    ["kind:heap | rss>0", ({ kind, usage }) => kind === "heap" || (usage?.rss ?? 0) > 0],
    ["-kind:heap|stack", (region) => region.kind !== "heap" && !isStack(region)],
    ['kind:"main stack"', ({ kind }) => kind === "stack"],
    ["rss>8K", ({ usage }) => (usage?.rss ?? 0) > 8192],
    ["RSS>=0.5KiB", ({ usage }) => (usage?.rss ?? 0) >= 512],
    ["rss=0", ({ usage }) => usage?.rss === 0],
    ["-rss=0", ({ usage }) => usage?.rss !== 0],
    ["size<=4096", ({ size }) => size <= 4096],
    ["size>=64K size<1M", ({ size }) => size >= 65536 && size < 1 << 20],
    ["Private_Dirty>0", ({ usage }) => (usage?.privateDirty ?? 0) > 0],
    ["dirty>4K", ({ usage }) => (usage ? usage.sharedDirty + usage.privateDirty : 0) > 4096],
    ["uss>0", ({ usage }) => (usage ? usage.privateClean + usage.privateDirty + usage.privateHugetlb : 0) > 0],
    ["perm:w", ({ permissions }) => permissions.includes("w")],
    ["perm:xr", ({ permissions }) => permissions.includes("r") && permissions.includes("x")],
    ["perm:s", ({ permissions }) => permissions.endsWith("s")],
    ["perm:rw-p", ({ permissions }) => permissions === "rw-p"],
    ["perm:r--", ({ permissions }) => permissions.startsWith("r--")],
    ["perm=r", ({ permissions }) => permissions.startsWith("r--")],
    ["-perm:w", ({ permissions }) => !permissions.includes("w")],
    ["path:LIBC", ({ path }) => path?.toLowerCase().includes("libc") ?? false],
    [`path=${heap.path}`, ({ path }) => path === heap.path],
    ["module:libc perm:x", ({ module, permissions }) => module?.includes("libc") === true && permissions.includes("x")],
    ["inode=0", ({ inode }) => inode === 0],
    ["offset>0x1000", ({ fileOffset }) => fileOffset > 4096],
    ["thread>0", ({ thread }) => thread !== null],
    ["flags:sh", ({ usage }) => usage?.flags.includes("sh") ?? false],
    [`addr:0x${(heap.start + 5n).toString(16)}`, ({ start }) => start === heap.start],
    [`addr:${between}`, ({ start, end }) => start <= heap.end && end > heap.start],
    [`addr>=0x${heap.end.toString(16)}`, ({ start }) => start >= heap.end],
    ["age<10s", () => true],
    ["age>1h", () => false],
    ["libc rw-p", ({ module, permissions }) => module?.includes("libc") === true && permissions === "rw-p"],
    ["---p", ({ permissions }) => permissions === "---p"],
  ];
  for (const [filter, holds] of cases) expect([filter, found(space, filter)]).toEqual([filter, where(space, holds)]);
  for (const filter of ["kind:heap", "kind:stack", "perm:s", "---p", "libc rw-p", "thread>0", "flags:sh", "dirty>4K"]) {
    expect([filter, found(space, filter).length > 0]).toEqual([filter, true]);
  }
});

test("what has not been read is neither more nor less than a number, nor not so", async () => {
  const space = await aDemo("maps");
  for (const filter of ["rss>0", "rss=0", "rss<1T", "-rss>0", "age<1h", "-age<1h", "flags:rd", "-flags:rd"]) {
    expect([filter, found(space, filter)]).toEqual([filter, []]);
  }
  expect(found(space, "rss>0|kind:heap")).toEqual(found(space, "kind:heap"));
});

test("a mistake is told in a sentence that names it", () => {
  const mistakes: Record<string, RegExp> = {
    "rss>lots": /^“lots” is no number: write it as 4096, 64K or 1\.5M\.$/,
    "rss>": /^Something is missing after “rss>”\.$/,
    "kind:": /^Something is missing after “kind:”\.$/,
    "kind:hoop": /^No kind of region is called “hoop”\. There are code, /,
    "size>4X": /“4x” is no number/,
    "age<soon": /“soon” is no age/,
    "addr:here": /“here” is no address/,
    "addr:0x2000-0x1000": /is no address/,
    "addr:0x10000000000000000": /is no address/,
    "perm:q": /“q” are no permissions/,
    "name>a": /“name” is a text/,
    "colour:red": /nothing called “colour”.*in quotes: "colour:red"/,
    '"a b': /quotation mark/,
  };
  for (const [filter, sentence] of Object.entries(mistakes)) {
    expect([filter, filterProblem(filter)]).toEqual([filter, expect.stringMatching(sentence)]);
  }
  for (const filter of ["", "  ", "-", "|", ",", "[anon:heap]", '"memfd:x"', "a|", "-|-", "rss>1M|"]) {
    expect([filter, filterProblem(filter)]).toEqual([filter, null]);
  }
});

test("quotes keep spaces, commas and signs as they are", () => {
  expect(parseFilter('name:"a, b|c" "rss>1"')).toEqual([
    { isNegated: false, alternatives: [{ field: "name", isExact: false, text: "a, b|c" }] },
    { isNegated: false, alternatives: [{ field: "any", text: "rss>1" }] },
  ]);
});
