import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import * as systemCalls from "../../../src/linux/systemCalls.ts";
import { TargetError } from "../../../src/memory/target.ts";
import type { Cost } from "../../../src/protocol/costs.ts";
import { costsOf as costsIn } from "../../../src/server/costs.ts";
import { LiveTarget } from "../../../src/server/liveTarget.ts";
import { LongQuestions } from "../../../src/server/longQuestions.ts";
import { FullPace } from "../../../src/server/pace.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import { type Client, problemOf, startServer } from "./client.ts";

const FOLDER = join(import.meta.dirname, "../../fixtures/costs");
const PAGE = 4096;

// A Rust compiler is more than `npm test` installs: where there is one, it is used.
const hasRust = spawnSync("rustc", ["--version"]).status === 0;

/** A server that looks at a program of the fixtures, which stands still. */
async function look(program: string, env = process.env): Promise<{ server: Client; target: string; pid: number }> {
  const { pid } = await start(program, [], { env });
  await stop(pid);
  const server = await startServer();
  const { target } = await server.attach(pid);
  await server.ask("processMemory/refresh", { target });
  return { server, target, pid };
}

async function costsOf(server: Client, target: string, source: string): Promise<Map<string, Cost>> {
  const { costs } = await server.ask("processMemory/costs", { target, files: [join(FOLDER, source)] });
  return new Map(costs.map((cost) => [cost.name, cost]));
}

/** How many pages of [start, end) the kernel's pagemap says are in memory. @see proc_pid_pagemap(5) */
function presentIn(pid: number, start: bigint, end: bigint): { total: number; present: number } {
  const pagemap = openSync(`/proc/${pid}/pagemap`, "r");
  const entry = Buffer.alloc(8);
  const [first, last] = [start / BigInt(PAGE), (end - 1n) / BigInt(PAGE)];
  let present = 0;
  for (let page = first; page <= last; page++) {
    readSync(pagemap, entry, 0, 8, page * 8n);
    if (entry.readBigUInt64LE() >> 63n) present++;
  }
  closeSync(pagemap);
  return { total: Number(last - first) + 1, present };
}

test("variables and functions of C cost the bytes that nm says, and the pages that pagemap says", async () => {
  const program = compile("costs.c", "costs", ["-g"]);
  const { server, target, pid } = await look(program);
  const costs = await costsOf(server, target, "costs.c");
  const first = readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")[0];
  const bias = BigInt(`0x${first?.split("-")[0]}`);
  const compared: string[] = [];
  for (const line of execFileSync("nm", ["-S", program], { encoding: "utf8" }).split("\n")) {
    const [, address, size, name = ""] = /^([0-9a-f]+) ([0-9a-f]+) \w (\w+)/.exec(line) ?? [];
    const cost = costs.get(name);
    if (!cost || name === "each") continue;
    const begins = bias + BigInt(`0x${address}`);
    expect(cost, name).toMatchObject({ size: Number(`0x${size}`), start: `0x${begins.toString(16)}`, library: null });
    const pages = presentIn(pid, begins, begins + BigInt(`0x${size}`));
    expect(cost.pages, name).toMatchObject({ ...pages, swapped: 0 });
    compared.push(name);
  }
  expect(compared.sort()).toEqual(["filled", "first", "look", "looked", "lut", "main", "second", "seen", "words"]);
});

test("pages that were written are there, pages that were only read are the kernel's of zeros", async () => {
  const { server, target } = await look(compile("costs.c", "costs", ["-g"]));
  const costs = await costsOf(server, target, "costs.c");
  expect(costs.get("lut")).toMatchObject({
    ...{ type: "variable", size: 4 << 20, section: ".bss", copies: 1 },
    pages: { total: 1024, present: 37, swapped: 0, zero: 0 },
  });
  expect(costs.get("seen")?.pages).toEqual({ total: 8, present: 5, swapped: 0, zero: 5 });
  expect(costs.get("filled")).toMatchObject({ section: ".data", pages: { total: 3 } });
  expect(costs.get("words")).toMatchObject({ section: ".rodata", pages: { total: 2 } });
  expect(costs.get("main")).toMatchObject({ type: "function", section: ".text", pages: { present: 1, total: 1 } });
});

test("what each thread has for itself has a size, and no one place", async () => {
  const { server, target } = await look(compile("costs.c", "costs", ["-g"]));
  const each = (await costsOf(server, target, "costs.c")).get("each");
  expect(each).toMatchObject({ size: 4, section: ".tdata", start: null, pages: null });
});

test("copies of a template are one cost, with the bytes of all", async () => {
  const program = compile("templates.cpp", "costs", ["-g"]);
  const { server, target } = await look(program);
  const costs = await costsOf(server, target, "templates.cpp");
  const bytesOf = (name: RegExp) =>
    execFileSync("nm", ["-SC", program], { encoding: "utf8" })
      .split("\n")
      .filter((line) => name.test(line))
      .reduce((sum, line) => sum + Number(`0x${line.split(" ")[1]}`), 0);
  expect(costs.get("sold")).toMatchObject({ copies: 2, size: 16 * 4 + 16 * 8, section: ".bss" });
  expect(costs.get("add")).toMatchObject({ copies: 2, size: bytesOf(/Shelf<\w+>::add/), section: ".text" });
  expect(costs.get("twice")).toMatchObject({ copies: 2, size: bytesOf(/twice<\w+>/) });
  expect(costs.get("operator<")).toMatchObject({ copies: 1, size: bytesOf(/operator</) });
  expect(costs.get("Till")).toMatchObject({ copies: 1, size: bytesOf(/::Till\(\)/) / 2 });
});

test.runIf(hasRust)("statics and generic functions of Rust", async () => {
  const { server, target, pid } = await look(compile("statics.rs", "costs", ["-g"]));
  const costs = await costsOf(server, target, "statics.rs");
  const lut = costs.get("LUT");
  const begins = BigInt(lut?.start ?? 0);
  expect(lut).toMatchObject({ size: 1 << 20, section: ".bss", pages: presentIn(pid, begins, begins + (1n << 20n)) });
  expect(lut?.pages?.present).toBeGreaterThanOrEqual(9);
  expect(costs.get("WORDS")).toMatchObject({ size: 16, section: ".rodata" });
  expect(costs.get("add")).toMatchObject({ copies: 2, type: "function" });
  expect(costs.get("sum")).toMatchObject({ copies: 1, type: "function" });
});

test("what a program and a library have of one source is told of each", async () => {
  const library = compile("costs.c", "costs", ["-g", "-shared", "-fPIC"]);
  const env = { ...process.env, LD_PRELOAD: library };
  const { server, target } = await look(compile("costs.c", "costs", ["-g"]), env);
  const { costs } = await server.ask("processMemory/costs", { target, files: [join(FOLDER, "costs.c")] });
  const luts = costs.filter(({ name }) => name === "lut");
  expect(luts.map((cost) => [cost.library, cost.pages?.present])).toEqual(
    expect.arrayContaining([
      [null, 37],
      [basename(library), 0],
    ]),
  );
  expect(luts).toHaveLength(2);
});

test("a file that is not part of the target costs nothing; of one that has ended no pages are told", async () => {
  const { server, target, pid } = await look(compile("costs.c", "costs", ["-g"]));
  expect((await costsOf(server, target, "templates.cpp")).size).toBe(0);
  process.kill(pid, "SIGKILL");
  await server.ask("processMemory/refresh", { target }).catch(() => null);
  await server.ended(target);
  const costs = await costsOf(server, target, "costs.c");
  expect(costs.get("lut")).toMatchObject({ size: 4 << 20, pages: null });
  await server.ask("processMemory/detach", { target });
  expect(await problemOf(server.ask("processMemory/costs", { target, files: [] }))).toMatchObject({ problem: "gone" });
});

test("a library whose debug information cannot be read hides no other's costs", async () => {
  const { pid } = await start(compile("costs.c", "costs", ["-g"]));
  await stop(pid);
  const target = new LiveTarget(pid, async (file) => {
    const elf = await openElf(file);
    const fails = () => Promise.reject(new TargetError("unreadable", "It was given up."));
    return file.path.includes("libc") && elf ? Object.assign(elf, { definitionsIn: fails }) : elf;
  });
  onTestFinished(() => target.close());
  await target.read("regions");
  expect(target.revision.space.modules.map(({ name }) => name)).toContainEqual(expect.stringContaining("libc"));
  const questions = new LongQuestions(() => undefined);
  const costs = await costsIn(target, [join(FOLDER, "costs.c")], questions, new AbortController().signal);
  expect(costs.map(({ name }) => name)).toContain("lut");
});

test("pages that were not looked at, since it takes long without PAGEMAP_SCAN, are not said to be none", async () => {
  vi.spyOn(systemCalls, "systemCalls").mockReturnValue(null);
  const folder = mkdtempSync(join(tmpdir(), "costs-"));
  onTestFinished(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });
  const [source, program] = [join(folder, "large.c"), join(folder, "large")];
  writeFileSync(
    source,
    `#include <unistd.h>
char large[(1u << 30) + (1u << 20)];
int main(void) { write(1, "ready", 5); for (;;) large[pause()] = 1; }
`,
  );
  execFileSync("cc", ["-g", "-o", program, source]);
  const { pid } = await start(program);
  await stop(pid);
  const target = new LiveTarget(pid, openElf);
  onTestFinished(() => target.close());
  await target.read("regions", "stop");
  const { signal } = new AbortController();
  for await (const _ of target.readNumbers(new FullPace(signal), true));
  const costs = await costsIn(target, [source], new LongQuestions(() => undefined), signal);
  expect(costs.find(({ name }) => name === "large")).toMatchObject({ size: 2 ** 30 + 2 ** 20, pages: null });
  expect(costs.find(({ name }) => name === "main")).toMatchObject({ pages: { present: 1 } });
});
