import { readFileSync } from "node:fs";
import { AT_PAGESZ, parseAuxiliaryVector } from "./auxv.ts";

let known: number | undefined;

/** Bytes of a page of memory, as the kernel tells every process that it starts. @see getauxval(3) */
export function pageSize(): number {
  known ??= Number(parseAuxiliaryVector(readFileSync("/proc/self/auxv"))?.get(AT_PAGESZ) ?? 0);
  if (known === 0) throw new Error("The kernel did not tell the size of a page.");
  return known;
}
