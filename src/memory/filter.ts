/**
 * The language that regions are filtered by: `kind:heap rss>1M perm:w path:libc`. What is between spaces must all hold;
 * `|` or a comma stands for "or", `-` before it for "not", and quotes keep spaces and signs as they are. A word alone is
 * looked for in address, permissions, kind, name and path.
 */
import { parseAddress } from "./address.ts";
import { AMOUNT_FIELDS, type AmountField } from "./amounts.ts";
import { KIND_LABELS, KINDS } from "./kind.ts";
import { parseBytes } from "./size.ts";
import { TargetError } from "./target.ts";

/** All of them must hold. */
export type Filter = readonly FilterTerm[];

export interface FilterTerm {
  readonly isNegated: boolean;
  /** One of them must hold. */
  readonly alternatives: readonly Condition[];
}

export type Condition =
  | { readonly field: "any"; readonly text: string }
  | { readonly field: TextField | "permissions"; readonly isExact: boolean; readonly text: string }
  | { readonly field: NumberField; readonly operator: Operator; readonly number: number }
  | { readonly field: "address"; readonly operator: Operator; readonly from: bigint; readonly to: bigint };

/** What is compared as text. */
export type TextField = (typeof TEXT_FIELDS)[number];
/** Sizes in bytes, ages in milliseconds. */
export type NumberField = AmountField | "size" | "age" | "inode" | "fileOffset" | "thread";
export type Operator = ":" | "=" | ">" | ">=" | "<" | "<=";

/** Reads a filter; an empty one has no terms. Throws a {@link TargetError} `unreadable` that says what is wrong in it. */
export function parseFilter(text: string): Filter {
  if ((text.split('"').length - 1) % 2 === 1)
    throw wrong("A quotation mark is missing: texts stand between two of them.");
  const terms = (text.match(TERMS) ?? []).map((term) => {
    const trimmed = term.trim();
    const isNegated = /^-./.test(trimmed) && !PATTERN.test(trimmed);
    return { isNegated, alternatives: alternativesOf(isNegated ? trimmed.slice(1) : trimmed) };
  });
  return terms.filter(({ alternatives }) => alternatives.length > 0);
}

/** What is wrong in a filter, as a sentence; `null` where nothing is. */
export function filterProblem(text: string): string | null {
  try {
    parseFilter(text);
    return null;
  } catch (error) {
    if (error instanceof TargetError) return error.message;
    throw error;
  }
}

/** `rw-p`, `r-x`: each letter at its place. */
export const PATTERN = /^[r-][w-][x-][sp]?$/i;

/** `|` and commas join what is on both sides of them, with spaces or without. */
const TERMS = /(?:"[^"]*"|\s*[|,]\s*|[^\s"|,])+/g;
const ALTERNATIVES = /(?:"[^"]*"|[^",|])+/g;
const CONDITION = /^([a-z_]+)(:|>=|<=|>|<|=)(.*)$/is;

const TEXT_FIELDS = ["kind", "name", "path", "module", "device", "flags"] as const;
const NUMBER_FIELDS: readonly NumberField[] = [
  ...AMOUNT_FIELDS,
  ...(["size", "age", "inode", "fileOffset", "thread"] as const),
];

/** What fields are called in a filter, in small letters and without `_`: also as smaps calls them. */
const FIELDS = new Map<string, Condition["field"]>([
  ...[...TEXT_FIELDS, ...NUMBER_FIELDS, "permissions" as const, "address" as const].map(
    (field) => [field.toLowerCase(), field] as const,
  ),
  ["perm", "permissions"],
  ["addr", "address"],
  ["offset", "fileOffset"],
]);

function alternativesOf(term: string): Condition[] {
  let key = "";
  const pieces = (term.match(ALTERNATIVES) ?? []).map((piece) => piece.trim()).filter((piece) => piece !== "");
  return pieces.map((text) => {
    const [, name, operator = ""] = CONDITION.exec(text) ?? [];
    if (name === undefined) return conditionOf(key + text);
    // `kind:heap|stack`: what has no field is compared with the field before it.
    key = name + operator;
    return conditionOf(text);
  });
}

function conditionOf(piece: string): Condition {
  const [, name, sign, rest = ""] = CONDITION.exec(piece) ?? [];
  if (name === undefined) return { field: "any", text: unquoted(piece).toLowerCase() };
  const field = FIELDS.get(name.toLowerCase().replaceAll("_", ""));
  if (field === undefined) {
    throw wrong(
      `There is nothing called “${name}” to filter by. To look for the text, write it in quotes: "${piece}".`,
    );
  }
  const operator = sign as Operator;
  const text = unquoted(rest).trim().toLowerCase();
  if (text === "") throw wrong(`Something is missing after “${piece}”.`);
  if (field === "address") return { field, operator, ...rangeOf(text) };
  if (isNumberField(field)) return { field, operator, number: numberOf(field, text) };
  if (operator !== ":" && operator !== "=") throw wrong(`“${name}” is a text: write ${name}:… or ${name}=….`);
  if (field === "kind") checkKind(text);
  if (field === "permissions" && !PATTERN.test(text) && !/^[rwxsp]+$/.test(text)) {
    throw wrong(`“${text}” are no permissions: write letters of rwx, s or p for shared or private, or all as in rw-p.`);
  }
  return { field: field as TextField | "permissions", isExact: operator === "=", text };
}

function numberOf(field: NumberField, text: string): number {
  if (field === "age") {
    const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/.exec(text) ?? [];
    const factor = UNITS_OF_TIME[unit];
    if (digits === "" || factor === undefined) throw wrong(`“${text}” is no age: write it as 500ms, 10s or 2m.`);
    return Number(digits) * factor;
  }
  const number = parseBytes(text);
  if (number === undefined) throw wrong(`“${text}” is no number: write it as 4096, 64K or 1.5M.`);
  return number;
}

const UNITS_OF_TIME: Readonly<Record<string, number | undefined>> = {
  "": 1000,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

function rangeOf(text: string): { from: bigint; to: bigint } {
  const [from, to = from] = text.split("-").map((each) => parseAddress(each.startsWith("0x") ? each : `0x${each}`));
  if (from === undefined || to === undefined || to < from) {
    throw wrong(`“${text}” is no address: write it as 0x…, or a range as 0x…-0x….`);
  }
  // The end of a range is the first address after it.
  return { from, to: to > from ? to - 1n : to };
}

function checkKind(text: string): void {
  const isKnown = KINDS.some(
    (kind) => kind.toLowerCase().includes(text) || KIND_LABELS[kind].toLowerCase().includes(text),
  );
  if (!isKnown) throw wrong(`No kind of region is called “${text}”. There are ${KINDS.join(", ")}.`);
}

function isNumberField(field: Condition["field"]): field is NumberField {
  return (NUMBER_FIELDS as readonly string[]).includes(field);
}

function unquoted(text: string): string {
  return text.replaceAll('"', "");
}

function wrong(message: string): TargetError {
  return new TargetError("unreadable", message);
}
