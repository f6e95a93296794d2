import { readEncoding } from "./encoding.ts";
import { readExpression } from "./expressions.ts";
import { readLiteral } from "./literals.ts";
import { type Mangled, UNREADABLE } from "./mangled.ts";
import { readName } from "./names.ts";
import { commas, type Node, node, PACK, PARAMETER, type Part, REQUIREMENT, sequence, TEMPLATE } from "./nodes.ts";
import { readType } from "./types.ts";

/** `<template-param>`: what it stands for is told when it is printed, by where that is. @see Itanium C++ ABI §5.1.5.8 */
export function readTemplateParameter(mangled: Mangled): Node {
  const start = mangled.at;
  mangled.expect("T");
  const level = mangled.take("L") ? mangled.ordinal(10) : 0;
  if (mangled.text.startsWith("TL_", start)) throw UNREADABLE;
  const index = mangled.ordinal(10);
  return node(PARAMETER, mangled.text.slice(start, mangled.at - 1), null, null, undefined, level, index);
}

/** A name with the `<template-args>` that stand here. */
export function withArguments(mangled: Mangled, name: Node): Node {
  return node(TEMPLATE, "", name, null, readTemplateArguments(mangled));
}

/** `<template-args>`; what is required of them is left out, as it is known by the template. */
export function readTemplateArguments(mangled: Mangled): Node[] {
  mangled.expect("I");
  const { isConversion } = mangled;
  mangled.isConversion = false;
  const list: Node[] = [];
  while (!mangled.take("E")) {
    if (mangled.take("Q")) {
      readRequirement(mangled);
      mangled.expect("E");
      break;
    }
    list.push(readTemplateArgument(mangled));
  }
  mangled.isConversion = isConversion;
  return list;
}

/** `<template-arg>` */
export function readTemplateArgument(mangled: Mangled): Node {
  // What kind of parameter it is the argument for, where it would not be known otherwise.
  while (isDeclaration(mangled)) readDeclaration(mangled, 0);
  switch (mangled.peek()) {
    case "X": {
      mangled.at++;
      const expression = readExpression(mangled);
      mangled.expect("E");
      return expression;
    }
    // As old compilers wrote packs.
    case "I":
    case "J": {
      mangled.at++;
      return node(PACK, "", null, null, readArgumentsUntilEnd(mangled));
    }
    case "L": {
      if (mangled.peek(1) !== "Z") return readLiteral(mangled);
      // As old compilers wrote names of functions.
      mangled.at += 2;
      const encoding = readEncoding(mangled);
      mangled.expect("E");
      return encoding;
    }
  }
  return readType(mangled);
}

/** `<template-arg>*` and `E` */
export function readArgumentsUntilEnd(mangled: Mangled): Node[] {
  mangled.enter();
  const list: Node[] = [];
  while (!mangled.take("E")) list.push(readTemplateArgument(mangled));
  mangled.leave();
  return list;
}

/** Whether a `<template-param-decl>` stands here. */
export function isDeclaration(mangled: Mangled): boolean {
  return mangled.peek() === "T" && "yptnk".includes(mangled.peek(1) || " ");
}

/**
 * `<template-param-decl>`: `text` of the node is the name that is made up for the parameter, which has none in the
 * mangled name.
 */
export function readDeclaration(mangled: Mangled, index: number): Node {
  const dots: string[] = [];
  while (mangled.take("Tp")) dots.push("...");
  mangled.expect("T");
  mangled.enter();
  const declared = (name: string, ...list: Part[]) => ({ ...sequence(...list, ...dots), text: name + index });
  let declaration: Node;
  if (mangled.take("y")) {
    declaration = declared("$T", "typename");
  } else if (mangled.take("k")) {
    declaration = declared("$T", readName(mangled, null));
  } else if (mangled.take("n")) {
    declaration = declared("$N", readType(mangled));
  } else {
    mangled.expect("t");
    const list: Node[] = [];
    while (!mangled.take("E")) {
      list.push(readDeclaration(mangled, 0));
      if (mangled.take("Q")) readRequirement(mangled);
    }
    declaration = declared("$TT", "template<", commas(list), "> class");
  }
  mangled.leave();
  return declaration;
}

/**
 * What stands behind `requires`. There all enclosing lists of parameters count, also those of templates whose
 * specialization cannot be seen: so parameters keep their mangled names, as LLVM has it.
 */
export function readRequirement(mangled: Mangled): Node {
  return node(REQUIREMENT, "", readExpression(mangled));
}
