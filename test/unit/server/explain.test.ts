import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type HexAddress, toHex } from "../../../src/memory/address.ts";
import { compile } from "../fixtures.ts";
import { running } from "../memory/images.ts";
import { startServer } from "./client.ts";

const PROGRAMS = {
  C: () => compile("verdicts.c", "verdicts", ["-g", "-O0", "-pthread"]),
  "C++": () => compile("verdicts.cpp", "verdicts", ["-g", "-O0", "-pthread", "-std=c++17"]),
  Rust: () => compile("verdicts.rs", "verdicts", ["-g"]),
};

async function explained(language: keyof typeof PROGRAMS) {
  const program = await running(PROGRAMS[language]());
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 0 });
  const { target } = await server.attach(program.pid);
  await server.ask("processMemory/refresh", { target });
  const explain = (address: HexAddress, at?: number) =>
    server.ask("processMemory/explain", { target, address, ...(at !== undefined && { at }) });
  return { ...program, server, target, explain };
}

for (const language of ["C", "C++", "Rust"] as const) {
  test(`${language}: what was mapped and is no more is told, with the readings between which it went`, async () => {
    const { pid, address, server, target, explain } = await explained(language);
    const place = toHex(address("gone"));
    const before = Date.now();
    expect((await explain(place)).verdict).toMatchObject({ what: "mapped", write: true });
    process.kill(pid, "SIGUSR1");
    const start = address("gone") - 4096n - 16n;
    await expect.poll(() => readFileSync(`/proc/${pid}/maps`, "utf8")).not.toContain(`\n${start.toString(16)}-`);
    await server.ask("processMemory/refresh", { target });
    const gone = await explain(place);
    expect(gone).toMatchObject({ region: null, page: null, telescope: null });
    expect(gone.verdict).toMatchObject({
      what: "gone",
      was: { name: "anonymous", kind: "anonymous", permissions: "rw-p", lastSeen: { stop: null } },
      sentence: expect.stringMatching(
        /^Mapped no more: it was anonymous rw-p, which was there at \d\d:\d\d:\d\d, and gone at \d\d:\d\d:\d\d\.$/,
      ),
    });
    expect(gone.verdict).toMatchObject({ was: { start: toHex(start), end: toHex(start + 8192n) } });
    const { verdict } = await explain(place, before);
    expect(verdict).toMatchObject({ what: "mapped", write: true });
  });
}

test("of a past moment it is not said what the memory holds now", async () => {
  const { address, explain } = await explained("C");
  const place = toHex(address("to_text"));
  expect((await explain(place)).block).toMatchObject({
    allocator: "glibc malloc",
    state: "used",
    offset: 0,
    start: place,
  });
  const past = await explain(place, Date.now());
  expect(past).toMatchObject({ block: null, page: null, telescope: null, stack: null, kind: "heap" });
  expect((await explain("0x1234000000000000", Date.now())).verdict.what).toBe("nonCanonical");
});

test("an ended process still has its verdicts, without what its memory held", async () => {
  const { pid, address, server, target, explain } = await explained("C");
  const place = toHex(address("to_text"));
  expect((await explain(place)).telescope?.end).toEqual({
    ...{ what: "text", text: "a constant", isWhole: true, words: '"a constant"' },
  });
  process.kill(pid, "SIGKILL");
  await server.ask("processMemory/refresh", { target }).catch(() => undefined);
  await expect.poll(async () => (await explain(place)).page).toBeNull();
  expect(await explain(place)).toMatchObject({
    verdict: { what: "mapped" },
    block: null,
    telescope: null,
    kind: "heap",
  });
});
