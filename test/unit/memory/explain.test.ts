import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { classify } from "../../../src/memory/classify.ts";
import { explain } from "../../../src/memory/explain.ts";
import { findModules } from "../../../src/memory/modules.ts";
import { placeLabel, regionName } from "../../../src/memory/names.ts";
import { compile } from "../fixtures.ts";
import { imageOf, running, spaceOf, startPlaces } from "./images.ts";

test("an address of a program's object tells kind, section and symbol", async () => {
  const places = await startPlaces();
  const image = imageOf(places.pid);
  const name = (await image.read("smaps")).modules.find(({ isProgram }) => isProgram)?.name;
  const expected = {
    message: ["rodata", ".rodata", "message", 0, 9],
    numbers: ["data", ".data", "numbers", 8, 16],
    zeroes: ["bss", ".bss", "zeroes", 50000, 100000],
    pointers: ["relro", ".data.rel.ro", "pointers", 8, 16],
    answer: ["code", ".text", "answer", 0, expect.any(Number)],
  } as const;
  for (const [object, [kind, section, symbol, offset, size]] of Object.entries(expected)) {
    const explanation = await image.explain(places.address(object));
    expect(explanation).toMatchObject({ kind, section: { name: section }, symbol: { name: symbol, offset, size } });
    expect(placeLabel(explanation)).toBe(`${section} ${name}: ${symbol}+0x${offset.toString(16)}`);
  }
});

test("an address in .bss that shares its page with .data is bss, though its region is data", async () => {
  const places = await startPlaces();
  const image = imageOf(places.pid);
  const start = places.address("zeroes") - 50000n;
  const { kind, region, section } = await image.explain(start);
  expect({ kind, regionKind: region?.kind, section: section?.name }).toEqual({
    kind: "bss",
    regionKind: "data",
    section: ".bss",
  });
});

test("constants in the code's segment are rodata, though their region is code", async () => {
  const places = await startPlaces(["-Wl,-z,noseparate-code"]);
  const { kind, region } = await imageOf(places.pid).explain(places.address("message"));
  expect({ kind, regionKind: region?.kind }).toEqual({ kind: "rodata", regionKind: "code" });
});

test("without section headers the program headers tell the kind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "process-memory-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, "stripped");
  const file = readFileSync(compile("places.c", "places", ["-g", "-O0", "-pthread"]));
  // e_shoff, then e_shnum and e_shstrndx: where the section headers are, and how many.
  file.fill(0, 0x28, 0x30).fill(0, 0x3c, 0x40);
  writeFileSync(program, file, { mode: 0o700 });
  const places = await running(program);
  const image = imageOf(places.pid);
  const kinds = { message: "rodata", numbers: "data", zeroes: "bss", pointers: "relro", answer: "code" };
  for (const [object, kind] of Object.entries(kinds)) {
    expect(await image.explain(places.address(object))).toMatchObject({ kind, section: null, symbol: null });
  }
});

test("heap and stacks are named as people say", async () => {
  const places = await startPlaces();
  const image = imageOf(places.pid);
  const labelOf = async (object: string) => placeLabel(await image.explain(places.address(object)));
  expect(await labelOf("heap")).toBe("[heap] rw-p");
  expect(await labelOf("local")).toBe("[stack] rw-p");
  expect(await labelOf("in_thread")).toMatch(/^stack of thread \d+ rw-p$/);
  expect(await labelOf("getpid")).toMatch(/^\.text libc\.so\.6: getpid\+0x0$/);
});

test("what is not mapped is said, with the distance from null and to the neighbours", async () => {
  const places = await startPlaces();
  const image = imageOf(places.pid);
  const space = await image.read("maps");
  const [first] = space.regions();
  const null16 = await image.explain(0x10n);
  expect(null16).toMatchObject({ region: null, kind: null, module: null, below: null });
  expect(null16.above).toEqual({ name: regionName(space, 0), distance: Number(first?.start ?? 0n) - 0x10 });
  expect(placeLabel(null16)).toBe("not mapped: 0x10 past null");
  expect(placeLabel(await image.explain(0n))).toBe("not mapped: null");
  const above = await image.explain(0xffff_ffff_ffff_ffffn);
  expect(placeLabel(above)).toBe("not mapped: looks like the number -1, which MAP_FAILED is");
  expect(above).toMatchObject({ above: null, below: { name: "[vsyscall]", distance: 0x9ff000 } });
});

test("neighbours are the regions next to that of the address, with the distance to their nearest byte", async () => {
  const places = await startPlaces();
  const image = imageOf(places.pid);
  const space = await image.read("maps");
  const address = places.address("answer");
  const index = space.indexOf(address);
  const { below, above } = await image.explain(address);
  expect(below).toEqual({
    name: regionName(space, index - 1),
    distance: Number(address - space.region(index - 1).end) + 1,
  });
  expect(above).toEqual({
    name: regionName(space, index + 1),
    distance: Number(space.region(index + 1).start - address),
  });
});

test("zeroed data is recognised where the kernel calls it heap, as before 6.6 without address randomisation", async () => {
  const places = await startPlaces();
  const image = imageOf(places.pid);
  const current = await image.read("maps");
  const bss = current.region(current.indexOf(places.address("zeroes")));
  const lines = readFileSync(`/proc/${places.pid}/maps`, "utf8").split("\n");
  const at = lines.findIndex((line) => line.startsWith(bss.start.toString(16)));
  const layouts = new Map(current.modules.map(({ path, layout }) => [path, layout]));
  const asRead = async (line: string) => {
    const text = lines.toSpliced(at, 1, line).filter((text) => !text.includes("[heap]") || text === line);
    const space = spaceOf(text.join("\n"));
    const files = new Map([...space.regions()].map(({ path }, index) => [index, layouts.get(path ?? "")]));
    findModules(
      space,
      new Map([...files].flatMap(([index, layout]) => (layout ? [[index, layout]] : []))),
      image.executable,
    );
    classify(space, new Map(), 1);
    return space;
  };
  const elf = () => image.elf(current.modules.find(({ isProgram }) => isProgram) as (typeof current.modules)[number]);

  const named = await asRead(`${lines[at]?.trimEnd()}   [heap]`);
  const explanation = await explain(named, places.address("zeroes"), elf);
  expect(explanation).toMatchObject({
    kind: "bss",
    region: { kind: "bss" },
    symbol: { name: "zeroes", offset: 50000 },
  });

  const end = (bss.end + 0x21000n).toString(16);
  const merged = await asRead(`${bss.start.toString(16)}-${end} rw-p 00000000 00:00 0   [heap]`);
  expect(await explain(merged, places.address("zeroes"), elf)).toMatchObject({
    kind: "bss",
    region: { kind: "heap" },
    symbol: { name: "zeroes" },
  });
  const beyond = await explain(merged, bss.end + 8n, elf);
  expect(beyond).toMatchObject({ kind: "heap", module: null, symbol: null });
  expect(placeLabel(beyond)).toBe("[heap] rw-p");
});
