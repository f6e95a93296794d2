import { expect, test } from "vitest";
import { CancellationTokenSource } from "vscode-languageserver/node";
import { hasSoftDirty } from "../../../src/linux/softDirty.ts";
import type { HexAddress } from "../../../src/memory/address.ts";
import { compile } from "../fixtures.ts";
import { end, start, stop } from "../linux/programs.ts";
import { problemOf, startServer } from "./client.ts";

async function attachToKnownPages() {
  const running = await start(compile("pages.c", "pages", ["-no-pie"]));
  await stop(running.pid);
  const client = await startServer();
  const { target } = await client.attach(running.pid);
  const find = (name: string) => {
    const [, at = "", size = ""] = new RegExp(`^${name} (0x\\w+) (0x\\w+)`, "m").exec(running.output) ?? [];
    return { start: at as HexAddress, end: `0x${(BigInt(at) + BigInt(size)).toString(16)}` as HexAddress };
  };
  return { running, client, target, find };
}

test("a view learns the pages of a range in as many cells as it has room for", async () => {
  const { client, target, find } = await attachToKnownPages();
  const answer = await client.ask("processMemory/pages", { target, ...find("touched"), cells: 4 });
  expect(answer).toMatchObject({
    ...find("touched"),
    pageSize: 4096,
    pagesPerCell: 4,
    present: [1, 4, 1, 0],
    exclusive: [1, 4, 1, 0],
    swapped: [0, 0, 0, 0],
    written: null,
  });
  expect(Math.abs(answer.time - Date.now())).toBeLessThan(60_000);
});

test("a view learns all about one page", async () => {
  const { client, target, find } = await attachToKnownPages();
  const address = find("forked").start;
  const page = await client.ask("processMemory/page", { target, address });
  expect(page).toMatchObject({ address, present: true, swapped: false, file: false, exclusive: false, offset: 0 });
});

test("what cannot be answered is refused with a sentence", async () => {
  const { client, target, find, running } = await attachToKnownPages();
  const range = find("touched");
  const backwards = { target, start: range.end, end: range.start, cells: 4 };
  expect((await problemOf(client.ask("processMemory/pages", backwards))).message).toMatch(/no pages/);
  for (const cells of [0, -1, 1e9, Number.NaN]) {
    const problem = await problemOf(client.ask("processMemory/pages", { target, ...range, cells }));
    expect(problem.message).toMatch(/from 1 to 65536 cells/);
  }
  if (!hasSoftDirty()) {
    expect((await problemOf(client.ask("processMemory/markPages", { target }))).message).toMatch(/soft-dirty/);
  }
  await end(running);
  const gone = { problem: "gone" };
  expect(await problemOf(client.ask("processMemory/pages", { target, ...range, cells: 4 }))).toMatchObject(gone);
  expect(await problemOf(client.ask("processMemory/page", { target, address: range.start }))).toMatchObject(gone);
});

test("a reading is given up when its question is cancelled", async () => {
  const program = `import mmap, os, time
m = mmap.mmap(-1, 1 << 30)
for at in range(0, 1 << 30, 4096): m[at] = 1
os.write(1, b"1")
time.sleep(1000)`;
  const { pid } = await start("/usr/bin/python3", ["-c", program]);
  const client = await startServer();
  const { target } = await client.attach(pid);
  const query = { target, start: "0x0", end: "0x7ffffffff000", cells: 16 };
  const askAndCancel = () => {
    const cancel = new CancellationTokenSource();
    const asked = client.connection.sendRequest("processMemory/pages", query, cancel.token);
    cancel.cancel();
    return asked.then(
      () => "answered",
      (error: unknown) => String(error),
    );
  };
  await expect.poll(askAndCancel, { timeout: 20_000, interval: 0 }).toMatch(/cancel/);
});
