/** The conditions of memory breakpoints as people read and write them. */
import type {
  FaultQuantity,
  MemoryCondition,
  MemoryCounter,
  MemoryQuantity,
  RangeEvent,
} from "../protocol/breakpoints.ts";
import { type HexAddress, parseAddress, toHex } from "./address.ts";
import { KIND_LABELS, type Kind } from "./kind.ts";
import { formatBytes, parseBytes } from "./size.ts";

/** What each reading of a process tells of its memory, in words. */
export const COUNTER_LABELS: Readonly<Record<MemoryCounter, string>> = {
  rss: "Resident memory",
  rssAnon: "Resident anonymous memory",
  rssFile: "Resident file memory",
  rssShmem: "Resident shared memory",
  swap: "Swapped memory",
  vsz: "Virtual memory",
};

export const FAULT_LABELS: Readonly<Record<FaultQuantity, string>> = {
  all: "Page faults",
  major: "Major page faults",
};

const RANGE_WORDS: Readonly<Record<RangeEvent, string>> = {
  mapped: "gets mapped",
  unmapped: "gets unmapped",
  protected: "changes protection",
};

/** `Size of heap`: how much of a kind is mapped. */
export function quantityInWords(what: MemoryQuantity): string {
  return isCounter(what) ? COUNTER_LABELS[what] : `Size of ${KIND_LABELS[what]}`;
}

/** `Resident memory passes 200 MiB`: short, for a side bar. */
export function conditionInWords(condition: MemoryCondition): string {
  switch (condition.when) {
    case "passes":
      return `${quantityInWords(condition.what)} passes ${formatBytes(condition.bytes)}`;
    case "grows":
      return `${quantityInWords(condition.what)} grows by ${formatBytes(condition.bytes)}`;
    case "faults":
      return `${FAULT_LABELS[condition.what]} pass ${condition.rate.toLocaleString("en")}/s`;
    default:
      return `${condition.start}-${condition.end} ${RANGE_WORDS[condition.when]}`;
  }
}

/** Whether its regions tell, and not the counters of a process. */
export function needsRegions(condition: MemoryCondition): boolean {
  return "start" in condition || (condition.when !== "faults" && !isCounter(condition.what));
}

export function isCounter(what: MemoryQuantity): what is Exclude<MemoryQuantity, Kind> {
  return Object.hasOwn(COUNTER_LABELS, what);
}

/** What the user typed for a condition, in place of its amount; `null` where that is none. */
export function withAmount(condition: MemoryCondition, text: string): MemoryCondition | null {
  if ("start" in condition) {
    const range = parseRange(text);
    return range && { ...condition, ...range };
  }
  if (condition.when === "faults") {
    const rate = Number(text.replaceAll(",", "").trim() || Number.NaN);
    return rate >= 0 && rate < Number.POSITIVE_INFINITY ? { ...condition, rate } : null;
  }
  const bytes = parseBytes(text);
  if (bytes === undefined || (condition.when === "grows" && bytes === 0)) return null;
  return { ...condition, bytes: Math.round(bytes) };
}

/** The amount, as {@link withAmount} reads it: to be edited. */
export function amountOf(condition: MemoryCondition): string {
  if ("start" in condition) return `${condition.start}-${condition.end}`;
  if (condition.when === "faults") return String(condition.rate);
  const { bytes } = condition;
  const unit = UNITS.find(({ size }) => bytes % size === 0 && bytes >= size);
  return unit ? `${bytes / unit.size} ${unit.name}` : String(bytes);
}

const UNITS = [
  { name: "GiB", size: 2 ** 30 },
  { name: "MiB", size: 2 ** 20 },
  { name: "KiB", size: 2 ** 10 },
];

/**
 * `0x7f0000-0x7f8000`, `0x7f0000+32K`, or an address, which stands for its page. The range is that of the pages that hold
 * it; `null` for anything else, and for what is no range of 64-bit addresses.
 */
export function parseRange(text: string): { start: HexAddress; end: HexAddress } | null {
  const [, from = "", sign, to = ""] = /^\s*(\w+)\s*(?:([-+])\s*([\w. ]+?)\s*)?$/.exec(text) ?? [];
  const start = parseAddress(from);
  const end = start === undefined ? undefined : endOf(start, sign, to);
  if (start === undefined || end === undefined || end <= start || end > LAST_PAGE) return null;
  return { start: toHex(start & ~0xfffn), end: toHex((end + 0xfffn) & ~0xfffn) };
}

function endOf(start: bigint, sign: string | undefined, text: string): bigint | undefined {
  if (sign === undefined) return start + 1n;
  if (sign === "-") return parseAddress(text);
  const size = parseBytes(text);
  return size === undefined || !Number.isInteger(size) ? undefined : start + BigInt(size);
}

/** So that the end of a range is an address too. */
const LAST_PAGE = 0xffff_ffff_ffff_f000n;
