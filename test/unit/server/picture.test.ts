/** What the picture asks of a live process: what lies inside regions, where a name is, and what is under the pointer. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { toHex } from "../../../src/memory/address.ts";
import { runAddress } from "../../../src/memory/modules.ts";
import type { Parts } from "../../../src/protocol/picture.ts";
import { find } from "../../../src/server/find.ts";
import { LiveTarget } from "../../../src/server/liveTarget.ts";
import { partsOf } from "../../../src/server/pictureParts.ts";
import { stretchDetails } from "../../../src/server/stretch.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import { readAll } from "../webview/panelPage.ts";

const DEMO = compile("demo.c", "demo", ["-g", "-lpthread"]);

async function look(program = DEMO, args: string[] = []) {
  const { pid } = await start(program, args);
  await stop(pid);
  const target = new LiveTarget(pid, openElf);
  onTestFinished(() => target.close());
  await readAll(target);
  const { revision } = target;
  const elfOf: typeof target.elf = (module) => target.elf(module);
  return {
    pid,
    revision,
    find: (text: string) => find(revision, text, elfOf),
    parts: (from: number, to: number, pixels: number) => partsOf(revision, { target: "", from, to, pixels }, elfOf),
    stretch: (index: number, address: bigint) => {
      const region = revision.space.region(index);
      const { start, end } = { start: toHex(region.start), end: toHex(region.end) };
      return stretchDetails(revision, { target: "", start, end, address: toHex(address) }, elfOf);
    },
  };
}

/** Sections and symbols as readelf and nm tell them, at their places in the process. */
function readelf(bias: bigint) {
  const lines = execFileSync("readelf", ["-SW", DEMO], { encoding: "utf8" }).split("\n");
  const sections = lines.flatMap((line) => {
    const [, name = "", type, address = "0", size = "0", flags = ""] =
      /^\s*\[\s*\d+\] (\S+)\s+(\S+)\s+(\S+) \S+ (\S+) \S+\s+([A-Z]*)/.exec(line) ?? [];
    return type && flags.includes("A")
      ? [{ name, start: BigInt(`0x${address}`) + bias, size: Number(`0x${size}`) }]
      : [];
  });
  const symbols = execFileSync("nm", ["-S", DEMO], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, address, size, , name = ""] = /^(\S+) (\S+) (\S) (\S+)$/.exec(line) ?? [];
      return address ? [{ name, start: BigInt(`0x${address}`) + bias, size: Number(`0x${size}`) }] : [];
    });
  return { sections, symbols };
}

const placesIn = ({ regions }: Parts, row: "sections" | "symbols") =>
  regions.flatMap(({ start, ...parts }) =>
    parts[row].map(({ name, offset, size }) => ({ name, start: BigInt(start) + BigInt(offset), size })),
  );

test("close by, sections and symbols lie in the picture where readelf and nm say", async () => {
  const { revision, parts } = await look();
  const { space, axis } = revision;
  const program = space.modules.find(({ isProgram }) => isProgram);
  if (!program) throw new Error("The program is not among its modules.");
  const known = readelf(program.bias);
  const index = space.indexOf(
    runAddress(program, program.layout.sections.find(({ name }) => name === ".text")?.address ?? 0n),
  );
  const { from, to } = axis.extentOf(index);
  const answer = await parts(from, to, 20_000);
  const region = space.region(index);
  const within = ({ start, size }: { start: bigint; size: number }) =>
    start >= region.start && start + BigInt(size) <= region.end && size > 0;
  expect(placesIn(answer, "sections")).toEqual(known.sections.filter(within));
  const symbols = placesIn(answer, "symbols");
  expect(symbols.map(({ name }) => name)).toContain("main");
  for (const symbol of known.symbols.filter(within)) expect(symbols).toContainEqual(symbol);
  for (const { kind } of answer.regions.flatMap(({ symbols }) => symbols)) expect(kind).toBe("code");
});

test("of symbols with one address the picture has the one that is named under the pointer", async () => {
  const { revision, find, parts, stretch } = await look();
  const { axis, space } = revision;
  const [place] = (await find("puts")).filter(({ name }) => name.includes("libc"));
  const address = BigInt(place?.address ?? "0x0");
  const from = axis.position(address);
  const answer = await parts(from, axis.position(address + 64n), 2000);
  const here = placesIn(answer, "symbols").filter(({ start }) => start === address);
  const { symbol } = await stretch(space.indexOf(address), address);
  expect(here.map(({ name }) => name)).toEqual([symbol?.name]);
});

test("from afar there are no parts, and of many symbols only those whose names have room", async () => {
  const { revision, parts } = await look("node", ["-e", "console.log('ready'); setInterval(() => {}, 1000)"]);
  const { space, axis } = revision;
  expect((await parts(0, axis.length, 40)).regions).toEqual([]);
  const code = Array.from({ length: space.length }, (_, index) => index).filter(
    (index) => space.kind(index) === "code",
  );
  const [largest = 0] = code.sort((one, other) => space.size(other) - space.size(one));
  const { from, to } = axis.extentOf(largest);
  const far = (await parts(from, to, 1000)).regions[0];
  const pixel = space.size(largest) / 1000;
  expect(far?.sections.map(({ name }) => name)).toContain(".text");
  for (const { size } of far?.symbols ?? []) expect(size).toBeGreaterThanOrEqual(24 * pixel);
  const middle = (from + to) / 2;
  const near = (await parts(middle, middle + (to - from) / 100_000, 1000)).regions[0];
  expect(near?.symbols.length).toBeGreaterThan(0);
  const begin = Number(axis.address(middle) - space.region(largest).start);
  for (const { offset, size } of near?.symbols ?? []) {
    expect(offset + size).toBeGreaterThan(begin - 1);
    expect(offset).toBeLessThan(begin + space.size(largest) / 100_000 + 4096);
  }
});

test("addresses, symbols with an offset and regions are found", async () => {
  const { pid, revision, find } = await look();
  const { space, axis } = revision;
  const { bias } = space.modules.find(({ isProgram }) => isProgram) ?? { bias: 0n };
  const main = readelf(bias).symbols.find(({ name }) => name === "main");
  const [place, ...others] = await find("main");
  expect(others).toEqual([]);
  expect(place).toMatchObject({ address: toHex(main?.start ?? 0n), isMapped: true });
  expect(place?.name).toMatch(/^main in demo-/);
  const at = axis.position(main?.start ?? 0n);
  expect(place?.from).toBeLessThan(at);
  expect(place?.to).toBeGreaterThan(at);
  expect((await find("main + 0x10"))[0]?.address).toBe(toHex((main?.start ?? 0n) + 16n));
  const [, heap] = /^([0-9a-f]+)-.*\[heap\]$/m.exec(readFileSync(`/proc/${pid}/maps`, "utf8")) ?? [];
  const index = space.indexOf(BigInt(`0x${heap}`));
  expect(await find("[heap]")).toEqual([
    { address: `0x${heap}`, name: "[heap]", isMapped: true, ...axis.extentOf(index) },
  ]);
  expect(await find(`0x${heap}-1`)).toMatchObject([{ isMapped: false, name: expect.stringMatching(/^not mapped/) }]);
  expect(await find("0x10")).toMatchObject([{ address: "0x10", isMapped: false, name: "not mapped: 0x10 past null" }]);
  expect(await find("0x10-0x20")).toMatchObject([{ address: "0xfffffffffffffff0", isMapped: false }]);
  expect(await find("[heap]-0xffffffffffffffff")).toMatchObject([{ address: toHex(BigInt(`0x${heap}`) + 1n) }]);
  expect(await find("main+0x10000000000000000")).toEqual([]);
  expect(await find("nothing_has_this_name")).toEqual([]);
  expect(await find("  ")).toEqual([]);
});

test("under the pointer all measures are told, with section and symbol", async () => {
  const { pid, revision, stretch } = await look();
  const { space } = revision;
  const { bias } = space.modules.find(({ isProgram }) => isProgram) ?? { bias: 0n };
  const main = readelf(bias).symbols.find(({ name }) => name === "main");
  const address = (main?.start ?? 0n) + 3n;
  const details = await stretch(space.indexOf(address), address);
  expect(details).toMatchObject({ section: ".text", symbol: { name: "main", offset: 3, size: main?.size } });
  expect(details.age).toBeGreaterThanOrEqual(0);
  const heap =
    Array.from({ length: space.length }, (_, index) => index).find((index) => space.kind(index) === "heap") ?? -1;
  const smaps = readFileSync(`/proc/${pid}/smaps`, "utf8").split(/^(?=[0-9a-f]+-)/m)[heap] ?? "";
  const kib = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(smaps)?.[1]) * 1024;
  expect((await stretch(heap, space.region(heap).start)).measures).toEqual({
    size: kib("Size"),
    rss: kib("Rss"),
    pss: kib("Pss"),
    dirty: kib("Shared_Dirty") + kib("Private_Dirty"),
    swap: kib("Swap"),
    heat: null,
  });
});

test("where pages become resident, the picture has their bytes a second as heat, and elsewhere none", async () => {
  const { pid, child } = await start(compile("vmas.c", "vmas"), ["10"]);
  const target = new LiveTarget(pid, openElf);
  onTestFinished(() => target.close());
  const picture = (measure: "heat" | "rss") => {
    const query = { target: "", from: 0, to: null, pixels: 10_000, measure };
    return target.revision.picture(query, null).stretches.filter(({ kind }) => kind !== null);
  };
  await readAll(target);
  expect(picture("heat").every(({ value }) => value === null)).toBe(true);
  const before = Date.now();
  process.kill(pid, "SIGUSR1");
  await once(child.stdout, "data");
  await readAll(target);
  const hot = picture("heat").filter(({ value }) => value !== null && value > 0);
  const room = hot.find(({ size }) => size >= 16 * 2 ** 20);
  expect(room?.value).toBeGreaterThanOrEqual(2 ** 20 / ((Date.now() - before) / 1000 + 1));
  const again = Date.now();
  while (Date.now() - again < 20) await sleep(5);
  await readAll(target);
  expect(picture("heat").find(({ start }) => start === room?.start)?.value).toBe(0);
});
