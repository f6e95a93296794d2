import { once } from "node:events";
import { expect, test } from "vitest";
import { systemCalls } from "../../../src/linux/systemCalls.ts";
import { toHex } from "../../../src/memory/address.ts";
import { compile } from "../fixtures.ts";
import { start } from "../linux/programs.ts";
import { everyRow, startServer } from "./client.ts";

test.runIf(systemCalls()?.hasQueryMap)("a running process is explained as it is, not as it was read", async () => {
  const { pid, child, output } = await start(compile("changing.c", "vmas"));
  const server = await startServer();
  // Nothing is read by itself after the first reading.
  await server.tell("processMemory/settings", { interval: 0 });
  const { target } = await server.attach(pid);
  await server.changed(({ regions }) => regions > 0, 0);
  const place = BigInt(output.trim()) + 65536n;
  const explain = () => server.ask("processMemory/explain", { target, address: toHex(place + 100n) });
  expect((await explain()).region).toMatchObject({ permissions: "---p" });
  process.kill(pid, "SIGUSR1");
  await once(child.stdout, "data");
  const { region } = await explain();
  expect(region).toMatchObject({ start: toHex(place), end: toHex(place + 65536n), permissions: "r--p" });
  child.kill("SIGKILL");
  await once(child, "exit");
  expect((await explain()).region).toEqual(region);
});

test.runIf(systemCalls()?.hasQueryMap)("what a debugger changes of a process that stands still is seen", async () => {
  const { pid, child, output } = await start(compile("changing.c", "vmas"));
  const server = await startServer();
  const { target } = await server.attach(pid);
  await server.tell("processMemory/stopped", { target });
  await server.changed(({ state, totals }) => state === "stopped" && totals !== null);
  const place = BigInt(output.trim()) + 65536n;
  const explain = () => server.ask("processMemory/explain", { target, address: toHex(place + 100n) });
  expect((await explain()).region).toMatchObject({ permissions: "---p" });
  process.kill(pid, "SIGUSR1");
  await once(child.stdout, "data");
  expect((await explain()).region).toMatchObject({ start: toHex(place), permissions: "r--p" });
  const { rows } = await server.ask("processMemory/rows", everyRow(target));
  expect(rows.find(({ start }) => start === toHex(place))).toMatchObject({
    permissions: "r--p",
    pss: expect.any(Number),
  });
});
