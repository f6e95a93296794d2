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
    const [text, ...full] = standard;
    const known = node(STANDARD, text, null, null, full);
    const tagged = withTags(mangled, known);
    return tagged === known ? known : mangled.remember(tagged);
  }
  const known = mangled.substitutions[mangled.ordinal(36)];
  if (known === undefined) throw UNREADABLE;
  return known;
}

/** What the ABI abbreviates; in full, where its constructors have its name; its last part. */
const STANDARDS: Readonly<Record<string, readonly [string, string, string]>> = {
  a: ["std::allocator", "std::allocator", "allocator"],
  b: ["std::basic_string", "std::basic_string", "basic_string"],
  s: ["std::string", "std::basic_string<char, std::char_traits<char>, std::allocator<char> >", "basic_string"],
  i: ["std::istream", "std::basic_istream<char, std::char_traits<char> >", "basic_istream"],
  o: ["std::ostream", "std::basic_ostream<char, std::char_traits<char> >", "basic_ostream"],
  d: ["std::iostream", "std::basic_iostream<char, std::char_traits<char> >", "basic_iostream"],
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
