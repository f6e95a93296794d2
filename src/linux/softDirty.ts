import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { pageSize } from "./pageSize.ts";

/**
 * Whether this kernel tells which pages were written (CONFIG_MEM_SOFT_DIRTY): others take the mark and never tell. What
 * this process has on its own stack it has written, so one page of that must be told.
 */
export function hasSoftDirty(): boolean {
  known ??= look();
  return known;
}

let known: boolean | undefined;

function look(): boolean {
  const stack = /^([0-9a-f]+)-([0-9a-f]+) .*\[stack\]$/m.exec(readFileSync("/proc/self/maps", "utf8"));
  if (!stack) return false;
  const [start, end] = [Number(`0x${stack[1]}`), Number(`0x${stack[2]}`)];
  const entries = Buffer.alloc(((end - start) / pageSize()) * 8);
  const file = openSync("/proc/self/pagemap", "r");
  try {
    const count = readSync(file, entries, 0, entries.length, (start / pageSize()) * 8);
    for (let at = 0; at + 8 <= count; at += 8) if (entries.readUInt32LE(at + 4) & SOFT_DIRTY) return true;
    return false;
  } finally {
    closeSync(file);
  }
}

/** Bit 55 of an entry, in its high half. */
const SOFT_DIRTY = 1 << 23;
