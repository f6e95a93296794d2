import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { open, start } from "./programs.ts";

test("how long a process has run stays the same while it sleeps, and grows when it runs", async () => {
  const script = `import os, signal, threading, time
def run(*_):
    sum(range(100000))
    os.write(1, b"ran")
signal.signal(signal.SIGUSR1, run)
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
os.write(1, b"ready")
while True: time.sleep(600)
`;
  const { pid, child } = await start("python3", ["-c", script]);
  const target = open(pid);
  let before: number | null = null;
  const isSame = async () => {
    before = target.readRunTime();
    await sleep(100);
    return before !== null && target.readRunTime() === before;
  };
  await expect.poll(isSame).toBe(true);
  const ran = once(child.stdout, "data");
  process.kill(pid, "SIGUSR1");
  await ran;
  await expect.poll(() => target.readRunTime()).toBeGreaterThan((before ?? 0) + 100_000);
});

test("while a process runs it is not told", async () => {
  const { pid } = await start("sh", ["-c", "echo ready; while :; do :; done"]);
  expect(open(pid).readRunTime()).toBeNull();
});
