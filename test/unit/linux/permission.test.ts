import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compile } from "../fixtures.ts";
import { start } from "./programs.ts";

const NOBODY = 65534;

/** Runs the script as a user without rights, with our module, and answers what it printed as JSON. */
function asNobody(script: string): unknown {
  const source = (name: string) => fileURLToPath(new URL(`../../../src/linux/${name}.ts`, import.meta.url));
  const program = `import { openProcess } from ${JSON.stringify(source("process"))};
    import { listProcesses } from ${JSON.stringify(source("processes"))};
    const print = (value) => process.stdout.write(JSON.stringify(value));
    ${script}`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    uid: NOBODY,
    gid: NOBODY,
    encoding: "utf8",
  });
  expect(stdout, stderr).not.toBe("");
  return JSON.parse(stdout);
}

// Only root may become somebody else.
test.runIf(process.getuid?.() === 0)("another user's process tells its counters, and why not more", async () => {
  const { pid } = await start(compile("vmas.c", "vmas"), ["100"]);
  const told = asNobody(`
    const target = openProcess(${pid});
    const problem = async (read) => { try { return await read(); } catch (error) { return [error.problem, error.message]; } };
    const counters = target.readCounters();
    print({
      rss: counters.rss,
      faults: counters.minorFaults,
      threads: target.readThreads().length,
      maps: await problem(() => target.readMaps()),
      smaps: await problem(() => target.readSmaps()),
      rollup: await problem(() => target.readRollup()),
      executable: target.readExecutable(),
      stackPointers: target.readStackPointers().size,
    });`) as Record<string, unknown>;
  const denied = [
    "permission",
    expect.stringMatching(
      new RegExp(`counters of process ${pid} \\(vmas-vmas\\).*another user.*same user or as root.*CAP_SYS_PTRACE`),
    ),
  ];
  expect(told).toMatchObject({
    threads: 1,
    maps: denied,
    smaps: denied,
    rollup: denied,
    executable: null,
    stackPointers: 0,
  });
  expect(told.rss).toBeGreaterThan(100 * 4096);
  expect(told.faults).toBeGreaterThan(100);
});

test.runIf(process.getuid?.() === 0)("an own process is readable without any rights", () => {
  const told = asNobody(`
    const target = openProcess(process.pid);
    const space = await target.readSmaps();
    print({ regions: space.length, pss: target.readRollup().pss, executable: target.readExecutable() });`);
  expect(told).toMatchObject({ executable: process.execPath });
  expect((told as { regions: number }).regions).toBeGreaterThan(20);
});

test.runIf(process.getuid?.() === 0)("the list of processes says which are readable", async () => {
  const { pid } = await start(compile("vmas.c", "vmas"), ["1"]);
  const told = asNobody(`
    const all = listProcesses();
    print([all.find(({ pid }) => pid === ${pid}), all.find(({ pid }) => pid === process.pid), all[0]]);`);
  expect(told).toMatchObject([
    { command: "vmas-vmas", user: "root", readable: false },
    { user: "nobody", readable: true },
    { readable: true },
  ]);
});
