import type { DetailedTotals } from "../memory/counters.ts";

/**
 * The sums of `/proc/PID/smaps_rollup`, which has no size: that is `vsz`, in bytes. Of the usual sums those that the
 * kernel lacks read 0. Source: proc_pid_smaps(5).
 */
export function parseRollup(text: string, vsz: number): DetailedTotals {
  const kib = new Map<string, number>();
  for (const [, name = "", number] of text.matchAll(/^(\w+): +(\d+) kB$/gm)) kib.set(name, Number(number));
  const bytes = (name: string) => (kib.get(name) ?? 0) * 1024;
  const bytesOrNull = (name: string) => (kib.has(name) ? bytes(name) : null);
  return {
    size: vsz,
    rss: bytes("Rss"),
    pss: bytes("Pss"),
    uss: bytes("Private_Clean") + bytes("Private_Dirty") + bytes("Private_Hugetlb"),
    swap: bytes("Swap"),
    anonHugePages: bytesOrNull("AnonHugePages"),
    shmemPmdMapped: bytesOrNull("ShmemPmdMapped"),
    filePmdMapped: bytesOrNull("FilePmdMapped"),
    sharedHugetlb: bytesOrNull("Shared_Hugetlb"),
    privateHugetlb: bytesOrNull("Private_Hugetlb"),
    locked: bytesOrNull("Locked"),
  };
}
