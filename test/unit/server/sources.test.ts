import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { CancellationTokenSource } from "vscode-languageserver/node";
import type { HexAddress } from "../../../src/memory/address.ts";
import { TargetError } from "../../../src/memory/target.ts";
import type { TreeNode } from "../../../src/protocol/server.ts";
import { sourcesOf } from "../../../src/server/debugInfo.ts";
import { LiveTarget } from "../../../src/server/liveTarget.ts";
import { LongQuestions } from "../../../src/server/longQuestions.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import { problemOf, startServer } from "./client.ts";

const DEMO = compile("demo.c", "demo", ["-g", "-lpthread"]);
const CPP = compile("inlined.cpp", "languages", ["-g", "-O2"]);

/** A server that looks at the program, which stands still. */
async function look(program: string, args: string[] = []) {
  const { pid } = await start(program, args);
  const server = await startServer();
  const { target } = await server.attach(pid);
  await stop(pid);
  await server.ask("processMemory/refresh", { target });
  /** The symbols of one of the program's sections, in the kind's region. */
  const symbols = async (kind: TreeNode["kind"], section: string, order: "size" | "address" = "size") => {
    for (const region of await server.children(target, "group:program")) {
      const sections = region.kind === kind ? await server.children(target, region.id) : [];
      const found = sections.find(({ name }) => name === section);
      if (found)
        return (await server.ask("processMemory/children", { target, node: found.id, filter: "", order })).nodes;
    }
    throw new Error(`There is no ${section}.`);
  };
  return { server, target, pid, symbols };
}

/** What addr2line says of addresses of the file: `file:line`, `null` where it knows none. */
function addr2line(program: string, addresses: bigint[]): (string | null)[] {
  const input = addresses.map((address) => `0x${address.toString(16)}\n`).join("");
  const lines = execFileSync("addr2line", ["-e", program], { input, encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => (line.startsWith("?") || line.endsWith(":?") ? null : line.replace(/ \(.*$/, "")));
}

function biasOf(program: string, pid: number): bigint {
  const first = readFileSync(`/proc/${pid}/maps`, "utf8")
    .split("\n")
    .find((line) => line.endsWith(program));
  return BigInt(`0x${first?.split("-")[0]}`);
}

function startOf({ start }: TreeNode): HexAddress {
  if (start === null) throw new Error("It has no address.");
  return start;
}

test("the lines of a list of functions are those that addr2line says", async () => {
  const { server, target, pid, symbols } = await look(DEMO);
  const addresses = (await symbols("code", ".text")).map(startOf);
  const { sources } = await server.ask("processMemory/sources", { target, addresses });
  const bias = biasOf(DEMO, pid);
  const expected = addr2line(
    DEMO,
    addresses.map((address) => BigInt(address) - bias),
  );
  expect(expected.filter((line) => line !== null).length).toBeGreaterThan(10);
  expect(sources.map((source) => source && `${source.file}:${source.line}`)).toEqual(expected);
});

test("a library whose debug information cannot be read takes no other's lines away", async () => {
  const { pid } = await start(DEMO);
  await stop(pid);
  const target = new LiveTarget(pid, async (file) => {
    const elf = await openElf(file);
    const fails = () => Promise.reject(new TargetError("unreadable", "It was given up."));
    return file.path.includes("libc") && elf ? Object.assign(elf, { sourcesOf: fails }) : elf;
  });
  onTestFinished(() => target.close());
  await target.read("regions");
  const { modules } = target.revision.space;
  const libc = modules.find(({ name }) => name.startsWith("libc."));
  const program = modules.find(({ isProgram }) => isProgram);
  const [main] = program ? ((await target.elf(program)?.symbolsNamed("main")) ?? []) : [];
  const addresses = [(libc?.bias ?? 0n) + 0x1000n, (program?.bias ?? 0n) + (main?.address ?? 0n)];
  const signal = new AbortController().signal;
  const sources = await sourcesOf(target, addresses, new LongQuestions(() => undefined), signal);
  expect(sources).toEqual([null, expect.objectContaining({ file: expect.stringMatching(/demo\.c$/) })]);
});

test("variables have the lines of their declarations", async () => {
  const { server, target, symbols } = await look(DEMO);
  const lineOf = (declaration: string) => {
    const lines = readFileSync("test/fixtures/demo/demo.c", "utf8").split("\n");
    return lines.findIndex((line) => line.includes(declaration)) + 1;
  };
  const places = [
    ["data", ".data", "answers", "int answers[]"],
    ["data", ".bss", "scratch", "char scratch["],
    ["rodata", ".rodata", "greeting", "const char greeting[]"],
    ["relro", ".data.rel.ro", "planets", "planets[]"],
  ] as const;
  for (const [kind, section, name, declaration] of places) {
    const symbol = (await symbols(kind, section)).find((each) => each.name === name);
    const addresses = symbol ? [startOf(symbol)] : [];
    const { sources } = await server.ask("processMemory/sources", { target, addresses });
    expect(sources).toEqual([
      expect.objectContaining({ file: expect.stringMatching(/\/demo\.c$/), line: lineOf(declaration) }),
    ]);
  }
});

test("an explanation tells section and symbol at once, and with its source frames and variables", async () => {
  const { server, target, symbols } = await look(DEMO);
  const main = (await symbols("code", ".text")).find(({ name }) => name === "main");
  const address = startOf(main as TreeNode);
  const first = await server.ask("processMemory/explain", { target, address });
  expect(first).toMatchObject({ symbol: { name: "main" }, frames: [], variable: null, source: null });
  const complete = await server.ask("processMemory/explain", { target, address, withSource: true });
  expect(complete.frames).toEqual([{ function: "main", source: complete.source }]);
  expect(complete.source).toMatchObject({ file: expect.stringMatching(/\/demo\.c$/), line: expect.any(Number) });
  const answers = (await symbols("data", ".data")).find(({ name }) => name === "answers");
  const inAnswers: HexAddress = `0x${(BigInt(answers?.start ?? 0) + 4n).toString(16)}`;
  const variable = await server.ask("processMemory/explain", { target, address: inAnswers, withSource: true });
  expect(variable).toMatchObject({ frames: [], variable: { name: "answers", type: "int[3]", size: 12 } });
  expect(variable.source).toEqual(variable.variable?.source);
});

test("every address of a function has the inlined calls that addr2line says", async () => {
  const { server, target, pid, symbols } = await look(CPP);
  const find = (await symbols("code", ".text")).find(({ name }) => name.includes("::find"));
  const addresses = Array.from({ length: find?.size ?? 0 }, (_, i) => BigInt(find?.start ?? 0) + BigInt(i));
  const bias = biasOf(CPP, pid);
  const depths = new Set<number>();
  for (const address of addresses) {
    const { frames } = await server.ask("processMemory/explain", {
      ...{ target, withSource: true },
      address: `0x${address.toString(16)}`,
    });
    const link = `0x${(address - bias).toString(16)}`;
    const lines = execFileSync("addr2line", ["-e", CPP, "-i", "-f", "-C", link], { encoding: "utf8" })
      .trim()
      .split("\n");
    const places = frames.flatMap(({ function: name, source }) => [name, `${source?.file}:${source?.line}`]);
    expect(places).toEqual(lines.map((line) => line.replace(/ \(discriminator.*$/, "")));
    depths.add(frames.length);
  }
  expect([...depths].sort()).toEqual(expect.arrayContaining([1, 2]));
});

test("names are as in the source, or as in the file where that is wanted", async () => {
  const { server, symbols } = await look(CPP);
  const names = async () => (await symbols("code", ".text")).map(({ name }) => name);
  expect(await names()).toContain("shop::Shelf<long>::find(long)");
  await server.tell("processMemory/settings", { interval: 0, symbols: { demangle: false, debugFolders: [] } });
  expect(await names()).toContain("_ZN4shop5ShelfIlE4findEl");
});

test("by address, symbols follow one another, and the path to one goes through the pages", async () => {
  const { server, target, symbols } = await look("/bin/bash", ["-c", "echo ready; kill -STOP $$"]);
  const nodes = await symbols("code", ".text", "address");
  const starts = nodes.filter(({ type }) => type === "symbol").map((node) => BigInt(startOf(node)));
  expect(starts).toEqual([...starts].sort((a, b) => (a < b ? -1 : 1)));
  expect(nodes.at(-1)).toMatchObject({ type: "more", name: expect.stringContaining("more") });
  const { nodes: all } = await server.ask("processMemory/children", {
    ...{ target, filter: "", order: "address" },
    node: nodes.at(-1)?.id ?? "",
  });
  const page = (
    await server.ask("processMemory/children", {
      ...{ target, filter: "", order: "address" },
      node: all[0]?.id ?? "",
    })
  ).nodes;
  const symbol = page.find(({ type, size }) => type === "symbol" && size > 0);
  const path = await server.ask("processMemory/pathTo", {
    ...{ target, filter: "", order: "address" },
    address: startOf(symbol as TreeNode),
  });
  expect(path.nodes.map(({ type }) => type)).toEqual([
    "process",
    "group",
    "region",
    "section",
    "more",
    "more",
    "symbol",
  ]);
  expect(path.nodes.at(-1)?.start).toBe(symbol?.start);
});

test("by address, symbols and the bytes between them leave nothing of a section out", async () => {
  const { symbols } = await look(DEMO);
  const nodes = await symbols("code", ".text", "address");
  expect(nodes.some(({ type }) => type === "gap")).toBe(true);
  let end = BigInt(startOf(nodes[0] as TreeNode));
  for (const node of nodes) {
    expect(BigInt(startOf(node))).toBeLessThanOrEqual(end);
    if (node.type === "gap") expect(BigInt(startOf(node))).toBe(end);
    if (BigInt(node.end ?? 0) > end) end = BigInt(node.end ?? 0);
  }
  const gaps = nodes.filter(({ type }) => type === "gap").reduce((sum, { size }) => sum + size, 0);
  expect(gaps).toBeGreaterThan(0);
});

test("where a module's debug information comes from is told of its node, and of no other", async () => {
  const { server, target } = await look(DEMO);
  const debugInfo = async (node: string) => (await server.ask("processMemory/debugInfo", { target, node })).debugInfo;
  expect(await debugInfo("group:program")).toEqual({ module: DEMO, origin: { path: DEMO, refused: [] } });
  const libc = (await server.children(target, "group:libraries")).find(({ name }) => name.startsWith("libc."));
  expect(await debugInfo(libc?.id ?? "")).toMatchObject({ module: libc?.path });
  expect(await debugInfo("group:heap")).toBeNull();
});

test("asking for lines can be given up, and the server answers on", async () => {
  const { server, target, symbols } = await look(process.execPath, [
    "-e",
    "console.log('ready'); setInterval(() => {}, 1000)",
  ]);
  const addresses = (await symbols("code", ".text")).filter(({ type }) => type === "symbol").map(startOf);
  const token = new CancellationTokenSource();
  const asked = server.connection.sendRequest("processMemory/sources", { target, addresses }, token.token);
  token.cancel();
  await Promise.allSettled([asked]);
  expect((await server.children(target, "process")).length).toBeGreaterThan(3);
  await server.ask("processMemory/detach", { target });
  expect(await problemOf(server.ask("processMemory/sources", { target, addresses }))).toMatchObject({
    problem: "gone",
  });
});
