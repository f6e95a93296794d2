/**
 * The expression under the mouse in C, C++, Rust and Go, and, as debuggers know it, in Zig and Fortran. As VS Code takes
 * it where nobody provides one, but for declarations: in `int *p = …` it takes `*p`, what is meant is `p`.
 */
import type { Dialect } from "./languages.ts";

export interface Expression {
  readonly text: string;
  /** Columns of the line, from 0; `end` is after the last character. */
  readonly start: number;
  readonly end: number;
}

/** The expression that covers a column (from 0) of a line, up to the end of the word there: `a.b` on the b of `a.b.c`. */
export function expressionAt(line: string, column: number, dialect: Dialect = "c"): Expression | null {
  if (dialect === "fortran") return fortranExpressionAt(line, column);
  const found = cExpressionAt(line, column);
  if (!found || dialect !== "zig") return found;
  // Zig's `a.*.b` is what debuggers call `a->b`; `.?` does nothing to a pointer.
  const text = found.text.replaceAll(".?", "").replaceAll(".*.", "->").replace(/\.\*$/, "");
  return { ...found, text };
}

function cExpressionAt(line: string, column: number): Expression | null {
  for (const match of line.matchAll(EXPRESSION)) {
    const from = match.index;
    if (from > column || from + match[0].length < column) continue;
    const spread = /^\.\.\.(?=.)/.exec(match[0])?.[0].length ?? 0;
    let start = from + spread;
    const end = start + endOfWord(match[0].slice(spread), column - start);
    const signs = /^[*&]+(?=[\p{L}_])/u.exec(line.slice(start, end))?.[0].length ?? 0;
    if (signs > 0 && isDeclarator(line.slice(0, start), line.slice(end))) start += signs;
    return { text: line.slice(start, end), start, end };
  }
  return null;
}

/** `Node % next` on its `next` is `node%next`: names are in lower case in what compilers tell debuggers. */
function fortranExpressionAt(line: string, column: number): Expression | null {
  for (const match of line.matchAll(/[\p{L}_]\w*(?:\s*%\s*[\p{L}_]\w*)*/gu)) {
    const start = match.index;
    if (start > column || start + match[0].length < column) continue;
    const end = start + endOfWord(match[0], column - start);
    return { text: line.slice(start, end).replace(/\s/g, "").toLowerCase(), start, end };
  }
  return null;
}

/** Whether evaluating it neither calls nor changes anything. */
export function hasNoEffect(expression: string): boolean {
  return (
    expression.length <= 500 &&
    /^[\w\s.:*&$%[\]>\p{L}-]+$/u.test(expression) &&
    !/--|&&|-(?!>)|(?<!-)>/.test(expression)
  );
}

/** Whether `&expression` has a meaning and asks for nothing but names, members and subscripts. */
export function isStored(expression: string): boolean {
  return /^[\p{L}_]\w*(?:(?:\.|->|::|%)[\p{L}_]\w*|\[\w+\])*$/u.test(expression);
}

/** All but the characters that end an interesting expression; `->` belongs to it. */
const EXPRESSION = /(?:[^()[\]{}<>\s+\-/%~#^;=|,`!]|->)+/g;

/** Where the word that holds `column` ends; the whole length where there is none. */
function endOfWord(expression: string, column: number): number {
  for (const word of expression.matchAll(/[\w\p{L}]+/gu)) {
    const end = word.index + word[0].length;
    if (end >= column) return end;
  }
  return expression.length;
}

/** Whether a `*` or `&` between these declares a pointer or reference (or multiplies), and does not dereference. */
function isDeclarator(before: string, after: string): boolean {
  // Of a pointer to a function or array the declarator is in parentheses: `int (*f)(int)`.
  const inner = /[\w\p{L}>]\s*\($/u.test(before) && /^\)\s*[([]/.test(after);
  const text = (inner ? before.slice(0, -1) : before).trimEnd();
  const word = /[\w\p{L}]+$/u.exec(text)?.[0];
  if (word) return !KEYWORDS.has(word);
  if (/[>\]]$/.test(text) && !/->$/.test(text)) return /[\w\]>]\s*[>\]]$/.test(text);
  // The second declarator of `int *a, *b` has nothing before it but a comma.
  if (!text.endsWith(",")) return false;
  const statement = text.slice(lastOpening(text) + 1).trimStart();
  const first = /^[\w\p{L}:]+/u.exec(statement)?.[0] ?? "";
  return !KEYWORDS.has(first) && /^(?:[\w\p{L}:]+(?:<[^()]*>)?(?:\s*[*&]+\s*|\s+))+[\p{L}_]/u.test(statement);
}

/** The last `;`, `{` or unclosed `(`; -1 for none. */
function lastOpening(text: string): number {
  let closed = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    const letter = text[at];
    if (letter === ")") closed++;
    else if (letter === "(" && closed-- === 0) return at;
    else if (letter === ";" || letter === "{") return at;
  }
  return -1;
}

/** Words before a `*` or `&` that really dereferences or takes an address. */
const KEYWORDS = new Set(
  "return case else do sizeof alignof typeof throw delete new co_return co_yield co_await and or not xor in if while match let mut ref move unsafe".split(
    " ",
  ),
);
