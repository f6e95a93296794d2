import { expect, test } from "vitest";
import { factsOf, placeInWords } from "../../../src/extension/explanationFacts.ts";
import type { ExplanationMessage } from "../../../src/protocol/server.ts";

const NOTHING: ExplanationMessage = {
  address: "0x1000",
  verdict: { what: "unmapped", look: null, sentence: "Nothing is mapped there." },
  ...{ kind: null, region: null, stack: null, file: null, module: null, section: null, symbol: null },
  ...{ block: null, frames: [], variable: null, source: null, page: null, telescope: null, below: null, above: null },
  alignment: 4096,
};

const MAPPED: ExplanationMessage = {
  ...NOTHING,
  address: "0x7fffffffe5a0",
  verdict: {
    ...{ what: "mapped", read: true, write: true, execute: false, pastSymbol: null, pastBlock: null },
    ...{ isFreed: false, isUnused: false },
    sentence: "Fine to read and write, not to execute.",
  },
  kind: "stack",
  region: {
    ...{ start: "0x7ffffffde000", end: "0x7ffffffff000", size: 135_168, permissions: "rw-p", kind: "stack" },
    ...{ name: "[stack]", path: "[stack]", rss: 12_288, pss: 12_288, dirty: 12_288, swap: 0, age: 0 },
    ...{ private: 12_288, shared: 0, thread: null, fileOffset: 0 },
  } as NonNullable<ExplanationMessage["region"]>,
  stack: {
    ...{ thread: 7, isMain: true, abovePointer: 16 },
    frame: { level: 1, function: "main", local: "buffer" },
  },
  alignment: 32,
};

/** Facts as lines. */
function lines(explanation: ExplanationMessage): string[] {
  return factsOf(explanation).map(({ name, text }) => `${name}: ${text}`);
}

test("of memory on the stack the thread, the frame and the local variable are told", () => {
  expect(placeInWords(MAPPED)).toBe("[stack] rw-p");
  expect(lines(MAPPED)).toEqual([
    "Place: [stack] rw-p",
    "Stack: of the main thread, 16 B above the stack pointer, in frame #1 main, local buffer",
    "Region: 0x7ffffffde000–0x7ffffffff000 rw-p, main stack",
    "Memory: 132 KiB, 12 KiB resident",
    "Aligned to: 32 bytes",
  ]);
});

test("the block of an allocator is told, and can be gone to", () => {
  const block = { allocator: "glibc malloc", start: "0x5000", size: 104, state: "freed", offset: 16 } as const;
  const facts = (more: object) =>
    factsOf({ ...MAPPED, block: { ...block, ...more } }).find(({ name }) => name === "Block");
  expect(facts({})).toEqual({
    name: "Block",
    text: "104 bytes at 0x5000, 16 into it, freed (glibc malloc)",
    leadsTo: { address: "0x5000" },
  });
  expect(facts({ offset: 104, state: null })?.text).toBe("104 bytes at 0x5000, right behind it (glibc malloc)");
  expect(facts({ offset: 106, state: "used" })?.text).toBe(
    "104 bytes at 0x5000, 2 behind its end, in use (glibc malloc)",
  );
  expect(facts({ offset: 0, state: "own" })?.text).toBe("104 bytes at 0x5000, the allocator's own (glibc malloc)");
});

test("pointers that lead on can be gone to, each at its address, and what stands at the end is told", () => {
  const telescope: ExplanationMessage["telescope"] = {
    steps: [
      { address: "0x5000", place: "[heap] rw-p" },
      { address: "0x6000", place: "[heap] rw-p" },
    ],
    end: { what: "text", text: "hello", words: '"hello"' } as never,
  };
  const leads = factsOf({ ...MAPPED, telescope }).filter(({ name }) => name === "Leads to" || name === "At the end");
  expect(leads.map(({ text, leadsTo }) => [text, leadsTo])).toEqual([
    ["0x5000 ([heap] rw-p)", { address: "0x5000" }],
    ["0x6000 ([heap] rw-p)", { address: "0x6000" }],
    ['"hello"', null],
  ]);
});

test("code leads to its line and to those it is inlined into, a variable to its declaration", () => {
  const source = { file: "/src/demo.c", line: 28, column: 12 };
  const frames = [
    { function: "inner", source },
    { function: "outer", source: { ...source, line: 40 } },
  ] as ExplanationMessage["frames"];
  expect(lines({ ...MAPPED, frames })).toEqual(
    expect.arrayContaining(["Code: inner at demo.c:28", "Inlined into: outer at demo.c:40"]),
  );
  const variable = { name: "greeting", type: "const char[15]", size: 15, source };
  const [fact] = factsOf({ ...MAPPED, variable }).filter(({ name }) => name === "Variable");
  expect(fact).toEqual({
    name: "Variable",
    text: "greeting is const char[15], declared at demo.c:28",
    leadsTo: { source },
  });
});

test("where nothing is mapped, the place and its neighbours are all there is, and these can be gone to", () => {
  const above = { name: "[heap]", distance: 0x1000 };
  const facts = factsOf({ ...NOTHING, above });
  expect(facts).toEqual([
    { name: "Place", text: "not mapped", leadsTo: null },
    { name: "Above", text: "[heap] begins 4 KiB above", leadsTo: { address: "0x2000" } },
  ]);
});

test("names from the target keep to their line and their length", () => {
  const symbol = { name: `evil\n\u001b[31m${"x".repeat(5000)}`, offset: 0, size: 8 };
  for (const { text } of factsOf({ ...MAPPED, symbol })) {
    expect(text.length).toBeLessThanOrEqual(300);
    expect(text).not.toContain("\n");
    expect(text).not.toContain("\u001b");
  }
});
