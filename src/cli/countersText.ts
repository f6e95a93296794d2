/** What `procmem watch` and `procmem counters` print for people. */
import { toHex } from "../memory/address.ts";
import type { AddressSpace } from "../memory/addressSpace.ts";
import { MARK_LABELS, type PlacedMark } from "../memory/marks.ts";
import { printable, regionLabel } from "../memory/names.ts";
import { formatBytes } from "../memory/size.ts";
import type { TargetIdentity } from "../memory/target.ts";
import { stackInWords } from "../memory/threadStacks.ts";
import { bytesOrDash, table } from "./text.ts";
import type { CountersSample, ThreadSample } from "./watch.ts";

const NUMBERS = ["RSS", "PSS", "USS", "SWAP", "MINOR", "MAJOR", "MINOR/S", "MAJOR/S", "CHILD/S"];

export const WATCH_HEADER = ["TIME".padEnd(12), ...NUMBERS.map((name) => name.padStart(9)), "STATE"].join(" ");

export function sampleText({ counters, totals, rates }: CountersSample): string {
  const numbers = [
    formatBytes(counters.rss),
    bytesOrDash(totals?.pss),
    bytesOrDash(totals?.uss),
    bytesOrDash(totals?.swap),
    `${counters.minorFaults}`,
    `${counters.majorFaults}`,
    rates.minor.toFixed(1),
    rates.major.toFixed(1),
    (rates.childMinor + rates.childMajor).toFixed(1),
  ];
  const time = new Date(counters.time).toISOString().slice(11, 23);
  return [time, ...numbers.map((number) => number.padStart(9)), counters.state.padStart(5)].join(" ");
}

/** A thread below its sample. */
export function threadText({ tid, name, state, minorFaults, majorFaults, minorRate, stack }: ThreadSample): string {
  const faults = `${minorFaults} minor and ${majorFaults} major faults, ${minorRate.toFixed(1)} minor/s`;
  const words = stack ? `; stack ${stackInWords(stack)}${stack.warning ? `. ${stack.warning}` : ""}` : "";
  return `  ${tid} ${printable(name)} ${state}: ${faults}${words}`;
}

export function countersText(
  { pid, command }: TargetIdentity,
  executable: string | null,
  { counters, status, totals, threads }: CountersSample,
  space: AddressSpace | null,
  marks: readonly PlacedMark[],
): string {
  const bytes = bytesOrDash;
  const switches = (times: number | null) => (times === null ? "–" : `${times}`);
  const yes = (whether: boolean | null) => (whether === null ? "–" : whether ? "yes" : "no");
  const facts: [string, string][] = [
    ["state", STATES[counters.state] ?? counters.state],
    ["minor faults", `${counters.minorFaults}; of children waited for ${counters.childMinorFaults}`],
    ["major faults", `${counters.majorFaults}; of children waited for ${counters.childMajorFaults}`],
    ["RSS", `${bytes(counters.rss)}, highest ${bytes(status.peakRss)}`],
    [
      "of which",
      `anonymous ${bytes(status.rssAnon)}, files ${bytes(status.rssFile)}, shared ${bytes(status.rssShmem)}`,
    ],
    ["PSS, USS", `${bytes(totals?.pss)}, ${bytes(totals?.uss)}`],
    ["swapped out", bytes(totals?.swap ?? status.swap)],
    ["virtual", `${bytes(counters.vsz)}, highest ${bytes(status.peakVsz)}`],
    ["data, stack", `${bytes(status.data)}, ${bytes(status.stack)}`],
    ["code", `program ${bytes(status.code)}, libraries ${bytes(status.libraries)}`],
    ["locked", `${bytes(status.locked)}, pinned ${bytes(status.pinned)}`],
    ["page tables", bytes(status.pageTables)],
    ["huge pages", hugePages(totals)],
    ["hugetlb", bytes(status.hugetlb)],
    ["THP allowed", yes(status.thpEnabled)],
    ["dumping core", yes(status.coreDumping)],
    [
      "switches",
      `voluntary ${switches(status.voluntarySwitches)}, involuntary ${switches(status.involuntarySwitches)}`,
    ],
  ];
  const placed = marks.map(({ name, address, region }) => [
    name,
    toHex(address),
    space && region >= 0 ? regionLabel(space, region) : "not mapped",
    MARK_LABELS[name],
  ]);
  return [
    printable(`${command} (${pid})  ${executable ?? ""}`.trimEnd()),
    ...facts.map(([name, fact]) => `  ${name.padEnd(13)} ${fact}`),
    ...(placed.length > 0 ? ["", ...table(["MARK", "ADDRESS", "REGION", "WHERE"], placed, [1])] : []),
    "",
    "Threads",
    ...(threads ?? []).map((thread) => printable(threadText(thread))),
  ].join("\n");
}

function hugePages(totals: CountersSample["totals"]): string {
  const { anonHugePages, shmemPmdMapped, filePmdMapped } = totals ?? {};
  return `anonymous ${bytesOrDash(anonHugePages)}, shared ${bytesOrDash(shmemPmdMapped)}, files ${bytesOrDash(filePmdMapped)}`;
}

/** proc_pid_stat(5) */
const STATES: Readonly<Record<string, string>> = {
  R: "running",
  S: "sleeping",
  D: "waiting in the kernel, for a disk perhaps",
  T: "stopped",
  t: "stopped by a debugger",
  Z: "its main thread has ended",
  X: "ended",
  I: "idle",
};
