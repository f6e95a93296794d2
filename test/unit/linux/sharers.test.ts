import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { findSharers } from "../../../src/linux/sharers.ts";
import { type Address, toHex } from "../../../src/memory/address.ts";
import type { Work } from "../../../src/memory/module.ts";
import type { Sharers } from "../../../src/memory/sharers.ts";
import { compile } from "../fixtures.ts";
import { end, open, type Running, start, stop } from "./programs.ts";

const PAGE = 4096;
const SIZE = 64 * PAGE;

interface Sharing extends Running {
  address: Address;
  /** Which has the memory too; 0 for none. */
  fork: number;
}

async function startSharing(kind: string, name = ""): Promise<Sharing> {
  const running = await start(compile("sharing.c", "sharing"), [kind, name]);
  const [address = "", fork = ""] = running.output.split(" ");
  return { ...running, address: BigInt(address), fork: Number(fork) };
}

function ask({ pid, address }: { pid: number; address: Address }, work?: Work): Promise<Sharers> {
  return findSharers(open(pid).identity, address, work);
}

/** A file's name that is not there yet, removed with the test. */
function newName(): string {
  const made = mkdtempSync(join(tmpdir(), "process-memory-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return join(made, "shared");
}

/** A search that ends a child of this process when it has begun: a zombie, until somebody asks for it. */
function whileEnding(pid: number): Work {
  const pids = [pid];
  const progress = () => {
    for (const each of pids.splice(0)) {
      process.kill(each, "SIGKILL");
      while (!/\) Z /.test(readFileSync(`/proc/${each}/stat`, "utf8")));
    }
  };
  // A slice of no time: progress is told after each process.
  return { slice: 0, progress };
}

/** The first region whose line in maps matches. */
function regionOf(pid: number, line: RegExp): Address {
  const found = readFileSync(`/proc/${pid}/maps`, "utf8")
    .split("\n")
    .find((each) => line.test(each));
  if (found === undefined) throw new Error(`Process ${pid} maps nothing like ${line}.`);
  return BigInt(`0x${found.split("-")[0]}`);
}

test("a search leaves no file open", async () => {
  for (const kind of ["memfd", "private"]) {
    const { pid, address } = await startSharing(kind);
    const { identity } = open(pid);
    const before = readdirSync("/proc/self/fd").length;
    await findSharers(identity, address);
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  }
});

test("two processes that map one file know of each other", async () => {
  const file = newName();
  const [one, other] = [await startSharing("file", file), await startSharing("file", file)];
  const answer = await ask(one);
  expect(answer.object).toEqual({ kind: "file", name: file, size: SIZE, sysv: null });
  expect(answer.region).toMatchObject({ start: toHex(one.address), permissions: "rw-s", fileOffset: 0, path: file });
  const range = { start: toHex(other.address), end: toHex(other.address + BigInt(SIZE)), permissions: "rw-s" };
  expect(answer.sharers).toEqual([
    {
      pid: other.pid,
      command: "sharing-sharing",
      user: "root",
      relation: "sibling",
      ranges: [{ ...range, fileOffset: 0, path: file }],
      overlap: SIZE,
      pages: null,
    },
  ]);
  expect(answer.looked).toBeGreaterThan(2);
});

test("a file that was deleted and made anew is another one", async () => {
  const file = newName();
  const one = await startSharing("file", file);
  // What has the inode keeps it from being used again.
  const descriptor = openSync(file, "r");
  onTestFinished(() => closeSync(descriptor));
  rmSync(file);
  await startSharing("file", file);
  const answer = await ask(one);
  expect(answer.object).toMatchObject({ kind: "file", name: file });
  expect(answer.sharers).toEqual([]);
});

test("POSIX shared memory is known by its name", async () => {
  const inShm = `/process-memory-${process.pid}`;
  const name = `/dev/shm${inShm}`;
  onTestFinished(() => rmSync(name));
  const [one, other] = [await startSharing("posix", inShm), await startSharing("posix", inShm)];
  const answer = await ask(one);
  expect(answer.object).toEqual({ kind: "posixShm", name, size: SIZE, sysv: null });
  expect(answer.sharers).toMatchObject([{ pid: other.pid, overlap: SIZE }]);
});

test("System V shared memory tells its id, how often it is attached and who made it", async () => {
  const one = await startSharing("sysv");
  await startSharing("sysv");
  const answer = await ask(one);
  const [, id] =
    new RegExp(`^ *\\d+ +(\\d+) +\\d+ +${SIZE} +${one.pid} `, "m").exec(readFileSync("/proc/sysvipc/shm", "utf8")) ??
    [];
  expect(answer.object).toEqual({
    kind: "sysvShm",
    name: "0x00000000",
    size: SIZE,
    sysv: { id: Number(id), attaches: 2, creator: one.pid, lastUser: one.pid },
  });
  expect(answer.sharers).toMatchObject([{ pid: one.fork, relation: "child", overlap: SIZE }]);
});

// Only root may make a namespace.
test.runIf(process.getuid?.() === 0)(
  "System V shared memory of another IPC namespace is another, be its id the same",
  async () => {
    const program = compile("sharing.c", "sharing");
    const apart = await start("unshare", ["--ipc", "--fork", program, "sysv"]);
    const [address = "", fork = ""] = apart.output.split(" ");
    const pid = Number(/^\d+ \(.*\) \S (\d+)/.exec(readFileSync(`/proc/${fork.trim()}/stat`, "utf8"))?.[1]);
    const answer = await ask({ pid, address: BigInt(address) });
    // This process does not see that namespace's segments.
    expect(answer.object).toMatchObject({ kind: "sysvShm", sysv: null });
    expect(answer.sharers.map((sharer) => sharer.pid)).toEqual([Number(fork)]);
  },
);

test("a memfd that a fork has passed on is found where it is mapped elsewhere and in part", async () => {
  const one = await startSharing("memfd");
  await startSharing("memfd");
  const answer = await ask(one);
  expect(answer.object).toMatchObject({ kind: "memfd", name: "passed on" });
  const half = { permissions: "r--s", fileOffset: SIZE / 2 };
  expect(answer.sharers).toMatchObject([{ pid: one.fork, relation: "child", overlap: SIZE / 2, ranges: [half] }]);
});

test("shared anonymous memory is the parent's and the child's", async () => {
  const one = await startSharing("anonymous");
  await startSharing("anonymous");
  expect(await ask(one)).toMatchObject({
    object: { kind: "sharedAnonymous", name: "shared anonymous memory" },
    sharers: [{ pid: one.fork, relation: "child", overlap: SIZE }],
  });
  expect(await ask({ ...one, pid: one.fork })).toMatchObject({ sharers: [{ pid: one.pid, relation: "parent" }] });
});

test("a process that maps an object twice is told so", async () => {
  const one = await startSharing("twice");
  expect((await ask(one)).sharers).toMatchObject([
    { pid: one.pid, relation: "itself", overlap: SIZE / 4, ranges: [{ permissions: "r--s", fileOffset: 0 }] },
  ]);
});

test("libc is mapped by many: by this process too, in several parts", async () => {
  const one = await startSharing("alone");
  const answer = await ask({ ...one, address: regionOf(one.pid, /r-xp .*libc/) });
  const ours = answer.sharers.find((sharer) => sharer.pid === process.pid);
  expect(ours).toMatchObject({ relation: "parent", pages: null });
  expect(ours?.overlap).toBe(Number(BigInt(answer.region.end) - BigInt(answer.region.start)));
  expect(ours?.ranges.length).toBeGreaterThan(1);
  // It has each part of the file itself, which is nothing to tell.
  expect(answer.sharers.map((sharer) => sharer.pid)).not.toContain(one.pid);
});

test("after a fork the pages that nobody has written are told apart", async () => {
  const one = await startSharing("private");
  await Promise.all([stop(one.pid), stop(one.fork)]);
  const answer = await ask(one);
  expect(answer.object).toEqual({ kind: "private", name: "private anonymous memory", size: null, sysv: null });
  const pages = { shared: 32, present: 64, counted: SIZE, exact: process.getuid?.() === 0 };
  expect(answer.sharers).toMatchObject([{ pid: one.fork, relation: "child", overlap: SIZE, pages }]);
  const theirs = await ask({ ...one, pid: one.fork });
  expect(theirs.sharers).toMatchObject([{ pid: one.pid, relation: "parent", pages }]);
});

test("private memory without a relative is nobody else's, not even that of the same program started again", async () => {
  const one = await startSharing("alone");
  await startSharing("alone");
  const answer = await ask(one);
  expect(answer.object.kind).toBe("private");
  expect(answer.sharers).toEqual([]);
});

test("the kernel's pages are not looked for", async () => {
  const one = await startSharing("alone");
  const answer = await ask({ ...one, address: regionOf(one.pid, /\[vdso\]/) });
  expect(answer).toMatchObject({ object: { kind: "kernel", name: "[vdso]" }, sharers: [], looked: 0 });
});

test("what is not mapped, and a process that has ended, are refused with a sentence", async () => {
  const one = await startSharing("alone");
  const { identity } = open(one.pid);
  await expect(findSharers(identity, 0x1000n)).rejects.toThrow("Nothing is mapped at 0x1000.");
  const earlier = { ...identity, startTime: identity.startTime - 1 };
  await expect(findSharers(earlier, one.address)).rejects.toMatchObject({ problem: "gone" });
  await end(one);
  await expect(findSharers(identity, one.address)).rejects.toMatchObject({ problem: "gone" });
});

test("a process that ends during the search is left out", async () => {
  const file = newName();
  const one = await startSharing("file", file);
  const [ends, stays] = [await startSharing("file", file), await startSharing("file", file)];
  const answer = await ask(one, whileEnding(ends.pid));
  expect(answer.sharers.map(({ pid }) => pid)).toEqual([stays.pid]);
});

test("a process that ends while its relatives are looked for is said to have ended", async () => {
  const one = await startSharing("private");
  await expect(ask(one, whileEnding(one.pid))).rejects.toMatchObject({ problem: "gone" });
});

test("a search says how far it is, and can be ended", async () => {
  const one = await startSharing("alone");
  const told: number[] = [];
  await ask(one, { slice: 0, progress: (done) => told.push(done) });
  expect(told.length).toBeGreaterThan(1);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  expect(told.at(-1)).toBeLessThan(1);

  const controller = new AbortController();
  const stopped = new Error("Enough.");
  const progress = () => controller.abort(stopped);
  await expect(ask(one, { slice: 0, progress, signal: controller.signal })).rejects.toBe(stopped);
});

/** Runs a script as a user without rights, which makes the `target` and the `address` to ask about, and asks. */
function asNobody(script: string, hidepid = 0): Sharers {
  const source = (name: string) => fileURLToPath(new URL(`../../../src/linux/${name}.ts`, import.meta.url));
  const program = `import { openProcess } from ${JSON.stringify(source("process"))};
    import { findSharers } from ${JSON.stringify(source("sharers"))};
    ${script}
    process.stdout.write(JSON.stringify(await findSharers(target.identity, address)));
    process.exit();`;
  const mount = hidepid > 0 ? `mount -t proc -o hidepid=${hidepid} proc /proc &&` : "";
  const asUser = `${mount} exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"`;
  const command = ["-c", asUser, "sh", process.execPath, "--input-type=module", "--eval", program];
  const { stdout, stderr } = spawnSync("unshare", ["--mount", "sh", ...command], { encoding: "utf8" });
  expect(stdout, stderr).not.toBe("");
  return JSON.parse(stdout);
}

// Only root may become somebody else.
test.runIf(process.getuid?.() === 0)("processes that may not be read are counted", async () => {
  const answer = asNobody(`
    const target = openProcess(process.pid);
    const address = (await target.readMaps()).region(0).start;`);
  expect(answer.object).toMatchObject({ kind: "file", name: process.execPath });
  // This process runs the same program, but it is root's.
  expect(answer.sharers.map(({ pid }) => pid)).not.toContain(process.pid);
  expect(answer.unreadable).toBeGreaterThan(0);
  expect(answer.looked).toBeGreaterThan(answer.unreadable);
  expect(answer.hidden).toBe(false);
});

test.runIf(process.getuid?.() === 0)("processes that /proc hides are said to be hidden", () => {
  const own = `
    const target = openProcess(process.pid);
    const address = (await target.readMaps()).region(0).start;`;
  expect(asNobody(own, 2)).toMatchObject({ sharers: [], looked: 1, unreadable: 0, hidden: true });
  const refused = asNobody(own, 1);
  expect(refused).toMatchObject({ sharers: [], hidden: false });
  expect(refused.unreadable).toBeGreaterThan(0);
});

test.runIf(process.getuid?.() === 0)(
  "without the right to see page frames the most is told that a fork can share",
  () => {
    const { sharers } = asNobody(`
    const { spawn } = await import("node:child_process");
    const { once } = await import("node:events");
    const sharing = spawn(${JSON.stringify(compile("sharing.c", "sharing"))}, ["private"], { stdio: ["ignore", "pipe", "ignore"] });
    process.on("exit", () => sharing.kill());
    const target = openProcess(sharing.pid);
    const address = BigInt(String(await once(sharing.stdout, "data")).split(" ")[0]);`);
    const pages = { shared: 32, present: 64, counted: SIZE, exact: false };
    expect(sharers).toMatchObject([{ relation: "child", overlap: SIZE, pages }]);
  },
);
