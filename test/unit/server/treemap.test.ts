import { expect, test } from "vitest";
import { EXECUTE, READ, WRITE } from "../../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../../src/memory/addressSpaceBuilder.ts";
import { extentOf } from "../../../src/memory/module.ts";
import type { ElfOf } from "../../../src/memory/placeInModule.ts";
import type { Measure } from "../../../src/protocol/picture.ts";
import type { Treemap, TreemapNode, TreemapQuery } from "../../../src/protocol/treemap.ts";
import { Revision } from "../../../src/server/revision.ts";
import { treemapOf } from "../../../src/server/treemap.ts";
import { imageOf, startDemo } from "../memory/images.ts";
import { classified, pagesAt } from "./spaces.ts";

const NO_FILES: ElfOf = () => null;

function ask(revision: Revision, query: Partial<TreemapQuery> = {}, elfOf = NO_FILES): Promise<Treemap> {
  const whole: TreemapQuery = { target: "", measure: "size", root: "process", width: 1000, height: 400 };
  return treemapOf(revision, { ...whole, ...query }, elfOf);
}

function* all(node: TreemapNode): Generator<TreemapNode> {
  yield node;
  for (const child of node.children) yield* all(child);
}

const namesIn = ({ root }: Treemap) => root.children.map(({ name }) => name);
const sum = (nodes: readonly TreemapNode[]) => nodes.reduce((bytes, { value }) => bytes + value, 0);

/** Regions of a file, of a name and of none; the last not yet read. */
function someRegions(): Revision {
  const builder = new AddressSpaceBuilder();
  const add = (start: number, pages: number, permissions: number, path: string | null, rss: number | null) => {
    builder.add(start, start + pages * 4096, permissions, 0, "08:01", path?.startsWith("/") ? 7 : 0, path);
    if (rss === null) return;
    builder.setUsage("rss", rss);
    builder.setUsage("pss", rss / 2);
    builder.setFlags("rd");
  };
  add(0x400000, 4, READ, "/data/notes.txt", 16);
  add(0x500000, 8, READ | WRITE, "/data/notes.txt", 8);
  add(0x1000000, 33, READ | WRITE, "[heap]", 40);
  add(0x7f0000000000, 2, READ | EXECUTE, null, 8);
  add(0x7f0000100000, 100, READ | WRITE, null, null);
  return new Revision(3, classified(builder), null);
}

test("memory stands by kind, and by file where several regions have one", async () => {
  const answer = await ask(someRegions());
  expect(answer).toMatchObject({ revision: 3, measure: "size", path: [{ id: "process" }], unknown: 0 });
  expect(namesIn(answer)).toEqual(["anonymous", "heap", "mapped file", "generated code"]);
  const file = answer.root.children.find(({ id }) => id === "kind:file");
  expect(file).toMatchObject({ count: 2, value: 12 * 4096, measures: { size: 12 * 4096, rss: 24 * 1024 } });
  expect(file?.children.map(({ type, name }) => [type, name])).toEqual([["module", "notes.txt"]]);
  expect(file?.children[0]?.children.map(({ start, value }) => [start, value])).toEqual([
    ["0x500000", 8 * 4096],
    ["0x400000", 4 * 4096],
  ]);
});

test("what has not been read has no area and is counted", async () => {
  const answer = await ask(someRegions(), { measure: "rss" });
  expect(namesIn(answer)).toEqual(["heap", "mapped file", "generated code"]);
  expect(answer.unknown).toBe(1);
  expect(answer.root.value).toBe(72 * 1024);
  expect(answer.root.measures.rss).toBeUndefined();
  expect(answer.root.measures.size).toBe(147 * 4096);
});

test("the boxes of a group have all that the group has, by every measure", async () => {
  const { pid } = await startDemo();
  const image = imageOf(pid);
  const space = await image.read("smaps");
  const revision = new Revision(1, space, null);
  for (const measure of ["size", "rss", "pss", "dirty", "swap"] satisfies Measure[]) {
    const { root } = await ask(revision, { measure }, (module) => image.elf(module));
    for (const node of all(root)) if (node.children.length > 0) expect(sum(node.children)).toBe(node.value);
    const regions = [...space.regions()];
    if (measure === "size") expect(root.value).toBe(regions.reduce((bytes, { size }) => bytes + size, 0));
    if (measure === "rss") expect(root.value).toBe(regions.reduce((bytes, { usage }) => bytes + (usage?.rss ?? 0), 0));
  }
});

test("one goes in from the kind to the symbol, and every root tells its path", async () => {
  const { pid } = await startDemo();
  const image = imageOf(pid);
  const revision = new Revision(1, await image.read("smaps"), null);
  const elfOf: ElfOf = (module) => image.elf(module);
  const enter = (root: string) => ask(revision, { root, measure: "rss" }, elfOf);
  const kinds = await enter("process");
  const code = kinds.root.children.find(({ id }) => id === "kind:code");
  expect(code?.canEnter).toBe(true);
  const modules = await enter("kind:code");
  expect(modules.path.map(({ id }) => id)).toEqual(["process", "kind:code"]);
  const region = [...all(modules.root)].find(({ name }) => name.startsWith("demo"));
  const sections = await enter(region?.id ?? "");
  expect(sections.measure).toBe("size");
  expect(sum(sections.root.children)).toBe(sections.root.value);
  const text = sections.root.children.find(({ name }) => name === ".text");
  const symbols = await enter(text?.id ?? "");
  expect(symbols.path.map(({ name }) => name)).toEqual(["All memory", "code", region?.name, ".text"]);
  const module = revision.space.module(revision.space.indexOf(BigInt(text?.start ?? 0)));
  const section = module?.layout.sections.find(({ name }) => name === ".text");
  if (!module || !section) throw new Error("The demo has no .text.");
  const listed = (await elfOf(module)?.symbolsOf(section, "size", 0, 10_000))?.symbols ?? [];
  for (const symbol of listed) {
    expect(symbols.root.children).toContainEqual(
      expect.objectContaining({ name: symbol.name, value: extentOf(symbol) }),
    );
  }
  expect(sum(symbols.root.children)).toBe(section.size);
});

test("regions too small for boxes of their own are put together, and can be entered until each has one", async () => {
  const addresses = Array.from({ length: 30_000 }, (_, index) => 0x10000000 + index * 0x2000);
  const revision = new Revision(1, pagesAt(addresses), null);
  const whole = await ask(revision);
  expect([...all(whole.root)].length).toBeLessThan(10);
  let answer = await ask(revision, { root: "kind:anonymous" });
  expect(sum(answer.root.children)).toBe(30_000 * 4096);
  for (let step = 0; step < 5 && answer.root.children[0]?.type !== "region"; step++) {
    expect(answer.root.children.length).toBeLessThanOrEqual(2000);
    answer = await ask(revision, { root: answer.root.children[1]?.id ?? "" });
  }
  expect(answer.root.children.every(({ type }) => type === "region")).toBe(true);
  expect(answer.path[2]).toEqual({ id: answer.root.id, name: answer.root.name });
  expect(answer.root.name).toBe("1,876 to 3,750");
  expect(answer.root.count).toBe(1875);
});

test("large regions have boxes, and the small ones are put together", async () => {
  const builder = new AddressSpaceBuilder();
  for (let index = 0; index < 5000; index++) {
    const pages = index < 3 ? 100_000 : 1;
    builder.add(
      0x10000000 + index * 0x40000000,
      0x10000000 + index * 0x40000000 + pages * 4096,
      READ,
      0,
      "00:00",
      0,
      null,
    );
  }
  const answer = await ask(new Revision(1, classified(builder), null), { selected: "0xfa10000000" });
  const [kind] = answer.root.children;
  expect(kind?.children.map(({ type, name, count }) => [type, name, count])).toEqual([
    ["region", "anonymous", 1],
    ["region", "anonymous", 1],
    ["region", "anonymous", 1],
    ["more", "4,997 more", 4997],
  ]);
  expect(answer.selected).toBe("more:3-:kind:anonymous");
});

test("the smallest box that holds an address is known", async () => {
  const revision = someRegions();
  const selected = async (address: string) => (await ask(revision, { selected: address as "0x0" })).selected;
  expect(await selected("0x501234")).toBe("region:0x500000");
  expect(await selected("0x7f0000000800")).toBe("region:0x7f0000000000");
  expect(await selected("0x9000")).toBeNull();
  expect((await ask(revision, { selected: "0x501234", root: "kind:heap" })).selected).toBeNull();
});

test("where what was entered is no more, the rest of its path is shown", async () => {
  const revision = someRegions();
  const rootOf = async (root: string) => (await ask(revision, { root })).root.id;
  expect(await rootOf("kind:stack")).toBe("process");
  expect(await rootOf("module:file:/data/gone.txt")).toBe("kind:file");
  expect(await rootOf("region:0x600000")).toBe("process");
  expect(await rootOf("more:400-:kind:anonymous")).toBe("kind:anonymous");
  expect(await rootOf("nonsense")).toBe("process");
});
