import { readFileSync } from "node:fs";
import { AARCH64, type Paging, X86_64, X86_64_FIVE_LEVELS } from "../memory/virtualAddress.ts";
import { pageSize } from "./pageSize.ts";

/** How this machine finds pages; `null` where that is not known. */
export function paging(): Paging | null {
  known ??= { paging: find() };
  return known.paging;
}

let known: { paging: Paging | null } | undefined;

function find(): Paging | null {
  if (pageSize() !== 4096) return null;
  switch (process.arch) {
    case "x64":
      // The kernel takes the flag away where it runs with four levels all the same.
      return /^flags\s*:.*\bla57\b/m.test(readFileSync("/proc/cpuinfo", "utf8")) ? X86_64_FIVE_LEVELS : X86_64;
    case "arm64":
      return AARCH64;
    default:
      return null;
  }
}
