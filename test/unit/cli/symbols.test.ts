import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { compile } from "../fixtures.ts";
import { nmSymbols, readelfBuildId, readelfSections } from "../symbols/binutils.ts";
import { json, PROGRAM, procmem, procmemWith } from "./procmem.ts";

const SOURCE = join(import.meta.dirname, "../../fixtures/symbols/program.c");
const optimized = compile("program.c", "symbols", ["-g", "-O1"]);
const plain = compile("program.c", "symbols");

const folder = mkdtempSync(join(tmpdir(), "process-memory-symbols-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("symbols --json has the fields of the contract, in their order", () => {
  const [line] = answers(optimized, hexOf(optimized, "recurse"));
  expect(Object.keys(line)).toEqual(["address", "section", "symbol", "frames", "variable"]);
  expect(Object.keys(line.symbol)).toEqual(["name", "offset", "size"]);
  expect(Object.keys(line.frames[0])).toEqual(["function", "file", "line", "column"]);
  expect(line).toMatchObject({ section: ".text", symbol: { name: "recurse", offset: 0 }, variable: null });
  expect(line.frames).toMatchObject([{ function: "recurse", file: SOURCE, line: lineOf("int recurse(int z)") }]);
});

test("symbols agrees with addr2line about functions, inlined calls and lines", () => {
  const functions = nmSymbols(optimized).filter(({ section, size }) => section === ".text" && size > 0);
  const addresses = functions.flatMap(({ address, size }) =>
    Array.from({ length: size }, (_, at) => hex(address + at)),
  );
  const lines = answers(optimized, ...addresses);
  expect(lines.map(({ address }) => address)).toEqual(addresses);
  const ours = lines.map(({ frames }) =>
    frames.map((frame: FrameJson) => `${frame.function} ${frame.file}:${frame.line}`).join("\n"),
  );
  expect(lines.some(({ frames }) => frames.length > 1)).toBe(true);
  expect(ours).toEqual(addr2line(optimized, addresses));
});

test("symbols says in words what is at an address", () => {
  const address = hexOf(optimized, "recurse");
  const { stdout, stderr, status } = procmem("symbols", optimized, address);
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(stdout).toMatch(new RegExp(`^${address}  \\.text  recurse\\+0x0\n  recurse at ${SOURCE}:\\d+:\\d+\n$`));
  const inlined = addr2line(optimized, allAddresses(optimized)).findIndex((chain) => chain.includes("\n"));
  const text = procmem("symbols", optimized, allAddresses(optimized)[inlined] ?? "").stdout;
  expect(text).toMatch(/^0x[0-9a-f]+ {2}\.text {2}\w+\+0x[0-9a-f]+\n {2}\w+ at .+\n {2}inlined by \w+ at .+:\d+:\d+\n/);
});

test("a source line leads to the addresses of its code, in each copy of an inlined function", () => {
  const program = compile("program.c", "symbols", ["-g"]);
  const line = lineOf("if (x > limit)");
  const places = answers(program, "--line", `symbols/program.c:${line}`);
  expect(places.length).toBeGreaterThan(1);
  for (const { frames } of places) expect(frames[0]).toMatchObject({ function: "clamp", file: SOURCE, line });
  expect(new Set(places.map(({ symbol }) => symbol.name)).size).toBeGreaterThan(1);
  expect(procmem("symbols", optimized, "--line", "nothing.c:3")).toEqual(
    expect.objectContaining({ status: 1, stdout: "", stderr: `procmem: ${optimized} has no code of nothing.c:3.\n` }),
  );
});

test("a name leads to the symbols of that name", () => {
  const [recurse] = answers(optimized, "--name", "recurse");
  expect(recurse).toMatchObject({
    address: hexOf(optimized, "recurse"),
    symbol: { name: "recurse", offset: 0 },
    frames: [{ function: "recurse", file: SOURCE }],
  });
  const program = compile("names.cpp", "names", ["-std=c++17", "-pthread", "-g"]);
  const address = hexOf(program, "_Z6taggedB2v2i");
  for (const name of ["_Z6taggedB2v2i", "tagged[abi:v2](int)", "tagged[abi:v2]"]) {
    expect(answers(program, "--name", name)).toMatchObject([{ address, symbol: { name: "tagged[abi:v2](int)" } }]);
  }
  expect(answers(optimized, "--name", "per_thread")).toMatchObject([
    { section: ".tdata", symbol: { name: "per_thread", size: 4 }, variable: { name: "per_thread", type: "int" } },
  ]);
  expect(procmem("symbols", optimized, "--name", "nothing")).toEqual(
    expect.objectContaining({ status: 1, stdout: "", stderr: `procmem: ${optimized} has no symbol "nothing".\n` }),
  );
});

test("data has its variable with its type and declaration", () => {
  const address = hex(BigInt(hexOf(optimized, "matrix")) + 4n);
  const [matrix] = answers(optimized, address);
  expect(Object.keys(matrix.variable)).toEqual(["name", "type", "size", "file", "line"]);
  expect(matrix).toMatchObject({
    section: ".bss",
    symbol: { name: "matrix", offset: 4, size: 96 },
    frames: [],
    variable: { name: "matrix", type: "int[2][3][4]", size: 96, file: SOURCE, line: lineOf("int matrix[2][3][4]") },
  });
  expect(procmem("symbols", optimized, address).stdout).toBe(
    `${address}  .bss  matrix+0x4\n  matrix: int[2][3][4], 96 B, declared at ${SOURCE}:${matrix.variable.line}:5\n`,
  );
});

test("debug information is found in a folder of the user's, and what does not belong is said", () => {
  const stripped = join(folder, "stripped");
  const debug = join(folder, "debug");
  mkdirSync(debug);
  execFileSync("objcopy", ["--only-keep-debug", optimized, join(debug, "program.debug")]);
  execFileSync("objcopy", ["-g", `--add-gnu-debuglink=${join(debug, "program.debug")}`, optimized, stripped]);
  const address = hexOf(optimized, "recurse");
  expect(procmem("symbols", stripped, address).stderr).toContain("has no debug information");
  const found = procmem("symbols", stripped, address, "--debug-folder", debug);
  expect(found).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining(`recurse at ${SOURCE}:`) });
  expect(json("sections", stripped, "--debug-folder", debug).debugInfo).toEqual({
    path: join(debug, "program.debug"),
    refused: [],
  });
  writeFileSync(join(debug, "program.debug"), readFileSync(plain));
  const { stdout, stderr, status } = procmem("symbols", stripped, address, "--debug-folder", debug);
  expect({ stdout, status }).toEqual({ stdout: `${address}  .text  recurse+0x0\n`, status: 0 });
  expect(stderr).toContain(`procmem: ${join(debug, "program.debug")} was not used: `);
});

test("addresses are hexadecimal, with and without 0x, in any case", () => {
  const digits = hexOf(optimized, "main").slice(2);
  const lines = answers(optimized, digits, `0x${digits}`, `0X${digits.toUpperCase()}`, `000000000000000000${digits}`);
  expect(lines.map(({ symbol }) => symbol.name)).toEqual(["main", "main", "main", "main"]);
});

test("addresses outside of the file have an answer, too", () => {
  const nothing = { section: null, symbol: null, frames: [], variable: null };
  expect(answers(optimized, "0", "ffffffffffffffff")).toEqual([
    { address: "0x0", ...nothing },
    { address: "0xffffffffffffffff", ...nothing },
  ]);
  expect(procmem("symbols", optimized, "0").stdout).toBe("0x0  outside of all sections\n");
});

test("without addresses they are read from standard input, and lines that are none are said, in order", () => {
  const [main, recurse] = [hexOf(optimized, "main"), hexOf(optimized, "recurse")];
  const input = `${main}\r\nnonsense\n\n ${recurse} \n0x\n0x10000000000000000\n${"9".repeat(300_000)}\n${main.slice(2)}`;
  const { stdout, stderr, status } = procmemWith(input, "symbols", optimized, "--json");
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(status).toBe(0);
  expect(lines.map((line) => line?.symbol.name ?? null)).toEqual([
    ...["main", null, null, "recurse", null, null, null, "main"],
  ]);
  const sentences = stderr.trimEnd().split("\n");
  expect(sentences.slice(0, 4)).toEqual([
    'procmem: "nonsense" is no address.',
    'procmem: "" is no address.',
    'procmem: "0x" is no address.',
    'procmem: "0x10000000000000000" is no address.',
  ]);
  expect(sentences).toHaveLength(5);
  expect(sentences[4]?.length).toBeLessThan(200);
});

test("each line of standard input is answered before the next one is written", async () => {
  const child = startWaiting(optimized);
  for (const name of ["main", "recurse", "main"]) {
    child.stdin.write(`${hexOf(optimized, name)}\n`);
    const [answer] = await once(child.stdout, "data");
    expect(JSON.parse(String(answer)).symbol.name).toBe(name);
  }
  child.stdin.end();
  expect(await once(child, "close")).toEqual([0, null]);
});

test("Ctrl-C ends it while it waits", async () => {
  const child = startWaiting(optimized);
  child.stdin.write("0\n");
  await once(child.stdout, "data");
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([null, "SIGINT"]);
});

test("ten thousand addresses are answered in their order", () => {
  const all = allAddresses(optimized);
  const addresses = Array.from({ length: 10_000 }, (_, index) => all[(index * 37) % all.length] as string);
  const { stdout, stderr, status } = procmemWith(addresses.join("\n"), "symbols", optimized, "--json");
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).address);
  expect(lines).toEqual(addresses);
});

test("C++ names are as in the source, or as in the file where that is asked for", () => {
  const program = compile("names.cpp", "names", ["-std=c++17", "-pthread", "-g"]);
  const address = hexOf(program, "_Z6taggedB2v2i");
  expect(json("symbols", program, address)).toMatchObject({
    symbol: { name: "tagged[abi:v2](int)" },
    frames: [{ function: "tagged[abi:v2](int)" }],
  });
  expect(json("symbols", program, address, "--no-demangle")).toMatchObject({
    symbol: { name: "_Z6taggedB2v2i" },
    frames: [{ function: "_Z6taggedB2v2i" }],
  });
});

test("without debug information there are symbols, and it is said once", () => {
  const [main, recurse] = [hexOf(plain, "main"), hexOf(plain, "recurse")];
  const { stdout, stderr, status } = procmemWith(`${main}\n${recurse}\n`, "symbols", plain);
  expect(status).toBe(0);
  expect(stdout).toBe(`${main}  .text  main+0x0\n${recurse}  .text  recurse+0x0\n`);
  expect(stderr).toBe(
    `procmem: ${plain} has no debug information, and no file with it was found: there are no source lines.\n`,
  );
});

test("sections --json has the sections of readelf, and what the symbols of nm cover of them", () => {
  const answer = json("sections", plain);
  expect(Object.keys(answer)).toEqual(["path", "buildId", "debugInfo", "sections"]);
  expect(answer).toMatchObject({ path: plain, buildId: readelfBuildId(plain), debugInfo: { path: null, refused: [] } });
  expect(Object.keys(answer.sections[0])).toEqual([
    ...["name", "address", "size", "writable", "executable", "threadLocal", "noBits", "symbols", "uncovered"],
  ]);
  expect(answer.sections.map(({ symbols: _, uncovered: __, ...section }: SectionJson) => section)).toEqual(
    readelfSections(plain).map(({ address, ...section }) =>
      expect.objectContaining({ ...section, address: hex(address) }),
    ),
  );
  for (const { name, address, size, threadLocal, uncovered } of answer.sections as SectionJson[]) {
    if (threadLocal) continue;
    const covered = new Set<number>();
    const own = nmSymbols(plain).filter((symbol) => symbol.section === name);
    for (const [index, symbol] of own.entries()) {
      // One without a size stands for what there is up to the next one.
      const next = own.slice(index).find((other) => other.address > symbol.address)?.address ?? Number(address) + size;
      const end = symbol.size > 0 ? symbol.address + symbol.size : next;
      for (let at = symbol.address; at < end; at++) covered.add(at - Number(address));
    }
    const bytes = Array.from({ length: size }, (_, at) => at).filter((at) => !covered.has(at));
    expect({ name, uncovered }).toEqual({ name, uncovered: bytes.length });
  }
});

test("sections prints a table", () => {
  const { stdout, stderr, status } = procmem("sections", optimized);
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  const [title, header, ...rows] = stdout.trimEnd().split("\n");
  expect(title).toBe(`${optimized}  build-id ${readelfBuildId(optimized)}, debug information in ${optimized}`);
  expect(header?.trim().split(/ +/)).toEqual(["ADDRESS", "SIZE", "PERM", "SYMBOLS", "UNNAMED", "SECTION"]);
  expect(rows).toHaveLength(readelfSections(optimized).length);
  expect(rows.find((row) => row.endsWith(" .text"))).toMatch(/^ *0x[0-9a-f]+ +[\d.]+ \w+ {2}r-x +\d+ /);
  expect(rows.find((row) => row.includes(" .bss"))).toMatch(/ {2}rw- .* \.bss \(zeroed\)$/);
});

test.each(["symbols", "sections"])("%s says in a sentence why a file cannot be read, with exit code 1", (command) => {
  const text = join(folder, "text");
  const fifo = join(folder, `fifo-${command}`);
  writeFileSync(text, "no ELF file\n");
  execFileSync("mkfifo", [fifo]);
  for (const [file, sentence] of [
    [text, `${text} is no ELF file.`],
    [folder, `${folder} is no ELF file.`],
    [fifo, `${fifo} is no ELF file.`],
    [join(folder, "nothing"), `There is no file ${join(folder, "nothing")}.`],
  ] as const) {
    expect(procmem(command, file)).toMatchObject({ status: 1, stdout: "", stderr: `procmem: ${sentence}\n` });
  }
});

test.each([
  [["symbols"], "No file."],
  [["sections"], "No file."],
  [["sections", "a", "b"], '"b" is one argument too many.'],
  [["symbols", "a", "xyz"], '"xyz" is no address: write it in hexadecimal.'],
  [["symbols", "a", "10000000000000000"], "is no address"],
  [["symbols", "a", "--line", "x.c"], '"x.c" is no source line: write it as FILE:LINE.'],
  [["symbols", "a", "--line", "x.c:0"], "is no source line"],
  [["symbols", "a", "1", "--name", "x"], "ask one at a time"],
  [["symbols", "a", "--name", "x", "--line", "x.c:1"], "ask one at a time"],
])("wrong usage is said in a sentence, with exit code 2: procmem %j", (args, sentence) => {
  const { stdout, stderr, status } = procmem(...args);
  expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
  expect(stderr).toContain(sentence);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

interface FrameJson {
  function: string | null;
  file: string | null;
  line: number;
  column: number;
}

interface SectionJson {
  name: string;
  address: string;
  size: number;
  threadLocal: boolean;
  symbols: number;
  uncovered: number;
}

/** Its answers for programs, a line for each address. */
function answers(file: string, ...words: string[]) {
  const { stdout, stderr, status } = procmem("symbols", file, ...words, "--json");
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function startWaiting(file: string) {
  const child = spawn(process.execPath, [PROGRAM, "symbols", file, "--json"], { stdio: "pipe" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** For each address the functions and lines of addr2line, innermost first. */
function addr2line(file: string, addresses: readonly string[]): string[] {
  const text = execFileSync("addr2line", ["-aife", file, ...addresses], { encoding: "utf8", maxBuffer: 1 << 28 });
  return text
    .split(/^0x[0-9a-f]+\n/m)
    .slice(1)
    .map((chain) =>
      chain
        .trimEnd()
        .replace(/ \(discriminator \d+\)/g, "")
        .replace(/(.+)\n(.+)/g, "$1 $2")
        // It names the symbol where debug information tells of no function.
        .replace(/^\S+ \?\?:\?$/, ""),
    );
}

/** Every address of the file's own functions. */
function allAddresses(file: string): string[] {
  return nmSymbols(file)
    .filter(({ section, size }) => section === ".text" && size > 0)
    .flatMap(({ address, size }) => Array.from({ length: size }, (_, at) => hex(address + at)));
}

function hexOf(file: string, symbol: string): string {
  const found = nmSymbols(file).find(({ name }) => name === symbol);
  if (found === undefined) throw new Error(`${file} has no symbol ${symbol}.`);
  return hex(found.address);
}

function hex(address: number | bigint): string {
  return `0x${address.toString(16)}`;
}

/** The number of the line of the source that has the text. */
function lineOf(text: string): number {
  return (
    readFileSync(SOURCE, "utf8")
      .split("\n")
      .findIndex((line) => line.includes(text)) + 1
  );
}
