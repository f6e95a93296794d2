import { copyFileSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { openProcess } from "../../../src/linux/process.ts";
import { TargetImage } from "../../../src/memory/image.ts";
import { TargetError } from "../../../src/memory/target.ts";
import { totalsOf } from "../../../src/memory/totals.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { compile } from "../fixtures.ts";
import { end, start, stop } from "../linux/programs.ts";
import { imageOf, startDemo, startPlaces } from "./images.ts";

test("a reading of maps that finds nothing new gives the same picture", async () => {
  const { pid } = await startPlaces();
  const image = imageOf(pid);
  const first = await image.read("maps");
  expect(await image.read("maps")).toBe(first);
  expect(image.space).toBe(first);
  const detailed = await image.read("smaps");
  expect(detailed).not.toBe(first);
  expect(await image.read("maps")).toBe(detailed);
});

test("a reading of smaps finds the same kinds and modules as one of maps", async () => {
  const { pid } = await startDemo();
  await stop(pid);
  const image = imageOf(pid);
  const maps = [...(await image.read("maps")).regions()];
  const smaps = [...(await image.read("smaps")).regions()];
  expect(smaps.map((region) => ({ ...region, usage: null, readAt: null }))).toEqual(maps);
  expect(smaps.every(({ usage }) => usage !== null)).toBe(true);
});

test("after a change, a reading of maps keeps the numbers of the regions that are as before", async () => {
  const { pid } = await start("python3", [
    "-c",
    "import mmap, time\nprint('ready', flush=True)\ntime.sleep(0.5)\nm = mmap.mmap(-1, 1 << 28)\ntime.sleep(60)",
  ]);
  const image = imageOf(pid);
  const before = await image.read("smaps");
  let after = before;
  while (after === before || after.length === before.length) {
    await sleep(20);
    after = await image.read("maps");
  }
  const unread = [...after.regions()].filter(({ usage }) => usage === null);
  expect(unread.some(({ size }) => size >= 1 << 28)).toBe(true);
  const text = after.region(after.indexOf(before.region(0).start));
  expect(text.usage).toEqual(before.region(0).usage);
  expect(totalsOf(after)?.size).toBe([...after.regions()].reduce((sum, { size }) => sum + size, 0));
  expect([...(await image.read("smaps")).regions()].every(({ usage }) => usage !== null)).toBe(true);
});

test("numbers that come while maps is read are not lost", async () => {
  const { pid } = await start(compile("vmas.c", "vmas"), ["20000"]);
  await stop(pid);
  const image = imageOf(pid);
  await image.read("maps");
  const maps = image.read("maps");
  let isRead = false;
  void maps.then(() => {
    isRead = true;
  });
  for await (const _ of image.readNumbers({ isFull: false, pause: async () => "go on" })) expect(isRead).toBe(false);
  const space = await maps;
  expect(space).toBe(image.space);
  expect([...space.regions()].every(({ usage }) => usage !== null)).toBe(true);
});

test("an exec is noticed: another executable, other modules, and the old files closed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "process-memory-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const shell = join(folder, "shell");
  copyFileSync("/bin/bash", shell);
  const { pid } = await start(shell, ["-c", "echo ready; sleep 0.5; exec sleep 60"]);
  const image = imageOf(pid);
  const before = await image.read("maps");
  expect(before.modules.find(({ isProgram }) => isProgram)?.path).toBe(shell);
  expect(openFiles()).toContain(shell);
  while (image.executable === shell) {
    await sleep(20);
    await image.read("maps");
  }
  const after = await image.read("maps");
  const program = after.modules.find(({ isProgram }) => isProgram);
  expect(program?.path).toBe(image.executable);
  expect(program?.name).toMatch(/sleep|coreutils/);
  expect(after.modules.some(({ path }) => path === shell)).toBe(false);
  expect(openFiles()).not.toContain(shell);
});

test("the last picture stays when the process is gone", async () => {
  const running = await startPlaces();
  const image = imageOf(running.pid);
  const last = await image.read("smaps");
  await end(running);
  await expect(image.read("maps")).rejects.toMatchObject({ name: "TargetError", problem: "gone" });
  await expect(image.read("smaps")).rejects.toThrow(TargetError);
  expect(image.space).toBe(last);
  expect((await image.explain(running.address("numbers"))).symbol?.name).toBe("numbers");
});

test("readings at the same time wait for each other", async () => {
  const { pid } = await startPlaces();
  const image = imageOf(pid);
  const [maps, smaps, again] = await Promise.all([image.read("maps"), image.read("smaps"), image.read("maps")]);
  expect(smaps).not.toBe(maps);
  expect(again).toBe(smaps);
  expect(image.space).toBe(smaps);
});

test("a closed picture has closed its files and reads no more", async () => {
  const { pid } = await startPlaces();
  const before = openFiles();
  const image = new TargetImage(openProcess(pid), openElf);
  await image.read("smaps");
  expect(openFiles().length).toBeGreaterThan(before.length);
  image.close();
  await expect(image.read("maps")).rejects.toThrow("no longer looked at");
  expect(openFiles()).toEqual(before);
});

test("the totals are the sums of what smaps says, and agree with the kernel's own", async () => {
  const { pid } = await startPlaces();
  await stop(pid);
  const image = imageOf(pid);
  const rollup = image.source.readRollup();
  const space = await image.read("smaps");
  const totals = totalsOf(space);
  const regions = [...space.regions()];
  const sum = (of: (region: (typeof regions)[number]) => number | undefined) =>
    regions.reduce((sum, region) => sum + (of(region) ?? 0), 0);
  expect(totals).toEqual({
    size: sum(({ size }) => size),
    rss: sum(({ usage }) => usage?.rss),
    pss: sum(({ usage }) => usage?.pss),
    uss: sum(({ usage }) => (usage?.privateClean ?? 0) + (usage?.privateDirty ?? 0)),
    swap: sum(({ usage }) => usage?.swap),
  });
  expect(rollup?.rss).toBe(totals?.rss);
  expect(rollup?.uss).toBe(totals?.uss);
});

/** What this process has open. */
function openFiles(): string[] {
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)].filter(
        (path) => path.startsWith("/") && !path.includes("/fd"),
      );
    } catch {
      return [];
    }
  });
}
