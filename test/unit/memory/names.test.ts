import { expect, test } from "vitest";
import { classify } from "../../../src/memory/classify.ts";
import { printable, regionLabel, regionName } from "../../../src/memory/names.ts";
import { start } from "../linux/programs.ts";
import { imageOf, spaceOf, startDemo } from "./images.ts";

test("the demo's regions are called what people call them", async () => {
  const { pid } = await startDemo();
  const image = imageOf(pid);
  const space = await image.read("maps");
  const program = image.executable?.split("/").at(-1);
  const names = Array.from(space.regions(), (_, index) => regionName(space, index));
  for (const name of [
    `${program} code`,
    `${program} read-only data`,
    `${program} read-only after relocation`,
    `${program} .bss`,
    "libc.so.6 code",
    "libc.so.6 initialised data",
    "[heap]",
    "[stack]",
    "[vdso]",
    "demo.c",
    "System V shared memory SYSV00000000",
    `POSIX shared memory process-memory-demo.${pid}`,
    "memfd process-memory-demo",
    "shared anonymous",
    "generated code",
    "anonymous",
  ]) {
    expect(names).toContain(name);
  }
  const threads = names.flatMap((name) => /^stack of thread (\d+)$/.exec(name)?.[1] ?? []);
  expect(threads).toHaveLength(2);
  for (const thread of threads) expect(names).toContain(`guard of thread ${thread}`);
});

test("a name never breaks the line it stands in, nor changes how it is read", () => {
  expect(printable("a\nb\tc\u001b[31m\u202ed")).toBe("a\\012b\\011c\\033[31m\\20056d");
  const space = spaceOf("7f0000000000-7f0000001000 r--s 00000000 08:01 7 /tmp/two\\012lines (deleted)\n");
  classify(space, new Map(), 1);
  expect(space.path(0)).toBe("/tmp/two\nlines (deleted)");
  expect(regionLabel(space, 0)).toBe("two\\012lines r--s");
});

test("a label has the permissions", async () => {
  const { pid } = await start("/bin/bash", ["-c", "echo ready; sleep 60; true"]);
  const space = await imageOf(pid).read("maps");
  const labels = Array.from(space.regions(), (_, index) => regionLabel(space, index));
  for (const label of ["bash code r-xp", "bash read-only data r--p", "bash .bss rw-p", "[heap] rw-p", "[vdso] r-xp"]) {
    expect(labels).toContain(label);
  }
});
