/** The columns of the region table. */
import { css } from "lit";
import { KIND_LABELS } from "../../memory/kind.ts";
import type { Row, RowField } from "../../protocol/server.ts";
import { ageText, bytes, count } from "./words.ts";

export interface Column {
  readonly field: RowField;
  readonly title: string;
  readonly meaning: string;
  readonly className: "" | "number" | "code" | "kind";
  readonly of: (row: Row) => { text: string; title?: string | null };
}

const size = (value: number) => ({ text: bytes(value), title: `${count(value)} bytes` });

/** What smaps tells, which is read less often than the region itself. */
const usage = (value: number | null, { age }: Row) => {
  if (value === null) return { text: "–", title: "not read yet" };
  const { text, title } = size(value);
  return { text, title: age === null ? title : `${title}, ${ageText(age)}` };
};

export const COLUMNS: readonly Column[] = [
  {
    field: "start",
    title: "Address",
    meaning: "Where the region starts",
    className: "code",
    of: ({ start, end }) => ({ text: start, title: `${start} – ${end}` }),
  },
  { field: "size", title: "Size", meaning: "Bytes mapped", className: "number", of: (row) => size(row.size) },
  {
    field: "rss",
    title: "RSS",
    meaning: "Resident: what is in RAM",
    className: "number",
    of: (row) => usage(row.rss, row),
  },
  {
    field: "pss",
    title: "PSS",
    meaning: "Resident, shared pages counted by their share",
    className: "number",
    of: (row) => usage(row.pss, row),
  },
  {
    field: "dirty",
    title: "Dirty",
    meaning: "Written since it was loaded",
    className: "number",
    of: (row) => usage(row.dirty, row),
  },
  { field: "swap", title: "Swap", meaning: "Swapped out", className: "number", of: (row) => usage(row.swap, row) },
  {
    field: "permissions",
    title: "Perm",
    meaning: "Read, write, execute; private or shared",
    className: "code",
    of: ({ permissions }) => ({ text: permissions }),
  },
  {
    field: "kind",
    title: "Kind",
    meaning: "What the region is for",
    className: "kind",
    of: ({ kind }) => ({ text: KIND_LABELS[kind], title: KIND_LABELS[kind] }),
  },
  {
    field: "name",
    title: "Name",
    meaning: "What it is called, or the file that is mapped",
    className: "",
    of: ({ name, path }) => ({ text: name, title: path ?? name }),
  },
];

/** A row for the clipboard: its range and all its columns, between tabs. */
export function rowAsText(row: Row): string {
  const cells = COLUMNS.slice(1).map((column) => column.of(row).text);
  return [`${row.start}-${row.end}`, ...cells, ...(row.path === null || row.path === row.name ? [] : [row.path])].join(
    "\t",
  );
}

/** Fewer columns and less of each where the table is narrow; what then does not fit is scrolled. */
export const columnStyles = css`
  .scroller {
    --columns: 15ch 76px 76px 76px 76px 70px 58px minmax(140px, 220px) minmax(130px, 1fr);
    --table-width: 870px;
  }
  .body .code {
    font-family: var(--panel-mono);
    font-size: 0.95em;
  }
  @container (max-width: 880px) {
    .scroller {
      --columns: 15ch 74px 74px 74px 74px 66px 56px 28px minmax(110px, 1fr);
      --table-width: 690px;
    }
    [data-column="kind"] span:last-child,
    .head [data-column="kind"] button {
      font-size: 0;
    }
  }
  @container (max-width: 680px) {
    .scroller {
      --columns: 15ch 76px 76px 54px 28px minmax(100px, 1fr);
      --table-width: 450px;
    }
    [data-column="pss"],
    [data-column="dirty"],
    [data-column="swap"] {
      display: none;
    }
  }
`;
