/** What is known of an address, in the words of the panel. */
import type { SourceLocation } from "../../memory/module.ts";
import { formatBytes } from "../../memory/size.ts";
import type { ExplanationMessage } from "../../protocol/server.ts";
import { ageText, bytes } from "./words.ts";

/** `demo.c:5`: the whole path is for a tooltip. */
export function sourceText({ file, line }: SourceLocation): string {
  return `${file.slice(file.lastIndexOf("/") + 1)}:${line}`;
}

/** ` + 0x10`; nothing at the beginning. */
export function offsetText(offset: number): string {
  return offset === 0 ? "" : ` + 0x${offset.toString(16)}`;
}

/** `132 KiB, 12 KiB resident, 8 KiB dirty; 3 s old`, of the region. */
export function usageText({ size, rss, dirty, swap, age }: NonNullable<ExplanationMessage["region"]>): string {
  const parts = [
    formatBytes(size),
    `${rss === null ? "resident part not read yet" : `${bytes(rss)} resident`}`,
    ...(dirty ? [`${bytes(dirty)} dirty`] : []),
    ...(swap ? [`${bytes(swap)} swapped out`] : []),
  ];
  return `${parts.join(", ")}${age === null ? "" : `; ${ageText(age)}`}`;
}

/** What is no file on a disk though maps writes it like a path. */
export function isOpenable(path: string): boolean {
  return path.startsWith("/") && !/^\/(memfd:|SYSV|dev\/|anon_hugepage)| \(deleted\)$/.test(path);
}
