import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AddressSpace } from "../../../src/memory/addressSpace.ts";
import { classify } from "../../../src/memory/classify.ts";
import type { Region } from "../../../src/memory/region.ts";
import { start, stop } from "../linux/programs.ts";
import { imageOf, spaceOf, startDemo } from "./images.ts";

const NODE = join(import.meta.dirname, "../../../node_modules/.bin/node");

test("every region of the demo has its kind", async () => {
  const { pid } = await startDemo();
  await stop(pid);
  const image = imageOf(pid);
  const space = await image.read("smaps");
  const kinds = described(space);
  const expected = {
    [image.executable?.split("/").at(-1) ?? "none"]: ["rodata", "code", "rodata", "relro", "data", "bss"],
    "libc.so.6": ["rodata", "code", "rodata", "relro", "data", "bss"],
    "ld-linux-x86-64.so.2": ["rodata", "code", "rodata", "relro", "data"],
  };
  for (const [file, parts] of Object.entries(expected)) {
    expect(kinds.filter((kind) => kind.endsWith(` ${file}`))).toEqual(parts.map((kind) => `${kind} ${file}`));
  }
  for (const once of [
    "heap [heap]",
    "stack [stack]",
    "vdso [vdso]",
    "vvar [vvar]",
    "vsyscall [vsyscall]",
    "file demo.c",
    "sysvShm SYSV00000000",
    `posixShm process-memory-demo.${pid}`,
    "memfd memfd:process-memory-demo",
    "sharedAnonymous zero",
    "jit",
  ]) {
    expect(kinds.filter((kind) => kind === once)).toEqual([once]);
  }
  // Two threads' and the one that the demo fences off.
  expect(kinds.filter((kind) => kind === "guard")).toHaveLength(3);
  expect(new Set([...space.regions()].map(({ thread }) => thread).filter((thread) => thread !== null))).toEqual(
    new Set(threadsOf(pid)),
  );
  expectEveryKind(pid, space);
});

test.each([
  ["node", "/usr/bin/env", ["node", "-e", "console.log('ready'); setInterval(() => {}, 1000)"]],
  ["the node of VS Code's age", NODE, ["-e", "console.log('ready'); setInterval(() => {}, 1000)"]],
  [
    "python3",
    "/usr/bin/env",
    [
      "python3",
      "-c",
      "import threading, time, ssl\nfor i in range(3): threading.Thread(target=time.sleep, args=[60], daemon=True).start()\nprint('ready', flush=True)\ntime.sleep(60)",
    ],
  ],
  ["bash", "/bin/bash", ["-c", "echo ready; sleep 60; true"]],
])("every region of %s has its kind", async (_, command, args) => {
  const { pid } = await start(command, args);
  await stop(pid);
  expectEveryKind(pid, await imageOf(pid).read("maps"));
});

test("threads' stacks are found by their size where stack pointers may not be read", async () => {
  const { pid } = await startDemo();
  await stop(pid);
  const space = await imageOf(pid).read("maps");
  const told = stacksOf(space);
  classify(space, new Map(), 3);
  expect(stacksOf(space)).toEqual(told);
  expect(told).toHaveLength(2);
  expect(space.columns.thread.every((thread) => thread === 0)).toBe(true);
});

test("memory of a stack's size is no stack when all threads have told where theirs are", () => {
  const space = spaceOf(
    `
7f0000000000-7f0000001000 ---p 00000000 00:00 0 
7f0000001000-7f0000801000 rw-p 00000000 00:00 0 
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
`.trimStart(),
  );
  classify(space, new Map([[1, 0x7ffd_0001_0000n]]), 1);
  expect(kindsOf(space)).toEqual(["guard", "anonymous", "stack"]);
  expect([...space.columns.thread]).toEqual([0, 0, 1]);
  classify(space, new Map([[1, 0x7ffd_0001_0000n]]), 2);
  expect(kindsOf(space)).toEqual(["guard", "threadStack", "stack"]);
});

test("goroutines' stacks in Go's heap, and what is fenced off beside it, are no thread's stack", () => {
  // Of a Go 1.19 program: three of its threads run goroutines.
  const space = spaceOf(
    `
c000000000-c000400000 rw-p 00000000 00:00 0 
c000400000-c004000000 ---p 00000000 00:00 0 
7f949aa08000-7f949ab08000 rw-p 00000000 00:00 0 
7f949ab08000-7f949ab88000 ---p 00000000 00:00 0 
7f949ab88000-7f949ab89000 rw-p 00000000 00:00 0 
7f949ab89000-7f949ac08000 ---p 00000000 00:00 0 
7f949ac08000-7f949ac68000 rw-p 00000000 00:00 0 
7ffde50e1000-7ffde5102000 rw-p 00000000 00:00 0                          [stack]
`.trimStart(),
  );
  const pointers = [0x7ffd_e510_0e80n, 0xc000_04bf10n, 0xc000_04dda8n, 0xc000_047da8n];
  classify(space, new Map(pointers.map((pointer, index) => [index + 1, pointer])), 4);
  expect(kindsOf(space)).toEqual([
    ...["anonymous", "anonymous", "anonymous", "guard", "anonymous", "guard", "anonymous", "stack"],
  ]);
});

test("a stack pointer into the heap, as coroutines have it, makes no stack of it", () => {
  const space = spaceOf(
    `
55d3a0000000-55d3a0021000 rw-p 00000000 00:00 0                          [heap]
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
`.trimStart(),
  );
  classify(space, new Map([[1, 0x55d3_a000_1000n]]), 1);
  expect(kindsOf(space)).toEqual(["heap", "stack"]);
});

test("the names that the kernel gives tell kinds", () => {
  const names = {
    "[heap]": "heap",
    "[stack]": "stack",
    "[vdso]": "vdso",
    "[vvar]": "vvar",
    "[vvar_vclock]": "vvar",
    "[anon:scudo:primary]": "namedAnonymous",
    "[anon_shmem:mine]": "sharedAnonymous",
    "/dev/zero (deleted)": "sharedAnonymous",
    "/anon_hugepage (deleted)": "sharedAnonymous",
    "/SYSV0000002a (deleted)": "sysvShm",
    "/dev/shm/sem.mine": "posixShm",
    "/memfd:name with spaces (deleted)": "memfd",
    "/dev/dri/card0": "device",
    "anon_inode:[io_uring]": "device",
    "socket:[31337]": "device",
    "/[aio] (deleted)": "device",
    "/home/me/notes (deleted)": "file",
    "/home/me/[heap]": "file",
  };
  const lines = Object.keys(names).map((name, index) => {
    const address = (0x7000_0000_0000 + index * 0x2000).toString(16);
    const isFile = /^(\/|anon_inode|socket)/.test(name);
    return `${address}-${(0x7000_0000_1000 + index * 0x2000).toString(16)} rw-s 00000000 00:0${isFile ? 1 : 0} ${isFile ? 7 : 0} ${name}\n`;
  });
  const space = spaceOf(lines.join(""));
  classify(space, new Map(), 1);
  expect(Object.fromEntries([...space.regions()].map(({ path, kind }) => [path, kind]))).toEqual(names);
});

test("private memory from /dev/zero or huge pages is anonymous", () => {
  const space = spaceOf(
    `
7f0000000000-7f0000001000 rw-p 00000000 00:05 6                          /dev/zero
7f0000200000-7f0000400000 rw-p 00000000 00:0f 77                         /anon_hugepage (deleted)
`.trimStart(),
  );
  classify(space, new Map(), 1);
  expect(kindsOf(space)).toEqual(["anonymous", "anonymous"]);
});

/** What kinds the regions have, by a plain reading of /proc and of what readelf says about each file. */
function expectEveryKind(pid: number, space: AddressSpace): void {
  const regions = [...space.regions()];
  const threads = threadsOf(pid);
  const elf = new Map<string, Layout | null>();
  const layoutOf = (path: string) => {
    if (!elf.has(path)) elf.set(path, readelf(path));
    return elf.get(path) ?? null;
  };
  let module: { path: string; layout: Layout; bias: number; end: number } | null = null;
  const wrong: string[] = [];
  const lines = readFileSync(`/proc/${pid}/maps`, "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(regions.length);
  for (const [index, region] of regions.entries()) {
    const line = lines[index] as string;
    const { path } = region;
    const at = Number(region.start);
    const layout = path?.startsWith("/") ? layoutOf(path) : null;
    if (path && layout && region.fileOffset === 0 && region.permissions !== "r--s") {
      module = { path, layout, bias: at - layout.start, end: at - layout.start + layout.end };
    }
    const owner = module && at < module.end && (path === null || path === module.path) ? module : null;
    const kind = owner ? kindInModule(region, at - owner.bias, owner.layout) : kindOutside(region, regions, index);
    if (region.kind !== kind) wrong.push(`${line}: ${region.kind}, not ${kind}`);
  }
  expect(wrong).toEqual([]);
  expect(regions.filter(({ kind }) => kind === "threadStack").map(({ thread }) => thread)).toEqual(
    expect.arrayContaining(threads.filter((thread) => thread !== pid)),
  );
}

function kindInModule({ permissions }: Region, address: number, layout: Layout): string {
  if (permissions.startsWith("---")) return "guard";
  if (permissions.includes("x")) return "code";
  if (permissions.includes("w")) return address >= layout.fileEnd ? "bss" : "data";
  return address >= layout.relro.start && address < layout.relro.end ? "relro" : "rodata";
}

function kindOutside({ path, permissions, size, start, end }: Region, regions: Region[], index: number): string {
  const named: Record<string, string> = { "[heap]": "heap", "[stack]": "stack", "[vdso]": "vdso", "[vvar]": "vvar" };
  Object.assign(named, { "[vvar_vclock]": "vvar", "[vsyscall]": "vsyscall", "/dev/zero (deleted)": "sharedAnonymous" });
  if (path !== null && named[path]) return named[path];
  if (path?.startsWith("/SYSV")) return "sysvShm";
  if (path?.startsWith("/dev/shm/")) return "posixShm";
  if (path?.startsWith("/memfd:")) return "memfd";
  if (path?.startsWith("anon_inode:")) return "device";
  if (path?.startsWith("[anon:")) return "namedAnonymous";
  if (path !== null) return permissions.includes("x") ? "code" : "file";
  if (permissions.includes("x")) return "jit";
  const [below, above] = [regions[index - 1], regions[index + 1]];
  if (permissions === "---p" && size <= 1024 * 1024) {
    const borders = [below?.end === start ? below : null, above?.start === end ? above : null];
    return borders.some((neighbour) => neighbour && neighbour.permissions !== "---p") ? "guard" : "anonymous";
  }
  const isAboveGuard = below?.end === start && below.permissions === "---p";
  return permissions === "rw-p" && isAboveGuard && regions[index]?.thread ? "threadStack" : "anonymous";
}

interface Layout {
  /** Of the first page, and after the last. */
  start: number;
  end: number;
  /** Where the file's part of the writable segment ends, up to the page. */
  fileEnd: number;
  relro: { start: number; end: number };
}

/** The program headers of an ELF file in binutils' words. */
function readelf(path: string): Layout | null {
  let text: string;
  try {
    text = execFileSync("readelf", ["-lW", path], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return null;
  }
  const headers = [...text.matchAll(/^ {2}(\w+) +0x(\w+) 0x(\w+) 0x\w+ 0x(\w+) 0x(\w+) (.{3})/gm)].map(
    ([, type, , address, fileSize, memorySize, flags]) => ({
      type,
      start: Number(`0x${address}`),
      fileEnd: Number(`0x${address}`) + Number(`0x${fileSize}`),
      end: Number(`0x${address}`) + Number(`0x${memorySize}`),
      writable: flags?.includes("W") ?? false,
    }),
  );
  const loads = headers.filter(({ type }) => type === "LOAD");
  const relro = headers.find(({ type }) => type === "GNU_RELRO");
  if (loads.length === 0) return null;
  return {
    start: floor(Math.min(...loads.map(({ start }) => start))),
    end: floor(Math.max(...loads.map(({ end }) => end)) + 0xfff),
    fileEnd: floor((loads.findLast(({ writable }) => writable)?.fileEnd ?? 0) + 0xfff),
    relro: relro ? { start: floor(relro.start), end: relro.end } : { start: 0, end: 0 },
  };
}

function floor(address: number): number {
  return address - (address % 4096);
}

function threadsOf(pid: number): number[] {
  return execFileSync("ls", [`/proc/${pid}/task`], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map(Number);
}

function kindsOf(space: AddressSpace): string[] {
  return [...space.regions()].map(({ kind }) => kind);
}

function stacksOf(space: AddressSpace): bigint[] {
  return [...space.regions()].filter(({ kind }) => kind === "threadStack").map(({ start }) => start);
}

/** Each region's kind with the last part of its module's or its own name. */
function described(space: AddressSpace): string[] {
  return [...space.regions()].map(({ kind, module, path }) => {
    const name = (module ?? path)?.replace(" (deleted)", "").split("/").at(-1);
    return name ? `${kind} ${name}` : kind;
  });
}
