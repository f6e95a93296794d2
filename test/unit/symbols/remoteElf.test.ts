import { copyFileSync, linkSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import type { ElfSource, Section } from "../../../src/memory/module.ts";
import { TargetError } from "../../../src/memory/target.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { SymbolWorker } from "../../../src/symbols/remoteElf.ts";
import { compile } from "../fixtures.ts";

const DEMO = compile("demo.c", "demo", ["-g", "-lpthread"]);

const posted = vi.spyOn(Worker.prototype, "postMessage");
afterEach(() => void posted.mockClear());

/** The worker that was spoken with last. */
function worker(): Worker {
  const last = posted.mock.contexts.at(-1);
  if (!(last instanceof Worker)) throw new Error("No worker was started.");
  return last;
}

/** Kills the worker, as running out of memory does. */
async function killWorker(): Promise<void> {
  await worker().terminate();
}

async function opened(path: string, symbols = new SymbolWorker()): Promise<ElfSource> {
  const elf = await symbols.open({ descriptor: openSync(path, "r"), path });
  if (!elf) throw new Error(`${path} is no ELF file.`);
  onTestFinished(() => elf.close());
  return elf;
}

async function inProcess(path: string): Promise<ElfSource> {
  const elf = await openElf({ descriptor: openSync(path, "r"), path });
  if (!elf) throw new Error(`${path} is no ELF file.`);
  onTestFinished(() => elf.close());
  return elf;
}

function section(elf: ElfSource, name: string): Section {
  const found = elf.layout.sections.find((each) => each.name === name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found;
}

/** How often this process has the file open. */
function timesOpen(path: string): number {
  return readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
    } catch {
      return false;
    }
  }).length;
}

test("the worker answers as the file itself does", async () => {
  const remote = await opened(DEMO);
  const local = await inProcess(DEMO);
  expect(remote.layout).toEqual(local.layout);
  const all = await local.allSymbols(10_000);
  expect(all?.length).toBeGreaterThan(20);
  expect(await remote.allSymbols(10_000)).toEqual(all);
  expect(await remote.allSymbols(3)).toBeNull();
  const addresses = (all ?? []).map(({ address }) => address + 1n);
  const symbolsAt = (elf: ElfSource) => Promise.all(addresses.map((address) => elf.symbolAt(address)));
  expect(await symbolsAt(remote)).toEqual(await symbolsAt(local));
  for (const order of ["size", "address"] as const) {
    const page = (elf: ElfSource) => elf.symbolsOf(section(elf, ".text"), order, 2, 5);
    expect(await page(remote)).toEqual(await page(local));
  }
  expect(await remote.symbolsNamed("main")).toEqual(await local.symbolsNamed("main"));
  expect(await remote.framesAt(addresses)).toEqual(await local.framesAt(addresses));
  expect(await remote.sourcesOf(addresses)).toEqual(await local.sourcesOf(addresses));
  expect(await remote.addressesOf("demo.c", 100)).toEqual(await local.addressesOf("demo.c", 100));
  const answers = all?.find(({ name }) => name === "answers")?.address ?? 0n;
  expect(await remote.variableAt(answers)).toEqual(await local.variableAt(answers));
  const source = join(import.meta.dirname, "../../fixtures/demo/demo.c");
  const definitions = await local.definitionsIn([source]);
  expect(definitions.length).toBeGreaterThan(20);
  expect(await remote.definitionsIn([source])).toEqual(definitions);
  expect(await remote.origin()).toEqual(await local.origin());
});

test("what is no ELF file is none, and is closed", async () => {
  const symbols = new SymbolWorker();
  const path = import.meta.filename;
  expect(await symbols.open({ descriptor: openSync(path, "r"), path })).toBeNull();
  expect(timesOpen(path)).toBe(0);
  expect(posted).not.toHaveBeenCalled();
});

test("a file is opened once for all its users, and the worker ends with the last file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "process-memory-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [program, other] = [join(folder, "program"), join(folder, "other")];
  copyFileSync(DEMO, program);
  linkSync(program, other);
  const symbols = new SymbolWorker();
  const [one, two] = await Promise.all([opened(program, symbols), opened(program, symbols)]);
  const elsewhere = await opened(other, symbols);
  await Promise.all([one, two, elsewhere].map((elf) => elf.symbolAt(0n)));
  expect(posted.mock.calls.filter(([{ type }]) => type === "open")).toHaveLength(2);
  // Here and in the worker.
  expect(timesOpen(program)).toBe(2);
  const ended = new Promise((resolve) => worker().once("exit", resolve));
  one.close();
  one.close();
  elsewhere.close();
  expect((await two.allSymbols(10_000))?.length).toBeGreaterThan(20);
  await expect(one.symbolAt(0n)).rejects.toThrow(TargetError);
  two.close();
  await ended;
  expect([timesOpen(program), timesOpen(other)]).toEqual([0, 0]);
});

test("when the worker dies, what was asked fails with a sentence, and the next question starts it again", async () => {
  const elf = await opened(DEMO);
  const asked = elf.symbolAt(0n);
  await killWorker();
  await expect(asked).rejects.toMatchObject({ name: "TargetError", problem: "unreadable" });
  await expect(asked).rejects.toThrow(`Reading the symbols and debug information of ${DEMO} failed and was given up.`);
  expect((await elf.allSymbols(10_000))?.length).toBeGreaterThan(20);
});

test("a file whose questions the worker does not survive is asked no more; others are", async () => {
  const symbols = new SymbolWorker();
  const elf = await opened(DEMO, symbols);
  const healthy = await opened(process.execPath, symbols);
  for (let death = 0; death < 2; death++) {
    const asked = elf.symbolAt(0n);
    await killWorker();
    await expect(asked).rejects.toThrow("was given up");
  }
  const questions = posted.mock.calls.length;
  await expect(elf.symbolAt(0n)).rejects.toThrow("was given up");
  expect(posted.mock.calls.length).toBe(questions);
  expect(await healthy.symbolAt(healthy.layout.sections.at(-1)?.address ?? 0n)).toBeDefined();
});

test("a question can be cancelled, and the worker goes on", async () => {
  const elf = await opened(process.execPath);
  const controller = new AbortController();
  const addresses = Array.from({ length: 100 }, (_, i) => section(elf, ".text").address + BigInt(i * 1000));
  const asked = elf.framesAt(addresses, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await expect(asked).rejects.toThrow("enough");
  await expect(elf.framesAt(addresses, { signal: controller.signal })).rejects.toThrow("enough");
  const { symbols } = await elf.symbolsOf(section(elf, ".text"), "size", 0, 1);
  expect(symbols).toHaveLength(1);
});

test("inlined calls that were named before have plain names from when the setting says so", async () => {
  const symbols = new SymbolWorker();
  const elf = await opened(compile("inlined.cpp", "languages", ["-g", "-O2"]), symbols);
  const [find] = await elf.symbolsNamed("shop::Shelf<long>::find(long)");
  const addresses = Array.from({ length: find?.size ?? 0 }, (_, offset) => (find?.address ?? 0n) + BigInt(offset));
  const names = async () => (await elf.framesAt(addresses)).flatMap((frames) => frames.map((frame) => frame.function));
  expect(await names()).toEqual(expect.arrayContaining(["shop::price(long)", "shop::Shelf<long>::find(long)"]));
  symbols.settings = { demangle: false, debugFolders: [] };
  expect(await names()).toEqual(expect.arrayContaining(["_ZN4shop5priceEl", "_ZN4shop5ShelfIlE4findEl"]));
});

test("names are plain from when the setting says so", async () => {
  const symbols = new SymbolWorker();
  const elf = await opened(compile("pointers.cpp", "languages", ["-g", "-O0"]), symbols);
  const names = async () =>
    (await elf.symbolsOf(section(elf, ".text"), "size", 0, 1000)).symbols.map(({ name }) => name);
  expect(await names()).toContainEqual(expect.stringContaining("std::vector<int, std::allocator<int> >"));
  symbols.settings = { demangle: false, debugFolders: [] };
  expect(await names()).not.toContainEqual(expect.stringContaining("std::"));
  symbols.settings = { demangle: true, debugFolders: ["/elsewhere"] };
  expect(await names()).toContainEqual(expect.stringContaining("std::vector"));
});
