/** Numbers of large running targets: read slowly, so that they do not notice, and first what somebody sees. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { systemCalls } from "../../../src/linux/systemCalls.ts";
import { compile } from "../fixtures.ts";
import { start } from "../linux/programs.ts";
import { everyRow, startServer } from "./client.ts";

// They wait for readings that are slow on purpose.
vi.setConfig({ testTimeout: 90_000 });

const VMAS = compile("vmas.c", "vmas");

test("the numbers of a large running target come in parts, its sums with the last one", async () => {
  const { pid } = await start(VMAS, ["20000"]);
  const server = await startServer();
  const { target } = await server.attach(pid);
  await server.tell("processMemory/watching", { targets: [target] });
  const { totals } = await server.changed((change) => change.totals !== null);
  const first = await server.ask("processMemory/rows", { ...everyRow(target), limit: 1 });
  const last = await server.ask("processMemory/rows", { ...everyRow(target), offset: first.total - 1 });
  expect(first.totals).toMatchObject(totals ?? {});
  expect(first.rows[0]?.age).toBeGreaterThan((last.rows[0]?.age ?? Number.NaN) + 900);
});

test.runIf(systemCalls()?.hasScanPages)(
  "of a running target with a large region pages are counted; a stop reads all numbers",
  async () => {
    const { pid } = await start("python3", [
      "-c",
      'import os, time; held = bytearray(1 << 28); os.write(1, b"ready"); time.sleep(1000)',
    ]);
    const server = await startServer();
    const { target } = await server.attach(pid);
    await server.tell("processMemory/watching", { targets: [target] });
    const counted = await server.changed(({ totals }) => totals !== null);
    expect(counted.totals).toMatchObject({ pss: null, uss: null });
    expect(counted.totals?.rss).toBeGreaterThan(1 << 28);
    const largest = { ...everyRow(target), sort: "rss", descending: true, limit: 1 } as const;
    const [running] = (await server.ask("processMemory/rows", largest)).rows;
    expect(running).toMatchObject({ pss: null, dirty: null });
    await server.tell("processMemory/stopped", { target });
    await server.changed(({ totals }) => totals !== null && totals.pss !== null);
    const [stopped] = (await server.ask("processMemory/rows", largest)).rows;
    expect(stopped).toMatchObject({ rss: running?.rss, pss: stopped?.rss });
  },
);

test.runIf(systemCalls()?.hasScanPages)(
  "of a large running target the regions in view are up to date long before their turn",
  async () => {
    const program = await start(VMAS, ["20000"]);
    const server = await startServer();
    await server.tell("processMemory/settings", { interval: 100 });
    const { target } = await server.attach(program.pid);
    await server.tell("processMemory/watching", { targets: [target] });
    await server.changed(({ totals }) => totals !== null, 0);
    const largest = { ...everyRow(target), sort: "size", descending: true, limit: 1 } as const;
    const [before] = (await server.ask("processMemory/rows", largest)).rows;
    expect(before).toMatchObject({ size: 16 << 20, rss: 0, pss: 0 });
    const touched = once(program.child.stdout, "data");
    program.child.kill("SIGUSR1");
    await touched;
    const { revision } = await server.ask("processMemory/rows", largest);
    await server.changed((change) => change.revision > revision);
    const [now] = (await server.ask("processMemory/rows", largest)).rows;
    expect(now).toMatchObject({ rss: 1 << 20, pss: null });
  },
);

test("a stop in the middle of the slow reading reads everything at once", async () => {
  const { pid } = await start(VMAS, ["20000"]);
  const server = await startServer();
  const { target } = await server.attach(pid);
  const { revision } = await server.changed(() => true, 0);
  await server.tell("processMemory/watching", { targets: [target] });
  const part = await server.changed((change) => change.revision > revision);
  expect(part.totals).toBeNull();
  await server.tell("processMemory/stopped", { target });
  await server.changed(({ state, totals }) => state === "stopped" && totals !== null);
  const { rows } = await server.ask("processMemory/rows", everyRow(target));
  const ages = rows.map(({ age }) => age ?? Number.NaN);
  expect(Math.max(...ages)).toBeLessThan(Math.min(...ages) + 500);
  const { length } = server.changes;
  await sleep(1500);
  expect(server.changes).toHaveLength(length);
});

test("a slow reading that was broken off begins anew when somebody looks again", async () => {
  const { pid } = await start(VMAS, ["20000"]);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 100 });
  const { target } = await server.attach(pid);
  const { revision } = await server.changed(() => true, 0);
  await server.tell("processMemory/watching", { targets: [target] });
  await server.changed((change) => change.revision > revision);
  await server.tell("processMemory/watching", { targets: [] });
  await sleep(200);
  const { length } = server.changes;
  await server.tell("processMemory/watching", { targets: [target] });
  await server.changed(({ totals }) => totals !== null, length);
});
