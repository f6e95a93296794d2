/** The counters of a process, and what the last change of its regions was. */
import { html, type TemplateResult } from "lit";
import { formatBytes } from "../../memory/size.ts";
import type { Changed, ChangeNote } from "../../protocol/server.ts";
import { bytes, count } from "./words.ts";

/** A counter with its name and meaning. */
export function fact(name: string, meaning: string, value: unknown): TemplateResult {
  return html`<div title=${meaning}><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** What `/proc/PID/status` tells besides the totals; only what this kernel knows. */
export function counters({ status, sample }: Changed): TemplateResult[] {
  const facts: [name: string, meaning: string, value: number | null, words: (value: number) => string][] = [
    ["Anonymous RSS", "Resident memory that no file stands behind", status.rssAnon, bytes],
    ["File RSS", "Resident pages of files", status.rssFile, bytes],
    ["Shared memory RSS", "Resident shared memory: System V, POSIX, memfd, shared anonymous", status.rssShmem, bytes],
    ["Peak RSS", "The most resident memory there has been", status.peakRss, bytes],
    ["Peak VSZ", "The most virtual memory there has been", status.peakVsz, bytes],
    ["Swapped", "Anonymous memory that is swapped out", status.swap, bytes],
    ["Locked", "Locked in RAM by mlock", status.locked, bytes],
    ["Pinned", "Pinned for devices: it is not even moved", status.pinned, bytes],
    ["Huge pages", "In huge pages of hugetlbfs, which are not in the RSS", status.hugetlb, bytes],
    ["Page tables", "The kernel's page tables for the process, of all levels", status.pageTables, bytes],
    ["Data", "Virtual memory that is private and writable, without stacks", status.data, bytes],
    ["Stack", "Virtual memory of the main stack", status.stack, bytes],
    ["Program code", "Virtual memory of the program's code", status.code, bytes],
    ["Library code", "Virtual memory of the libraries' code", status.libraries, bytes],
    ["Threads", "Threads that have not ended", status.threads ?? sample.threads, count],
    ["Switches, voluntary", "How often the main thread gave the processor up", status.voluntarySwitches, count],
    ["Switches, forced", "How often the processor was taken from the main thread", status.involuntarySwitches, count],
  ];
  return facts.flatMap(([name, meaning, value, words]) => (value === null ? [] : [fact(name, meaning, words(value))]));
}

/** `+3 regions (12 KiB), 1 removed (4 KiB), 2 grown (+132 KiB)`; `null` where regions did not change. */
export function changeText(changes: ChangeNote): string | null {
  const { added, removed, grown, shrunk, protection } = changes;
  const parts = [
    ...part(added, (n) => `+${count(n)} region${n === 1 ? "" : "s"}`),
    ...part(removed, (n) => `${count(n)} removed`),
    ...part(grown, (n) => `${count(n)} grown`, "+"),
    ...part(shrunk, (n) => `${count(n)} shrunk`, "−"),
    ...part(protection, (n) => `${count(n)} with other permissions`),
  ];
  return parts.length > 0 ? parts.join(", ") : null;
}

function part(change: ChangeNote["added"], words: (count: number) => string, sign = ""): string[] {
  return change.count > 0 ? [`${words(change.count)} (${sign}${formatBytes(change.bytes)})`] : [];
}
