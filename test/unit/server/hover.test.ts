import { expect, test } from "vitest";
import type { HexAddress } from "../../../src/memory/address.ts";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import { startServer } from "./client.ts";

const DEMO = compile("demo.c", "demo", ["-g", "-lpthread"]);
const CPP = compile("inlined.cpp", "languages", ["-g", "-O2"]);
const PLACE = { textDocument: { uri: "file:///demo.c" }, position: { line: 7, character: 3 } };

async function stopped(program = DEMO) {
  const { pid } = await start(program);
  const server = await startServer();
  const { target } = await server.attach(pid);
  await stop(pid);
  await server.ask("processMemory/refresh", { target });
  const hover = async (
    address: HexAddress,
    more: { storedAt?: HexAddress; expression?: string; lastStop?: boolean } = {},
  ) => {
    server.pointer = { target, expression: "pointer", address, storedAt: null, ...more };
    const answer: { contents: { kind: string; value: string } } | null = await server.connection.sendRequest(
      "textDocument/hover",
      PLACE,
    );
    return answer?.contents.value ?? null;
  };
  const first = async (group: string) => (await server.children(target, `group:${group}`))[0]?.start ?? "0x0";
  return { server, target, hover, first };
}

test("the hover tells where a pointer points and where it is stored", async () => {
  const { server, target, hover, first } = await stopped();
  const heap = await first("heap");
  const stack = (await server.children(target, "group:stacks")).find(({ kind }) => kind === "stack");
  const text = await hover(`0x${(BigInt(heap) + 0x10n).toString(16)}`, { storedAt: stack?.start ?? "0x0" });
  expect(text).toContain("`pointer` points to `0x");
  expect(text).toContain("`[heap]` `rw-p`");
  expect(text).toMatch(/- Block of 648 bytes at 0x[0-9a-f]+, the allocator's own \\\(glibc malloc\\\)/);
  expect(text).toMatch(/- \d+(\.\d+)? [KM]iB, \d+(\.\d+)? [KM]iB of it resident/);
  expect(text).toMatch(/Stored at `0x[0-9a-f]+`: `\[stack\]` `rw-p`/);
  expect(text).toMatch(/`demo.*` ends .* below, `.*` begins .* above/);
});

test("the hover names section and symbol", async () => {
  const { server, target, hover } = await stopped();
  const [text] = (await server.children(target, "group:program")).filter(({ kind }) => kind === "code");
  const section = (await server.children(target, text?.id ?? "")).find(({ name }) => name === ".text");
  const main = (await server.children(target, section?.id ?? "")).find(({ name }) => name === "main");
  const shown = await hover(`0x${(BigInt(main?.start ?? "0x0") + 4n).toString(16)}`);
  expect(shown).toMatch(/- `.text` of `demo-demo.*`: `main` \+ `0x4` of \d+ B/);
  expect(shown).toMatch(/- code, in `0x[0-9a-f]+-0x[0-9a-f]+` `r-xp`/);
  expect(shown).toContain(`- \`${DEMO}\``);
});

test("the hover has the line of code with the inlined calls, as links", async () => {
  const { server, target, hover } = await stopped(CPP);
  const [text] = (await server.children(target, "group:program")).filter(({ kind }) => kind === "code");
  const section = (await server.children(target, text?.id ?? "")).find(({ name }) => name === ".text");
  const find = (await server.children(target, section?.id ?? "")).find(({ name }) => name.includes("::find"));
  const texts = new Set<string>();
  for (let at = 0; at < (find?.size ?? 0); at += 4) {
    texts.add((await hover(`0x${(BigInt(find?.start ?? 0) + BigInt(at)).toString(16)}`)) ?? "");
  }
  const inlined = [...texts].find((each) => each.includes("inlined into")) ?? "";
  const [, calls = ""] = /((?:- .*inlined\.cpp:.*\n){2})/.exec(inlined) ?? [];
  expect(calls).toMatch(/^- `shop::price.*` at \[`inlined.cpp:\d+`\]\(command:processMemory\.openSource\?[^ ()]+\)$/m);
  expect(calls).toMatch(/^- inlined into `shop::Shelf<long>::find\(long\)` at \[`inlined.cpp:\d+`\]/m);
  const [, argument = ""] = /openSource\?([^)]+)\)/.exec(calls) ?? [];
  expect(JSON.parse(decodeURIComponent(argument))).toEqual([
    { file: expect.stringMatching(/\/inlined\.cpp$/), line: expect.any(Number), column: expect.any(Number) },
  ]);
});

test("the hover has a variable's type and where it is declared", async () => {
  const { server, target, hover } = await stopped();
  const data = (await server.children(target, "group:program")).find(({ kind }) => kind === "data");
  const section = (await server.children(target, data?.id ?? "")).find(({ name }) => name === ".data");
  const answers = (await server.children(target, section?.id ?? "")).find(({ name }) => name === "answers");
  expect(await hover(answers?.start ?? "0x0")).toMatch(/- `answers` is `int\[3\]`, declared at \[`demo.c:\d+`\]/);
});

test("the hover says whether the address can be used, and what stands there", async () => {
  const { hover, first } = await stopped();
  const text = await hover(await first("heap"));
  expect(text).toContain("\n- Fine to read and write, not to execute\\.\n");
  expect(text).toMatch(/^- (Holds|Leads to) `/m);
  expect(text).toMatch(/^- Its page is in memory, anonymous, of this process alone$/m);
  expect(text).toMatch(/^- Aligned to a page$/m);
  expect(await hover("0xdeadbeef")).toContain("It looks like 0xdeadbeef, which");
});

test("text in the target's memory is no Markdown", async () => {
  const { hover } = await stopped();
  // "[a](b:c)", the first character in the lowest byte.
  expect(await hover("0x29633a62285d615b")).toContain(
    "- No address that the processor accepts \\(it is not canonical\\)\\.",
  );
  expect(await hover("0x6f6363613a626160")).toContain('the text "\\`ab\\:acco"');
});

test("the hover says what is not mapped, and what lies nearest", async () => {
  const { hover } = await stopped();
  const text = await hover("0x10");
  expect(text).toContain("\n- not mapped\n- 16 bytes past null\\: a member or an element");
  expect(text).toMatch(/begins .* above/);
});

test("the hover says when a value is the one of the last stop", async () => {
  const { hover, first } = await stopped();
  expect(await hover(await first("heap"), { lastStop: true })).toContain("last stop");
});

test("no name can write Markdown of its own", async () => {
  const { hover, first } = await stopped();
  const expression = "p`](command:evil) **bold** <img src=x>\n# title `` ``` x";
  const text = (await hover(await first("heap"), { expression })) ?? "";
  const [line = ""] = text.split("\n");
  expect(line).toContain("```` p`](command:evil) **bold** <img src=x> # title `` ``` x ````");
});

test("where there is no pointer there is no hover, nor where its process is not looked at", async () => {
  const { server, target, hover, first } = await stopped();
  server.pointer = null;
  expect(await server.connection.sendRequest("textDocument/hover", PLACE)).toBeNull();
  const heap = await first("heap");
  await server.ask("processMemory/detach", { target });
  expect(await hover(heap)).toBeNull();
});
