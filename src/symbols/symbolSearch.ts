/** Finds symbols by name, without an index of names: the file's string tables are looked through each time. */
import type { TimeSlice } from "../memory/timeSlice.ts";
import { readable } from "./names.ts";
import type { SymbolTable } from "./symbolTable.ts";

/** The symbols, among some, that have a name: as in the file or as in the source, with or without arguments or version. */
export async function searchSymbols(
  table: SymbolTable,
  symbols: Uint32Array,
  name: string,
  slice: TimeSlice,
): Promise<Uint32Array> {
  const candidates = await table.withNamesLike(symbols, commonPart(name), slice);
  const found: number[] = [];
  for (let start = 0; start < candidates.length; start += BATCH) {
    const batch = candidates.subarray(start, start + BATCH);
    for (const [index, symbol] of (await table.symbols(batch, slice)).entries()) {
      if (isCalled(symbol.name, symbol.version ?? "", name)) found.push(batch[index] as number);
      if (slice.isOver) await slice.next((start + index) / candidates.length);
    }
  }
  return Uint32Array.from(found);
}

function isCalled(name: string, version: string, wanted: string): boolean {
  if (name === wanted || (version !== "" && name + version === wanted)) return true;
  const full = readable(name);
  return full !== name && (full === wanted || withoutArguments(full) === wanted);
}

/**
 * What all names in the file contain that stand for a name in the source: its last identifier, which manglings keep as it
 * is; empty where it has none. Text is searched far quicker than names are demangled.
 */
function commonPart(name: string): string {
  const text = withoutArguments(name.replace(VERSION, ""));
  if (OPERATOR.test(text)) return "";
  const [identifier = ""] = LAST_IDENTIFIER.exec(withoutLast(text, "<", ">")) ?? [];
  return ABBREVIATED.has(identifier) ? "" : identifier;
}

const VERSION = /(?<=.)@.*$/s;
const OPERATOR = /\boperator\b/;
const LAST_IDENTIFIER = /[A-Za-z_]\w*$/;
/** Itanium C++ ABI §5.1.10, "Compression": `Ss` stands for `std::string`, … */
const ABBREVIATED = new Set(
  "allocator basic_string basic_istream basic_ostream basic_iostream string istream ostream iostream".split(" "),
);

/** `f(int) const` as `f`. */
function withoutArguments(name: string): string {
  return withoutLast(name.replace(QUALIFIERS, ""), "(", ")");
}

const QUALIFIERS = /(?: const| volatile| &&?| \[clone [^\]]*\])+$/;

/** Without the brackets at the end of a text and what they hold. */
function withoutLast(text: string, open: string, close: string): string {
  if (!text.endsWith(close)) return text;
  let depth = 0;
  for (let at = text.length - 1; at > 0; at--) {
    if (text[at] === close) depth++;
    else if (text[at] === open && --depth === 0) return text.slice(0, at);
  }
  return text;
}

/** Symbols at a time. */
const BATCH = 1 << 13;
