import { expect, test } from "vitest";
import { expressionAt, hasNoEffect, isStored } from "../../../src/extension/expression.ts";

/** The expression at the `|` of a line. */
function at(marked: string): string | undefined {
  return expressionAt(marked.replace("|", ""), marked.indexOf("|"))?.text;
}

test.each([
  ["int *p|g = &global;", "pg"],
  ["  const char **|argv = 0;", "argv"],
  ["  int *a, *|b;", "b"],
  ["  for (char *s = text, *e|nd = s;", "end"],
  ["  std::vector<int> *v|;", "v"],
  ["  auto &r|ef = x;", "ref"],
  ["int main(int argc, char **a|rgv)", "argv"],
  ["  x = a *b|;", "b"],
  ["  int (*func|tion)(struct memory *) = look;", "function"],
  ["  int (*ro|ws)[4] = table;", "rows"],
  ["  int* p|g = 0;", "pg"],
])("in the declaration (or product) %s it is %s", (line, expression) => expect(at(line)).toBe(expression));

test.each([
  ["  return *p|;", "*p"],
  ["  *p| = 1;", "*p"],
  ["  x = *p| + 1;", "*p"],
  ["  f(x, *p|);", "*p"],
  ["  if (*p|)", "*p"],
  ["  f(*p|);", "*p"],
  ["  if (*p|) (void)0;", "*p"],
  ["  (*call|back)(1);", "*callback"],
  ["  g(&va|lue);", "&value"],
  ["  a.b|.c = 1;", "a.b"],
  ["  a->b->c| = 1;", "a->b->c"],
  ["  a->|b->c = 1;", "a->b"],
  ["  Class::mem|ber;", "Class::member"],
  ["  array|[i]", "array"],
  ["  array[in|dex]", "index"],
  ["  größe| = 1;", "größe"],
  ["  x|", "x"],
  ["|x", "x"],
])("in %s it is what VS Code takes by itself: %s", (line, expression) => expect(at(line)).toBe(expression));

test("between expressions there is none", () => {
  expect(at("  a  |  b")).toBeUndefined();
  expect(at("|")).toBeUndefined();
});

test("its columns are those of the line", () => {
  expect(expressionAt("int *pg = 0;", 5)).toEqual({ text: "pg", start: 5, end: 7 });
});

test("nothing that calls, assigns or counts is evaluated", () => {
  for (const safe of ["p", "a.b->c", "*p", "**pp", "a[3]", "a[i].b", "N::x", "&x", "$rsp"]) {
    expect(hasNoEffect(safe), safe).toBe(true);
  }
  for (const unsafe of [
    "f()",
    "p++",
    "--p",
    "p = 1",
    "a, b",
    "(int *)p",
    "p; q",
    'x"',
    "`process kill`",
    "a && b",
    "a > b",
  ]) {
    expect(hasNoEffect(unsafe), unsafe).toBe(false);
  }
});

test("only names, members and elements have a place of their own", () => {
  for (const stored of ["p", "a.b->c", "a[3]", "N::x"]) expect(isStored(stored), stored).toBe(true);
  for (const unstored of ["*p", "&x", "$rsp", "1", "a[i + 1]", "f()"]) expect(isStored(unstored), unstored).toBe(false);
});
