import { UNREADABLE } from "./mangled.ts";
import {
  ARRAY,
  CLOSURE,
  COMMAS,
  CONST,
  CONVERSION,
  COUNT,
  CV,
  ENCODING,
  EXPANSION,
  FOLD,
  FUNCTION,
  LOCAL,
  LVALUE,
  MEMBER,
  NAME,
  type Node,
  OPERAND,
  PACK,
  PARAMETER,
  type Part,
  POINTER,
  QUALIFIED,
  QUALIFIER,
  REFERENCE,
  REQUIREMENT,
  RESTRICT,
  RVALUE,
  RVALUE_REFERENCE,
  SEQUENCE,
  TEMPLATE,
  VOLATILE,
} from "./nodes.ts";

/** What `T_`, `T0_` … stand for at some place. */
interface Scope {
  /** Arguments, or `null` in a lambda, whose parameters are its own. */
  readonly list: readonly Part[] | null;
  /** What a lambda has declared. */
  readonly declared: readonly Part[];
  /** Around it, counted by `TL0_` … */
  readonly enclosing: Scope | null;
  readonly level: number;
  /** Where the arguments stand, with other parameters. */
  readonly outside: Scope | null;
}

/** What stands around a type: C++ writes it inside out. */
interface Around {
  readonly node: Node;
  /** Qualifiers, without those that the type has anyway. */
  readonly flags: number;
  readonly next: Around | null;
  readonly scope: Scope | null;
}

/** Writes what has been read, as c++filt does. */
export class Printer {
  #text = "";
  #last = "";
  readonly #limit: number;
  #scope: Scope | null = null;
  /** That of the function whose name is being written: operators know the parameters of their templates before. */
  #own: Scope | null = null;
  /** Which element of packs is meant; -1 for all. */
  #element = 0;
  /** How many elements the packs of an expansion have; -1 as long as none has been seen. */
  #elements = -1;
  /** Whether parameters of templates are written as they are mangled. */
  #isRequirement = false;
  #steps = 0;
  #depth = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get text(): string {
    return this.#text;
  }

  #put(text: string): void {
    if (text === "") return;
    this.#text += text;
    if (this.#text.length > this.#limit) throw UNREADABLE;
    this.#last = text[text.length - 1] as string;
  }

  /** Writes a node; if it is a type, with what stands around it. */
  print(part: Part, outer: Around | null = null): void {
    if (typeof part === "string") {
      this.#put(part);
      return;
    }
    // What says nothing can be said without end.
    if (++this.#steps > MOST_STEPS || ++this.#depth > DEEPEST) throw UNREADABLE;
    const scope = this.#scope;
    let node = part;
    let around = outer;
    for (;;) {
      const { kind } = node;
      if (kind === PARAMETER) {
        const argument = this.#argument(node);
        if (argument === null) break;
        node = argument;
        continue;
      }
      if (kind < POINTER) {
        this.#printPlain(node);
        break;
      }
      around = this.#enclose(node, around);
      if (node.first === null) break;
      node = node.first;
    }
    this.#printAround(around, false);
    this.#scope = scope;
    this.#depth--;
  }

  #enclose(node: Node, next: Around | null): Around | null {
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
        return { ...rest, next: this.#enclose(node, rest.next) };
      }
    }
    return { node, flags, next: rest, scope: this.#scope };
  }

  /** The pointers, parameters … around a type; `isInside` the parentheses of another one. */
  #printAround(first: Around | null, isInside: boolean): void {
    for (let around = first; around !== null; around = around.next) {
      const { node, next } = around;
      this.#scope = around.scope;
      switch (node.kind) {
        case POINTER:
          this.#put("*");
          break;
        case LVALUE:
          this.#put("&");
          break;
        case RVALUE:
          this.#put("&&");
          break;
        case CV:
          this.#printQualifiers(around.flags);
          break;
        case MEMBER:
          if (this.#last !== "(") this.#put(" ");
          this.print(node.second ?? "");
          this.#put("::*");
          break;
        case QUALIFIER:
          this.#printAll(node.list);
          break;
        case FUNCTION:
          if (!isInside) this.#put(" ");
          this.#printInParentheses(next);
          this.#scope = around.scope;
          this.#printSignature(node);
          return;
        case ARRAY: {
          const isArray = next !== null && next.node.kind === ARRAY;
          if (next !== null && !isArray) this.#put(" (");
          this.#printAround(next, true);
          if (next !== null && !isArray) this.#put(")");
          this.#scope = around.scope;
          this.#put(isArray ? "[" : " [");
          this.print(node.second ?? "");
          this.#put("]");
          return;
        }
      }
    }
  }

  /** What points to a function. */
  #printInParentheses(around: Around | null): void {
    if (around === null) return;
    const { kind } = around.node;
    if (kind === FUNCTION || kind === ARRAY) {
      this.#printAround(around, true);
      return;
    }
    const isPointer = kind === POINTER || kind === LVALUE || kind === RVALUE;
    if (this.#last !== " " && !(isPointer && (this.#last === "(" || this.#last === "*"))) this.#put(" ");
    this.#put("(");
    this.#printAround(around, true);
    this.#put(")");
  }

  #printSignature(type: Node): void {
    this.#put("(");
    this.#printList(type.list);
    this.#put(")");
    this.#printQualifiers(type.flags);
    if (type.second !== null) this.print(type.second);
  }

  #printQualifiers(flags: number): void {
    if (flags & CONST) this.#put(" const");
    if (flags & VOLATILE) this.#put(" volatile");
    if (flags & RESTRICT) this.#put(" restrict");
    if (flags & REFERENCE) this.#put(" &");
    if (flags & RVALUE_REFERENCE) this.#put(" &&");
  }

  #printPlain(node: Node): void {
    switch (node.kind) {
      case SEQUENCE:
      case OPERAND:
        this.#printAll(node.list);
        return;
      case LOCAL: {
        this.print(node.first ?? "");
        this.#put("::");
        // What is in a function knows nothing of where the function is named.
        const scope = this.#scope;
        this.#scope = null;
        this.print(node.second ?? "");
        this.#scope = scope;
        return;
      }
      case QUALIFIED:
        this.print(node.first ?? "");
        this.#put("::");
        this.print(node.second ?? "");
        return;
      case CONVERSION: {
        const scope = this.#scope;
        this.#scope = this.#own;
        this.#put("operator ");
        this.print(node.first ?? "");
        this.#scope = scope;
        return;
      }
      case TEMPLATE:
        this.print(node.first ?? "");
        this.#put(this.#last === "<" ? " <" : "<");
        this.#printList(node.list);
        this.#put(this.#last === ">" ? " >" : ">");
        return;
      case CLOSURE:
        this.#printClosure(node);
        return;
      case ENCODING:
        this.#printEncoding(node);
        return;
      case PACK:
      case COMMAS:
        this.#printList(node.list);
        return;
      case EXPANSION:
        this.#printExpansion(node.first ?? "");
        return;
      case COUNT:
        this.#printCount(node.list);
        return;
      case FOLD: {
        const element = this.#element;
        this.#element = ALL;
        this.#printAll(node.list);
        this.#element = element;
        return;
      }
      case REQUIREMENT: {
        const isRequirement = this.#isRequirement;
        this.#isRequirement = true;
        this.print(node.first ?? "");
        this.#isRequirement = isRequirement;
        return;
      }
      default:
        this.#put(node.text);
    }
  }

  #printAll(parts: readonly Part[]): void {
    for (const part of parts) this.print(part);
  }

  /** With commas, but none for packs of nothing. */
  #printList(parts: readonly Part[]): void {
    let hasAny = false;
    for (const part of parts) {
      const text = this.#text;
      const last = this.#last;
      if (hasAny) this.#put(", ");
      const { length } = this.#text;
      this.print(part);
      if (this.#text.length > length) {
        hasAny = true;
      } else {
        this.#text = text;
        this.#last = last;
      }
    }
  }

  /** A function: its parameters are those of its template. */
  #printEncoding(node: Node): void {
    const outside = this.#scope;
    const own = this.#own;
    const { list } = node;
    this.#own = list.length === 0 ? outside : { list, declared: [], enclosing: null, level: 0, outside };
    this.print(node.first ?? "");
    this.#scope = this.#own;
    if (node.second !== null) this.#printSignature(node.second);
    this.#scope = outside;
    this.#own = own;
  }

  #printClosure(node: Node): void {
    const scope = this.#scope;
    const { list: declared = [], first: requirement = null } = node.first ?? {};
    const enclosing = node.flags === 0 ? scope : null;
    const level = enclosing === null ? 0 : enclosing.level + 1;
    this.#scope = { list: null, declared, enclosing, level, outside: scope };
    this.#put("{lambda");
    if (declared.length > 0) {
      this.#put("<");
      for (const [index, declaration] of declared.entries()) {
        if (index > 0) this.#put(", ");
        this.print(declaration);
        if (typeof declaration !== "string") this.#put(` ${declaration.text}`);
      }
      this.#put(this.#last === ">" ? " >" : ">");
    }
    if (requirement !== null) {
      this.#put(" requires ");
      this.print(requirement);
      this.#put(" ");
    }
    this.#put("(");
    this.#printList(node.list);
    this.#put(")");
    if (node.second !== null) {
      this.#put(" requires ");
      this.print(node.second);
    }
    this.#put(`#${node.number}}`);
    this.#scope = scope;
  }

  /** What stands for a parameter of a template, in whose scope we are then; `null` if it has been written. */
  #argument(parameter: Node): Node | null {
    const { flags: level, number: index } = parameter;
    if (this.#isRequirement) {
      this.#put(parameter.text);
      return null;
    }
    let scope = this.#scope;
    while (scope !== null && scope.level > level) scope = scope.enclosing;
    if (scope === null || scope.level < level) throw UNREADABLE;
    if (scope.list === null) {
      const declared = scope.declared[index];
      this.#put(typeof declared === "object" ? declared.text : `auto:${index + 1}`);
      return null;
    }
    const argument = scope.list[index];
    if (typeof argument !== "object") throw UNREADABLE;
    this.#scope = scope.outside;
    if (argument.kind !== PACK || this.#element === ALL) return argument;
    if (this.#elements < 0) this.#elements = argument.list.length;
    const element = argument.list[this.#element];
    return typeof element === "object" ? element : null;
  }

  /** Returns how many elements it has. */
  #printExpansion(pattern: Part): number {
    const { length } = this.#text;
    const text = this.#text;
    const last = this.#last;
    const element = this.#element;
    const elements = this.#elements;
    this.#element = 0;
    this.#elements = -1;
    this.print(pattern);
    const count = this.#elements;
    if (count < 0) {
      // The parameters of a lambda or a function, which have no types here.
      const printed = this.#text.slice(length);
      this.#text = text;
      this.#put(typeof pattern === "object" && pattern.kind === NAME ? `${printed}...` : `(${printed})...`);
    } else if (count === 0) {
      this.#text = text;
      this.#last = last;
    }
    for (this.#element = 1; this.#element < count; this.#element++) {
      this.#put(", ");
      this.print(pattern);
    }
    this.#element = element;
    this.#elements = elements;
    return count;
  }

  /** How many elements packs have, or their names where that is not known. */
  #printCount(parts: readonly Part[]): void {
    const text = this.#text;
    const last = this.#last;
    let count = 0;
    for (const part of parts) {
      const elements = typeof part === "string" ? 1 : this.#countElements(part);
      count = elements < 0 ? Number.NaN : count + elements;
    }
    this.#text = text;
    this.#last = last;
    if (count >= 0) {
      this.#put(`${count}`);
    } else {
      this.#put("sizeof...(");
      this.#printList(parts);
      this.#put(")");
    }
  }

  #countElements(node: Node): number {
    if (node.kind === EXPANSION) return this.#printExpansion(node.first ?? "");
    if (node.kind !== PARAMETER) return 1;
    const { length } = this.#text;
    const elements = this.#elements;
    const scope = this.#scope;
    this.#elements = -1;
    this.#argument(node);
    const count = this.#elements;
    this.#elements = elements;
    this.#scope = scope;
    return count < 0 && this.#text.length === length ? 1 : count;
  }
}

const ALL = -1;
/** Real names take some thousands. */
const MOST_STEPS = 1 << 17;
const DEEPEST = 512;
