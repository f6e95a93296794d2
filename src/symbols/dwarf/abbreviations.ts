import { DW_AT_low_pc, DW_AT_ranges, DW_AT_sibling, DW_FORM_implicit_const, DW_FORM_ref4 } from "./constants.ts";
import { type Encoding, formSize } from "./forms.ts";
import type { Reader } from "./reader.ts";

/**
 * The abbreviations of a unit, in columns: how its debugging information entries are written. An index into the columns
 * stands for an abbreviation. @see DWARF 5 §7.5.3
 */
export class Abbreviations {
  /** DW_TAG_… */
  readonly tag: Uint16Array;
  readonly hasChildren: Uint8Array;
  /** Whether entries have code of their own: DW_AT_low_pc or DW_AT_ranges. */
  readonly hasCode: Uint8Array;
  /** Where in {@link names} and {@link forms} the attributes begin; those of the next one end them. */
  readonly first: Uint32Array;
  readonly names: Uint16Array;
  readonly forms: Uint16Array;
  /** The values of DW_FORM_implicit_const; 0 for others. */
  readonly constants: Int32Array;
  /** Bytes of all attributes; -1 where that depends on their values. */
  readonly size: Int32Array;
  /** Bytes from the first attribute to a DW_AT_sibling of four bytes; -1 where there is none at a known place. */
  readonly siblingAt: Int32Array;
  readonly #byCode: Uint32Array | ReadonlyMap<number, number>;

  /** Reads from where a unit's abbreviations begin up to their end, as far as they are there. */
  constructor(reader: Reader, encoding: Encoding) {
    const codes: number[] = [];
    const tags: number[] = [];
    const children: number[] = [];
    const code: number[] = [];
    const firsts: number[] = [];
    const names: number[] = [];
    const forms: number[] = [];
    const constants: number[] = [];
    const sizes: number[] = [];
    const siblings: number[] = [];
    while (!reader.isAtEnd && codes.length < MOST_ABBREVIATIONS && names.length < MOST_ABBREVIATIONS * 16) {
      const number = reader.uleb();
      if (number === 0) break;
      const tag = reader.uleb();
      const hasChildren = reader.u8();
      const first = names.length;
      let size = 0;
      let sibling = -1;
      let hasCode = 0;
      while (!reader.isAtEnd) {
        const name = reader.uleb();
        const form = reader.uleb();
        const constant = form === DW_FORM_implicit_const ? reader.sleb() : 0;
        if (name === 0 && form === 0) break;
        // Every entry of such an abbreviation would cost as much as all its attributes.
        if (names.length - first === MOST_ATTRIBUTES) reader.at = reader.bytes.length + 1;
        if (name === DW_AT_sibling && form === DW_FORM_ref4) sibling = size;
        if (name === DW_AT_low_pc || name === DW_AT_ranges) hasCode = 1;
        const bytes = formSize(form, encoding);
        size = size < 0 || bytes < 0 ? -1 : size + bytes;
        names.push(name);
        forms.push(form);
        constants.push(constant);
      }
      if (reader.isBeyondEnd) {
        names.length = forms.length = constants.length = first;
        break;
      }
      codes.push(number);
      tags.push(tag);
      children.push(hasChildren === 0 ? 0 : 1);
      code.push(hasCode);
      firsts.push(first);
      sizes.push(size);
      siblings.push(sibling);
    }
    firsts.push(names.length);
    this.tag = new Uint16Array(tags);
    this.hasChildren = new Uint8Array(children);
    this.hasCode = new Uint8Array(code);
    this.first = new Uint32Array(firsts);
    this.names = new Uint16Array(names);
    this.forms = new Uint16Array(forms);
    this.constants = new Int32Array(constants);
    this.size = new Int32Array(sizes);
    this.siblingAt = new Int32Array(siblings);
    this.#byCode = byCode(codes);
  }

  /** The abbreviation of a code; -1 where there is none. */
  find(code: number): number {
    if (this.#byCode instanceof Uint32Array) return ((this.#byCode[code] as number) | 0) - 1;
    return (this.#byCode.get(code) ?? 0) - 1;
  }
}

/** Of a unit. Real ones have some thousands at most, which have some dozen attributes at most. */
const MOST_ABBREVIATIONS = 1 << 15;
const MOST_ATTRIBUTES = 256;

/** Codes are given from 1 on by all compilers; a table serves them, a map what else a file may have. */
function byCode(codes: readonly number[]): Uint32Array | ReadonlyMap<number, number> {
  const largest = codes.reduce((most, code) => Math.max(most, code), 0);
  if (largest > 2 * codes.length + 1024) return new Map(codes.map((code, index) => [code, index + 1]));
  const table = new Uint32Array(largest + 1);
  for (const [index, code] of codes.entries()) table[code] = index + 1;
  return table;
}
