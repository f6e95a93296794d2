import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { compile } from "../fixtures.ts";
import { imageOf, running, startPlaces } from "./images.ts";

test.each([
  ["position-independent", []],
  ["at a fixed address", ["-no-pie"]],
  ["static", ["-static"]],
  ["static and position-independent", ["-static-pie"]],
  ["with code and constants in one segment", ["-Wl,-z,noseparate-code"]],
  ["at a fixed address, with code and constants in one segment", ["-no-pie", "-Wl,-z,noseparate-code"]],
  ["without relocation protection", ["-Wl,-z,norelro"]],
  ["with all of relocation protection", ["-Wl,-z,relro,-z,now"]],
  ["with pages of 2 MiB", ["-Wl,-z,max-page-size=0x200000"]],
  ["linked by gold", ["-fuse-ld=gold"]],
])("the bias of a program %s puts its symbols where they are", async (_, flags) => {
  const places = await startPlaces(flags);
  const image = imageOf(places.pid);
  const space = await image.read("maps");
  const program = space.modules.find(({ isProgram }) => isProgram);
  expect(program?.path).toBe(image.executable);
  if (flags.includes("-no-pie") || flags.includes("-static")) expect(program?.bias).toBe(0n);
  for (const [name, symbol, offset] of [
    ["message", "message", 0],
    ["numbers", "numbers", 8],
    ["zeroes", "zeroes", 50000],
    ["pointers", "pointers", 8],
    ["answer", "answer", 0],
  ] as const) {
    expect((await image.explain(places.address(name))).symbol).toMatchObject({ name: symbol, offset });
  }
});

test("a library that is loaded twice is two modules", async () => {
  const places = await startPlaces(["-DLOAD_TWICE"]);
  const image = imageOf(places.pid);
  const space = await image.read("maps");
  const loaded = space.modules.filter(({ name }) => name === "libm.so.6");
  expect(loaded).toHaveLength(2);
  expect(loaded[0]?.bias).not.toBe(loaded[1]?.bias);
  for (const name of ["once", "twice"]) {
    const address = places.address(name);
    const { symbol, module } = await image.explain(address);
    expect(symbol).toMatchObject({ name: "frexp", offset: 0 });
    expect(space.module(space.indexOf(address))?.bias).toBe(module?.bias);
  }
});

test("a program that is mapped whole, as data, is no module there", async () => {
  const places = await startPlaces([], ["/proc/self/exe"]);
  const image = imageOf(places.pid);
  const space = await image.read("maps");
  expect(space.modules.filter(({ path }) => path === image.executable)).toHaveLength(1);
  const { kind, module, region } = await image.explain(places.address("whole"));
  expect({ kind, module, path: region?.path }).toEqual({ kind: "file", module: null, path: image.executable });
});

test("a program whose file was deleted keeps its name and its symbols", async () => {
  const folder = mkdtempSync(join(tmpdir(), "process-memory-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, "a program");
  copyFileSync(compile("places.c", "places", ["-g", "-O0", "-pthread"]), program);
  const places = await running(program);
  rmSync(program);
  const image = imageOf(places.pid);
  const space = await image.read("maps");
  expect(image.executable).toBe(`${program} (deleted)`);
  expect(space.modules.find(({ isProgram }) => isProgram)).toMatchObject({ path: program, name: "a program" });
  expect((await image.explain(places.address("answer"))).symbol?.name).toBe("answer");
});
