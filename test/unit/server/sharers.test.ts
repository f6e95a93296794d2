import { expect, test } from "vitest";
import { CancellationTokenSource } from "vscode-languageserver/node";
import { toHex } from "../../../src/memory/address.ts";
import { compile } from "../fixtures.ts";
import { start } from "../linux/programs.ts";
import { problemOf, startServer } from "./client.ts";

async function attachToSharing(kind: string) {
  const { pid, output } = await start(compile("sharing.c", "sharing"), [kind]);
  const [address = "", fork = ""] = output.split(" ");
  const client = await startServer();
  const { target } = await client.attach(pid);
  return { client, target, address: toHex(BigInt(address)), fork: Number(fork) };
}

test("a view learns who else has the memory of a region", async () => {
  const { client, target, address, fork } = await attachToSharing("anonymous");
  const answer = await client.ask("processMemory/sharers", { target, address });
  expect(answer).toMatchObject({
    region: { start: address, permissions: "rw-s" },
    object: { kind: "sharedAnonymous" },
    sharers: [{ pid: fork, relation: "child" }],
  });
  expect(answer.looked).toBeGreaterThan(2);
});

test("a question about what is not mapped is refused with a sentence", async () => {
  const { client, target } = await attachToSharing("alone");
  expect(await problemOf(client.ask("processMemory/sharers", { target, address: "0x1000" }))).toEqual({
    problem: "unreadable",
    message: "Nothing is mapped at 0x1000.",
  });
});

test("a search is given up when its question is cancelled", async () => {
  // It is looked at before the last one, and mostly takes longer than the news that nobody waits any more.
  await start(compile("vmas.c", "vmas"), ["60000"]);
  const { client, target, address } = await attachToSharing("anonymous");
  const askAndCancel = async () => {
    const cancel = new CancellationTokenSource();
    const asked = client.connection.sendRequest("processMemory/sharers", { target, address }, cancel.token);
    cancel.cancel();
    return asked.then(
      () => "answered",
      (error: unknown) => String(error),
    );
  };
  await expect.poll(askAndCancel, { timeout: 20_000, interval: 0 }).toMatch(/cancel/);
});
