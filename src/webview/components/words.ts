/** Numbers in words, as all components of the panel write them. */
import { formatBytes } from "../../memory/size.ts";

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

const counts = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const rates = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
