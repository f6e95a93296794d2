/** What a variable or function costs, in words. Pure. */
import { formatBytes } from "../memory/size.ts";
import type { Cost, CostPages } from "../protocol/server.ts";

/** Above its line: `lut: 4 MiB .bss, 37 of 1,024 pages present`. */
export function costTitle({ name, copies, size, section, start, library, pages }: Cost): string {
  const where = `${section === null ? "" : ` ${section}`}${library === null ? "" : ` of ${library}`}`;
  const bytes = `${copies > 1 ? `${counted(copies)} copies, ` : ""}${formatBytes(size)}${where}`;
  return `${name}: ${bytes}${start === null ? " for each thread" : pages ? `, ${presence(pages)}` : ""}`;
}

/** What there is to say besides, as sentences. */
export function costTooltip({ name, type, copies, start, pages }: Cost): string {
  const sentences: string[] = [];
  if (copies > 1) sentences.push(`${name} is there ${counted(copies)} times: the bytes and pages are those of all.`);
  if (start === null) sentences.push("Each thread has one of its own, in its own memory.");
  else if (!pages) sentences.push("Its pages cannot be read: the process has ended, or may not be looked at.");
  else {
    if (pages.zero) sentences.push(`${paged(pages.zero)} only read and never written, and so ${ZEROS}.`);
    const others = type === "function" ? "Other functions" : "Other variables";
    sentences.push(`${others} may lie in the same pages.`);
  }
  if (start !== null) sentences.push("Click to show it in the panel.");
  return sentences.join(" ");
}

function presence({ total, present, swapped }: CostPages): string {
  if (total === 1) return `its page ${present ? "present" : swapped ? "swapped out" : "not present"}`;
  const pages = `${counted(present)} of ${counted(total)} pages present`;
  return swapped > 0 ? `${pages}, ${counted(swapped)} swapped out` : pages;
}

function paged(count: number): string {
  return count === 1 ? "1 page was" : `${counted(count)} pages were`;
}

function counted(count: number): string {
  return count.toLocaleString("en");
}

const ZEROS = "take no memory: the kernel has one page of zeros for all";
