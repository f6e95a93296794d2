/** What readelf and nm say of a file, and the few tools that make unusual ones. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readlinkSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { ElfSource, Section, Segment } from "../../../src/memory/module.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";

/** Large files that nobody here wrote, those of them that this machine has. */
export const REAL_FILES = [
  process.execPath,
  "/bin/bash",
  "/usr/bin/python3",
  "/usr/bin/gdb",
  "/lib/x86_64-linux-gnu/libc.so.6",
  "/lib/x86_64-linux-gnu/libstdc++.so.6",
  "/usr/lib/chromium/chromium",
].filter((path) => existsSync(path));

/** Whether this machine has a program. */
export function has(program: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, program)));
}

/** Whether programs of 32 bits can be linked with the C library. */
export const HAS_LIBRARIES_OF_32_BITS = existsSync("/usr/lib32/libc.so.6");

const folder = mkdtempSync(join(tmpdir(), "elf-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file with these bytes, removed at the end. */
export function fileOf(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Where a tool may write a file, removed at the end. */
export function place(name: string): string {
  return join(folder, name);
}

export function open(path: string): Promise<ElfSource | null> {
  return openElf({ descriptor: openSync(path, "r"), path }, { demangle: false, debugFolders: [] });
}

/** Opens a file that is an ELF file, and closes it after what is done with it. */
export async function withElf<T>(path: string, use: (elf: ElfSource) => Promise<T>): Promise<T> {
  const elf = await open(path);
  if (elf === null) throw new Error(`${path} is no ELF file.`);
  try {
    return await use(elf);
  } finally {
    elf.close();
  }
}

export function run(program: string, ...words: string[]): string {
  return execFileSync(program, words, {
    encoding: "utf8",
    maxBuffer: 1 << 30,
    env: { ...process.env, LC_ALL: "C" },
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** A section as `readelf -SW` prints it: name, address, size, and what the flags say. */
export function readelfSections(path: string): Section[] {
  const line =
    /^ *\[ *\d+\] (.*?) +(\w+) +([0-9a-f]{8,16}) [0-9a-f]{6,} ([0-9a-f]{6,}) [0-9a-f]{2,} +([A-Zop]*) +\d+ +\d+ +\d+$/;
  return run("readelf", "-SW", path)
    .split("\n")
    .map((text) => line.exec(text))
    .filter((match) => match !== null)
    .map(([, name = "", type, address, size, flags = ""]) => ({
      name,
      address: BigInt(`0x${address}`),
      size: Number(`0x${size}`),
      noBits: type === "NOBITS",
      writable: flags.includes("W"),
      executable: flags.includes("X"),
      threadLocal: flags.includes("T"),
      mapped: flags.includes("A"),
    }))
    .filter(({ mapped }) => mapped)
    .map(({ mapped: _, ...section }) => section)
    .sort((a, b) => Number(a.address - b.address));
}

/** The program headers of a type as `readelf -lW` prints them. */
export function readelfSegments(path: string, type: string): Segment[] {
  const line = new RegExp(`^  ${type} +(0x\\w+) (0x\\w+) 0x\\w+ (0x\\w+) (0x\\w+) (...) `);
  return run("readelf", "-lW", path)
    .split("\n")
    .map((text) => line.exec(text))
    .filter((match) => match !== null)
    .map(([, offset, address, fileSize, memorySize, flags = ""]) => ({
      address: BigInt(address ?? 0),
      fileOffset: Number(offset),
      fileSize: Number(fileSize),
      memorySize: Number(memorySize),
      permissions: { read: flags.includes("R"), write: flags.includes("W"), execute: flags.includes("E") },
    }));
}

export function readelfBuildId(path: string): string | null {
  return /Build ID: ([0-9a-f]+)/.exec(run("readelf", "-nW", path))?.[1] ?? null;
}

export interface NmSymbol {
  readonly name: string;
  readonly address: number;
  /** 0 where the file does not say. */
  readonly size: number;
  /** The section's name. */
  readonly section: string;
  /** nm's letter: `T`, `d`, `i`, … */
  readonly kind: string;
}

/**
 * The symbols with an address in memory, as nm prints them: `.symtab`'s (or a debug file's), and at addresses without one `.dynsym`'s and what
 * objdump calls the entries of procedure linkage tables.
 */
export function nmSymbols(path: string): NmSymbol[] {
  const found = nm(path);
  const own = found.length > 0 ? found : nm(debugFile(path) ?? path);
  const addresses = new Set(own.map(({ address }) => address));
  const others = [...nm(path, "-D"), ...pltSymbols(path)].filter(({ address }) => !addresses.has(address));
  const mapped = new Set(readelfSections(path).map(({ name }) => name));
  return [...own, ...others].filter(({ section }) => mapped.has(section)).sort((a, b) => a.address - b.address);
}

/** The file with what was stripped from this one, where this machine has it. */
export function debugFile(path: string): string | null {
  const buildId = readelfBuildId(path) ?? "";
  const debug = `/usr/lib/debug/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
  return existsSync(debug) ? debug : null;
}

/** What objdump calls the entries of procedure linkage tables; functions of the file itself by the name nm has for them. */
export function pltSymbols(path: string): NmSymbol[] {
  const tables = readelfSections(path).filter(({ name }) => name.startsWith(".plt"));
  const bindings = run("readelf", "-sW", path).matchAll(/ WEAK .* ([^\s@]+)(?:@|$)/gm);
  const weak = new Set(Array.from(bindings, ([, name]) => name));
  const rank = ({ name, kind }: { name: string; kind: string }) =>
    [kind === "i" ? 0 : 1, name.length - name.replace(/^_+/, "").length, Number(weak.has(name)), name.length]
      .map((number) => String.fromCharCode(number + 1))
      .join("") + name;
  const functions = new Map<number, { name: string; kind: string }>();
  for (const symbol of [...nm(path, "-D"), ...nm(path)]) {
    const known = functions.get(symbol.address);
    if (/^[itTW]$/.test(symbol.kind) && (!known || rank(symbol) < rank(known))) functions.set(symbol.address, symbol);
  }
  const labels = tables.flatMap(({ name: section, address: start, size }) => {
    const found = disassembly(path, section).matchAll(/^([0-9a-f]+) <(.*)@plt>:$/gm);
    const starts = Array.from(found, ([, address, name = ""]) => ({ address: Number(`0x${address}`), name }));
    return starts.map(({ address, name }, index) => {
      const own = functions.get(Number(/^\*ABS\*\+(0x[0-9a-f]+)$/.exec(name)?.[1]))?.name;
      const end = starts[index + 1]?.address ?? Number(start) + size;
      return { name: `${own ?? name}@plt`, address, size: end - address, section, kind: "t" };
    });
  });
  return labels.filter(({ name }) => !name.startsWith("*ABS*"));
}

/** Empty where objdump does not know the machine. */
function disassembly(path: string, section: string): string {
  try {
    return run("objdump", "-d", "-j", section, path);
  } catch {
    return "";
  }
}

function nm(path: string, ...options: string[]): NmSymbol[] {
  return allOfNm(path, ...options).filter(({ kind, type }) => !/^[AC]$/i.test(kind) && type !== "TLS");
}

/** Every defined symbol, with and without an address in memory. */
export function allOfNm(path: string, ...options: string[]): (NmSymbol & { type: string; version: string })[] {
  return run("nm", "-f", "sysv", "--defined-only", ...options, path)
    .split("\n")
    .map((line) => line.split("|").map((field) => field.trim()))
    .filter((fields) => fields.length === 7)
    .map(([name = "", address, kind = "", type = "", size, , section = ""]) => ({
      // Of dynamic symbols nm adds the version; in .symtab it is part of the name.
      name: name.replace(/(?<=.)@.*/, ""),
      version: /(?<=.)@.*/.exec(name)?.[0] ?? "",
      address: Number(`0x${address}`),
      size: Number(`0x${size || "0"}`),
      section,
      kind,
      type,
    }));
}

/** Whether a descriptor of this process still stands for a file; its number may be another file's by now. */
export function isOpen(descriptor: number, path: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`) === realpathSync(path);
  } catch {
    return false;
  }
}
