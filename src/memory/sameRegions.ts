import type { AddressSpace } from "./addressSpace.ts";
import type { Module } from "./module.ts";

/** Compares regions of two spaces, to the last number, by their columns; when the numbers were read does not count. */
export class SameRegions {
  /** The columns of both by the size of their numbers. */
  readonly #bytes: Pair<Uint8Array>[] = [];
  readonly #halves: Pair<Uint16Array>[] = [];
  readonly #words: Pair<Int32Array>[] = [];
  readonly #doubles: Pair<Int32Array>[] = [];
  /** Whether indexes stand for the same in both. */
  readonly #isComparable: boolean;

  /** @param beside columns that are compared too */
  constructor(one: AddressSpace, other: AddressSpace, beside: readonly Pair<Float64Array>[] = []) {
    this.#isComparable =
      areSameTexts(one.paths, other.paths) &&
      areSameTexts(one.devices, other.devices) &&
      areSameTexts(one.flagSets.map(textOf), other.flagSets.map(textOf)) &&
      areSameModules(one.modules, other.modules);
    const { usage: usageOfOne, readAt: _one, ...columnsOfOne } = one.columns;
    const { usage: usageOfOther, readAt: _other, ...columnsOfOther } = other.columns;
    const pairs = [
      ...pairsOf(columnsOfOne, columnsOfOther),
      ...pairsOf<Record<string, Column>>(usageOfOne, usageOfOther),
      ...beside,
    ];
    for (const [a, b] of pairs) {
      if (a instanceof Uint8Array) this.#bytes.push([a, b as Uint8Array]);
      else if (a instanceof Uint16Array) this.#halves.push([a, b as Uint16Array]);
      else {
        // Numbers of four and eight bytes are compared as whole numbers: one loop for both is fast where it sees one kind.
        const words = wordsOf(a);
        (a instanceof Float64Array ? this.#doubles : this.#words).push([words, a === b ? words : wordsOf(b)]);
      }
    }
  }

  /** Whether `count` regions from an index on are those from an index of the other on. */
  has(index: number, other: number, count: number): boolean {
    return (
      this.#isComparable &&
      this.#doubles.every(([a, b]) => areSameWords(a, 2 * index, b, 2 * other, 2 * count)) &&
      this.#bytes.every(([a, b]) => areSameBytes(a, index, b, other, count)) &&
      this.#halves.every(([a, b]) => areSameHalves(a, index, b, other, count)) &&
      this.#words.every(([a, b]) => areSameWords(a, index, b, other, count))
    );
  }
}

/** Whether two readings say the same. Both are to be classified, or none. */
export function isSameSpace(a: AddressSpace, b: AddressSpace): boolean {
  return a === b || (a.length === b.length && new SameRegions(a, b).has(0, 0, a.length));
}

type Column = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;
type Pair<Kind> = readonly [Kind, Kind];

function pairsOf<Columns extends Readonly<Record<string, Column>>>(one: Columns, other: Columns): Pair<Column>[] {
  return Object.keys(one).map((name) => [one[name] as Column, other[name] as Column]);
}

function wordsOf(column: Column): Int32Array {
  return new Int32Array(column.buffer, column.byteOffset, column.byteLength / 4);
}

function areSameBytes(a: Uint8Array, from: number, b: Uint8Array, other: number, count: number): boolean {
  if (a === b && from === other) return true;
  for (let i = 0; i < count; i++) if (a[from + i] !== b[other + i]) return false;
  return true;
}

function areSameHalves(a: Uint16Array, from: number, b: Uint16Array, other: number, count: number): boolean {
  if (a === b && from === other) return true;
  for (let i = 0; i < count; i++) if (a[from + i] !== b[other + i]) return false;
  return true;
}

function areSameWords(a: Int32Array, from: number, b: Int32Array, other: number, count: number): boolean {
  if (a === b && from === other) return true;
  for (let i = 0; i < count; i++) if (a[from + i] !== b[other + i]) return false;
  return true;
}

function textOf(codes: readonly string[]): string {
  return codes.join(" ");
}

function areSameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((text, index) => text === b[index]));
}

function areSameModules(a: readonly Module[], b: readonly Module[]): boolean {
  return a === b || (a.length === b.length && a.every((module, index) => isSameModule(module, b[index] ?? null)));
}

/** Each reading of maps makes the modules anew. */
export function isSameModule(a: Module | null, b: Module | null): boolean {
  return a?.bias === b?.bias && a?.path === b?.path && a?.layout === b?.layout;
}
