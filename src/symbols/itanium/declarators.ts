import {
  ARRAY,
  CONST,
  CV,
  FUNCTION,
  LVALUE,
  MEMBER,
  type Node,
  POINTER,
  QUALIFIER,
  REFERENCE,
  RESTRICT,
  RVALUE,
  RVALUE_REFERENCE,
  VOLATILE,
} from "./nodes.ts";
import type { Printer, Scope } from "./printer.ts";

/** What stands around a type: C++ writes it inside out. */
export interface Around {
  readonly node: Node;
  /** Qualifiers, without those that the type has anyway. */
  readonly flags: number;
  readonly next: Around | null;
  readonly scope: Scope | null;
}

/** What stands around the type in a type. */
export function enclose(printer: Printer, node: Node, next: Around | null): Around | null {
  const { kind, flags } = node;
  let rest = next;
  if (rest !== null) {
    const outer = rest.node.kind;
    // A reference to a reference: one that is not to an rvalue wins.
    if ((kind === LVALUE || kind === RVALUE) && (outer === LVALUE || outer === RVALUE)) {
      if (outer === LVALUE) return rest;
      rest = rest.next;
    } else if (kind === CV && outer === CV) {
      rest = { ...rest, flags: rest.flags & ~flags };
    } else if (kind === ARRAY && outer === CV) {
      // What is said of an array is said of its elements.
      return { ...rest, next: enclose(printer, node, rest.next) };
    }
  }
  return { node, flags, next: rest, scope: printer.scope };
}

/** The pointers, parameters … around a type; `isInside` the parentheses of another one. */
export function printAround(printer: Printer, first: Around | null, isInside: boolean): void {
  for (let around = first; around !== null; around = around.next) {
    const { node, next } = around;
    printer.scope = around.scope;
    switch (node.kind) {
      case POINTER:
        printer.put("*");
        break;
      case LVALUE:
        printer.put("&");
        break;
      case RVALUE:
        printer.put("&&");
        break;
      case CV:
        printQualifiers(printer, around.flags);
        break;
      case MEMBER:
        if (printer.last !== "(") printer.put(" ");
        printer.print(node.second ?? "");
        printer.put("::*");
        break;
      case QUALIFIER:
        printer.printAll(node.list);
        break;
      case FUNCTION:
        printer.enter();
        if (!isInside) printer.put(" ");
        printInParentheses(printer, next);
        printer.scope = around.scope;
        printSignature(printer, node);
        printer.leave();
        return;
      case ARRAY: {
        printer.enter();
        const isArray = next !== null && next.node.kind === ARRAY;
        if (next !== null && !isArray) printer.put(" (");
        printAround(printer, next, true);
        if (next !== null && !isArray) printer.put(")");
        printer.scope = around.scope;
        printer.put(isArray ? "[" : " [");
        printer.print(node.second ?? "");
        printer.put("]");
        printer.leave();
        return;
      }
    }
  }
}

/** What points to a function. */
function printInParentheses(printer: Printer, around: Around | null): void {
  if (around === null) return;
  const { kind } = around.node;
  if (kind === FUNCTION || kind === ARRAY) {
    printAround(printer, around, true);
    return;
  }
  const isPointer = kind === POINTER || kind === LVALUE || kind === RVALUE;
  if (printer.last !== " " && !(isPointer && (printer.last === "(" || printer.last === "*"))) printer.put(" ");
  printer.put("(");
  printAround(printer, around, true);
  printer.put(")");
}

/** Parameters of a function and what stands behind them. */
export function printSignature(printer: Printer, type: Node): void {
  printer.put("(");
  printer.printList(type.list);
  printer.put(")");
  printQualifiers(printer, type.flags);
  if (type.second !== null) printer.print(type.second);
}

function printQualifiers(printer: Printer, flags: number): void {
  if (flags & CONST) printer.put(" const");
  if (flags & VOLATILE) printer.put(" volatile");
  if (flags & RESTRICT) printer.put(" restrict");
  if (flags & REFERENCE) printer.put(" &");
  if (flags & RVALUE_REFERENCE) printer.put(" &&");
}

/** A lambda: in its type, parameters of templates are its own. */
export function printClosure(printer: Printer, node: Node): void {
  const scope = printer.scope;
  const { list: declared = [], first: requirement = null } = node.first ?? {};
  const enclosing = node.flags === 0 ? scope : null;
  const level = enclosing === null ? 0 : enclosing.level + 1;
  printer.scope = { list: null, declared, enclosing, level, outside: scope };
  printer.put("{lambda");
  if (declared.length > 0) {
    printer.put("<");
    for (const [index, declaration] of declared.entries()) {
      if (index > 0) printer.put(", ");
      printer.print(declaration);
      if (typeof declaration !== "string") printer.put(` ${declaration.text}`);
    }
    printer.put(printer.last === ">" ? " >" : ">");
  }
  if (requirement !== null) {
    printer.put(" requires ");
    printer.print(requirement);
    printer.put(" ");
  }
  printer.put("(");
  printer.printList(node.list);
  printer.put(")");
  if (node.second !== null) {
    printer.put(" requires ");
    printer.print(node.second);
  }
  printer.put(`#${node.number}}`);
  printer.scope = scope;
}
