import { type Around, enclose, printAround, printClosure, printSignature } from "./declarators.ts";
import { UNREADABLE } from "./mangled.ts";
import {
  CLOSURE,
  COMMAS,
  CONVERSION,
  COUNT,
  ENCODING,
  EXPANSION,
  FOLD,
  LOCAL,
  NAME,
  type Node,
  OPERAND,
  PACK,
  PARAMETER,
  type Part,
  POINTER,
  QUALIFIED,
  REQUIREMENT,
  SEQUENCE,
  TEMPLATE,
} from "./nodes.ts";

/** What `T_`, `T0_` … stand for at some place. */
export interface Scope {
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

/** Writes what has been read, as c++filt does. */
export class Printer {
  text = "";
  /** The last character. */
  last = "";
  /** What parameters of templates stand for. */
  scope: Scope | null = null;
  readonly #limit: number;
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

  put(text: string): void {
    if (text === "") return;
    this.text += text;
    if (this.text.length > this.#limit) throw UNREADABLE;
    this.last = text[text.length - 1] as string;
  }

  /** Writes a node; if it is a type, with what stands around it. */
  print(part: Part, outer: Around | null = null): void {
    if (typeof part === "string") {
      this.put(part);
      return;
    }
    this.enter();
    const scope = this.scope;
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
      around = enclose(this, node, around);
      if (node.first === null) break;
      node = node.first;
    }
    printAround(this, around, false);
    this.scope = scope;
    this.leave();
  }

  /** To be called where printing enters itself: a hostile name must not use up the stack, nor say nothing without end. */
  enter(): void {
    if (++this.#steps > MOST_STEPS || ++this.#depth > DEEPEST) throw UNREADABLE;
  }

  leave(): void {
    this.#depth--;
  }

  #printPlain(node: Node): void {
    switch (node.kind) {
      case SEQUENCE:
      case OPERAND:
        this.printAll(node.list);
        return;
      case LOCAL: {
        this.print(node.first ?? "");
        this.put("::");
        // What is in a function knows nothing of where the function is named.
        const scope = this.scope;
        this.scope = null;
        this.print(node.second ?? "");
        this.scope = scope;
        return;
      }
      case QUALIFIED:
        this.print(node.first ?? "");
        this.put("::");
        this.print(node.second ?? "");
        return;
      case CONVERSION: {
        const scope = this.scope;
        this.scope = this.#own;
        this.put("operator ");
        this.print(node.first ?? "");
        this.scope = scope;
        return;
      }
      case TEMPLATE:
        this.print(node.first ?? "");
        this.put(this.last === "<" ? " <" : "<");
        this.printList(node.list);
        this.put(this.last === ">" ? " >" : ">");
        return;
      case CLOSURE:
        printClosure(this, node);
        return;
      case ENCODING:
        this.#printEncoding(node);
        return;
      case PACK:
      case COMMAS:
        this.printList(node.list);
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
        this.printAll(node.list);
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
        this.put(node.text);
    }
  }

  printAll(parts: readonly Part[]): void {
    for (const part of parts) this.print(part);
  }

  /** With commas, but none for packs of nothing. */
  printList(parts: readonly Part[]): void {
    let hasAny = false;
    for (const part of parts) {
      const text = this.text;
      const last = this.last;
      if (hasAny) this.put(", ");
      const { length } = this.text;
      this.print(part);
      if (this.text.length > length) {
        hasAny = true;
      } else {
        this.text = text;
        this.last = last;
      }
    }
  }

  /** A function: its parameters are those of its template. */
  #printEncoding(node: Node): void {
    const outside = this.scope;
    const own = this.#own;
    const { list } = node;
    this.#own = list.length === 0 ? outside : { list, declared: [], enclosing: null, level: 0, outside };
    this.print(node.first ?? "");
    this.scope = this.#own;
    if (node.second !== null) printSignature(this, node.second);
    this.scope = outside;
    this.#own = own;
  }

  /** What stands for a parameter of a template, in whose scope we are then; `null` if it has been written. */
  #argument(parameter: Node): Node | null {
    const { flags: level, number: index } = parameter;
    if (this.#isRequirement) {
      this.put(parameter.text);
      return null;
    }
    let scope = this.scope;
    while (scope !== null && scope.level > level) scope = scope.enclosing;
    if (scope === null || scope.level < level) throw UNREADABLE;
    if (scope.list === null) {
      const declared = scope.declared[index];
      this.put(typeof declared === "object" ? declared.text : `auto:${index + 1}`);
      return null;
    }
    const argument = scope.list[index];
    if (typeof argument !== "object") throw UNREADABLE;
    this.scope = scope.outside;
    if (argument.kind !== PACK || this.#element === ALL) return argument;
    if (this.#elements < 0) this.#elements = argument.list.length;
    const element = argument.list[this.#element];
    return typeof element === "object" ? element : null;
  }

  /** Returns how many elements it has. */
  #printExpansion(pattern: Part): number {
    const { length } = this.text;
    const text = this.text;
    const last = this.last;
    const element = this.#element;
    const elements = this.#elements;
    this.#element = 0;
    this.#elements = -1;
    this.print(pattern);
    const count = this.#elements;
    if (count < 0) {
      // The parameters of a lambda or a function, which have no types here.
      const printed = this.text.slice(length);
      this.text = text;
      this.put(typeof pattern === "object" && pattern.kind === NAME ? `${printed}...` : `(${printed})...`);
    } else if (count === 0) {
      this.text = text;
      this.last = last;
    }
    for (this.#element = 1; this.#element < count; this.#element++) {
      this.put(", ");
      this.print(pattern);
    }
    this.#element = element;
    this.#elements = elements;
    return count;
  }

  /** How many elements packs have, or their names where that is not known. */
  #printCount(parts: readonly Part[]): void {
    const text = this.text;
    const last = this.last;
    let count = 0;
    for (const part of parts) {
      const elements = typeof part === "string" ? 1 : this.#countElements(part);
      count = elements < 0 ? Number.NaN : count + elements;
    }
    this.text = text;
    this.last = last;
    if (count >= 0) {
      this.put(`${count}`);
    } else {
      this.put("sizeof...(");
      this.printList(parts);
      this.put(")");
    }
  }

  #countElements(node: Node): number {
    if (node.kind === EXPANSION) return this.#printExpansion(node.first ?? "");
    if (node.kind !== PARAMETER) return 1;
    const { length } = this.text;
    const elements = this.#elements;
    const scope = this.scope;
    this.#elements = -1;
    this.#argument(node);
    const count = this.#elements;
    this.#elements = elements;
    this.scope = scope;
    return count < 0 && this.text.length === length ? 1 : count;
  }
}

const ALL = -1;
/** Real names take some thousands. */
const MOST_STEPS = 1 << 17;
const DEEPEST = 512;
