import { readLiteral } from "./literals.ts";
import { isDigit, type Mangled, UNREADABLE } from "./mangled.ts";
import { readName, readOperator, readQualifiers, readSourceName, readSubstitution } from "./names.ts";
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
import { readRequirement, readTemplateArgument, readTemplateParameter, withArguments } from "./templates.ts";
import { readDecltype, readType } from "./types.ts";

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
  const isGlobal = mangled.take("gs");
  const scope = isGlobal ? "::" : "";
  const { at } = mangled;
  const code = mangled.text.slice(at, at + 2);
  mangled.at += 2;
  const binary = BINARY[code];
  if (binary !== undefined) return readBinary(mangled, binary);
  const prefix = PREFIX[code];
  if (prefix !== undefined) return readPrefixed(mangled, code, prefix);
  switch (code) {
    case "dt":
      return readBinary(mangled, ".");
    case "ix": {
      const base = readOperand(mangled);
      return sequence(base, "[", readExpression(mangled), "]");
    }
    case "qu": {
      const condition = readOperand(mangled);
      const positive = readOperand(mangled);
      return sequence(condition, "?", positive, " : ", readOperand(mangled));
    }
    case "cl":
    case "cp": {
      const callee = readExpression(mangled);
      return sequence(operand(withoutType(callee)), "(", commas(readUntil(mangled, "E")), ")");
    }
    case "cv": {
      const { isConversion } = mangled;
      mangled.isConversion = true;
      const type = readType(mangled);
      mangled.isConversion = isConversion;
      if (!mangled.take("_")) return sequence("(", type, ")", readOperand(mangled));
      return sequence("(", type, ")(", commas(readUntil(mangled, "E")), ")");
    }
    case "sc":
      return readCast(mangled, "static_cast<");
    case "dc":
      return readCast(mangled, "dynamic_cast<");
    case "cc":
      return readCast(mangled, "const_cast<");
    case "rc":
      return readCast(mangled, "reinterpret_cast<");
    case "nw":
      return readNew(mangled, `${scope}new `);
    case "na":
      return readNew(mangled, `${scope}new[] `);
    case "dl":
      return sequence(`${scope}delete `, readOperand(mangled));
    case "da":
      return sequence(`${scope}delete[] `, readOperand(mangled));
    case "st":
      return sequence("sizeof (", readType(mangled), ")");
    case "sz":
      return sequence("sizeof ", readOperand(mangled));
    case "at":
      return sequence("alignof (", readType(mangled), ")");
    case "az":
      return sequence("alignof ", readOperand(mangled));
    case "ti":
      return sequence("typeid (", readType(mangled), ")");
    case "te":
      return sequence("typeid ", readOperand(mangled));
    case "nx":
      return sequence("noexcept (", readExpression(mangled), ")");
    case "tw":
      return sequence("throw ", readOperand(mangled));
    case "tr":
      return sequence("throw");
    case "sp":
      return node(EXPANSION, "", readExpression(mangled));
    case "sZ":
      // The pack of a function's parameters: how many there are is not told.
      if (mangled.peek() === "f") return sequence("sizeof...(", readExpression(mangled), ")");
      return node(COUNT, "", null, null, [readTemplateParameter(mangled)]);
    case "sP": {
      const list: Node[] = [];
      while (!mangled.take("E")) list.push(readTemplateArgument(mangled));
      return node(COUNT, "", null, null, list);
    }
    case "il":
      return node(OPERAND, "", null, null, ["{", commas(readBraced(mangled)), "}"]);
    case "tl": {
      const type = readType(mangled);
      return node(OPERAND, "", null, null, [type, "{", commas(readBraced(mangled)), "}"]);
    }
    case "fp":
    case "fL":
    case "fR":
    case "fl":
    case "fr":
      return readParameterOrFold(mangled, code);
    case "mc": {
      const type = readType(mangled);
      const expression = readExpression(mangled);
      if (!mangled.take("E")) {
        mangled.number();
        mangled.expect("E");
      }
      return sequence("(", type, ")(", expression, ")");
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

/** As a part of another expression. */
function readOperand(mangled: Mangled): Node {
  return operand(readExpression(mangled));
}

function operand(expression: Node): Node {
  const { kind } = expression;
  return kind === NAME || kind === QUALIFIED || kind === OPERAND ? expression : sequence("(", expression, ")");
}

function readBinary(mangled: Mangled, symbol: string): Node {
  const left = readOperand(mangled);
  const right = readOperand(mangled);
  // Else it would look like the end of a template's arguments.
  return symbol === ">" ? sequence("(", left, ">", right, ")") : sequence(left, symbol, right);
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

function readCast(mangled: Mangled, before: string): Node {
  const type = readType(mangled);
  return sequence(before, type, ">(", readExpression(mangled), ")");
}

/** `_` stands before the type, `pi` before the initializers. */
function readNew(mangled: Mangled, before: string): Node {
  const placement = readUntil(mangled, "_");
  const parts: Part[] = [before];
  if (placement.length > 0) parts.push("(", commas(placement), ") ");
  parts.push(readType(mangled));
  if (mangled.take("pi")) parts.push("(", commas(readUntil(mangled, "E")), ")");
  else if (mangled.text.startsWith("il", mangled.at)) parts.push(readExpression(mangled));
  else mangled.expect("E");
  return sequence(...parts);
}

function readUntil(mangled: Mangled, end: string): Node[] {
  const list: Node[] = [];
  while (!mangled.take(end)) list.push(readExpression(mangled));
  return list;
}

/** `<braced-expression>*` and `E` */
function readBraced(mangled: Mangled): Node[] {
  const list: Node[] = [];
  while (!mangled.take("E")) list.push(readInitializer(mangled));
  return list;
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
  const isNested = code === "fL" && isDigit(mangled.text.charCodeAt(mangled.at));
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
  const list: Node[] = [];
  // Older than the rule for the others.
  if (callee === "__uuidof" && mangled.take("t")) list.push(readType(mangled));
  else if (callee === "__uuidof" && mangled.take("z")) list.push(readExpression(mangled));
  else while (!mangled.take("E")) list.push(readTemplateArgument(mangled));
  return sequence(callee, "(", commas(list), ")");
}

/** `<unresolved-name>` */
function readUnresolved(mangled: Mangled, global: string): Node {
  let name: Node;
  if (!mangled.take("sr")) {
    name = inGlobalScope(readBase(mangled), global);
  } else {
    let scope: Node;
    if (isDigit(mangled.text.charCodeAt(mangled.at))) {
      scope = inGlobalScope(readSimple(mangled), global);
      while (!mangled.take("E")) scope = qualified(scope, readSimple(mangled));
    } else {
      const isLong = mangled.take("N");
      scope = readUnresolvedType(mangled);
      if (mangled.peek() === "I") scope = mangled.remember(withArguments(mangled, scope));
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
    case "S":
      return mangled.take("St")
        ? mangled.remember(qualified(name("std"), readSourceName(mangled)))
        : readSubstitution(mangled);
  }
  throw UNREADABLE;
}

/** `<base-unresolved-name>` without its arguments. */
function readBase(mangled: Mangled): Node {
  if (isDigit(mangled.text.charCodeAt(mangled.at))) return readSourceName(mangled);
  if (mangled.take("dn")) {
    const isSimple = isDigit(mangled.text.charCodeAt(mangled.at));
    return sequence("~", isSimple ? readSimple(mangled) : readUnresolvedType(mangled));
  }
  mangled.take("on");
  return readOperator(mangled, null);
}
