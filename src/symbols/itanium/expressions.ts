import { readLiteral } from "./literals.ts";
import { type Mangled, UNREADABLE } from "./mangled.ts";
import { readName, readQualifiers, readSourceName } from "./names.ts";
import {
  COUNT,
  commas,
  ENCODING,
  EXPANSION,
  FOLD,
  NAME,
  type Node,
  name,
  node,
  OPERAND,
  type Part,
  QUALIFIED,
  sequence,
} from "./nodes.ts";
import { BINARY, PREFIX } from "./operators.ts";
import { readArgumentsUntilEnd, readRequirement, readTemplateParameter } from "./templates.ts";
import { readTarget, readType } from "./types.ts";
import { readUnresolved } from "./unresolved.ts";

/** `<expression>`, written with parentheses around whatever is no single word. @see Itanium C++ ABI §5.1.6 */
export function readExpression(mangled: Mangled): Node {
  mangled.enter();
  const expression = readAny(mangled);
  mangled.leave();
  return expression;
}

function readAny(mangled: Mangled): Node {
  const next = mangled.peek();
  if (next === "L") return readLiteral(mangled);
  if (next === "T") return readTemplateParameter(mangled);
  const scope = mangled.take("gs") ? "::" : "";
  const { at } = mangled;
  const code = mangled.text.slice(at, at + 2);
  mangled.at += 2;
  const form = FORMS[code];
  if (form !== undefined) return readForm(mangled, scope + form);
  const binary = BINARY[code];
  if (binary !== undefined) return readForm(mangled, `$${binary}$`);
  const prefix = PREFIX[code];
  if (prefix !== undefined) return readPrefixed(mangled, code, prefix);
  switch (code) {
    case "cl":
    case "cp": {
      const callee = readExpression(mangled);
      return sequence(operand(withoutType(callee)), "(", readUntil(mangled, "E"), ")");
    }
    case "cv": {
      const type = readTarget(mangled);
      if (!mangled.take("_")) return sequence("(", type, ")", readOperand(mangled));
      return sequence("(", type, ")(", readUntil(mangled, "E"), ")");
    }
    case "nw":
      return readNew(mangled, `${scope}new `);
    case "na":
      return readNew(mangled, `${scope}new[] `);
    case "sp":
      return node(EXPANSION, "", readExpression(mangled));
    case "sZ":
      // The pack of a function's parameters: how many there are is not told.
      if (mangled.peek() === "f") return readForm(mangled, "sizeof...(#)");
      return node(COUNT, "", null, null, [readTemplateParameter(mangled)]);
    case "sP":
      return node(COUNT, "", null, null, readArgumentsUntilEnd(mangled));
    case "il":
      return node(OPERAND, "", null, null, ["{", readBraced(mangled), "}"]);
    case "tl":
      return node(OPERAND, "", null, null, [readType(mangled), "{", readBraced(mangled), "}"]);
    case "fp":
    case "fL":
    case "fR":
    case "fl":
    case "fr":
      return readParameterOrFold(mangled, code);
    case "mc": {
      const conversion = readForm(mangled, "(@)(#)");
      if (mangled.peek() !== "E") mangled.number();
      mangled.expect("E");
      return conversion;
    }
    case "so":
      return readSubobject(mangled);
    case "rq":
    case "rQ":
      return readRequires(mangled, code === "rQ");
  }
  mangled.at = at;
  return next === "u" ? readVendor(mangled) : readUnresolved(mangled, scope);
}

/** Texts, with `@` where a type, `#` where an expression and `$` where an operand is to be read. */
function readForm(mangled: Mangled, form: string): Node {
  const parts: Part[] = [];
  let start = 0;
  for (let at = 0; at <= form.length; at++) {
    const sign = form[at];
    if (sign !== undefined && sign !== "@" && sign !== "#" && sign !== "$") continue;
    if (at > start) parts.push(form.slice(start, at));
    start = at + 1;
    if (sign === "@") parts.push(readType(mangled));
    else if (sign === "#") parts.push(readExpression(mangled));
    else if (sign === "$") parts.push(readOperand(mangled));
  }
  return sequence(...parts);
}

/** Of all but the simple operators. */
const FORMS: Readonly<Record<string, string>> = {
  // Else it would look like the end of a template's arguments.
  gt: "($>$)",
  dt: "$.$",
  ix: "$[#]",
  qu: "$?$ : $",
  sc: "static_cast<@>(#)",
  dc: "dynamic_cast<@>(#)",
  cc: "const_cast<@>(#)",
  rc: "reinterpret_cast<@>(#)",
  dl: "delete $",
  da: "delete[] $",
  st: "sizeof (@)",
  sz: "sizeof $",
  at: "alignof (@)",
  az: "alignof $",
  ti: "typeid (@)",
  te: "typeid $",
  nx: "noexcept (#)",
  tw: "throw $",
  tr: "throw",
};

/** As a part of another expression. */
function readOperand(mangled: Mangled): Node {
  return operand(readExpression(mangled));
}

function operand(expression: Node): Node {
  const { kind } = expression;
  return kind === NAME || kind === QUALIFIED || kind === OPERAND ? expression : sequence("(", expression, ")");
}

function readPrefixed(mangled: Mangled, code: string, symbol: string): Node {
  // These two stand behind their operand, unless `_` says otherwise.
  if ((code === "pp" || code === "mm") && !mangled.take("_")) return sequence(readOperand(mangled), symbol);
  const inner = readExpression(mangled);
  // The address of a member function: its name says enough.
  const isMember = code === "ad" && inner.first?.kind === QUALIFIED && inner.second?.flags === 0;
  return sequence(symbol, operand(isMember ? withoutType(inner) : inner));
}

/** A function's name without the types of its parameters. */
function withoutType(expression: Node): Node {
  const { kind, first, list } = expression;
  if (kind !== ENCODING || first === null) return expression;
  return list.length === 0 ? first : { ...expression, second: null };
}

/** `_` stands before the type, `pi` before the initializers. */
function readNew(mangled: Mangled, before: string): Node {
  const parts: Part[] = [before];
  if (!mangled.take("_")) parts.push("(", readUntil(mangled, "_"), ") ");
  parts.push(readType(mangled));
  if (mangled.take("pi")) parts.push("(", readUntil(mangled, "E"), ")");
  else if (mangled.text.startsWith("il", mangled.at)) parts.push(readExpression(mangled));
  else mangled.expect("E");
  return sequence(...parts);
}

function readUntil(mangled: Mangled, end: string): Node {
  const list: Node[] = [];
  while (!mangled.take(end)) list.push(readExpression(mangled));
  return commas(list);
}

/** `<braced-expression>*` and `E` */
function readBraced(mangled: Mangled): Node {
  const list: Node[] = [];
  while (!mangled.take("E")) list.push(readInitializer(mangled));
  return commas(list);
}

function readInitializer(mangled: Mangled): Node {
  const code = mangled.text.slice(mangled.at, mangled.at + 2);
  if (code !== "di" && code !== "dx" && code !== "dX") return readExpression(mangled);
  mangled.at += 2;
  mangled.enter();
  const parts: Part[] = code === "di" ? [".", readSourceName(mangled)] : ["[", readExpression(mangled)];
  if (code === "dX") parts.push(" ... ", readExpression(mangled));
  if (code !== "di") parts.push("]");
  if (!/^d[ixX]/.test(mangled.text.slice(mangled.at, mangled.at + 2))) parts.push("=");
  parts.push(operand(readInitializer(mangled)));
  mangled.leave();
  return node(OPERAND, "", null, null, parts);
}

/** `<function-param>`, or a fold expression, which begins alike. */
function readParameterOrFold(mangled: Mangled, code: string): Node {
  const isNested = code === "fL" && mangled.isAtDigit;
  if (isNested) {
    mangled.digits();
    mangled.expect("p");
  }
  if (isNested || code === "fp") {
    if (!isNested && mangled.take("T")) return name("this");
    readQualifiers(mangled);
    return name(`{parm#${mangled.ordinal(10) + 1}}`);
  }
  const symbol = BINARY[mangled.text.slice(mangled.at, mangled.at + 2)];
  if (symbol === undefined) throw UNREADABLE;
  mangled.at += 2;
  const left = readOperand(mangled);
  const parts = (...list: Part[]) => node(FOLD, "", null, null, list);
  if (code === "fl") return parts("(...", symbol, left, ")");
  if (code === "fr") return parts("(", left, symbol, "...)");
  return parts("(", left, symbol, "...", symbol, readOperand(mangled), ")");
}

/** A part of an object that a constant refers to: its type and where it lies. */
function readSubobject(mangled: Mangled): Node {
  const type = readType(mangled);
  const object = readOperand(mangled);
  const offset = /[n\d]/.test(mangled.peek()) ? mangled.number() : "0";
  while (mangled.take("_")) mangled.digits();
  mangled.take("p");
  mangled.expect("E");
  return sequence(object, ".<", type, ` at offset ${offset}>`);
}

function readRequires(mangled: Mangled, hasParameters: boolean): Node {
  const parts: Part[] = ["requires "];
  if (hasParameters) {
    const types: Node[] = [];
    while (!mangled.take("_")) types.push(readType(mangled));
    parts.push("(", commas(types), ") ");
  }
  parts.push("{");
  do {
    if (mangled.take("X")) {
      const expression = readExpression(mangled);
      const isNoexcept = mangled.take("N");
      const constraint = mangled.take("R") ? readName(mangled, null) : null;
      const isPlain = !isNoexcept && constraint === null;
      parts.push(isPlain ? " " : " {", expression, isPlain ? "" : "}", isNoexcept ? " noexcept" : "");
      if (constraint !== null) parts.push(" -> ", constraint);
    } else if (mangled.take("T")) {
      parts.push(" typename ", readType(mangled));
    } else {
      mangled.expect("Q");
      parts.push(" requires ", readRequirement(mangled));
    }
    parts.push(";");
  } while (!mangled.take("E"));
  return sequence(...parts, " }");
}

/** What only one compiler knows, written like a call. */
function readVendor(mangled: Mangled): Node {
  mangled.expect("u");
  const callee = mangled.identifier();
  // Older than the rule for the others.
  if (callee === "__uuidof" && mangled.take("t")) return readForm(mangled, "__uuidof(@)");
  if (callee === "__uuidof" && mangled.take("z")) return readForm(mangled, "__uuidof(#)");
  return sequence(callee, "(", commas(readArgumentsUntilEnd(mangled)), ")");
}
