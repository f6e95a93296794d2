import { readFileSync } from "node:fs";

let known: number | undefined;

/** Bytes of a page of memory, as the kernel tells every process that it starts. @see getauxval(3) */
export function pageSize(): number {
  known ??= fromAuxiliaryVector(readFileSync("/proc/self/auxv"));
  return known;
}

/** Pairs of a type and a value, each as wide as an address of this process. */
function fromAuxiliaryVector(bytes: Uint8Array): number {
  const aligned = Uint8Array.from(bytes).buffer;
  const words =
    process.arch === "arm" || process.arch === "ia32" ? new Uint32Array(aligned) : new BigUint64Array(aligned);
  for (let pair = 0; pair + 1 < words.length; pair += 2) {
    if (Number(words[pair]) === AT_PAGESZ) return Number(words[pair + 1]);
  }
  throw new Error("The kernel did not tell the size of a page.");
}

const AT_PAGESZ = 6;
