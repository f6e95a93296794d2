/** Pages as `procmem pages` prints them for people. */
import {
  EXCLUSIVE,
  FILE,
  GUARD,
  HUGE,
  type PageCells,
  type PagesReading,
  PRESENT,
  SWAPPED,
  ZERO,
} from "../memory/pages.ts";
import { formatBytes } from "../memory/size.ts";
import type { PageDetails } from "../protocol/pages.ts";

export const CELLS_A_LINE = 64;

/** A letter for each cell, 64 a line with the address of the first; lines without pages, but for the first, as one `*`. */
export function pagesText({ cells, notes }: PagesReading): string {
  const width = (cells.start + cells.length * cells.pagesPerCell * cells.pageSize - 1).toString(16).length;
  const addressOf = (cell: number) =>
    (cells.start + cell * cells.pagesPerCell * cells.pageSize).toString(16).padStart(width, "0");
  const lines: string[] = [];
  let before = "";
  for (let cell = 0; cell < cells.length; cell += CELLS_A_LINE) {
    const count = Math.min(CELLS_A_LINE, cells.length - cell);
    const letters = Array.from({ length: count }, (_, index) => letterOf(cells, cell + index)).join("");
    if (letters !== NOTHING || before !== NOTHING) lines.push(`${addressOf(cell)}  ${letters}`);
    else if (lines.at(-1) !== "*") lines.push("*");
    before = letters;
  }
  const { pagesPerCell, pageSize } = cells;
  const scale =
    pagesPerCell === 1
      ? `A letter is a page of ${formatBytes(pageSize)}:`
      : `A letter is ${pagesPerCell.toLocaleString("en")} pages (${formatBytes(pagesPerCell * pageSize)}), what most of them in memory are:`;
  return [...lines, scale, ...LEGEND, totalsText(cells), ...notes].join("\n");
}

/** All about one page, a line for each fact. */
export function pageText(page: PageDetails): string {
  const { address, frame, nodes, tables, offset, notes } = page;
  const facts = [["state", stateText(page)]];
  if (frame) {
    const times =
      frame.mappings === null ? "" : `, mapped ${frame.mappings === 1 ? "once" : `${frame.mappings} times`}`;
    facts.push(["frame", `0x${frame.number.toString(16)}${times}`]);
    if (frame.flags.length > 0) facts.push(["flags", frame.flags.join(" ")]);
  }
  if (tables.length > 0) {
    facts.push(["tables", tables.map(({ name, index }) => `${name} ${index}`).join(", ")]);
    facts.push(["offset", `0x${offset.toString(16)}`]);
  }
  if (nodes.length > 0) {
    facts.push(["nodes", `${nodes.map(({ node, pages }) => `${node}: ${pages}`).join(", ")} (pages of the region)`]);
  }
  const lines = facts.map(([name = "", fact = ""]) => `  ${name.padEnd(8)} ${fact}`);
  return [address, ...lines, ...notes].join("\n");
}

function stateText({ present, swapped, file, exclusive, huge, zero, written }: PageDetails): string {
  if (!present && !swapped) return "not in memory";
  const words = [present ? "in memory" : "swapped out"];
  if (zero) words.push("the kernel's page of zeros");
  else words.push(file ? "of a file or of shared memory" : "anonymous");
  if (present && !zero) words.push(exclusive ? "mapped here and nowhere else" : "mapped elsewhere too");
  if (huge) words.push("in a huge page");
  if (written !== null) words.push(written ? "written since the mark" : "not written since the mark");
  return words.join(", ");
}

function totalsText(cells: PageCells): string {
  const counted = (pages: number, what: string) =>
    `${pages.toLocaleString("en")} ${what} (${formatBytes(pages * cells.pageSize)})`;
  const parts = COUNTED.filter(([state]) => state === PRESENT || cells.total(state) > 0);
  const words = parts.map(([state, what]) => counted(cells.total(state), what));
  return `${counted((cells.end - cells.start) / cells.pageSize, "pages")}: ${words.join(", ")}`;
}

/** What most of the cell's pages are that are anything. */
function letterOf(cells: PageCells, cell: number): string {
  const pages = (state: number) => cells.column(state)[cell] as number;
  const [present, swapped] = [pages(PRESENT), pages(SWAPPED)];
  if (present + swapped === 0) return pages(GUARD) > 0 ? "g" : ".";
  if (swapped > present) return "s";
  const isMost = (state: number) => 2 * pages(state) > present;
  if (isMost(ZERO)) return "z";
  if (isMost(HUGE)) return isMost(EXCLUSIVE) ? "H" : "h";
  if (isMost(FILE)) return isMost(EXCLUSIVE) ? "F" : "f";
  return isMost(EXCLUSIVE) ? "A" : "a";
}

const NOTHING = ".".repeat(CELLS_A_LINE);

const LEGEND = [
  "  A anonymous  F of a file or shared memory  H huge; in lower case: mapped elsewhere too (after a fork, say)",
  "  z the kernel's page of zeros  s swapped out  g guard  . not in memory  * more lines of that",
];

const COUNTED: readonly (readonly [state: number, what: string])[] = [
  [PRESENT, "in memory"],
  [EXCLUSIVE, "mapped here alone"],
  [FILE, "of files or shared memory"],
  [HUGE, "in huge pages"],
  [ZERO, "the kernel's page of zeros"],
  [SWAPPED, "swapped out"],
  [GUARD, "guards"],
];
