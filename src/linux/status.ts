import type { ProcessStatus } from "../memory/counters.ts";

/**
 * What `/proc/PID/status` (or that of a thread) tells; sizes in bytes, `null` for lines that are not there: an older kernel
 * has fewer, and the main thread that has ended has no memory. Source: proc_pid_status(5).
 */
export function parseStatus(text: string): ProcessStatus {
  const lines = new StatusLines(text);
  const bytes = (name: string) => {
    const kib = lines.number(name);
    return kib === null ? null : kib * 1024;
  };
  const whether = (name: string) => {
    const number = lines.number(name);
    return number === null ? null : number !== 0;
  };
  // In the kernel's order: then no line is looked at twice.
  const peakVsz = bytes("VmPeak");
  const locked = bytes("VmLck");
  const pinned = bytes("VmPin");
  const peakRss = bytes("VmHWM");
  const rssAnon = bytes("RssAnon");
  const rssFile = bytes("RssFile");
  const rssShmem = bytes("RssShmem");
  const data = bytes("VmData");
  const stack = bytes("VmStk");
  const code = bytes("VmExe");
  const libraries = bytes("VmLib");
  const lastTables = bytes("VmPTE");
  const middleTables = bytes("VmPMD") ?? 0;
  return {
    peakVsz,
    peakRss,
    rssAnon,
    rssFile,
    rssShmem,
    swap: bytes("VmSwap"),
    locked,
    pinned,
    data,
    stack,
    code,
    libraries,
    pageTables: lastTables === null ? null : lastTables + middleTables,
    hugetlb: bytes("HugetlbPages"),
    coreDumping: whether("CoreDumping"),
    thpEnabled: whether("THP_enabled"),
    threads: lines.number("Threads"),
    voluntarySwitches: lines.number("voluntary_ctxt_switches"),
    involuntarySwitches: lines.number("nonvoluntary_ctxt_switches"),
  };
}

/** Whether it is the status of a thread that has memory. */
export function hasMemory(status: ProcessStatus): boolean {
  return status.data !== null;
}

/** Lines of a name, a colon and a number. They are asked for from the first to the last. */
class StatusLines {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** `null` where there is no such line below the last one that was found. */
  number(name: string): number | null {
    // The process's own name stands in the first line, and the kernel escapes its newlines.
    const line = `\n${name}:`;
    const found = this.#text.indexOf(line, this.#at);
    if (found < 0) return null;
    this.#at = found + line.length;
    const number = Number.parseInt(this.#text.slice(this.#at, this.#at + LONGEST_NUMBER), 10);
    return Number.isNaN(number) ? null : number;
  }
}

/** A tab, spaces that align it, 64 bits in decimal. */
const LONGEST_NUMBER = 24;
