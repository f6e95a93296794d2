import { expect, test } from "vitest";
import type { AddressSpace } from "../../../src/memory/addressSpace.ts";
import type { TargetImage } from "../../../src/memory/image.ts";
import { toModulePlaces, toPlacesMessage } from "../../../src/memory/messages.ts";
import { placeLabel } from "../../../src/memory/names.ts";
import { Places } from "../../../src/memory/places.ts";
import { start, stop } from "../linux/programs.ts";
import { imageOf, startDemo, startPlaces } from "./images.ts";

const SYMBOLS_SENT = 20_000;

test("places answer at once what the hover says: the demo's objects", async () => {
  const places = await startPlaces();
  const image = imageOf(places.pid);
  const space = await image.read("maps");
  const sent = await sentPlaces(image, space);
  for (const name of ["message", "numbers", "zeroes", "pointers", "answer", "local", "in_thread", "heap", "getpid"]) {
    const address = places.address(name);
    expect(sent.places.label(address)).toBe(placeLabel(await image.explain(address)));
  }
  expect(sent.places.label(0n)).toBe("not mapped: null");
  expect(sent.places.label(0x10n)).toBe("not mapped: 0x10 past null");
  expect(sent.places.label(0xffff_ffff_ff60_0000n)).toBe("[vsyscall] --xp");
  expect(sent.places.label(0xffff_ffff_ffff_ffffn)).toBe("not mapped: looks like the number -1, which MAP_FAILED is");
  expect(sent.places.label(0xdead_beefn)).toBe("not mapped: looks like 0xdeadbeef");
  expect(sent.places.label(0x1234_5678_9000n)).toBe("not mapped");
  const { end } = space.region(space.indexOf(places.address("heap")));
  expect(sent.places.label(end)).toBe("not mapped: past the end of [heap]");
});

test("regions alone are known before their modules' symbols have arrived", async () => {
  const places = await startPlaces();
  const image = imageOf(places.pid);
  const space = await image.read("maps");
  const early = new Places(JSON.parse(JSON.stringify(toPlacesMessage(space, 1))));
  expect(early.label(places.address("heap"))).toBe("[heap] rw-p");
  const name = space.modules.find(({ isProgram }) => isProgram)?.name;
  expect(early.label(places.address("answer"))).toBe(`${name} code r-xp`);
});

test.each([
  ["the demo", () => startDemo()],
  ["bash", () => start("/bin/bash", ["-c", "echo ready; sleep 60; true"])],
  ["python3", () => start("/usr/bin/python3", ["-c", "import time; print('ready', flush=True); time.sleep(60)"])],
  ["node", () => start("node", ["-e", "console.log('ready'); setInterval(() => {}, 1000)"])],
])("places say of any address in %s what the server says of it", async (_, begin) => {
  const { pid } = await begin();
  await stop(pid);
  const image = imageOf(pid);
  const space = await image.read("maps");
  const { places, unsent } = await sentPlaces(image, space);
  const differences: string[] = [];
  for (const address of addressesIn(space)) {
    const explanation = await image.explain(address);
    // Where the symbols were too many to send, the label lacks the symbol alone.
    const known =
      explanation.module && unsent.has(explanation.module.path) ? { ...explanation, symbol: null } : explanation;
    const [said, expected] = [places.label(address), placeLabel(known)];
    if (said !== expected) differences.push(`0x${address.toString(16)}: ${said}, not ${expected}`);
  }
  expect(differences).toEqual([]);
});

/** What the extension has when everything has arrived, and the modules that have too many symbols. */
async function sentPlaces(image: TargetImage, space: AddressSpace): Promise<{ places: Places; unsent: Set<string> }> {
  const places = new Places(JSON.parse(JSON.stringify(toPlacesMessage(space, 1))));
  const unsent = new Set<string>();
  for (const [index, module] of space.modules.entries()) {
    const elf = image.elf(module);
    if (!elf) throw new Error(`${module.path} is not open.`);
    const message = await toModulePlaces(elf, SYMBOLS_SENT);
    if (!message.symbols) unsent.add(module.path);
    places.addModule(index, JSON.parse(JSON.stringify(message)));
  }
  return { places, unsent };
}

/** Addresses in, at the edges of and between all regions and sections, and many that are random. */
function* addressesIn(space: AddressSpace): Generator<bigint> {
  const random = generator();
  for (const region of space.regions()) {
    yield* [region.start - 1n, region.start, region.end - 1n, region.end];
    const count = region.module ? 200 : 5;
    for (let i = 0; i < count; i++) yield region.start + BigInt(Math.floor(random() * region.size));
  }
  for (const { bias, layout } of space.modules) {
    for (const { address, size } of layout.sections) {
      const start = BigInt.asUintN(64, address + bias);
      yield* [start, start + BigInt(Math.floor(size / 2)), start + BigInt(size)];
    }
  }
}

/** The same numbers from 0 to 1 each time, so that a failure can be looked at again. */
function generator(): () => number {
  let state = 0x2545_f491;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
