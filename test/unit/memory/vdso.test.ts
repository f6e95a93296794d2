/** The kernel's vDSO, an ELF file that is in memory alone, is a module like any other. */
import { spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { openProcess } from "../../../src/linux/process.ts";
import { TargetImage } from "../../../src/memory/image.ts";
import { runAddress } from "../../../src/memory/modules.ts";
import { SymbolWorker } from "../../../src/symbols/remoteElf.ts";
import { compile } from "../fixtures.ts";
import { imageOf, startDemo } from "./images.ts";

test("it has sections and symbols, and stays what the kernel calls it", async () => {
  const { pid } = await startDemo();
  const image = imageOf(pid);
  const space = await image.read("maps");
  const module = space.modules.find(({ name }) => name === "[vdso]");
  if (!module) throw new Error("There is no [vdso] module.");
  const index = [...space.regions()].findIndex(({ path }) => path === "[vdso]");
  expect(module.bias).toBe(space.region(index).start);
  expect(space.kind(index)).toBe("vdso");
  expect(module.layout.sections.map(({ name }) => name)).toEqual(expect.arrayContaining([".dynsym", ".text"]));
  expect(module.layout.buildId).toMatch(/^[0-9a-f]{40}$/);

  const [symbol] = (await image.elf(module)?.symbolsNamed("clock_gettime")) ?? [];
  const explanation = await image.explain(runAddress(module, (symbol?.address ?? 0n) + 3n));
  expect(explanation).toMatchObject({
    name: "[vdso]",
    kind: "vdso",
    module: { path: "[vdso]" },
    section: { name: ".text" },
    symbol: { name: "clock_gettime", offset: 3 },
  });
});

test("the worker reads it too", async () => {
  const { pid } = await startDemo();
  const worker = new SymbolWorker();
  const image = new TargetImage(openProcess(pid), (file) => worker.open(file));
  onTestFinished(() => image.close());
  const module = (await image.read("maps")).modules.find(({ name }) => name === "[vdso]");
  const names = module && (await image.elf(module)?.allSymbols(100))?.map(({ name }) => name);
  expect(names).toContain("clock_gettime");
});

test("that of a process of 32 bits is another one", async () => {
  const program = compile("bits32.c", "vmas", ["-m32", "-nostdlib", "-static", "-fno-pic", "-no-pie"]);
  const child = spawn(program, { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  while (readlinkSync(`/proc/${child.pid}/exe`) !== program) await sleep(1);
  const image = imageOf(child.pid as number);
  const module = (await image.read("maps")).modules.find(({ name }) => name === "[vdso]");
  const names = module && (await image.elf(module)?.allSymbols(100))?.map(({ name }) => name);
  expect(names).toContain("__kernel_vsyscall");
});
