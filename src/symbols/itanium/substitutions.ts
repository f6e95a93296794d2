import { type Mangled, UNREADABLE } from "./mangled.ts";
import { MODULE, type Node, name, node, type Part, SEQUENCE, STANDARD } from "./nodes.ts";

/** `<module-name>`, which may begin with a known one; `null` if there is none. */
export function readModule(mangled: Mangled, known: Node | null): Node | null {
  let module = known;
  while (mangled.take("W")) {
    const separator = mangled.take("P") ? ":" : module === null ? "" : ".";
    const text = (module === null ? "" : module.text) + separator + mangled.identifier();
    module = mangled.remember({ ...name(text), kind: MODULE });
  }
  return module;
}

/** `<substitution>`, except for `St`. @see Itanium C++ ABI §5.1.10 */
export function readSubstitution(mangled: Mangled): Node {
  mangled.expect("S");
  const standard = STANDARDS[mangled.peek()];
  if (standard !== undefined) {
    mangled.at++;
    const tagged = withTags(mangled, standard);
    return tagged === standard ? standard : mangled.remember(tagged);
  }
  return mangled.substitutions[mangled.ordinal(36)] ?? fail();
}

function fail(): never {
  throw UNREADABLE;
}

function standard(text: string, full: string, last: string): Node {
  return node(STANDARD, text, null, null, [full, last]);
}

function stream(kind: string): Node {
  return standard(`std::${kind}`, `std::basic_${kind}<char, std::char_traits<char> >`, `basic_${kind}`);
}

/** What the ABI abbreviates: in full only where its constructors have its name. */
const STANDARDS: Readonly<Record<string, Node>> = {
  a: standard("std::allocator", "std::allocator", "allocator"),
  b: standard("std::basic_string", "std::basic_string", "basic_string"),
  s: standard("std::string", "std::basic_string<char, std::char_traits<char>, std::allocator<char> >", "basic_string"),
  i: stream("istream"),
  o: stream("ostream"),
  d: stream("iostream"),
};

/** A name with the `<abi-tags>` that stand here. */
export function withTags(mangled: Mangled, tagged: Node): Node {
  let result = tagged;
  while (mangled.take("B")) result = marked(result, `[abi:${mangled.identifier()}]`);
  return result;
}

/** A name with something behind it that its constructors do not repeat. */
export function marked(name: Node, ...marks: Part[]): Node {
  return node(SEQUENCE, "", name, null, [name, ...marks]);
}
