/** Pages in words. */
import type { PageDetails } from "../../protocol/server.ts";
import type { PageCounts } from "../data/pageCells.ts";
import { count } from "./words.ts";

type PageFacts = Pick<PageDetails, "present" | "swapped" | "exclusive"> & {
  readonly file: boolean | null;
  readonly huge?: boolean | null;
  readonly zero?: boolean | null;
};

/** What is in a cell: `12 of 16 pages in memory: 10 anonymous, 2 of files; 3 mapped elsewhere too.` */
export function cellText(counts: PageCounts): string {
  if (counts.pages === 1) return `${pageText(counts)}.`;
  const parts = [
    [counts.anonymous, "anonymous"],
    [counts.file, "of files or shared memory"],
    [counts.zero, "the page of zeros"],
  ] as const;
  const kinds = parts.filter(([pages]) => pages > 0).map(([pages, what]) => `${count(pages)} ${what}`);
  const present = counts.anonymous + counts.file + counts.zero;
  const inMemory = `${count(present)} of ${count(counts.pages)} pages in memory`;
  const facts = [
    kinds.length > 0 ? `${inMemory}: ${kinds.join(", ")}` : inMemory,
    ...number(counts.swapped, "swapped out"),
    ...number(counts.shared, "mapped elsewhere too"),
    ...number(counts.huge, "in huge pages"),
    ...number(counts.written, "written since the mark"),
  ];
  return `${facts.join("; ")}.`;
}

/** All that is known of a page, in sentences. */
export function detailSentences(details: PageDetails): string[] {
  const { written, frame, nodes, tables, offset } = details;
  const marked = written === null ? "" : written ? "; written since the mark" : "; not written since the mark";
  const path = tables.map(({ name, index }) => `${name} ${index}`).join(", ");
  return [
    `${stateText(details)}${marked}.`,
    ...(frame ? [frameSentence(frame)] : []),
    ...(tables.length > 0 ? [`The CPU finds it by the tables' entries ${path}; offset in the page ${offset}.`] : []),
    ...(nodes.length > 0
      ? [
          `Pages of the region by NUMA node: ${nodes.map(({ node, pages }) => `${count(pages)} on ${node}`).join(", ")}.`,
        ]
      : []),
    ...details.notes,
  ];
}

/** The state of a single page; no sentence yet. */
export function stateText({ present, swapped, file, exclusive, huge, zero }: PageFacts): string {
  const what = file ? "of a file or of shared memory" : "anonymous";
  if (!present) return swapped ? `Swapped out, ${what}` : "Not in memory";
  if (zero) return "In memory, the kernel's page of zeros";
  const whose = exclusive ? "mapped here and nowhere else" : "mapped elsewhere too";
  return `In memory, ${what}, ${whose}${huge ? ", in a huge page" : ""}`;
}

function frameSentence({ number: frame, flags, mappings }: NonNullable<PageDetails["frame"]>): string {
  const times = mappings === null ? "" : `, mapped ${mappings === 1 ? "once" : `${count(mappings)} times`}`;
  const names = flags.length > 0 ? `, with the kernel's flags ${flags.join(", ")}` : "";
  return `Page frame 0x${frame.toString(16)}${times}${names}.`;
}

function pageText({ file, zero, swapped, absent, shared, huge, written }: PageCounts): string {
  if (absent > 0) return "Not in memory";
  const what =
    swapped > 0
      ? "Swapped out"
      : zero > 0
        ? "The page of zeros"
        : file > 0
          ? "Of a file or shared memory"
          : "Anonymous";
  const facts = [
    shared > 0 ? "mapped elsewhere too" : "",
    huge ? "in a huge page" : "",
    written ? "written since the mark" : "",
  ];
  return [what, ...facts].filter((fact) => fact !== "").join(", ");
}

function number(pages: number | null, what: string): string[] {
  return pages ? [`${count(pages)} ${what}`] : [];
}
