import { once } from "node:events";
import { expect, test } from "vitest";
import { type AddressSpace, EXECUTE, READ, SHARED, WRITE } from "../../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../../src/memory/addressSpaceBuilder.ts";
import { type Changes, changesBetween, MOST_LISTED } from "../../../src/memory/changes.ts";
import { isSameSpace } from "../../../src/memory/sameRegions.ts";
import { open, start, stop } from "../linux/programs.ts";

const PAGE = 4096;

interface Mapping {
  /** In pages. */
  start: number;
  end: number;
  permissions: number;
  /** 0 for memory of no file. */
  inode: number;
  device: string;
  /** In pages. */
  offset: number;
  /** KiB; `null` where smaps has not been read. */
  rss: number | null;
  flags: string;
}

const anonymous = (start: number, end: number, rest: Partial<Mapping> = {}): Mapping => ({
  start,
  end,
  permissions: READ | WRITE,
  inode: 0,
  device: "00:00",
  offset: 0,
  rss: null,
  flags: "rd wr",
  ...rest,
});

const file = (start: number, end: number, offset: number, rest: Partial<Mapping> = {}): Mapping =>
  anonymous(start, end, { permissions: READ, inode: 7, device: "fe:00", offset, ...rest });

function spaceOf(mappings: readonly Mapping[]): AddressSpace {
  const builder = new AddressSpaceBuilder();
  for (const { start, end, permissions, offset, device, inode, rss, flags } of mappings) {
    builder.add(start * PAGE, end * PAGE, permissions, offset * PAGE, device, inode, inode ? `/file${inode}` : null);
    if (rss === null) continue;
    builder.setUsage("rss", rss);
    builder.setFlags(flags);
  }
  return builder.finish();
}

type Ranges = [start: number, end: number][];
type Told = Partial<Record<keyof Changes, Ranges>>;

/** What has changed, in pages, of the kinds that have changed at all. */
function told(before: readonly Mapping[], after: readonly Mapping[]): Told {
  const kinds: Told = {};
  for (const [kind, { count, bytes, first }] of Object.entries(changesBetween(spaceOf(before), spaceOf(after)))) {
    expect(count).toBe(first.length);
    expect(bytes).toBe(
      first.reduce((sum: number, { start, end }: { start: number; end: number }) => sum + end - start, 0),
    );
    if (count === 0) continue;
    kinds[kind as keyof Changes] = first.map(({ start, end }: { start: number; end: number }) => [
      start / PAGE,
      end / PAGE,
    ]);
  }
  return kinds;
}

test("what is mapped and unmapped is added and removed", () => {
  const one = anonymous(1, 3);
  const other = file(5, 8, 0);
  expect(told([], [one, other])).toEqual({
    added: [
      [1, 3],
      [5, 8],
    ],
  });
  expect(told([one, other], [one])).toEqual({ removed: [[5, 8]] });
  expect(told([one, other], [one, other])).toEqual({});
});

test("a region grows and shrinks at both ends and in its middle", () => {
  expect(told([anonymous(4, 6)], [anonymous(2, 9)])).toEqual({
    grown: [
      [2, 4],
      [6, 9],
    ],
  });
  expect(told([anonymous(2, 9)], [anonymous(2, 4), anonymous(6, 9)])).toEqual({ shrunk: [[4, 6]] });
  expect(told([anonymous(2, 4), anonymous(6, 9)], [anonymous(2, 9)])).toEqual({ grown: [[4, 6]] });
});

test("where another file, other bytes of it or another sharing is mapped, something is removed and something added", () => {
  const one = file(1, 4, 0);
  for (const other of [
    file(1, 4, 1),
    file(1, 4, 0, { inode: 8 }),
    file(1, 4, 0, { device: "fe:01" }),
    file(1, 4, 0, { permissions: READ | SHARED }),
    anonymous(1, 4),
  ]) {
    expect(told([one], [other])).toEqual({ removed: [[1, 4]], added: [[1, 4]] });
  }
  expect(told([one], [file(1, 2, 0), anonymous(2, 3), file(3, 4, 2)])).toEqual({ shrunk: [[2, 3]], added: [[2, 3]] });
});

test("a part of a region that gets another protection is all that changes, though regions are split", () => {
  const parts = [file(0, 2, 0), file(2, 3, 2, { permissions: READ | EXECUTE }), file(3, 9, 3)];
  expect(told([file(0, 9, 0)], parts)).toEqual({ protection: [[2, 3]] });
  expect(told(parts, [file(0, 9, 0)])).toEqual({ protection: [[2, 3]] });
});

test("numbers and flags move only where they were read both times", () => {
  const [unread, few, many] = [null, 4, 8].map((rss) => [anonymous(0, 2, { rss })]) as [
    Mapping[],
    Mapping[],
    Mapping[],
  ];
  expect(told(few, many)).toEqual({ usage: [[0, 2]] });
  expect(told(few, [anonymous(0, 2, { rss: 4, flags: "rd wr lo" })])).toEqual({ usage: [[0, 2]] });
  for (const [before, after] of [
    [unread, few],
    [few, unread],
    [unread, unread],
    [few, few],
  ] as const) {
    expect(told(before, after)).toEqual({});
  }
});

test("flags are compared by their names, in whatever order they came", () => {
  const one = anonymous(0, 1, { rss: 0, flags: "rd" });
  const other = anonymous(2, 3, { rss: 0, flags: "wr" });
  expect(told([one, other], [other])).toEqual({ removed: [[0, 1]] });
});

test("of many ranges the first are listed and all are counted", () => {
  const many = Array.from({ length: 3 * MOST_LISTED }, (_, index) => anonymous(2 * index, 2 * index + 1));
  const { added } = changesBetween(spaceOf([]), spaceOf(many));
  expect(added).toMatchObject({ count: 3 * MOST_LISTED, bytes: 3 * MOST_LISTED * PAGE });
  expect(added.first).toHaveLength(MOST_LISTED);
  expect(added.first.at(-1)).toEqual({ start: 2 * (MOST_LISTED - 1) * PAGE, end: (2 * MOST_LISTED - 1) * PAGE });
});

test("addresses at the top are exact", () => {
  const top = 0xffff_ffff_ff600;
  expect(told([], [anonymous(top, top + 1)])).toEqual({ added: [[top, top + 1]] });
});

test("it says what a page-by-page comparison says", () => {
  const random = randomNumbers(1);
  for (let round = 0; round < 2000; round++) {
    const before = randomMappings(random);
    const after = random(4) === 0 ? randomMappings(random) : mutated(before, random);
    expect(told(before, after), JSON.stringify({ before, after })).toEqual(plainly(before, after));
  }
});

test("what a process maps and unmaps is seen, and nothing while it stands", async () => {
  const script = `
import mmap, signal
kept = []
def change(*_):
    if kept: kept.pop().close()
    else: kept.append(mmap.mmap(-1, ${1234 * PAGE}))
    print("changed", flush=True)
signal.signal(signal.SIGUSR1, change)
print("ready", flush=True)
while True: signal.pause()
`;
  const { pid, child } = await start("python3", ["-c", script]);
  const target = open(pid);
  const spaces = [await target.readSmaps()];
  for (let round = 0; round < 2; round++) {
    process.kill(pid, "SIGUSR1");
    await once(child.stdout, "data");
    spaces.push(await target.readSmaps());
  }
  const [before, mapped, unmapped] = spaces as [AddressSpace, AddressSpace, AddressSpace];
  const sizes = ({ first }: Changes["added"]) => first.map(({ start, end }) => (end - start) / PAGE);
  expect(sizes(changesBetween(before, mapped).added)).toEqual([1234]);
  expect(sizes(changesBetween(mapped, unmapped).removed)).toEqual([1234]);
  await stop(pid);
  const [standing, again] = [await target.readMaps(), await target.readMaps()];
  expect(isSameSpace(standing, again)).toBe(true);
  for (const ranges of Object.values(changesBetween(standing, again))) expect(ranges.count).toBe(0);
});

test("two readings of the same are the same space, and any other number, text or boundary makes another", () => {
  const mappings = [anonymous(0, 2, { rss: 4 }), file(3, 5, 1, { rss: 0, flags: "rd mr" })];
  const space = spaceOf(mappings);
  const again = spaceOf(mappings);
  again.columns.readAt.fill(5);
  expect(isSameSpace(space, again)).toBe(true);
  for (const other of [
    { start: 1 },
    { end: 3 },
    { permissions: READ },
    { rss: 8 },
    { rss: null },
    { flags: "rd" },
    { device: "00:01" },
    { inode: 9 },
    { offset: 1 },
  ]) {
    const changed = spaceOf([{ ...anonymous(0, 2, { rss: 4 }), ...other }, ...mappings.slice(1)]);
    expect(isSameSpace(space, changed), JSON.stringify(other)).toBe(false);
    expect(isSameSpace(changed, space), JSON.stringify(other)).toBe(false);
  }
  expect(isSameSpace(space, spaceOf(mappings.slice(1)))).toBe(false);
});

/** Page by page, with no thought of speed. */
function plainly(before: readonly Mapping[], after: readonly Mapping[]): Told {
  const at = (mappings: readonly Mapping[], page: number) =>
    mappings.findIndex(({ start, end }) => start <= page && page < end);
  const object = (mapping: Mapping | undefined) =>
    mapping &&
    JSON.stringify([
      mapping.inode,
      mapping.device,
      mapping.permissions & SHARED,
      mapping.inode === 0 ? null : mapping.start - mapping.offset,
    ]);
  const pages = Array.from({ length: PAGES }, (_, page) => {
    const [was, is] = [at(before, page), at(after, page)];
    return { page, was, is, isSame: was >= 0 && is >= 0 && object(before[was]) === object(after[is]) };
  });
  const result: Told = {};
  const add = (kind: keyof Changes, page: number, region: unknown) => {
    result[kind] ??= [];
    const last = result[kind].at(-1);
    if (last && last[1] === page && lastRegion[kind] === JSON.stringify(region)) last[1]++;
    else result[kind].push([page, page + 1]);
    lastRegion[kind] = JSON.stringify(region);
  };
  const lastRegion: Partial<Record<keyof Changes, string>> = {};
  for (const { page, was, is, isSame } of pages) {
    if (!isSame) {
      if (is >= 0) add(pages.some((each) => each.isSame && each.is === is) ? "grown" : "added", page, is);
      if (was >= 0) add(pages.some((each) => each.isSame && each.was === was) ? "shrunk" : "removed", page, was);
      continue;
    }
    const [old, now] = [before[was] as Mapping, after[is] as Mapping];
    if (old.permissions !== now.permissions) add("protection", page, [was, is]);
    const isRead = old.rss !== null && now.rss !== null;
    const isWhere = old.start === now.start && old.end === now.end;
    if (isRead && isWhere && (old.rss !== now.rss || old.flags !== now.flags)) add("usage", page, [was, is]);
  }
  return result;
}

const PAGES = 24;

type Random = (below: number) => number;

function randomNumbers(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomMappings(random: Random): Mapping[] {
  const mappings: Mapping[] = [];
  for (let start = random(3); start < PAGES; start += random(3)) {
    const end = Math.min(PAGES, start + 1 + random(5));
    mappings.push(randomMapping(start, end, random));
    start = end;
  }
  return mappings;
}

function randomMapping(start: number, end: number, random: Random): Mapping {
  const numbers = { rss: [null, 0, 4][random(3)] as number | null, flags: ["rd", "rd wr"][random(2)] as string };
  const permissions = [READ, READ | WRITE, READ | SHARED][random(3)] as number;
  if (random(2) === 0) return anonymous(start, end, { ...numbers, permissions });
  // Mostly the same bytes of the file at the same address.
  const offset = random(4) === 0 ? random(4) : start;
  return file(start, end, offset, { ...numbers, permissions, inode: 7 + random(2) });
}

/** A region or two cut, stretched, taken away, protected or touched. */
function mutated(mappings: readonly Mapping[], random: Random): Mapping[] {
  const result = mappings.map((mapping) => ({ ...mapping }));
  for (let change = random(3); change >= 0 && result.length > 0; change--) {
    const at = random(result.length);
    const mapping = result[at] as Mapping;
    const next = result[at + 1]?.start ?? PAGES;
    switch (random(5)) {
      case 0:
        mapping.end = mapping.start + 1 + random(next - mapping.start);
        break;
      case 1:
        mapping.rss = random(3) * 4;
        break;
      case 2:
        result.splice(at, 1);
        break;
      case 3:
        mapping.permissions ^= WRITE;
        break;
      default:
        result[at] = randomMapping(mapping.start, mapping.end, random);
    }
  }
  return result;
}
