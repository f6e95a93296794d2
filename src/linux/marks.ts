import { readFileSync } from "node:fs";
import type { MarkName, Marks } from "../memory/marks.ts";
import {
  AT_BASE,
  AT_ENTRY,
  AT_EXECFN,
  AT_PHDR,
  AT_RANDOM,
  AT_SYSINFO_EHDR,
  type AuxiliaryVector,
  parseAuxiliaryVector,
} from "./auxv.ts";

/**
 * The marks that the text of `/proc/PID/stat` and the auxiliary vector tell. Those that may not be read are left out:
 * then the kernel prints 0, of the code 1. Source: proc_pid_stat(5).
 */
export function parseMarks(stat: string, vector: AuxiliaryVector | null): Marks {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const told = new Map<MarkName, bigint>();
  const add = (name: MarkName, address: bigint) => {
    if (address > 1n) told.set(name, address);
  };
  for (const [name, number] of STAT_FIELDS) {
    const text = fields[number - 3] ?? "";
    add(name, /^\d{1,20}$/.test(text) ? BigInt(text) : 0n);
  }
  for (const [name, type] of VECTOR_TYPES) add(name, vector?.get(type) ?? 0n);
  return told;
}

/** Both files at one of the places where the process's memory shows; throws what the kernel says about its stat. */
export function readMarksAt(directory: string): Marks {
  return parseMarks(readFileSync(`${directory}stat`, "utf8"), readAuxiliaryVector(`${directory}auxv`));
}

function readAuxiliaryVector(path: string): AuxiliaryVector | null {
  try {
    return parseAuxiliaryVector(readFileSync(path));
  } catch {
    // Only who may attach may read it.
    return null;
  }
}

const STAT_FIELDS: readonly (readonly [MarkName, number])[] = [
  ["start_code", 26],
  ["end_code", 27],
  ["start_data", 45],
  ["end_data", 46],
  ["start_brk", 47],
  ["start_stack", 28],
  ["arg_start", 48],
  ["arg_end", 49],
  ["env_start", 50],
  ["env_end", 51],
];

const VECTOR_TYPES: readonly (readonly [MarkName, number])[] = [
  ["AT_PHDR", AT_PHDR],
  ["AT_ENTRY", AT_ENTRY],
  ["AT_BASE", AT_BASE],
  ["AT_SYSINFO_EHDR", AT_SYSINFO_EHDR],
  ["AT_RANDOM", AT_RANDOM],
  ["AT_EXECFN", AT_EXECFN],
];
