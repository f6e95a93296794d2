/**
 * What a mangled name is read into. One shape serves all kinds, so that reading and printing stay quick; most of the
 * grammar needs no kind of its own: it is a {@link SEQUENCE} of texts and nodes.
 */
export interface Node {
  readonly kind: number;
  readonly text: string;
  readonly first: Node | null;
  readonly second: Node | null;
  readonly list: readonly Part[];
  /** Of a type or a function {@link CONST} and the like; of a parameter of a template the level of its list. */
  readonly flags: number;
  /** The place of a parameter in its list, the number of a lambda. */
  readonly number: number;
}

export type Part = Node | string;

export function node(
  kind: number,
  text: string,
  first: Node | null,
  second: Node | null = null,
  list: readonly Part[] = NONE,
  flags = 0,
  number = 0,
): Node {
  return { kind, text, first, second, list, flags, number };
}

const NONE: readonly Part[] = [];

/** An identifier: `text`. */
export const NAME = 0;
/** Texts and nodes one behind the other: `list`. */
export const SEQUENCE = 1;
/** A name in a scope: `first::second`. */
export const QUALIFIED = 2;
/** A name with arguments: `first<list>`. */
export const TEMPLATE = 3;
/** What a function has inside: `first::second`. */
export const LOCAL = 4;
/**
 * A lambda with the types of its parameters in `list`, those of its template in `first`; `second` is what is required
 * behind them. `flags` is 1 if it cannot know the parameters of other templates, since it stands outside of any.
 */
export const CLOSURE = 5;
/** A function or a variable: its name, its type (a {@link FUNCTION} or `null`) and the arguments of its template. */
export const ENCODING = 6;
/** The `number`th parameter of a template: `text` is how it is mangled. */
export const PARAMETER = 7;
/** Several arguments that stand for one parameter: `list`. */
export const PACK = 8;
/** `first` for each element of the packs in it. */
export const EXPANSION = 9;
/** How many elements the packs in `list` have. */
export const COUNT = 10;
/** Nodes with commas between them: `list`. */
export const COMMAS = 11;
/** A fold expression: a sequence in which packs stand for all of their elements. */
export const FOLD = 12;
/** The parameters that a lambda declares for its template: `list`. */
export const DECLARATION = 13;
/** A name that the ABI abbreviates: `text`; `list` has how it is written in full and its last part. */
export const STANDARD = 14;
/** A module, or a part of one: `text`. Only names stand in it. */
export const MODULE = 15;
/** A sequence that can be an operand as it is. */
export const OPERAND = 16;
/** What stands behind `requires`: `first`. */
export const REQUIREMENT = 17;
/** An operator that converts to the type `first`. */
export const CONVERSION = 18;

/** All from here on are parts of types around the type `first`. */
export const POINTER = 20;
export const LVALUE = 21;
export const RVALUE = 22;
/** `const` and the like: `flags`. */
export const CV = 23;
/** A pointer to a member, of the class `second`. */
export const MEMBER = 24;
/** `second` is the dimension. */
export const ARRAY = 25;
/** A function that returns `first`; `list` has its parameters, `second` what stands behind all else. */
export const FUNCTION = 26;
/** What stands behind a type: `list`. */
export const QUALIFIER = 27;

export const CONST = 1;
export const VOLATILE = 2;
export const RESTRICT = 4;
export const REFERENCE = 8;
export const RVALUE_REFERENCE = 16;

export function name(text: string): Node {
  return node(NAME, text, null);
}

export function sequence(...list: Part[]): Node {
  return node(SEQUENCE, "", null, null, list);
}

export function commas(list: readonly Part[]): Node {
  return node(COMMAS, "", null, null, list);
}
