import { expect, test } from "vitest";
import { expressionAt, hasNoEffect, isStored } from "../../../src/extension/expression.ts";
import { type Dialect, dialectOf } from "../../../src/extension/languages.ts";

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

/** The same in a dialect. */
function inDialect(dialect: Dialect, marked: string): string | undefined {
  return expressionAt(marked.replace("|", ""), marked.indexOf("|"), dialect)?.text;
}

test.each([
  ["  x = no|de.*.next;", "node"],
  ["  x = node.*.ne|xt;", "node->next"],
  ["  x = maybe.?.na|me;", "maybe.name"],
  ["  const p|tr: *u8 = &x;", "ptr"],
])("Zig's members and dereferences are told as debuggers know them: in %s %s", (marked, expression) => {
  expect(inDialect("zig", marked)).toBe(expression);
});

test.each([
  ["  x = Node % ne|xt % value", "node%next"],
  ["  call f(LIST%He|ad)", "list%head"],
  ["  X| = 1", "x"],
])("Fortran's members stand behind %%, and names are in lower case: in %s %s", (marked, expression) => {
  expect(inDialect("fortran", marked)).toBe(expression);
  expect(hasNoEffect(expression) && isStored(expression)).toBe(true);
});

test("the dialect is that of the file's name", () => {
  expect(["/a/main.zig", "/a/SOLVE.F90", "/a/old.f", "/a/main.go", "/a/x.c"].map(dialectOf)).toEqual([
    ...["zig", "fortran", "fortran", "c", "c"],
  ]);
});

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
