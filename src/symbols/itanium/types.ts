import { readExpression } from "./expressions.ts";
import { type Mangled, UNREADABLE } from "./mangled.ts";
import { readName, readQualifiers, readReference, readUnqualified } from "./names.ts";
import {
  ARRAY,
  CV,
  commas,
  EXPANSION,
  FUNCTION,
  LVALUE,
  MEMBER,
  MODULE,
  type Node,
  name,
  node,
  type Part,
  POINTER,
  QUALIFIER,
  RVALUE,
  sequence,
} from "./nodes.ts";
import { readSubstitution } from "./substitutions.ts";
import { readTemplateArguments, readTemplateParameter, withArguments } from "./templates.ts";

/** `<type>`: all but the builtin ones can be substituted. @see Itanium C++ ABI §5.1.5 */
export function readType(mangled: Mangled): Node {
  const builtin = BUILTIN[mangled.peek()];
  if (builtin !== undefined) {
    mangled.at++;
    return name(builtin);
  }
  mangled.enter();
  const type = readCompound(mangled);
  mangled.leave();
  return type;
}

function readCompound(mangled: Mangled): Node {
  const next = mangled.peek();
  switch (next) {
    case "S":
      if (mangled.peek(1) !== "t") return readSubstituted(mangled);
      break;
    case "P":
      return wrapped(mangled, POINTER);
    case "R":
      return wrapped(mangled, LVALUE);
    case "O":
      return wrapped(mangled, RVALUE);
    case "K":
    case "V":
    case "r": {
      const flags = readQualifiers(mangled);
      if (isFunction(mangled)) return mangled.remember(readFunction(mangled, flags));
      return mangled.remember(node(CV, "", readType(mangled), null, undefined, flags));
    }
    case "T":
      return readParameterType(mangled);
    case "F":
      return mangled.remember(readFunction(mangled, 0));
    case "A": {
      mangled.at++;
      const dimension = readDimension(mangled);
      return mangled.remember(node(ARRAY, "", readType(mangled), dimension));
    }
    case "M": {
      mangled.at++;
      const scope = readType(mangled);
      return mangled.remember(node(MEMBER, "", readType(mangled), scope));
    }
    case "D":
      return readD(mangled);
    case "U": {
      const kind = mangled.peek(1);
      if (kind !== "l" && kind !== "t" && kind !== "b") return readVendorQualified(mangled);
      break;
    }
    case "C":
      mangled.at++;
      return mangled.remember(qualifier(readType(mangled), " _Complex"));
    case "G":
      mangled.at++;
      return mangled.remember(qualifier(readType(mangled), " _Imaginary"));
    case "u": {
      mangled.at++;
      const text = mangled.identifier();
      if (mangled.peek() !== "I") return mangled.remember(name(text));
      return mangled.remember(sequence(text, "(", commas(readTemplateArguments(mangled)), ")"));
    }
  }
  return mangled.remember(readName(mangled, null));
}

function wrapped(mangled: Mangled, kind: number): Node {
  mangled.at++;
  return mangled.remember(node(kind, "", readType(mangled)));
}

function qualifier(type: Node, ...text: Part[]): Node {
  return node(QUALIFIER, "", type, null, text);
}

/** A substitution, which may be a template or a module whose arguments or name follow. */
function readSubstituted(mangled: Mangled): Node {
  const known = readSubstitution(mangled);
  const hasArguments = mangled.peek() === "I" && !mangled.isConversion;
  if (known.kind !== MODULE) return hasArguments ? mangled.remember(withArguments(mangled, known)) : known;
  const type = mangled.remember(readUnqualified(mangled, null, null, known));
  return mangled.peek() === "I" ? mangled.remember(withArguments(mangled, type)) : type;
}

/** A parameter of a template, which may be a template itself, or the name of a type with its kind (`struct`). */
function readParameterType(mangled: Mangled): Node {
  const kind = ELABORATED[mangled.peek(1)];
  if (kind !== undefined) {
    mangled.at += 2;
    return mangled.remember(sequence(kind, readName(mangled, null)));
  }
  const parameter = mangled.remember(readTemplateParameter(mangled));
  if (mangled.peek() !== "I" || mangled.isConversion) return parameter;
  return mangled.remember(withArguments(mangled, parameter));
}

const ELABORATED: Readonly<Record<string, string>> = { s: "struct ", u: "union ", e: "enum " };

/** Whether a `<function-type>` follows, with what may stand before its `F`. */
function isFunction(mangled: Mangled): boolean {
  return mangled.peek() === "F" || (mangled.peek() === "D" && "oOwx".includes(mangled.peek(1) || " "));
}

/** `<function-type>`, whose qualifiers have been read. */
function readFunction(mangled: Mangled, qualifiers: number): Node {
  const { isConversion } = mangled;
  mangled.isConversion = false;
  const behind: Part[] = [];
  if (mangled.take("Do")) {
    behind.push(" noexcept");
  } else if (mangled.take("DO")) {
    behind.push(" noexcept(", readExpression(mangled), ")");
    mangled.expect("E");
  } else if (mangled.take("Dw")) {
    behind.push(" throw(", commas(readTypes(mangled)), ")");
  }
  if (mangled.take("Dx")) behind.push(" transaction_safe");
  mangled.expect("F");
  // A function of C.
  mangled.take("Y");
  const result = readType(mangled);
  const parameters: Node[] = [];
  let flags = qualifiers;
  while (!mangled.take("E")) {
    if (mangled.peek(1) === "E") flags |= readReference(mangled);
    if (mangled.take("v") || mangled.peek() === "E") continue;
    parameters.push(readType(mangled));
  }
  mangled.isConversion = isConversion;
  return node(FUNCTION, "", result, behind.length === 0 ? null : sequence(...behind), parameters, flags);
}

function readTypes(mangled: Mangled): Node[] {
  const types: Node[] = [];
  while (!mangled.take("E")) types.push(readType(mangled));
  return types;
}

/** A number or an expression, if any, and `_`. */
function readDimension(mangled: Mangled): Node | null {
  if (mangled.take("_")) return null;
  const dimension = mangled.isAtDigit ? name(mangled.digits()) : readExpression(mangled);
  mangled.expect("_");
  return dimension;
}

/** `<qualified-type>` with a vendor's qualifier. */
function readVendorQualified(mangled: Mangled): Node {
  mangled.at++;
  const text = mangled.identifier();
  const list: Part[] = [` ${text}`];
  if (mangled.peek() === "I") list.push("<", commas(readTemplateArguments(mangled)), ">");
  return mangled.remember(qualifier(readType(mangled), ...list));
}

/** What begins with `D`. */
function readD(mangled: Mangled): Node {
  const next = mangled.peek(1);
  const builtin = BUILTIN_D[next];
  if (builtin !== undefined) {
    mangled.at += 2;
    return name(builtin);
  }
  if ("oOwx".includes(next)) return mangled.remember(readFunction(mangled, 0));
  if (next === "t" || next === "T") return mangled.remember(readDecltype(mangled));
  mangled.at += 2;
  switch (next) {
    case "p":
      return mangled.remember(node(EXPANSION, "", readType(mangled)));
    case "v": {
      if (mangled.text.startsWith("_", mangled.at)) break;
      const dimension = readDimension(mangled);
      const element = mangled.take("p") ? name("pixel") : readType(mangled);
      return mangled.remember(qualifier(element, " __vector(", dimension ?? "", ")"));
    }
    case "F": {
      const bits = mangled.digits();
      if (mangled.take("b")) return name("std::bfloat16_t");
      const suffix = mangled.take("x") ? "x" : "";
      if (suffix === "") mangled.expect("_");
      return name(`_Float${bits}${suffix}`);
    }
    case "B":
    case "U":
      return sequence(next === "B" ? "_BitInt(" : "unsigned _BitInt(", readDimension(mangled) ?? "", ")");
    case "k":
      return sequence(readName(mangled, null), " auto");
    case "K":
      return sequence(readName(mangled, null), " decltype(auto)");
    case "S":
      if (mangled.take("DA")) return fixedPoint(mangled, "_Sat ", "_Accum");
      mangled.expect("DR");
      return fixedPoint(mangled, "_Sat ", "_Fract");
    case "A":
      return fixedPoint(mangled, "", "_Accum");
    case "R":
      return fixedPoint(mangled, "", "_Fract");
  }
  throw UNREADABLE;
}

function fixedPoint(mangled: Mangled, before: string, kind: string): Node {
  const size = FIXED_POINT[mangled.peek()];
  if (size === undefined) throw UNREADABLE;
  mangled.at++;
  return name(before + size + kind);
}

const FIXED_POINT: Readonly<Record<string, string>> = {
  s: "short ",
  t: "unsigned short ",
  i: "",
  j: "unsigned ",
  l: "long ",
  m: "unsigned long ",
};

/** What is converted to: arguments that follow are not its own. */
export function readTarget(mangled: Mangled): Node {
  const { isConversion } = mangled;
  mangled.isConversion = true;
  const type = readType(mangled);
  mangled.isConversion = isConversion;
  return type;
}

/** `<decltype>` */
export function readDecltype(mangled: Mangled): Node {
  mangled.at += 2;
  const expression = readExpression(mangled);
  mangled.expect("E");
  return sequence("decltype (", expression, ")");
}

/** `<builtin-type>` of one letter. */
const BUILTIN: Readonly<Record<string, string>> = {
  v: "void",
  w: "wchar_t",
  b: "bool",
  c: "char",
  a: "signed char",
  h: "unsigned char",
  s: "short",
  t: "unsigned short",
  i: "int",
  j: "unsigned int",
  l: "long",
  m: "unsigned long",
  x: "long long",
  y: "unsigned long long",
  n: "__int128",
  o: "unsigned __int128",
  f: "float",
  d: "double",
  e: "long double",
  g: "__float128",
  z: "...",
};

/** Those with a `D` before their letter. */
const BUILTIN_D: Readonly<Record<string, string>> = {
  d: "decimal64",
  e: "decimal128",
  f: "decimal32",
  h: "half",
  i: "char32_t",
  s: "char16_t",
  u: "char8_t",
  a: "auto",
  c: "decltype(auto)",
  n: "decltype(nullptr)",
};
