import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { HexAddress } from "../../../src/memory/address.ts";
import { unpackPicture } from "../../../src/memory/pictureMessage.ts";
import type { PictureQuery, TreeNode } from "../../../src/protocol/server.ts";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import { type Client, startServer } from "./client.ts";

const DEMO = compile("demo.c", "demo", ["-g", "-lpthread"]);
const VMAS = compile("vmas.c", "vmas");

/** A server that looks at the program, which stands still and has been read in full. */
async function look(program: string, args: string[] = []) {
  const { pid } = await start(program, args);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 0 });
  const { target } = await server.attach(pid);
  await stop(pid);
  await server.ask("processMemory/refresh", { target });
  return { server, target, pid, children: (node: string, filter = "") => server.children(target, node, filter) };
}

/** Where `nm` says the symbol is, in the running process. */
function addressOf(program: string, pid: number, symbol: string): bigint {
  const line = execFileSync("nm", [program], { encoding: "utf8" })
    .split("\n")
    .find((each) => each.endsWith(` ${symbol}`));
  const first = readFileSync(`/proc/${pid}/maps`, "utf8")
    .split("\n")
    .find((each) => each.endsWith(program));
  return BigInt(`0x${line?.split(" ")[0]}`) + BigInt(`0x${first?.split("-")[0]}`);
}

/** All nodes from a node down, without those below `stopAt`. */
async function walk(
  server: Client,
  target: string,
  id: string,
  isEnd: (node: TreeNode) => boolean,
): Promise<TreeNode[]> {
  const nodes = await server.children(target, id);
  const below = await Promise.all(
    nodes.filter((node) => node.hasChildren && !isEnd(node)).map(({ id: each }) => walk(server, target, each, isEnd)),
  );
  return [...nodes, ...below.flat()];
}

test("the tree goes from groups to symbols, with what /proc and the file say", async () => {
  const { pid, children } = await look(DEMO);
  const groups = await children("process");
  expect(groups.map(({ id }) => id)).toEqual(
    ["program", "libraries", "heap", "stacks", "anonymous", "shared", "files", "kernel"].map((each) => `group:${each}`),
  );
  const program = await children("group:program");
  expect(program.map(({ kind }) => kind)).toEqual(["rodata", "code", "rodata", "relro", "data", "bss"]);
  const data = program.find(({ kind }) => kind === "data");
  const sections = await children(data?.id ?? "");
  expect(sections.map(({ name }) => name)).toEqual(expect.arrayContaining([".data", ".bss"]));
  const section = sections.find(({ name }) => name === ".data");
  const symbols = await children(section?.id ?? "");
  const answers = symbols.find(({ name }) => name === "answers");
  expect(answers).toMatchObject({
    type: "symbol",
    start: `0x${addressOf(DEMO, pid, "answers").toString(16)}`,
    size: 12,
    kind: "data",
    hasChildren: false,
  });
  expect(symbols.map(({ size }) => size)).toEqual(symbols.map(({ size }) => size).sort((a, b) => b - a));
  expect(section?.count).toBe(symbols.length);
});

test("every region of /proc/PID/maps stands in the tree once", async () => {
  const { server, target, pid } = await look(DEMO);
  const nodes = await walk(server, target, "process", ({ type }) => type === "region");
  const regions = nodes
    .filter(({ type }) => type === "region")
    .map(({ start, end, permissions }) => `${start?.slice(2)}-${end?.slice(2)} ${permissions}`);
  const maps = readFileSync(`/proc/${pid}/maps`, "utf8").trim().split("\n");
  const wanted = maps.map((line) => line.split(" ", 2).join(" ").replace(/^0+/, "").replace(/-0+/, "-"));
  expect(regions.sort()).toEqual(wanted.sort());
});

test("groups and libraries are the sums of what is below them", async () => {
  const { children } = await look(DEMO);
  for (const group of await children("process")) {
    const below = await children(group.id);
    const sum = (field: "size" | "rss") => below.reduce((total, node) => total + (node[field] ?? 0), 0);
    expect([group.id, group.size, group.rss]).toEqual([group.id, sum("size"), sum("rss")]);
  }
  const libraries = await children("group:libraries");
  expect(libraries.map(({ name }) => name)).toContain("libc.so.6");
  expect(
    libraries.every(({ type, path, count }) => type === "module" && path?.startsWith("/") && (count ?? 0) > 2),
  ).toBe(true);
});

test("a thread's stack and its guard stand together", async () => {
  const { children } = await look(DEMO);
  const kinds = (await children("group:stacks")).map(({ kind }) => kind);
  expect(kinds).toEqual(["guard", "threadStack", "guard", "threadStack", "stack"]);
});

test("a filter keeps what is above a region that passes it, and nothing else", async () => {
  const { server, target, children } = await look(DEMO);
  expect((await children("process", "heap")).map(({ id }) => id)).toEqual(["group:heap"]);
  const libc = await children("process", "LIBC.SO");
  expect(libc.map(({ id }) => id)).toEqual(["group:libraries"]);
  expect((await children("group:libraries", "LIBC.SO")).map(({ name }) => name)).toEqual(["libc.so.6"]);
  expect(await children("process", "no such thing")).toEqual([]);
  const [heap] = await children("group:heap");
  const inHeap = `0x${(BigInt(heap?.start ?? "0") + 0x123n).toString(16)}` as HexAddress;
  expect((await children("group:heap", inHeap)).map(({ id }) => id)).toEqual([heap?.id]);
  const path = (filter: string) => server.ask("processMemory/pathTo", { target, address: inHeap, filter });
  expect((await path("heap")).nodes.map(({ type }) => type)).toEqual(["process", "group", "region"]);
  expect((await path("libc")).nodes).toEqual([]);
});

test("the path to an address goes down to its symbol, through the tree's own nodes", async () => {
  const { server, target, pid, children } = await look(DEMO);
  const pathTo = async (address: bigint) => {
    const params = { target, address: `0x${address.toString(16)}` as const, filter: "" };
    return (await server.ask("processMemory/pathTo", params)).nodes;
  };
  const path = await pathTo(addressOf(DEMO, pid, "answers") + 5n);
  expect(path.map(({ type }) => type)).toEqual(["process", "group", "region", "section", "symbol"]);
  expect(path.map(({ name }) => name).slice(3)).toEqual([".data", "answers"]);
  for (const [i, node] of path.slice(1).entries()) {
    expect(await children(path[i]?.id ?? "")).toContainEqual(node);
  }
  expect(await pathTo(0x10n)).toEqual([]);
});

test("symbols come in pages; the path to the smallest goes through them", async () => {
  const { server, target, children } = await look("/bin/bash", ["-c", "echo ready; kill -STOP $$"]);
  const code = (await children("group:program")).find(({ kind }) => kind === "code");
  const text = (await children(code?.id ?? "")).find(({ name }) => name === ".text");
  const total = text?.count ?? 0;
  expect(total).toBeGreaterThan(1000);
  const first = await children(text?.id ?? "");
  expect(first.length).toBe(201);
  expect(first.at(-1)).toMatchObject({ type: "more", count: total - 200, hasChildren: true });
  const all = (await walk(server, target, text?.id ?? "", () => false)).filter(({ type }) => type === "symbol");
  expect(all).toHaveLength(total);
  const sizes = all.map(({ size }) => size);
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  const smallest = all.filter(({ size }) => size > 0).at(-1);
  if (!smallest?.start) throw new Error("bash has no symbols.");
  const { nodes } = await server.ask("processMemory/pathTo", { target, address: smallest.start, filter: "" });
  expect(nodes.map(({ type }) => type)).toEqual(["process", "group", "region", "section", "more", "more", "symbol"]);
  expect(nodes.at(-1)?.start).toBe(smallest.start);
  for (const [i, node] of nodes.slice(1).entries()) expect(await children(nodes[i]?.id ?? "")).toContainEqual(node);
});

test("60,000 regions are shown by stretches of addresses, each once, and found again", async () => {
  const { server, target, children } = await look(VMAS, ["60000"]);
  let most = 0;
  const regions: TreeNode[] = [];
  const descend = async (id: string) => {
    const nodes = await children(id);
    most = Math.max(most, nodes.length);
    for (const node of nodes) {
      if (node.type === "regions") await descend(node.id);
      else regions.push(node);
    }
  };
  await descend("group:anonymous");
  expect(most).toBeLessThanOrEqual(1000);
  expect(regions.length).toBeGreaterThanOrEqual(60_000);
  expect(new Set(regions.map(({ start }) => start)).size).toBe(regions.length);
  const some = regions[40_000];
  if (!some?.start) throw new Error("There are not enough regions.");
  const { nodes } = await server.ask("processMemory/pathTo", { target, address: some.start, filter: "" });
  expect(nodes.at(-1)).toEqual(some);
  for (const [i, node] of nodes.slice(1).entries()) expect(await children(nodes[i]?.id ?? "")).toContainEqual(node);
});

test("ids stay the same over refreshes while the program grows", async () => {
  const { pid } = await start(DEMO);
  const server = await startServer();
  await server.tell("processMemory/settings", { interval: 50 });
  const { target } = await server.attach(pid);
  await server.tell("processMemory/watching", { targets: [target] });
  const ids = async () => (await walk(server, target, "process", ({ type }) => type === "region")).map(({ id }) => id);
  const before = await ids();
  const { revision } = await server.changed(() => true);
  await server.changed((notice) => notice.revision > revision + 5);
  const after = await ids();
  expect(before.filter((id) => !after.includes(id))).toEqual([]);
});

test("places name what explain does, and a module's sections and symbols come with them", async () => {
  const { server, target, pid } = await look(DEMO);
  const places = await server.ask("processMemory/places", { target });
  expect(places.startPages).toHaveLength(places.endPages.length);
  expect(places.names).toEqual(expect.arrayContaining(["[heap] rw-p", "[stack] rw-p"]));
  const module = places.modules.findIndex(({ path }) => path === DEMO);
  const { sections, symbols } = await server.ask("processMemory/modulePlaces", { target, module });
  expect(sections.map(({ name }) => name)).toEqual(expect.arrayContaining([".text", ".rodata", ".data", ".bss"]));
  expect(symbols?.map(({ name }) => name)).toEqual(expect.arrayContaining(["main", "greeting"]));
  const greeting = addressOf(DEMO, pid, "greeting");
  const address = `0x${(greeting + 3n).toString(16)}` as const;
  expect(await server.ask("processMemory/explain", { target, address })).toMatchObject({
    address,
    kind: "rodata",
    section: { name: ".rodata" },
    symbol: { name: "greeting", offset: 3, size: 15 },
    module: { path: DEMO },
  });
});

test("the picture covers the address space, finer where it is asked for, with the selected region's place", async () => {
  const { server, target, children } = await look(VMAS, ["5000"]);
  const [heap] = await children("group:heap");
  const selected = heap?.start ?? "0x0";
  const picture = async (query: Omit<PictureQuery, "target">) =>
    unpackPicture(await server.ask("processMemory/picture", { target, ...query }));
  const whole = await picture({ from: 0, to: null, pixels: 400, selected });
  expect(whole.stretches.length).toBeLessThanOrEqual(800);
  expect(whole.stretches[0]?.from).toBe(0);
  expect(whole.stretches.at(-1)?.to).toBe(whole.length);
  expect(whole.stretches.every(({ from }, i) => i === 0 || from === whole.stretches[i - 1]?.to)).toBe(true);
  expect(whole.selected?.start).toBe(selected);
  const { from, to } = whole.selected ?? { from: 0, to: 0 };
  const near = await picture({ from, to, pixels: 400, selected: null });
  expect(near.stretches.some(({ name, start }) => name === "[heap]" && start === selected)).toBe(true);
  expect(near.selected).toBeNull();
});
