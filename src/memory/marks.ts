import type { Address } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";

/**
 * Where the kernel put things when the program started: its own marks by their names in `struct mm_struct`
 * (proc_pid_stat(5)), and what it told the program (getauxval(3)). In the order of {@link MARK_LABELS}.
 */
export type MarkName = keyof typeof MARK_LABELS;

/** The marks in words, for people. */
export const MARK_LABELS = {
  start_code: "the program's code begins",
  end_code: "the program's code ends",
  start_data: "the program's data begin",
  end_data: "the program's data end",
  start_brk: "the heap begins",
  start_stack: "the main stack began",
  arg_start: "the arguments begin",
  arg_end: "the arguments end",
  env_start: "the environment begins",
  env_end: "the environment ends",
  AT_PHDR: "the program's headers",
  AT_ENTRY: "the program's first instruction",
  AT_BASE: "the dynamic loader",
  AT_SYSINFO_EHDR: "the vdso",
  AT_RANDOM: "16 random bytes",
  AT_EXECFN: "the program's path",
} as const;

/** The marks of a process that may be read. */
export type Marks = ReadonlyMap<MarkName, Address>;

export interface PlacedMark {
  readonly name: MarkName;
  readonly address: Address;
  /** The region that holds it, for an end the region that ends there; -1 where nothing is mapped. */
  readonly region: number;
}

/** Places each mark in its region. */
export function placeMarks(space: AddressSpace, marks: Marks): PlacedMark[] {
  return Array.from(marks, ([name, address]) => {
    const inside = ENDS.has(name) && address > 0n ? address - 1n : address;
    return { name, address, region: space.indexOf(inside) };
  });
}

/** These are the first address after something. */
const ENDS: ReadonlySet<MarkName> = new Set(["end_code", "end_data", "arg_end", "env_end"]);
