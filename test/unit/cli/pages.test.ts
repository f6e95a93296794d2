import { expect, test } from "vitest";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import { json, procmem, procmemAs } from "./procmem.ts";

const isRoot = process.getuid?.() === 0;

/** The program whose pages are known, stopped, and its pieces. */
async function knownPages() {
  const { pid, output } = await start(compile("pages.c", "pages", ["-no-pie"]));
  await stop(pid);
  const pieces = new Map(
    [...output.matchAll(/^(\w+) (0x\w+) (0x\w+)/gm)].map(([, name, at, size]) => [name, { at, size: Number(size) }]),
  );
  const piece = (name: string) => {
    const { at = "", size = 0 } = pieces.get(name) ?? {};
    return { at, size, end: `0x${(BigInt(at) + BigInt(size)).toString(16)}` };
  };
  return { pid, piece };
}

test("pages shows a letter a page, with a legend and totals", async () => {
  const { pid, piece } = await knownPages();
  const { at, end, size } = piece("touched");
  const { stdout, status } = procmem("pages", pid, `${at}-${end}`);
  expect(status).toBe(0);
  const [picture, scale, legend] = stdout.split("\n");
  expect(picture).toBe(`${at.slice(2)}  ...AAAAAA.......`);
  expect(scale).toBe("A letter is a page of 4 KiB:");
  expect(legend).toMatch(/A anonymous/);
  expect(stdout).toContain("16 pages (64 KiB): 6 in memory (24 KiB), 6 mapped here alone (24 KiB)\n");
  expect(procmem("pages", pid, `${at}+${size}`).stdout).toBe(stdout);
  expect(procmem("pages", pid, at).stdout).toBe(stdout);
  expect(procmem("pages", pid, piece("forked").at).stdout).toMatch(/^\w+ {2}aaaaaAAA\n/);
});

test("a large range is put together, and many lines of nothing are one", async () => {
  const { pid } = await knownPages();
  const lines = procmem("pages", pid, "0-0x7ffffffff000").stdout.split("\n");
  expect(lines.length).toBeLessThan(72);
  expect(lines).toContain("*");
  expect(lines.join("\n")).toMatch(/A letter is 8,388,608 pages \(32 GiB\), what most of them in memory are:/);
});

test("pages --json has the fields of the contract, in their order", async () => {
  const { pid, piece } = await knownPages();
  const answer = json("pages", pid, `${piece("dropped").at}+0x8000`);
  expect(Object.keys(answer)).toEqual([
    ...["start", "end", "pageSize", "pagesPerCell", "time", "present", "swapped", "file", "exclusive"],
    ...["huge", "zero", "written", "notes"],
  ]);
  expect(answer).toMatchObject({
    start: piece("dropped").at,
    end: piece("dropped").end,
    pageSize: 4096,
    pagesPerCell: 1,
    present: [1, 1, 0, 0, 0, 1, 1, 1],
    exclusive: [1, 1, 0, 0, 0, 1, 1, 1],
    file: [0, 0, 0, 0, 0, 0, 0, 0],
    written: null,
  });
});

test("--page tells all about the page at an address", async () => {
  const { pid, piece } = await knownPages();
  const address = `0x${(BigInt(piece("locked").at) + 0x10n).toString(16)}`;
  const answer = json("pages", pid, address, "--page");
  expect(Object.keys(answer)).toEqual([
    ...["address", "present", "swapped", "file", "exclusive", "huge", "zero", "written", "frame", "nodes"],
    ...["tables", "offset", "notes"],
  ]);
  expect(answer).toMatchObject({ address, present: true, exclusive: true, file: false, offset: 0x10 });
  const { stdout } = procmem("pages", pid, address, "--page");
  expect(stdout).toContain("in memory, anonymous, mapped here and nowhere else");
  if (process.arch === "x64") expect(stdout).toMatch(/tables {3}PGD \d+, (P4D \d+, )?PUD \d+, PMD \d+, PTE \d+/);
  if (isRoot) expect(stdout).toMatch(/frame {4}0x[0-9a-f]+, mapped once\n {2}flags .*MLOCKED/);
});

test.each([
  ["0x2000-0x1000", 2, /its end must be above its start/],
  ["0x1000+0", 2, /its end must be above its start/],
  ["0xfffffffffffff000+0x2000", 2, /is no range/],
  ["0x1000-here", 2, /"here" is no address/],
  ["heap", 2, /"heap" is no address/],
  ["0x10", 1, /Nothing is mapped at 0x10/],
])("the range %s is refused with a sentence", async (range, code, sentence) => {
  const { status, stderr, stdout } = procmem("pages", process.pid, range);
  expect(stderr).toMatch(sentence);
  expect({ status, stdout }).toEqual({ status: code, stdout: "" });
});

test("a range is wanted, and no more than one", () => {
  expect(procmem("pages", process.pid)).toMatchObject({ status: 2, stderr: expect.stringMatching(/No range/) });
  expect(procmem("pages", process.pid, "0x1000", "0x2000")).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/"0x2000" is one argument too many/),
  });
});

test.runIf(isRoot)("another user's process may not be looked into", async () => {
  const { pid } = await knownPages();
  const { status, stderr } = procmemAs({ uid: 65534, gid: 65534 }, "pages", pid, "0x1000");
  expect(status).toBe(1);
  expect(stderr).toMatch(/same user or as root/);
});
