/** The columns of the region table. */
import { AMOUNT_FIELDS, type AmountField } from "../../memory/amounts.ts";
import { KIND_LABELS } from "../../memory/kind.ts";
import { printable } from "../../memory/names.ts";
import { ROW_FIELDS, ROW_TITLES } from "../../memory/rowFields.ts";
import type { RegionRow, RowField } from "../../protocol/server.ts";
import { isGroup, type TableRow } from "../data/regionRows.ts";
import { ageText, bytes, count } from "./words.ts";

export interface Column {
  readonly field: RowField;
  readonly title: string;
  readonly meaning: string;
  readonly className: "" | "number" | "code" | "kind";
  /** As a track of a grid. */
  readonly width: string;
  readonly of: (row: TableRow) => Cell;
}

interface Cell {
  readonly text: string;
  readonly title?: string | null;
}

/** The usual columns, as many as fit into so many CSS pixels. */
export function usualColumns(width: number): readonly RowField[] {
  return width > 680 ? USUAL : USUAL.filter((field) => field !== "pss" && field !== "dirty" && field !== "swap");
}

/** In the table's order. The address is always there: it is what a row is known by. */
export function columnsOf(fields: readonly RowField[]): Column[] {
  return COLUMNS.filter(({ field }) => field === "start" || fields.includes(field));
}

/** Whether kinds are shown by their colours alone. */
export function isCompact(width: number): boolean {
  return width <= 880;
}

/** The tracks of the grid, and the width below which the table scrolls. */
export function tracksOf(
  columns: readonly Column[],
  width: number,
  hasGroups: boolean,
): { tracks: string; width: string } {
  const widths = columns.map(({ field, width: usual }) => {
    if (field === "kind" && isCompact(width)) return "28px";
    if (field === "start" && hasGroups) return "25ch";
    return (width > SPACIOUS && WHOLE[field]) || usual;
  });
  const least = widths.map((each) => /(?:minmax\()?([\d.]+(?:px|ch))/.exec(each)?.[1] ?? "0px");
  return { tracks: widths.join(" "), width: `calc(${least.join(" + ")})` };
}

/** CSS pixels: from here on also the longest addresses and kinds are shown whole. */
const SPACIOUS = 1300;
const WHOLE: Readonly<Partial<Record<RowField, string>>> = { start: "21ch", kind: "220px" };

const USUAL: readonly RowField[] = ["start", "size", "rss", "pss", "dirty", "swap", "permissions", "kind", "name"];

const MEANINGS: Readonly<Record<RowField, string>> = {
  start: "Where the region starts",
  size: "Bytes mapped",
  rss: "Resident: what is in RAM",
  pss: "Resident, shared pages counted by their share",
  uss: "Resident in this process alone",
  dirty: "Written since it was loaded",
  pssDirty: "What was written, by its share",
  sharedClean: "Shared with others, not written",
  sharedDirty: "Shared with others, written",
  privateClean: "Of this process alone, not written",
  privateDirty: "Of this process alone, written",
  referenced: "Marked as used",
  anonymous: "Belongs to no file, or no longer",
  ksm: "The same in several places, kept once by the kernel (KSM)",
  lazyFree: "Given back with madvise(MADV_FREE), not yet taken",
  anonHugePages: "Anonymous, in huge pages",
  shmemPmdMapped: "Shared memory, in huge pages",
  filePmdMapped: "Of files, in huge pages",
  sharedHugetlb: "In shared pages of hugetlbfs, which RSS leaves out",
  privateHugetlb: "In private pages of hugetlbfs, which RSS leaves out",
  swap: "Swapped out",
  swapPss: "Swapped out, by its share",
  locked: "Locked in RAM, by its share",
  age: "How long ago the numbers were read",
  permissions: "Read, write, execute; private or shared",
  fileOffset: "Where in the file it begins",
  device: "The file's device",
  inode: "The file's inode",
  flags: "VmFlags of the kernel",
  thpEligible: "May get transparent huge pages",
  kind: "What the region is for",
  name: "What it is called, or the file that is mapped",
  path: "The file that is mapped, with its folder",
};

const COLUMNS: readonly Column[] = ROW_FIELDS.map((field) => ({
  field,
  title: ROW_TITLES[field],
  meaning: MEANINGS[field],
  ...columnOf(field),
}));

function columnOf(field: RowField): Pick<Column, "className" | "width" | "of"> {
  if (isAmount(field)) return { className: "number", width: "78px", of: (row) => amount(row[field], row) };
  switch (field) {
    case "start":
      return {
        className: "code",
        width: "15ch",
        of: ({ start, end }) => ({ text: start, title: `${start} – ${end}` }),
      };
    case "size":
      return { className: "number", width: "78px", of: ({ size }) => sizeCell(size) };
    case "age":
      return { className: "number", width: "86px", of: ({ age }) => ({ text: age === null ? "–" : ageText(age) }) };
    case "kind":
      return { className: "kind", width: "minmax(140px, 200px)", of: ({ kind }) => same(kind && KIND_LABELS[kind]) };
    case "name":
      return { className: "", width: "minmax(130px, 1fr)", of: nameCell };
    case "path":
      return { className: "", width: "minmax(160px, 2fr)", of: ({ path }) => same(path && printable(path)) };
    case "permissions":
      return { className: "code", width: "58px", of: ofRegion(({ permissions }) => permissions) };
    case "fileOffset":
      return { className: "number", width: "90px", of: ofRegion(({ fileOffset }) => `0x${fileOffset.toString(16)}`) };
    case "inode":
      return { className: "number", width: "90px", of: ofRegion(({ inode }) => String(inode)) };
    case "device":
      return { className: "code", width: "66px", of: ofRegion(({ device }) => device) };
    case "flags":
      return { className: "code", width: "minmax(120px, 200px)", of: ofRegion(({ flags }) => flags ?? "–") };
    case "thpEligible":
      return { className: "", width: "78px", of: ofRegion(({ thpEligible }) => yesOrNo(thpEligible)) };
  }
}

/** A group's name stands in its first column. */
function nameCell(row: TableRow): Cell {
  const path = row.path && printable(row.path);
  return isGroup(row) ? same(path) : { text: row.name, title: path ?? row.name };
}

function yesOrNo(value: boolean | null): string {
  return value === null ? "–" : value ? "yes" : "no";
}

function ofRegion(text: (row: RegionRow) => string): Column["of"] {
  return (row) => same(isGroup(row) ? null : text(row));
}

/** What smaps tells, which is read less often than the region itself. */
function amount(value: number | null, row: TableRow): Cell {
  if (value === null) return { text: "–", title: isGroup(row) ? "not read yet of all of them" : "not read yet" };
  const { text, title } = sizeCell(value);
  return { text, title: row.age === null ? title : `${title}, ${ageText(row.age)}` };
}

function sizeCell(value: number): { text: string; title: string } {
  return { text: bytes(value), title: `${count(value)} bytes` };
}

function same(text: string | null): Cell {
  return { text: text ?? "", title: text };
}

export function isAmount(field: RowField): field is AmountField {
  return (AMOUNT_FIELDS as readonly RowField[]).includes(field);
}
