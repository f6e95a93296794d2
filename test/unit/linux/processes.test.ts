import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { findDebuggees, listProcesses } from "../../../src/linux/processes.ts";
import { compile } from "../fixtures.ts";
import { type Running, start } from "./programs.ts";

const vmas = () => compile("vmas.c", "vmas");

test("the processes are listed with command, arguments, user and whether they are readable", async () => {
  const { pid } = await start(vmas(), ["3"]);
  const list = listProcesses();
  expect(list.find((process) => process.pid === pid)).toEqual({
    pid,
    command: "vmas-vmas",
    commandLine: `${vmas()} 3`,
    user: userInfo().username,
    readable: true,
    startTime: Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[21]),
  });
  expect(list.findIndex((process) => process.pid === pid)).toBeLessThan(
    list.findIndex(({ pid }) => pid === process.pid),
  );
});

test("kernel threads are not listed, and zombies are not readable", async () => {
  const { output } = await start(compile("zombie.c", "threads"));
  const list = listProcesses();
  expect(list.find(({ pid }) => pid === Number(output))).toMatchObject({ readable: false, commandLine: "" });
  expect(list.some(({ command }) => command === "kthreadd")).toBe(false);
  expect(list.length).toBeLessThanOrEqual(readdirSync("/proc").filter((name) => Number(name) > 0).length);
});

/** A gdb that holds `program` at its beginning: the pids of both. */
async function debug(program: string, ...args: string[]): Promise<{ debugger: Running; debuggee: number }> {
  const held = await start("gdb", [
    "-q",
    "-nx",
    "-batch",
    "-ex",
    "starti",
    "-ex",
    "shell echo held",
    "-ex",
    "shell sleep 1000",
    "--args",
    program,
    ...args,
  ]);
  for (;;) {
    const children = readFileSync(`/proc/${held.pid}/task/${held.pid}/children`, "utf8").split(" ").map(Number);
    for (const pid of children) {
      if (pid > 0 && readFileSync(`/proc/${pid}/status`, "utf8").includes(`TracerPid:\t${held.pid}\n`)) {
        return { debugger: held, debuggee: pid };
      }
    }
    await sleep(5);
  }
}

test("what a debugger below us holds is found, and nothing that is taken already", async () => {
  const { debugger: gdb, debuggee } = await debug(vmas(), "1");
  expect(findDebuggees(gdb.pid, null, [])).toEqual([debuggee]);
  expect(findDebuggees(process.pid, null, [])).toEqual([debuggee]);
  expect(findDebuggees(process.pid, null, [debuggee])).toEqual([]);
  expect(findDebuggees(debuggee, null, [])).toEqual([]);
  expect(findDebuggees(process.pid, "/no/such/program", [])).toEqual([debuggee]);
});

test("of several the one that runs the program is meant, by whatever name", async () => {
  const first = await debug(vmas(), "1");
  const second = await debug(compile("zombie.c", "threads"));
  const folder = mkdtempSync(join(tmpdir(), "processes-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(vmas(), join(folder, "link"));
  expect(findDebuggees(process.pid, null, []).sort()).toEqual([first.debuggee, second.debuggee].sort());
  expect(findDebuggees(process.pid, vmas(), [])).toEqual([first.debuggee]);
  expect(findDebuggees(process.pid, join(folder, "link"), [])).toEqual([first.debuggee]);
  expect(findDebuggees(process.pid, "/no/such/program", []).sort()).toEqual([first.debuggee, second.debuggee].sort());
});

test("where no debugger is below the ancestor, the program decides", async () => {
  const { debuggee } = await debug(vmas(), "1");
  const other = await start(vmas(), ["2"]);
  expect(findDebuggees(other.pid, vmas(), [])).toEqual([debuggee]);
  expect(findDebuggees(other.pid, compile("zombie.c", "threads"), [])).toEqual([]);
});
