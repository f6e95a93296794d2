import { readEncoding } from "./encoding.ts";
import { type Mangled, UNREADABLE } from "./mangled.ts";
import { type Node, sequence } from "./nodes.ts";
import { readType } from "./types.ts";
import { readClosure } from "./unnamed.ts";

/** `<expr-primary>`: a number, a function … as it is written in the source, as far as that can be. */
export function readLiteral(mangled: Mangled): Node {
  mangled.expect("L");
  if (mangled.take("_Z")) {
    const encoding = readEncoding(mangled);
    mangled.expect("E");
    return encoding;
  }
  const letter = mangled.peek();
  const suffix = SUFFIX[letter];
  if (suffix !== undefined) {
    mangled.at++;
    const value = mangled.number() + suffix;
    mangled.expect("E");
    return sequence(value);
  }
  if (mangled.take("b0E")) return sequence("false");
  if (mangled.take("b1E")) return sequence("true");
  if (letter === "A") {
    // Its characters are not told.
    const text = sequence('"<', readType(mangled), '>"');
    mangled.expect("E");
    return text;
  }
  if (mangled.text.startsWith("Ul", mangled.at)) {
    const lambda = readClosure(mangled);
    mangled.expect("E");
    return sequence(lambda, "{}");
  }
  const type = readType(mangled);
  const isFloating = "fdeg".includes(letter);
  if (mangled.take("E")) return type;
  const value = readValue(mangled);
  return sequence("(", type, isFloating ? `)[${value}]` : `)${value}`);
}

/** Digits up to the `E`: of numbers with a point the bytes, of complex ones two with `_` between. */
function readValue(mangled: Mangled): string {
  const sign = mangled.take("n") ? "-" : "";
  const end = mangled.text.indexOf("E", mangled.at);
  const digits = mangled.text.slice(mangled.at, end);
  if (!/^[\da-f]+(?:_[\da-f]+)?$/.test(digits)) throw UNREADABLE;
  mangled.at = end + 1;
  return sign + digits;
}

/** Behind the numbers of these types; those of other types have them before themselves, in parentheses. */
const SUFFIX: Readonly<Record<string, string>> = { i: "", j: "u", l: "l", m: "ul", x: "ll", y: "ull" };
