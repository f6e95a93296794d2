import { type Mangled, UNREADABLE } from "./mangled.ts";
import { readOperator, readSourceName } from "./names.ts";
import { type Node, name, node, OPERAND, QUALIFIED, sequence } from "./nodes.ts";
import { readSubstitution } from "./substitutions.ts";
import { readTemplateParameter, withArguments } from "./templates.ts";
import { readDecltype } from "./types.ts";

/** `<unresolved-name>` */
export function readUnresolved(mangled: Mangled, global: string): Node {
  let name: Node;
  if (!mangled.take("sr")) {
    name = inGlobalScope(readBase(mangled), global);
  } else {
    let scope: Node;
    if (mangled.isAtDigit) {
      scope = inGlobalScope(readSimple(mangled), global);
      while (!mangled.take("E")) scope = qualified(scope, readSimple(mangled));
    } else {
      const isLong = mangled.take("N");
      scope = readUnresolvedType(mangled);
      if (mangled.peek() === "I") scope = withArguments(mangled, scope);
      while (isLong && !mangled.take("E")) scope = qualified(scope, readSimple(mangled));
    }
    name = qualified(scope, readBase(mangled));
  }
  return mangled.peek() === "I" ? withArguments(mangled, name) : name;
}

function inGlobalScope(name: Node, global: string): Node {
  return global === "" ? name : node(OPERAND, "", null, null, [global, name]);
}

function qualified(scope: Node, name: Node): Node {
  return node(QUALIFIED, "", scope, name);
}

/** `<simple-id>` */
function readSimple(mangled: Mangled): Node {
  const name = readSourceName(mangled);
  return mangled.peek() === "I" ? withArguments(mangled, name) : name;
}

/** `<unresolved-type>` */
function readUnresolvedType(mangled: Mangled): Node {
  switch (mangled.peek()) {
    case "T":
      return mangled.remember(readTemplateParameter(mangled));
    case "D":
      return mangled.remember(readDecltype(mangled));
    case "S": {
      if (!mangled.take("St")) return readSubstitution(mangled);
      // Old compilers wrote a type in full.
      const type = mangled.remember(qualified(name("std"), readSourceName(mangled)));
      return mangled.peek() === "I" ? mangled.remember(withArguments(mangled, type)) : type;
    }
  }
  throw UNREADABLE;
}

/** `<base-unresolved-name>` without its arguments. */
function readBase(mangled: Mangled): Node {
  if (mangled.isAtDigit) return readSourceName(mangled);
  if (mangled.take("dn")) {
    const isSimple = mangled.isAtDigit;
    return sequence("~", isSimple ? readSimple(mangled) : readUnresolvedType(mangled));
  }
  mangled.take("on");
  return readOperator(mangled, null);
}
