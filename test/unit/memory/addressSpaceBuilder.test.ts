import { expect, test } from "vitest";
import { EXECUTE, READ, SHARED, WRITE } from "../../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../../src/memory/addressSpaceBuilder.ts";

test("what is added is what the regions say", () => {
  const builder = new AddressSpaceBuilder();
  builder.add(0x400000, 0x402000, READ | EXECUTE, 0x1000, "fe:00", 17, "/bin/demo");
  builder.setUsage("rss", 8);
  builder.setUsage("privateDirty", 4);
  builder.setFlags("rd ex mr");
  builder.add(0xffffffffff600000, 0xffffffffff601000, READ | WRITE | SHARED, 0, "00:00", 0, null);
  const space = builder.finish();
  expect(space.length).toBe(2);
  expect(space.region(0)).toMatchObject({
    start: 0x400000n,
    end: 0x402000n,
    permissions: "r-xp",
    fileOffset: 0x1000,
    device: "fe:00",
    inode: 17,
    path: "/bin/demo",
    kind: "anonymous",
    module: null,
    thread: null,
    size: 0x2000,
  });
  expect(space.region(0).usage).toMatchObject({ rss: 8192, privateDirty: 4096, pss: 0, flags: ["rd", "ex", "mr"] });
  expect(space.region(1)).toMatchObject({ start: 0xffffffffff600000n, permissions: "rw-s", path: null, usage: null });
});

test("any number of regions can be added, expected or not", () => {
  for (const expected of [undefined, 0, 1000, 3000]) {
    const builder = new AddressSpaceBuilder(expected);
    for (let index = 0; index < 1000; index++) {
      builder.add(index * 8192, index * 8192 + 4096, READ, 0, "00:00", index, `/file ${index % 10}`);
      builder.setUsage("swapPss", index);
    }
    const space = builder.finish();
    expect(space.length).toBe(1000);
    expect(space.paths).toHaveLength(10);
    expect(space.columns.start).toHaveLength(1000);
    for (const index of [0, 255, 256, 999]) {
      expect(space.path(index)).toBe(`/file ${index % 10}`);
      expect(space.columns.usage.swapPss[index]).toBe(index);
      expect(space.indexOf(BigInt(index * 8192 + 4095))).toBe(index);
      expect(space.indexOf(BigInt(index * 8192 + 4096))).toBe(-1);
    }
  }
});

test("a number beyond what a column holds stays at the largest, 4 TiB", () => {
  const builder = new AddressSpaceBuilder();
  builder.add(0, 4096, 0, 0, "00:00", 0, null);
  builder.setUsage("rss", 2 ** 40);
  builder.setFlags("");
  expect(builder.finish().usageOf(0, "rss")).toBe(0xffff_ffff * 1024);
});

test("more devices than a column can name are refused", () => {
  const builder = new AddressSpaceBuilder();
  for (let device = 0; device < 0xffff; device++) builder.device(String(device));
  expect(() => builder.device("one more")).toThrow(RangeError);
});
