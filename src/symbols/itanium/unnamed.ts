import type { Mangled } from "./mangled.ts";
import { CLOSURE, DECLARATION, type Node, name, node } from "./nodes.ts";
import { isDeclaration, readDeclaration, readRequirement } from "./templates.ts";
import { readType } from "./types.ts";

/** `<unnamed-type-name>` or a block. */
export function readUnnamed(mangled: Mangled): Node {
  if (mangled.take("Ut")) return name(`{unnamed type#${mangled.ordinal(10) + 1}}`);
  if (mangled.take("Ub")) {
    mangled.ordinal(10);
    return name("'block-literal'");
  }
  return readClosure(mangled);
}

/** `<closure-type-name>`: a lambda. */
export function readClosure(mangled: Mangled): Node {
  mangled.expect("Ul");
  const flags = mangled.isInitializer ? 1 : 0;
  mangled.isInitializer = false;
  mangled.enter();
  const declared: Node[] = [];
  while (isDeclaration(mangled)) declared.push(readDeclaration(mangled, declared.length));
  const before = mangled.take("Q") ? readRequirement(mangled) : null;
  const parameters: Node[] = [];
  if (!mangled.take("v")) {
    do parameters.push(readType(mangled));
    while (mangled.peek() !== "E" && mangled.peek() !== "Q");
  }
  const behind = mangled.take("Q") ? readRequirement(mangled) : null;
  mangled.expect("E");
  mangled.leave();
  const number = mangled.ordinal(10) + 1;
  return node(CLOSURE, "", node(DECLARATION, "", before, null, declared), behind, parameters, flags, number);
}
