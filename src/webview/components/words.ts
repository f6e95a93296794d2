/** Numbers in words, as all components of the panel write them. */
import { formatBytes } from "../../memory/size.ts";
import type { MarkName, Measure } from "../../protocol/server.ts";

export const MEASURE_LABELS: Record<Measure, string> = {
  size: "size",
  rss: "RSS",
  pss: "PSS",
  dirty: "dirty",
  swap: "swap",
  heat: "fault heat",
};

/** Bytes, or a dash where they have not been read. */
export function bytes(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : formatBytes(value);
}

export function count(value: number): string {
  return counts.format(value);
}

/** Faults a second: `0/s`, `3.2/s`, `1,204/s`. */
export function perSecond(value: number): string {
  return `${(value > 0 && value < 10 ? rates : counts).format(value)}/s`;
}

/** How long ago numbers were read; in milliseconds. */
export function ageText(age: number): string {
  if (age < 1000) return "just read";
  return age < 120_000 ? `${count(age / 1000)} s old` : `${count(age / 60_000)} min old`;
}

/** The time of day of a moment, in milliseconds since the epoch: `12:03:04`. */
export function timeText(time: number): string {
  return times.format(time);
}

/** What a mark says: `stopped`, `3 threads started`. */
export function markText([mark, times]: [mark: MarkName, times: number]): string {
  const several = (one: string, more: string) => (times === 1 ? `1 ${one}` : `${count(times)} ${more}`);
  switch (mark) {
    case "stop":
      return times === 1 ? "stopped" : `stopped ${count(times)} times`;
    case "continue":
      return times === 1 ? "continued" : `continued ${count(times)} times`;
    case "exec":
      return times === 1 ? "executed another program" : `executed another program ${count(times)} times`;
    case "exit":
      return "ended";
    case "fork":
      return several("new child", "new children");
    case "threadStart":
      return several("thread started", "threads started");
    case "threadExit":
      return several("thread ended", "threads ended");
  }
}

const counts = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const rates = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const times = new Intl.DateTimeFormat("en", { timeStyle: "medium", hourCycle: "h23" });
