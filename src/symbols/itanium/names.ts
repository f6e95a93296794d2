import { readEncoding } from "./encoding.ts";
import { isDigit, type Mangled, UNREADABLE } from "./mangled.ts";
import {
  CLOSURE,
  CONST,
  CONVERSION,
  LOCAL,
  MODULE,
  type Node,
  name,
  node,
  type Part,
  QUALIFIED,
  REFERENCE,
  RESTRICT,
  RVALUE_REFERENCE,
  SEQUENCE,
  STANDARD,
  sequence,
  TEMPLATE,
  VOLATILE,
} from "./nodes.ts";
import { BINARY, NAMEABLE, PREFIX } from "./operators.ts";
import { marked, readModule, readSubstitution, withTags } from "./substitutions.ts";
import { readTemplateParameter, withArguments } from "./templates.ts";
import { readDecltype, readTarget } from "./types.ts";
import { readUnnamed } from "./unnamed.ts";

/** What the name of a function or variable tells of it, beside the name. */
export interface Entity {
  /** What its type's `T_`, `T0_` … stand for: the last arguments in its name. */
  templateArguments: readonly Part[] | null;
  /** Whether the name ends with arguments: then the type that it returns is mangled, too … */
  isTemplate: boolean;
  /** … unless it is a constructor, a destructor or a conversion. */
  hasNoResult: boolean;
  /** `const`, `&` and the like of a member function. */
  flags: number;
  /** Whether the first parameter is the explicit object. */
  hasThis: boolean;
}

/** `<name>`; `entity` where it is that of an encoding. @see Itanium C++ ABI §5.1.3 */
export function readName(mangled: Mangled, entity: Entity | null): Node {
  const next = mangled.peek();
  if (next === "N") return readNested(mangled, entity);
  if (next === "Z") return readLocal(mangled, entity);
  let unscoped: Node;
  if (next === "S" && mangled.peek(1) !== "t") {
    const known = readSubstitution(mangled);
    if (known.kind !== MODULE) return withEntityArguments(mangled, known, entity);
    unscoped = readUnqualified(mangled, entity, null, known);
  } else {
    unscoped = readUnqualified(mangled, entity, mangled.take("St") ? STD : null, null);
  }
  return mangled.peek() === "I" ? withEntityArguments(mangled, mangled.remember(unscoped), entity) : unscoped;
}

function withEntityArguments(mangled: Mangled, name: Node, entity: Entity | null): Node {
  const template = withArguments(mangled, name);
  if (entity !== null) {
    entity.templateArguments = template.list;
    entity.isTemplate = true;
  }
  return template;
}

const STD = name("std");

/** `<nested-name>` */
function readNested(mangled: Mangled, entity: Entity | null): Node {
  mangled.expect("N");
  const hasThis = mangled.take("H");
  const flags = hasThis ? 0 : readQualifiers(mangled) | readReference(mangled);
  if (entity !== null) {
    entity.flags = flags;
    entity.hasThis = hasThis;
  }
  let scope: Node | null = null;
  let isRemembered = false;
  while (!mangled.take("E")) {
    if (entity !== null) entity.isTemplate = false;
    const next = mangled.peek();
    let module: Node | null = null;
    if (next === "S") {
      const known = mangled.take("St") ? STD : readSubstitution(mangled);
      if (known.kind !== MODULE) {
        if (scope !== null) throw UNREADABLE;
        scope = known;
        isRemembered = false;
        continue;
      }
      module = known;
    }
    if (next === "I") {
      if (scope === null || scope.kind === TEMPLATE) throw UNREADABLE;
      scope = withEntityArguments(mangled, scope, entity);
    } else if (next === "T" || (next === "D" && /[tT]/.test(mangled.peek(1)))) {
      if (scope !== null) throw UNREADABLE;
      scope = next === "T" ? readTemplateParameter(mangled) : readDecltype(mangled);
    } else {
      scope = readUnqualified(mangled, entity, scope, module);
    }
    mangled.remember(scope);
    isRemembered = true;
    mangled.isInitializer = mangled.take("M");
  }
  // The whole is remembered by who asked for it, where it can be: as a type.
  if (scope === null || !isRemembered) throw UNREADABLE;
  mangled.substitutions.pop();
  return scope;
}

/** `[r] [V] [K]` */
export function readQualifiers(mangled: Mangled): number {
  let flags = mangled.take("r") ? RESTRICT : 0;
  if (mangled.take("V")) flags |= VOLATILE;
  if (mangled.take("K")) flags |= CONST;
  return flags;
}

/** `<ref-qualifier>` */
export function readReference(mangled: Mangled): number {
  if (mangled.take("R")) return REFERENCE;
  return mangled.take("O") ? RVALUE_REFERENCE : 0;
}

/** `<local-name>` */
function readLocal(mangled: Mangled, entity: Entity | null): Node {
  mangled.expect("Z");
  const encoding = readEncoding(mangled);
  mangled.expect("E");
  let inner: Node;
  if (mangled.take("s")) {
    inner = name("string literal");
    skipDiscriminator(mangled);
  } else if (mangled.take("d")) {
    const number = mangled.ordinal(10) + 1;
    inner = node(QUALIFIED, "", name(`{default arg#${number}}`), readName(mangled, entity));
  } else {
    inner = readName(mangled, entity);
    skipDiscriminator(mangled);
  }
  return node(LOCAL, "", encoding, inner);
}

/** `_3`, `__12_`, and as some compilers wrote it at the end, `3`. */
function skipDiscriminator(mangled: Mangled): void {
  const { at } = mangled;
  if (mangled.take("__")) {
    if (mangled.digits() === "" || !mangled.take("_")) mangled.at = at;
  } else if (mangled.take("_")) {
    if (mangled.isAtDigit) mangled.at++;
    else mangled.at = at;
  } else if (mangled.digits() !== "" && mangled.peek() !== "") {
    mangled.at = at;
  }
}

/** `<unqualified-name>` in a scope and a module, with what stands before and behind it. */
export function readUnqualified(
  mangled: Mangled,
  entity: Entity | null,
  scope: Node | null,
  module: Node | null,
): Node {
  const place = readModule(mangled, module);
  const isFriend = scope !== null && mangled.take("F");
  // It is of this file alone.
  mangled.take("L");
  const next = mangled.peek();
  const isAbbreviation = scope?.kind === STANDARD && next !== "C" && next !== "D";
  let own = readOwn(mangled, entity, scope);
  if (place !== null) own = marked(own, "@", place);
  own = withTags(mangled, own);
  if (isFriend) own = sequence("friend ", own);
  if (scope === null) return own;
  return node(QUALIFIED, "", scope.kind === STANDARD && !isAbbreviation ? name(scope.list[0] as string) : scope, own);
}

function readOwn(mangled: Mangled, entity: Entity | null, scope: Node | null): Node {
  if (mangled.isAtDigit) return readSourceName(mangled);
  switch (mangled.peek()) {
    case "U":
      return readUnnamed(mangled);
    case "C":
      if (scope !== null) return readConstructor(mangled, entity, scope, "");
      break;
    case "D": {
      if (mangled.take("DC")) {
        const names = [];
        do names.push(mangled.identifier());
        while (!mangled.take("E"));
        return name(`[${names.join(", ")}]`);
      }
      if (scope !== null) return readConstructor(mangled, entity, scope, "~");
    }
  }
  return readOperator(mangled, entity);
}

/** `<source-name>` */
export function readSourceName(mangled: Mangled): Node {
  const text = mangled.identifier();
  // With a separator between that the file format allows.
  const isAnonymous = text.startsWith("_GLOBAL_") && text[9] === "N" && "._$".includes(text[8] as string);
  return name(isAnonymous ? "(anonymous namespace)" : text);
}

/** `<ctor-dtor-name>`: named as its class is. */
function readConstructor(mangled: Mangled, entity: Entity | null, scope: Node, before: string): Node {
  mangled.at++;
  const isInherited = before === "" && mangled.take("I");
  if (!(before === "" ? "12345" : "01245").includes(mangled.peek() || " ")) throw UNREADABLE;
  mangled.at++;
  if (isInherited) readName(mangled, null);
  if (entity !== null) entity.hasNoResult = true;
  return sequence(before, lastName(scope));
}

/** The last part of a name, without arguments and tags. */
function lastName(name: Node): Part {
  for (let part = name; ; ) {
    if (part.kind === STANDARD) return part.list[1] as string;
    if (part.kind === CLOSURE) return part;
    const inner = part.kind === TEMPLATE || part.kind === SEQUENCE ? part.first : part.second;
    if (inner === null) return part;
    part = inner;
  }
}

/** `<operator-name>` */
export function readOperator(mangled: Mangled, entity: Entity | null): Node {
  const code = mangled.text.slice(mangled.at, mangled.at + 2);
  const symbol = BINARY[code] ?? PREFIX[code] ?? NAMEABLE[code];
  if (symbol !== undefined) {
    mangled.at += 2;
    return name(`operator${symbol}`);
  }
  if (mangled.take("cv")) {
    if (entity !== null) entity.hasNoResult = true;
    return node(CONVERSION, "", readTarget(mangled));
  }
  if (mangled.take("li")) return name(`operator"" ${mangled.identifier()}`);
  if (code[0] === "v" && isDigit(code.charCodeAt(1))) {
    mangled.at += 2;
    return name(`operator ${mangled.identifier()}`);
  }
  throw UNREADABLE;
}
