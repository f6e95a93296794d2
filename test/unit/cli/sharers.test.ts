import { expect, test } from "vitest";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import { json, procmem } from "./procmem.ts";

async function startSharing(kind: string) {
  const { pid, output } = await start(compile("sharing.c", "sharing"), [kind]);
  const [address = "", fork = ""] = output.trim().split(" ");
  return { pid, address, fork: Number(fork) };
}

test("sharers --json has the fields of the contract, in their order", async () => {
  const { pid, address, fork } = await startSharing("sysv");
  const answer = json("sharers", pid, address);
  expect(Object.keys(answer)).toEqual(["region", "object", "sharers", "looked", "unreadable", "hidden"]);
  expect(Object.keys(answer.region)).toEqual(["start", "end", "permissions", "fileOffset", "path"]);
  expect(Object.keys(answer.object)).toEqual(["kind", "name", "size", "sysv"]);
  expect(Object.keys(answer.object.sysv)).toEqual(["id", "attaches", "creator", "lastUser"]);
  expect(answer.sharers.length).toBe(1);
  const [sharer] = answer.sharers;
  expect(Object.keys(sharer)).toEqual(["pid", "command", "user", "relation", "ranges", "overlap", "pages"]);
  expect(sharer).toMatchObject({ pid: fork, command: "sharing-sharing", relation: "child", overlap: 64 * 4096 });
});

test("sharers tells in a table who has the memory, and which pages a fork has not copied yet", async () => {
  const { pid, address, fork } = await startSharing("private");
  await Promise.all([stop(pid), stop(fork)]);
  const { stdout, status } = procmem("sharers", pid, address);
  const [title, header, row] = stdout.split("\n");
  expect(status).toBe(0);
  expect(title).toMatch(/^0x[0-9a-f]+-0x[0-9a-f]+ rw-p {2}private anonymous memory$/);
  expect(header?.trim().split(/ +/)).toEqual(["PID", "COMMAND", "USER", "RELATION", "SAME", "WHERE"]);
  expect(row).toMatch(
    new RegExp(`^ *${fork} +sharing-sharing +\\w+ +child +256 KiB .*; .*32 of 64 pages still shared$`),
  );
});

test("sharers says where nobody has the memory, and why", async () => {
  const { pid, address } = await startSharing("alone");
  expect(procmem("sharers", pid, address).stdout).toContain("it is private and has no file behind it");
  expect(procmem("sharers", pid, "0x1000")).toMatchObject({
    status: 1,
    stderr: "procmem: Nothing is mapped at 0x1000.\n",
  });
  expect(procmem("sharers", pid)).toMatchObject({ status: 2 });
});
