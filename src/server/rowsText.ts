/** The rows of the table as a text for the clipboard. */
import { AMOUNT_FIELDS } from "../memory/amounts.ts";
import { KIND_LABELS } from "../memory/kind.ts";
import type { Work } from "../memory/module.ts";
import { printable } from "../memory/names.ts";
import { ROW_TITLES } from "../memory/rowFields.ts";
import { formatBytes } from "../memory/size.ts";
import { TimeSlice } from "../memory/timeSlice.ts";
import type { GroupRow, RegionRow, RowField, RowsText, RowsTextQuery } from "../protocol/server.ts";
import type { RowLines } from "./rows.ts";

/** Gives way to other work between its steps: 60,000 rows take a while. Throws the reason of a signal that ends it. */
export async function rowsText(
  lines: RowLines,
  { at, columns, format, spans }: Omit<RowsTextQuery, "filter" | "sort" | "descending" | "target">,
  work: Work,
): Promise<RowsText> {
  const now = at ?? Date.now();
  const isChosen = chosenOf(lines, spans);
  const slice = new TimeSlice(work);
  const cells: string[][] = [];
  for (let line = 0; line < lines.length; line++) {
    if (!isChosen(line)) continue;
    const row = lines.row(line, now);
    cells.push(columns.flatMap((field) => (format === "csv" ? valuesOf(row, field) : wordsOf(row, field))));
    if (slice.isOver) await slice.next(line / lines.length);
  }
  return { text: FORMATS[format](columns, cells), rows: cells.length };
}

function chosenOf(lines: RowLines, spans: RowsTextQuery["spans"]): (line: number) => boolean {
  if (spans === null) return () => true;
  const places = spans.map((span) => lines.placesOf(span)).filter((place) => place !== null);
  return (line) => places.some(([first, last]) => line >= first && line <= last);
}

const FORMATS: Readonly<Record<RowsTextQuery["format"], (columns: RowField[], rows: string[][]) => string>> = {
  text: aligned,
  csv: (columns, rows) => {
    const head = columns.flatMap((field) => (field === "start" ? ["start", "end"] : [field]));
    const all = [head, ...rows.map((cells) => cells.map(quoted))];
    return `${all.map((cells) => cells.join(",")).join("\r\n")}\r\n`;
  },
  markdown: (columns, rows) => {
    const head = columns.map((field) => ROW_TITLES[field]);
    const rule = columns.map((field) => (NUMBERS.has(field) ? "---:" : "---"));
    const all = [head, rule, ...rows.map((cells) => cells.map(escaped))];
    return `${all.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
  },
};

/** Columns as wide as their widest cell; numbers stand at the right. */
function aligned(columns: RowField[], rows: string[][]): string {
  const all = [columns.map((field) => ROW_TITLES[field]), ...rows];
  const widths = columns.map((_, at) => all.reduce((width, cells) => Math.max(width, (cells[at] ?? "").length), 0));
  const line = (cells: string[]) => {
    const padded = cells.map((cell, at) => {
      const width = widths[at] as number;
      return NUMBERS.has(columns[at] as RowField) ? cell.padStart(width) : cell.padEnd(width);
    });
    return padded.join("  ").trimEnd();
  };
  return `${all.map(line).join("\n")}\n`;
}

const NUMBERS: ReadonlySet<RowField> = new Set<RowField>([...AMOUNT_FIELDS, "size", "age", "fileOffset", "inode"]);

/** For people. */
function wordsOf(row: RegionRow | GroupRow, field: RowField): string {
  if (field === "start" && !isGroup(row)) return `${row.start}-${row.end}`;
  const value = fieldOf(row, field);
  if (value === null) return isGroup(row) ? "" : "–";
  if (field === "kind" && row.kind) return KIND_LABELS[row.kind];
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (field === "age") return `${Math.round(value / 1000)} s`;
  if (field === "fileOffset") return `0x${value.toString(16)}`;
  return field === "inode" ? String(value) : formatBytes(value);
}

/** For programs: sizes in bytes, ages in milliseconds; an address is two cells. */
function valuesOf(row: RegionRow | GroupRow, field: RowField): string[] {
  if (field === "start") return isGroup(row) ? ["", ""] : [row.start, row.end];
  const text = String(fieldOf(row, field) ?? "");
  // A spreadsheet would take the name of a file that begins so for a formula.
  return [(field === "name" || field === "path") && /^[=+\-@]/.test(text) ? `'${text}` : text];
}

function fieldOf(row: RegionRow | GroupRow, field: RowField): number | string | boolean | null {
  if (field === "name") return isGroup(row) ? `${row.name} (${row.regions})` : row.name;
  if (field === "path") return row.path === null ? (isGroup(row) ? null : "") : printable(row.path);
  if (!isGroup(row)) return row[field];
  return field in row ? (row[field as keyof Pick<GroupRow, "rss" | "kind">] ?? null) : null;
}

function isGroup(row: RegionRow | GroupRow): row is GroupRow {
  return "regions" in row;
}

/** As RFC 4180 has it. */
function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** So that Markdown shows it as it is. */
function escaped(cell: string): string {
  return cell.replace(/[\\`*_[\]<>&|~#]/g, "\\$&");
}
