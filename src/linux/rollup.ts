import type { Totals } from "../memory/counters.ts";

/**
 * The sums of `/proc/PID/smaps_rollup`, which has no size: that is `vsz`, in bytes. Fields the kernel lacks read 0.
 * Source: proc_pid_smaps(5).
 */
export function parseRollup(text: string, vsz: number): Totals {
  const kib = new Map<string, number>();
  for (const [, name = "", number] of text.matchAll(/^(\w+): +(\d+) kB$/gm)) kib.set(name, Number(number));
  const bytes = (name: string) => (kib.get(name) ?? 0) * 1024;
  return {
    size: vsz,
    rss: bytes("Rss"),
    pss: bytes("Pss"),
    uss: bytes("Private_Clean") + bytes("Private_Dirty") + bytes("Private_Hugetlb"),
    swap: bytes("Swap"),
  };
}
