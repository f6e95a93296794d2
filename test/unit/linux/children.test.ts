import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { open, type Running, start } from "./programs.ts";

const told = existsSync(`/proc/${process.pid}/task/${process.pid}/children`);

/** Sends the signal, and gives what the program prints then. */
async function afterSignal({ pid, child }: Running): Promise<string> {
  const printed = once(child.stdout, "data");
  process.kill(pid, "SIGUSR1");
  return String(await printed);
}

test.runIf(told)("a child that is forked is seen once, those from before are not", async () => {
  const script = `import os, signal, time
def fork(*_):
    pid = os.fork()
    if pid == 0:
        time.sleep(600)
        os._exit(0)
    os.write(1, b"%d" % pid)
signal.signal(signal.SIGUSR1, fork)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.write(1, b"ready")
while True:
    time.sleep(600)
`;
  const running = await start("python3", ["-c", script]);
  const target = open(running.pid);
  const first = Number(await afterSignal(running));
  expect(target.readForks(1)).toBe(0);
  expect(target.readForks(1)).toBe(0);
  await afterSignal(running);
  await afterSignal(running);
  expect(target.readForks(1)).toBe(2);
  expect(target.readForks(1)).toBe(0);
  process.kill(first, "SIGKILL");
  await sleep(50);
  expect(target.readForks(1)).toBe(0);
});

test.runIf(told)("an orphan that a process takes over is no child that it forked", async () => {
  // PR_SET_CHILD_SUBREAPER is 36.
  const script = `import ctypes, os, signal, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
between = os.fork()
if between == 0:
    if os.fork() == 0:
        time.sleep(600)
    time.sleep(600)
def orphan(*_):
    os.kill(between, signal.SIGKILL)
    os.waitpid(between, 0)
    os.write(1, b"taken over")
signal.signal(signal.SIGUSR1, orphan)
os.write(1, b"ready")
while True:
    time.sleep(600)
`;
  const running = await start("python3", ["-c", script]);
  const target = open(running.pid);
  const children = () => readFileSync(`/proc/${running.pid}/task/${running.pid}/children`, "utf8");
  await sleep(200);
  expect(target.readForks(1)).toBe(0);
  const before = children();
  await sleep(100);
  await afterSignal(running);
  expect(children()).not.toBe(before);
  expect(children()).not.toBe("");
  expect(target.readForks(1)).toBe(0);
});
