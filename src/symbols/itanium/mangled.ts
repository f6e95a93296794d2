import type { Node } from "./nodes.ts";

/** Thrown where a name cannot be read or written; made once, since making one costs more than reading a name. */
export const UNREADABLE = new Error("This is not a name of C++, or it is too long.");

/** A mangled name while it is being read, from the left to the right and never back. */
export class Mangled {
  readonly text: string;
  at: number;
  /** What `S_`, `S0_` … stand for. @see Itanium C++ ABI §5.1.10, "Compression" */
  readonly substitutions: Node[] = [];
  /** Whether the next name is of what initializes a member. */
  isInitializer = false;
  /** Whether arguments behind a type are those of the operator that converts to it. */
  isConversion = false;
  #depth = 0;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  /** The character that is next, or one behind it; empty beyond the end. */
  peek(ahead = 0): string {
    return this.text[this.at + ahead] ?? "";
  }

  get isAtDigit(): boolean {
    return isDigit(this.text.charCodeAt(this.at));
  }

  /** Reads a text, if it stands here. */
  take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Reads a text that must stand here. */
  expect(text: string): void {
    if (!this.take(text)) throw UNREADABLE;
  }

  /** Decimal digits as they stand here: possibly none. */
  digits(): string {
    const start = this.at;
    while (this.isAtDigit) this.at++;
    return this.text.slice(start, this.at);
  }

  /** A number that may be negative, as in the source. */
  number(): string {
    const sign = this.take("n") ? "-" : "";
    const digits = this.digits();
    if (digits === "") throw UNREADABLE;
    return sign + digits;
  }

  /** A number that ends with `_`: 0 for the underscore alone, else one more than the digits say. */
  ordinal(radix: 10 | 36): number {
    let value = 0;
    for (let first = true; ; first = false) {
      const code = this.text.charCodeAt(this.at++);
      if (code === UNDERSCORE) return first ? 0 : value + 1;
      const digit = isDigit(code) ? code - ZERO : radix === 36 && code >= UPPER_A && code <= UPPER_Z ? code - 55 : -1;
      if (digit < 0) throw UNREADABLE;
      value = value * radix + digit;
    }
  }

  /** `<source-name>`: a length and as many characters. */
  identifier(): string {
    let length = 0;
    let code = this.text.charCodeAt(this.at);
    for (; isDigit(code); code = this.text.charCodeAt(++this.at)) length = length * 10 + code - ZERO;
    const start = this.at;
    if (length === 0 || length > this.text.length - start) throw UNREADABLE;
    this.at += length;
    return this.text.slice(start, this.at);
  }

  remember(node: Node): Node {
    this.substitutions.push(node);
    return node;
  }

  /** To be called where the grammar enters itself: a hostile name must not use up the stack. */
  enter(): void {
    if (++this.#depth > DEEPEST) throw UNREADABLE;
  }

  leave(): void {
    this.#depth--;
  }
}

/** Types and expressions in one another. Real ones go to some dozens. */
const DEEPEST = 256;

export function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39;
}

const ZERO = 0x30;
const UPPER_A = 0x41;
const UPPER_Z = 0x5a;
const UNDERSCORE = 0x5f;
