/**
 * How soon `procmem symbols` and `procmem sections` answer, beside the native tools: `npm run bench`. Makes a program of
 * 700 MB; `node test/bench/symbols.ts FILE…` takes others. Uses the built program (`node esbuild.js`).
 *
 * The addr2line of gimli is compiled from Debian's packages (librust-addr2line-dev librust-clap-3-dev librust-memmap2-dev
 * librust-typed-arena-dev): a crate with the `examples/addr2line.rs` of addr2line as its `src/main.rs`, the dependencies
 * addr2line, gimli, object (feature `compression`), clap 3 (feature `wrap_help`), memmap2, typed-arena and
 * fallible-iterator, and `/usr/share/cargo/registry` as the `directory` of a source that replaces crates-io. Name the
 * program in GIMLI_ADDR2LINE.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { withPlainFields } from "../../scripts/plainFields.mjs";
import { openElf } from "../../src/symbols/elfFile.ts";
import { Random } from "../fuzz/random.ts";
import { inTurns, median, printTable } from "./bench.ts";
import { bigProgram } from "./bigProgram.ts";
import type { FirstAnswer } from "./firstAnswer.ts";

const block = Buffer.alloc(1 << 20);
const PROCMEM = join(import.meta.dirname, "../../dist/procmem.js");
const COUNTS = [1, 100, 10_000];
const ROUNDS: Record<number, number> = { 1: 31, 100: 5, 10000: 5 };

const files = process.argv.slice(2);
for (const file of files.length > 0 ? files : [bigProgram(170, 5), bigProgram(170, 4)]) {
  process.stdout.write(`\n${file}, whole processes: milliseconds (medians, taken in turns), most memory.\n`);
  await compareProcesses(file);
  await measureEngine(file);
}

/** The programs that turn addresses into functions, inlined calls and lines: what comes before the addresses. */
function symbolizers(file: string): Record<string, string[]> {
  const gimli = process.env.GIMLI_ADDR2LINE;
  const all: Record<string, string[]> = {
    procmem: [process.execPath, PROCMEM, "symbols", "--json", file],
    "llvm-symbolizer": ["llvm-symbolizer-19", "--output-style=JSON", "--no-debuginfod", "-e", file],
    "gimli's addr2line": [gimli ?? "", "-f", "-i", "-C", "-e", file],
    "eu-addr2line": ["eu-addr2line", "-f", "-i", "-C", "-e", file],
    addr2line: ["addr2line", "-f", "-i", "-C", "-e", file],
  };
  for (const [name, [program = ""]] of Object.entries(all)) {
    if (spawnSync("sh", ["-c", `command -v "${program}"`]).status === 0) continue;
    process.stdout.write(`Without ${name}, which is not here.\n`);
    delete all[name];
  }
  return all;
}

async function compareProcesses(file: string): Promise<void> {
  const programs = symbolizers(file);
  const rows = [["", ...COUNTS.map((count) => count.toLocaleString("en")), "", "", ""]];
  const figures = Object.fromEntries(Object.keys(programs).map((name) => [name, [name] as string[]]));
  const memory = Object.fromEntries(Object.keys(programs).map((name) => [name, [] as string[]]));
  for (const count of COUNTS) {
    const rounds = ROUNDS[count] ?? 3;
    // Of one address each round another: it matters where it is.
    const input = randomAddresses(file, Math.max(count, rounds + 1)).map((address) => `0x${address.toString(16)}\n`);
    // Of 10,000 addresses eu-addr2line would think for minutes.
    const able = Object.entries(programs).filter(([name]) => count < 10_000 || name !== "eu-addr2line");
    const peaks: Record<string, number> = {};
    const run = (name: string, words: string[]) => (round: number) => {
      const isOne = count === 1;
      const peak = runOnce(isOne ? [...words, `${input[round]}`.trim()] : words, isOne ? "" : input.join(""));
      peaks[name] = Math.max(peaks[name] ?? 0, peak);
    };
    const times = await inTurns(rounds, Object.fromEntries(able.map(([name, words]) => [name, run(name, words)])), () =>
      intoPageCache(file),
    );
    for (const name of Object.keys(programs)) {
      const time = times[name];
      figures[name]?.push(time === undefined ? "–" : `${time.toFixed(0)} ms`);
      memory[name]?.push(time === undefined ? "–" : `${((peaks[name] ?? 0) / 1024).toFixed(0)} MB`);
    }
  }
  for (const name of Object.keys(programs)) rows.push([...(figures[name] ?? []), ...(memory[name] ?? [])]);
  printTable(rows);

  const once = (...words: string[]) => void runOnce(words, "");
  const contestants = {
    empty: () => once(process.execPath, "-e", "0"),
    sections: () => once(process.execPath, PROCMEM, "sections", "--json", file),
    nm: () => once("nm", "-S", "--size-sort", file),
  };
  const { empty, sections, nm } = await inTurns(9, contestants, () => intoPageCache(file));
  process.stdout.write(
    `An empty Node: ${empty.toFixed(0)} ms; procmem sections: ${sections.toFixed(0)} ms; nm -S --size-sort: ${nm.toFixed(0)} ms.\n`,
  );
}

/** Runs a program to its end and answers its most memory in KiB. */
function runOnce(words: readonly string[], input: string): number {
  const report = join(tmpdir(), `bench-${process.pid}`);
  const { status } = spawnSync("/usr/bin/time", ["-f", "%M", "-o", report, ...words], {
    input,
    stdio: ["pipe", "ignore", "ignore"],
  });
  if (status !== 0) throw new Error(`${words.slice(0, 4).join(" ")} failed.`);
  const peak = Number(readFileSync(report, "utf8").trim());
  rmSync(report);
  return peak;
}

/** Kernels that reclaim memory ahead of time (DAMON) take a file out of it within seconds. */
function intoPageCache(file: string): void {
  const descriptor = openSync(file, "r");
  while (readSync(descriptor, block) > 0);
  closeSync(descriptor);
}

/** The engine alone, in processes of their own for what is cold, in this one for what is warm. */
async function measureEngine(file: string): Promise<void> {
  const addresses = randomAddresses(file, 2000);
  const script = await bundled("firstAnswer.ts");
  const cold = (question: string) => {
    intoPageCache(file);
    return JSON.parse(execFileSync(process.execPath, [script, file, question], { encoding: "utf8" })) as FirstAnswer;
  };
  const frames = addresses.slice(0, 31).map((address) => cold(`${address}`));
  const pages = frames.map(() => cold("page"));
  rmSync(script);
  const elf = await openElf({ descriptor: openSync(file, "r"), path: file });
  if (elf === null) throw new Error(`${file} is no ELF file.`);
  const timed = async (asked: readonly bigint[]) => {
    const times: number[] = [];
    for (const address of asked) {
      const start = performance.now();
      await elf.framesAt([address]);
      times.push(performance.now() - start);
    }
    return times;
  };
  // Their units are known then, and all is compiled; what is in the functions is kept from the third question on.
  const others = addresses.splice(1000);
  for (let round = 0; round < 3; round++) await elf.framesAt(others);
  const fresh = await timed(addresses);
  const beside: number[] = [];
  const known: number[] = [];
  for (let round = 0; round < 5; round++) {
    // Their functions are known, they themselves are not yet.
    const next = others.map((address) => address + BigInt(round + 1));
    beside.push(...(await timed(next)));
    known.push(...(await timed(others)));
  }
  const [near = 0n] = others;
  const again = await timed(Array.from({ length: 5000 }, (_, round) => near + BigInt(round % 64)));
  elf.close();
  const told = (name: string, answers: FirstAnswer[]) => {
    const milliseconds = median(answers.map(({ milliseconds }) => milliseconds));
    const bytes = median(answers.map(({ bytes }) => bytes));
    return `${name}: ${milliseconds.toFixed(1)} ms, ${(bytes / 2 ** 20).toFixed(0)} MB`;
  };
  const microseconds = (times: number[]) => `${(median(times) * 1000).toFixed(1)} µs`;
  process.stdout.write(
    `The engine's own part, beyond an empty Node. ${told("One address", frames)}. ${told("Largest symbols of .text", pages)}.\n` +
      `Warm, one address: ${microseconds(beside)} in functions asked about three times before, ${microseconds(known)} ` +
      `where itself was, ${microseconds(fresh)} in other functions, ${microseconds(again)} in one function.\n`,
  );
}

/** Makes a script of a source as the engine ships: bundled and minified. */
async function bundled(source: string): Promise<string> {
  const outfile = join(tmpdir(), `bench-${process.pid}.mjs`);
  const entryPoints = [join(import.meta.dirname, source)];
  await build(withPlainFields({ entryPoints, outfile, bundle: true, minify: true, platform: "node", format: "esm" }));
  return outfile;
}

/** Addresses in `.text`, the same ones each time. */
function randomAddresses(file: string, count: number): bigint[] {
  const sections = execFileSync("readelf", ["-SW", file], { encoding: "utf8" });
  const [, start, size] = / \.text +PROGBITS +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+)/.exec(sections) ?? [];
  if (start === undefined) throw new Error(`${file} has no .text.`);
  const random = new Random(1);
  return Array.from({ length: count }, () => BigInt(`0x${start}`) + BigInt(random.below(Number(`0x${size}`))));
}
