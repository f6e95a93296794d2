import { expect, test } from "vitest";
import { type AddressSpace, READ, WRITE } from "../../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../../src/memory/addressSpaceBuilder.ts";
import { KINDS } from "../../../src/memory/kind.ts";
import { MOST_BYTES, MOST_READINGS, Past } from "../../../src/memory/past.ts";
import { USAGE_FIELDS, type UsageField } from "../../../src/memory/region.ts";
import { imageOf, startPlaces } from "./images.ts";

const PAGE = 4096;
const RUNNING = null;

/** All that is told of the regions, however the space keeps it. */
function regionsOf(space: AddressSpace): unknown[] {
  return Array.from(space.regions(), (region, index) => ({
    ...region,
    module: space.module(index),
    rss: space.usageOf(index, "rss"),
  }));
}

async function regionsAt(past: Past, time: number): Promise<unknown[]> {
  const reading = await past.at(time);
  return reading ? regionsOf((await reading.unpack()).space) : [];
}

/** Regions of a page each, every other page, with as many KiB resident as is said. */
function spaceOf(residents: readonly number[], readAt = 0, fields: readonly UsageField[] = ["rss"]): AddressSpace {
  const builder = new AddressSpaceBuilder();
  for (const [i, resident] of residents.entries()) {
    builder.add(2 * i * PAGE, (2 * i + 1) * PAGE, READ | WRITE, 0, "00:00", 0, null);
    for (const field of fields) builder.setUsage(field, resident);
    builder.setFlags("rd wr");
  }
  const space = builder.finish();
  space.columns.readAt.fill(readAt);
  return space;
}

/** A revision of this number, of which no rates are known. */
function read(number: number, space: AddressSpace, rates = new Float64Array(space.length).fill(Number.NaN)) {
  return { number, space, heat: { rates } };
}

const timesOf = async (past: Past) => (await past.readings()).map(({ moment }) => moment.time);

function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

test("gives back what was read of a real process, to the last number", async () => {
  const { pid } = await startPlaces();
  const image = imageOf(pid);
  const past = new Past();
  past.add(read(1, await image.read("maps")), { time: 1000, stop: RUNNING });
  const space = await image.read("smaps");
  past.addNumbers(read(2, space), { time: 2000, stop: RUNNING });
  expect((await past.at(2000))?.revision).toBe(2);
  expect(await regionsAt(past, 2000)).toEqual(regionsOf(space));
  expect(space.length).toBeGreaterThan(20);
  expect(space.modules.length).toBeGreaterThan(1);
});

for (const seed of [1, 7, 42]) {
  test(`gives back any regions as they were while they come, go and change (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    const past = new Past();
    const regions = new Map<number, { pages: number; version: number }>();
    const expected: unknown[][] = [];
    for (let reading = 0; reading < READINGS; reading++) {
      for (let change = random(reading % 5 === 0 ? 400 : 12); change > 0; change--) {
        const start = random(2000);
        if (random(3) === 0) regions.delete(start);
        else regions.set(start, { pages: 1 + random(8), version: random(1000) });
      }
      const space = randomSpace(regions);
      space.columns.readAt.fill(reading + 1, 0, Math.floor(space.length / 2));
      past.add(read(reading, space), { time: reading, stop: RUNNING });
      expected.push(regionsOf(space));
    }
    for (const [reading, regions] of expected.entries()) expect(await regionsAt(past, reading)).toEqual(regions);
  });
}

const READINGS = 25;

/** What a region is like follows from its version: with large numbers, long names, and numbers that are not known. */
function randomSpace(regions: ReadonlyMap<number, { pages: number; version: number }>): AddressSpace {
  const builder = new AddressSpaceBuilder();
  const versions: number[] = [];
  for (const [slot, { pages, version }] of [...regions].sort(([a], [b]) => a - b)) {
    const start = slot === 1999 ? 0xffffffffff600000 : slot * 16 * PAGE + 0x7f00_0000_0000;
    const offset = version % 3 ? 0 : version * PAGE * 2 ** 30;
    const path = version % 4 ? null : `/folder/file ${version % 8}`;
    builder.add(start, start + pages * PAGE, version % 16, offset, `fe:0${version % 3}`, path ? version : 0, path);
    for (const field of USAGE_FIELDS) if (version % 5 && version % 2) builder.setUsage(field, version ** 3 * 4);
    if (version % 5) builder.setFlags(version % 7 ? "rd wr" : "rd ex sd");
    versions.push(version);
  }
  const space = builder.finish();
  for (const [index, version] of versions.entries()) {
    space.columns.kind[index] = version % KINDS.length;
    space.columns.thread[index] = version % 11 ? 0 : 4_194_304;
  }
  return space;
}

test("answers a moment from the last reading until then, one before the first from the first", async () => {
  const past = new Past();
  expect(await past.at(5)).toBeNull();
  for (const time of [10, 20, 30]) past.add(read(time, spaceOf([time])), { time, stop: RUNNING });
  const found = [];
  for (const time of [0, 10, 19, 20, 25, 30, 1000]) found.push((await past.at(time))?.moment.time);
  expect(found).toEqual([10, 10, 10, 20, 20, 30, 30]);
});

test("ages are those that were known at the reading, though they are set anew in place", async () => {
  const past = new Past();
  const space = spaceOf([1, 2], 7);
  past.add(read(1, space), { time: 10, stop: RUNNING });
  space.columns.readAt.fill(20);
  const then = await (await past.at(10))?.unpack();
  expect([...(then?.space.columns.readAt ?? [])]).toEqual([7, 7]);
});

test("all that is read at one stop is one reading, with the time of the stop and the last numbers", async () => {
  const past = new Past();
  past.add(read(1, spaceOf([1])), { time: 10, stop: RUNNING });
  past.add(read(1, spaceOf([1])), { time: 20, stop: 1 });
  past.addNumbers(read(2, spaceOf([2])), { time: 20, stop: 1 });
  past.addNumbers(read(3, spaceOf([3])), { time: 25, stop: 1 });
  past.add(read(3, spaceOf([3])), { time: 30, stop: 2 });
  const readings = await past.readings();
  expect(readings.map(({ revision, moment }) => ({ revision, ...moment }))).toEqual([
    { revision: 1, time: 10, stop: null },
    { revision: 3, time: 20, stop: 1 },
    { revision: 3, time: 30, stop: 2 },
  ]);
  expect(await regionsAt(past, 20)).toEqual(regionsOf(spaceOf([3])));
});

test("regions that were read before numbers that came meanwhile take their place", async () => {
  const past = new Past();
  past.add(read(1, spaceOf([1])), { time: 10, stop: RUNNING });
  past.addNumbers(read(2, spaceOf([2])), { time: 25, stop: RUNNING });
  past.add(read(3, spaceOf([2, 3])), { time: 20, stop: 1 });
  expect(await timesOf(past)).toEqual([10, 20]);
  expect((await past.at(20))?.revision).toBe(3);
});

test("a reading that found nothing new is not kept again", async () => {
  const past = new Past();
  for (let time = 0; time < 100; time++) past.add(read(1, spaceOf([1])), { time, stop: RUNNING });
  expect(await timesOf(past)).toEqual([0]);
});

test("what stays the same is kept once: 100 readings with a change each take less than four", async () => {
  const residents = Array.from({ length: 5000 }, (_, index) => index % 900);
  const past = new Past();
  past.add(read(0, spaceOf(residents)), { time: 0, stop: RUNNING });
  await past.readings();
  const one = past.bytes;
  for (let time = 1; time <= 100; time++) {
    residents[(time * 613) % 5000] = time;
    past.add(read(time, spaceOf(residents)), { time, stop: RUNNING });
  }
  expect(await timesOf(past)).toHaveLength(101);
  expect(past.bytes).toBeLessThan(one * 4);
});

test("the memory stays within its limit; what is older lies farther apart, and the first and the last stay", async () => {
  const past = new Past();
  for (let reading = 1; reading <= 150; reading++) {
    const residents = Array.from({ length: 4000 }, (_, index) => 2 ** 31 + index + reading * 1_000_000);
    past.addNumbers(read(reading, spaceOf(residents, 0, USAGE_FIELDS)), { time: 1000 * reading, stop: RUNNING });
    await past.readings();
    expect(past.bytes).toBeLessThanOrEqual(MOST_BYTES);
  }
  const times = await timesOf(past);
  expect(times.length).toBeGreaterThan(20);
  expect(times.length).toBeLessThan(150);
  expect(times[0]).toBe(1000);
  expect(times.slice(-3)).toEqual([148_000, 149_000, 150_000]);
  const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
  const half = Math.floor(gaps.length / 2);
  const sum = (some: number[]) => some.reduce((total, gap) => total + gap, 0);
  expect(sum(gaps.slice(0, half))).toBeGreaterThan(2 * sum(gaps.slice(-half)));
  expect(await regionsAt(past, 149_000)).toHaveLength(4000);
});

test("stops stay longer than what was read between them", async () => {
  const past = new Past();
  const readings = 3 * MOST_READINGS;
  for (let time = 1; time <= readings; time++) {
    past.add(read(time, spaceOf([time])), { time: 1000 * time, stop: time % 10 === 0 ? time / 10 : RUNNING });
  }
  const kept = await past.readings();
  expect(kept).toHaveLength(MOST_READINGS);
  const isOld = ({ moment }: (typeof kept)[number]) => moment.time < 1000 * MOST_READINGS;
  const stops = kept.filter((reading) => isOld(reading) && reading.moment.stop !== null);
  const others = kept.filter((reading) => isOld(reading) && reading.moment.stop === null);
  // One of ten is a stop.
  expect(stops.length).toBeGreaterThan(others.length / 2);
});

test("when all is forgotten but the last reading, no memory counts for what is gone", async () => {
  const past = new Past();
  past.add(read(0, spaceOf([1])), { time: 0, stop: 1 });
  await past.readings();
  const { bytes } = past;
  for (let number = 1; number < 50; number++)
    past.addNumbers(read(number, spaceOf([number])), { time: number, stop: 1 });
  await past.readings();
  expect(past.bytes).toBe(bytes);
});

test("rates are those that were known at the reading, to the byte", async () => {
  const past = new Past();
  const rates = Float64Array.of(0, 4096.4, Number.NaN, 2 ** 42);
  past.add(read(1, spaceOf([1, 2, 3, 4]), rates), { time: 10, stop: RUNNING });
  rates.fill(0);
  past.add(read(2, spaceOf([1, 2, 3, 5]), rates), { time: 20, stop: RUNNING });
  const ratesAt = async (time: number) => [...((await (await past.at(time))?.unpack())?.heat.rates ?? [])];
  expect(await ratesAt(10)).toEqual([0, 4096, Number.NaN, 2 ** 42]);
  expect(await ratesAt(20)).toEqual([0, 0, 0, 0]);
});
