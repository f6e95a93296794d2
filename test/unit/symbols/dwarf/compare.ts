/** Compares the answers for many addresses with those of other tools, and counts what differs, by reason. */
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readSync } from "node:fs";
import { posix } from "node:path";
import type { ElfSource, Frame } from "../../../../src/memory/module.ts";
import { openElf } from "../../../../src/symbols/elfFile.ts";

import { binutils, elfutils, llvm, type ToolFrame } from "./symbolizers.ts";

/** What a comparison found. */
export interface Comparison {
  readonly compared: number;
  /** Addresses for which the other has a line. */
  readonly withLines: number;
  /** How many addresses differ for a reason, and the first of them. */
  readonly differences: Map<string, { count: number; examples: string[] }>;
}

/** Opens a file with the names that linkers use, so that they can be compared. */
export async function openPlain(path: string, debugFolders: readonly string[] = []): Promise<ElfSource> {
  const elf = await openElf({ descriptor: openSync(path, "r"), path }, { demangle: false, debugFolders });
  if (elf === null) throw new Error(`${path} is no ELF file.`);
  return elf;
}

/** Addresses spread evenly over the code of a file, no more than `most`; of an object file over its `.text`. */
export function codeAddresses(path: string, most: number): bigint[] {
  const code = readelfCode(path);
  const size = code.reduce((sum, section) => sum + section.size, 0);
  const step = Math.max(1, Math.ceil(size / most));
  return code.flatMap(({ address, size }) =>
    Array.from({ length: Math.ceil(size / step) }, (_, index) => address + BigInt(index * step)),
  );
}

/** The sections with code; those of an object file all begin at 0, so that only one of them can be asked for. */
function readelfCode(path: string): { address: bigint; size: number }[] {
  const line = /^ *\[ *\d+\] (\S+) +PROGBITS +([0-9a-f]{8,16}) [0-9a-f]{6,} ([0-9a-f]{6,}) [0-9a-f]{2} +A?X?A?X/;
  const found = execFileSync("readelf", ["-SW", path], { encoding: "utf8" })
    .split("\n")
    .map((text) => line.exec(text))
    .filter((match) => match !== null)
    .map(([, name, address, size]) => ({ name, address: BigInt(`0x${address}`), size: Number(`0x${size}`) }));
  return found.every(({ address }) => address === 0n) ? found.filter(({ name }) => name === ".text") : found;
}

/** Compares function, inline chain, file, line and column at addresses with llvm-symbolizer. */
export async function compareFrames(path: string, elf: ElfSource, addresses: readonly bigint[]): Promise<Comparison> {
  const theirs = llvm(path, addresses);
  // Object files have no addresses yet: this engine lays their sections out one behind the other.
  const text = elf.layout.sections.find(({ name }) => name === ".text")?.address ?? 0n;
  const isObject = isObjectFile(path);
  const base = isObject ? text : 0n;
  const ours = (await elf.framesAt(addresses.map((address) => base + address))).map(asToolFrames);
  const differences: Comparison["differences"] = new Map();
  const symbols = new Symbols(path);
  const reasons: (string | null)[] = [];
  for (const [index, address] of addresses.entries()) {
    const [own = [], other = []] = [ours[index], theirs[index]];
    const reason = firstDifference(own, other);
    const names = { own: own.at(-1)?.function ?? "", other: other.at(-1)?.function ?? "" };
    // Names of symbols: theirs of this file, ours of the debug file too.
    const isSymbol =
      reason === "function" &&
      (isObject || symbols.at(address).has(names.other) || (await elf.symbolAt(address))?.name === names.own);
    reasons.push(!isSymbol ? reason : withoutSuffix(names.own) === withoutSuffix(names.other) ? PIECE : OTHER_NAME);
  }
  const different = addresses.map((_, index) => index).filter((index) => reasons[index] !== null);
  // Where llvm-symbolizer says something else: what do the others say?
  const some = different.slice(0, MOST_JUDGED);
  const asked = some.map((index) => addresses[index] as bigint);
  const judges = { binutils: binutils(path, asked), elfutils: elfutils(path, asked) };
  for (const [judged, index] of different.entries()) {
    const reason = reasons[index] ?? "";
    let found = differences.get(reason);
    if (found === undefined) {
      found = { count: 0, examples: [] };
      differences.set(reason, found);
    }
    found.count++;
    if (found.examples.length >= MOST_EXAMPLES || judged >= some.length) continue;
    const others = Object.entries(judges).map(([name, answers]) => `${name}: ${told(answers[judged])}`);
    found.examples.push(
      [
        `0x${(addresses[index] as bigint).toString(16)}`,
        `ours: ${told(ours[index])}`,
        `llvm: ${told(theirs[index])}`,
        ...others,
      ].join("\n      "),
    );
  }
  return { compared: addresses.length, withLines: theirs.filter((frames) => frames.length > 0).length, differences };
}

/** Whether a file is not linked: `e_type` is ET_REL, in either byte order. */
function isObjectFile(path: string): boolean {
  const descriptor = openSync(path, "r");
  const header = Buffer.alloc(18);
  readSync(descriptor, header);
  closeSync(descriptor);
  return header.readUInt16LE(16) === 1 || header.readUInt16BE(16) === 1;
}

/** The differences that no rule allows, as text; empty where there are none. */
export function unexplained(comparison: Comparison): string {
  const differences = new Map(
    [...comparison.differences].filter(([reason]) => reason !== PIECE && reason !== OTHER_NAME),
  );
  return differences.size === 0 ? "" : report({ ...comparison, differences });
}

/** The differences as text, for people. */
export function report({ compared, withLines, differences }: Comparison): string {
  const count = [...differences.values()].reduce((sum, { count }) => sum + count, 0);
  const reasons = [...differences].map(
    ([reason, { count, examples }]) => `\n  ${count} × ${reason}${examples.map((text) => `\n    ${text}`).join("")}`,
  );
  return `${compared} addresses, ${withLines} with lines, ${count} differ${reasons.join("")}`;
}

function asToolFrames(frames: readonly Frame[]): ToolFrame[] {
  // A function whose lines are unknown: of such llvm-symbolizer tells the symbol.
  if (frames.length === 1 && frames[0]?.source === null) return [];
  return frames.map(({ function: name, source }) => ({
    function: name,
    file: source?.file ?? null,
    line: source?.line ?? 0,
    column: source?.column ?? 0,
  }));
}

/** What differs first: how many frames there are, their lines, then their functions; `null` where nothing does. */
function firstDifference(ours: readonly ToolFrame[], theirs: readonly ToolFrame[]): string | null {
  if (ours.length !== theirs.length) {
    if (ours.length === 0) return "nothing is found";
    if (theirs.length === 0) return "llvm finds nothing";
    return ours.length < theirs.length ? "fewer inlined calls" : "more inlined calls";
  }
  const pairs = ours.map((own, depth) => ({ own, other: theirs[depth] as ToolFrame, depth }));
  for (const { own, other, depth } of pairs) {
    const of = depth === 0 ? "" : " of a call";
    if (own.line !== other.line) return `line${of}`;
    if (own.line !== 0 && own.column !== other.column) return `column${of}`;
    if (own.file === other.file) continue;
    return normal(own.file) === normal(other.file) ? `spelling of the path${of}` : `file${of}`;
  }
  for (const { own, other, depth } of pairs) {
    if (own.function === other.function) continue;
    return depth < ours.length - 1 ? "function of an inlined call" : "function";
  }
  return null;
}

/** Compilers split functions and make special copies: symbols tell, debug information calls them by the same name. */
const PIECE = "a piece or copy of a function, with its suffix or without (main.cold)";
/** At an address with several symbols it is a matter of taste which one is told. In object files they all begin at 0. */
const OTHER_NAME = "another name of the same code";

function withoutSuffix(name: string): string {
  return name.replace(/(\.(cold|part|constprop|isra|lto_priv|__part|llvm|\d+))+$/, "");
}

/** The names of functions by address, as nm knows them: of one address there can be several. */
class Symbols {
  readonly #starts: bigint[];
  readonly #names: Set<string>[] = [];

  constructor(path: string) {
    const byStart = new Map<bigint, Set<string>>();
    for (const option of ["--no-demangle", "-D"]) {
      const output = execFileSync("nm", [option, "--defined-only", path], {
        encoding: "utf8",
        maxBuffer: 1 << 30,
        stdio: ["ignore", "pipe", "ignore"],
      });
      for (const [, address, name = ""] of output.matchAll(/^([0-9a-f]+) [a-zA-Z] ([^@\n]+)/gm)) {
        const start = BigInt(`0x${address}`);
        byStart.set(start, (byStart.get(start) ?? new Set()).add(name));
      }
    }
    const sorted = [...byStart].sort(([a], [b]) => (a < b ? -1 : 1));
    this.#starts = sorted.map(([start]) => start);
    this.#names = sorted.map(([, names]) => names);
  }

  /** The names of what begins last before an address, or there. */
  at(address: bigint): ReadonlySet<string> {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] as bigint) <= address) low = middle + 1;
      else high = middle;
    }
    return this.#names[low - 1] ?? new Set();
  }
}

function normal(path: string | null): string | null {
  return path === null ? null : posix.normalize(path);
}

function told(frames: readonly ToolFrame[] = []): string {
  return (
    frames.map((frame) => `${frame.function}@${frame.file}:${frame.line}:${frame.column}`).join(" < ") || "nothing"
  );
}

const MOST_JUDGED = 500;
const MOST_EXAMPLES = 3;
