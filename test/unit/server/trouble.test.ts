/** Processes that may not be looked at any more, or not at all, or do not run: the history of each stays. */
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import { problemOf, startServer } from "./client.ts";

const VMAS = compile("vmas.c", "vmas");
const NOBODY = { uid: 65534, gid: 65534 };
/** Only root may become somebody else. */
const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)(
  "a process that becomes root's keeps its past, and says why its memory is no longer read",
  async () => {
    const folder = mkdtempSync("/tmp/setuid-");
    onTestFinished(() => rmSync(folder, { recursive: true }));
    chmodSync(folder, 0o755);
    const privileged = join(folder, "privileged");
    copyFileSync(VMAS, privileged);
    chmodSync(privileged, 0o4755);
    const { pid } = await start("/bin/sh", ["-c", `echo ready; kill -STOP $$; exec ${privileged} 10`], NOBODY);
    const server = await startServer(NOBODY);
    await server.tell("processMemory/settings", { interval: 50 });
    const { target, limited } = await server.attach(pid);
    expect(limited).toBeNull();
    await server.tell("processMemory/watching", { targets: [target] });
    const before = await server.changed(({ totals }) => totals !== null, 0);
    // It may not have come to stop itself yet, and go on only then.
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, "utf8")).toContain(") T ");
    process.kill(pid, "SIGCONT");
    const after = await server.changed(({ limited, command }) => limited !== null && command === "privileged");
    expect(after.limited).toMatchObject({ problem: "permission" });
    const later = await server.changed(({ sample }) => sample.time > after.sample.time);
    expect(later).toMatchObject({ state: "running", limited: after.limited });
    const { samples } = await server.ask("processMemory/timeline", { target, since: 0 });
    expect(samples.map(({ time }) => time)).toContain(before.sample.time);
    expect(server.log).toEqual([]);
  },
);

test.runIf(isRoot)("what was open of a process that lets nobody look any more is read on", async () => {
  const { pid, child } = await start(compile("undumpable.c", "vmas"), [], NOBODY);
  const server = await startServer(NOBODY);
  await server.tell("processMemory/settings", { interval: 50 });
  const { target } = await server.attach(pid);
  await server.ask("processMemory/refresh", { target });
  const done = once(child.stdout, "data");
  process.kill(pid, "SIGUSR1");
  await done;
  await server.ask("processMemory/refresh", { target });
  expect(await server.changed(() => true)).toMatchObject({ limited: null, state: "running" });
  const another = await startServer(NOBODY);
  expect((await another.attach(pid)).limited).toMatchObject({ problem: "permission" });
});

test.runIf(isRoot)("where /proc hides others' processes, that is said and one's own are shown", async () => {
  const others = await start(VMAS, ["10"]);
  const own = await start(VMAS, ["10"], NOBODY);
  const hiding =
    'mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"';
  const server = await startServer({}, ["unshare", "--mount", "sh", "-c", hiding, "sh"]);
  const problem = await problemOf(server.attach(others.pid));
  expect(problem.message).toContain("/proc hides it from this user");
  const { target, limited } = await server.attach(own.pid);
  expect(limited).toBeNull();
  await server.ask("processMemory/refresh", { target });
  const { processes } = await server.ask("processMemory/processes", null);
  const pids = processes.map(({ pid }) => pid);
  expect(pids).toContain(own.pid);
  expect(pids).not.toContain(others.pid);
});

/** Where processes are frozen: that of cgroup v1, or of v2. */
const FREEZER = ["/sys/fs/cgroup/freezer", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"].find((folder) => {
  const group = join(folder, "process-memory-probe");
  try {
    mkdirSync(group);
    return existsSync(join(group, "freezer.state")) || existsSync(join(group, "cgroup.freeze"));
  } catch {
    return false;
  } finally {
    if (existsSync(group)) rmdirSync(group);
  }
});

// Elsewhere this user may freeze nothing.
test.runIf(FREEZER)("a frozen process is read like any other, and ends when it may", async () => {
  const program = await start(VMAS, ["1000"]);
  const group = join(FREEZER as string, `process-memory-${program.pid}`);
  const isFirst = !existsSync(join(FREEZER as string, "cgroup.controllers"));
  const freeze = (isFrozen: boolean) => {
    if (isFirst) writeFileSync(join(group, "freezer.state"), isFrozen ? "FROZEN" : "THAWED");
    else writeFileSync(join(group, "cgroup.freeze"), isFrozen ? "1" : "0");
  };
  mkdirSync(group);
  onTestFinished(() => rmdirSync(group));
  writeFileSync(join(group, "cgroup.procs"), String(program.pid));
  freeze(true);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 50 });
  const { target } = await server.attach(program.pid);
  await server.ask("processMemory/refresh", { target });
  const read = await server.changed(({ totals }) => totals !== null, 0);
  expect(read).toMatchObject({ state: "running", limited: null });
  expect(read.regions).toBeGreaterThan(1000);
  program.child.kill("SIGKILL");
  expect((await server.changed(() => true)).state).toBe("running");
  const ended = once(program.child, "exit");
  freeze(false);
  await ended;
  expect(await server.ended(target)).toMatchObject({ message: expect.stringContaining("has ended") });
});

test("a process of as many regions as the kernel allows, and 100 TiB that are reserved, is shown whole", async () => {
  const most = Number(readFileSync("/proc/sys/vm/max_map_count", "utf8"));
  // The program's own, and what the kernel splits, take some.
  const { pid } = await start(VMAS, [String(Math.min(most, 65_530) - 100), "100"]);
  const server = await startServer();
  const { target } = await server.attach(pid);
  await stop(pid);
  await server.tell("processMemory/stopped", { target });
  const read = await server.changed(({ totals }) => totals !== null, 0);
  expect(read.regions).toBe(readFileSync(`/proc/${pid}/maps`, "utf8").split("\n").length - 1);
  expect(read.totals?.size).toBeGreaterThan(100 * 2 ** 40);
  const picture = await server.ask("processMemory/picture", { target, from: 0, to: null, pixels: 1000 });
  expect(picture.columns.size.length).toBeLessThan(2001);
});
