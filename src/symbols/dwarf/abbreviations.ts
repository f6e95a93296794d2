import { MOST_ABBREVIATIONS, MOST_ATTRIBUTES } from "../loops/layout.ts";
import { DW_AT_low_pc, DW_AT_ranges, DW_AT_sibling, DW_FORM_implicit_const, DW_FORM_ref4 } from "./constants.ts";
import { type Encoding, formSize, formSizes } from "./forms.ts";
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
  /** Bytes of attributes by their forms; -1 where that depends on their values. */
  readonly sizeOfForm: Int16Array;
  /** Bytes of all attributes; -1 where that depends on their values. */
  readonly size: Int16Array;
  /** Bytes from the first attribute to a DW_AT_sibling of four bytes; -1 where there is none at a known place. */
  readonly siblingAt: Int16Array;
  /** By codes, each with one added: codes are given from 1 on by all compilers. Empty where a file has other codes. */
  readonly ofCode: Uint32Array;
  /** In place of it then. */
  readonly #others: ReadonlyMap<number, number> | null;

  /** Reads from where a unit's abbreviations begin up to their end, as far as they are there. */
  constructor(reader: Reader, encoding: Encoding) {
    const codes: number[] = [];
    const tags: number[] = [];
    const children: number[] = [];
    const code: number[] = [];
    const firsts: number[] = [];
    const { bytes } = reader;
    const end = bytes.length;
    const sizeOfForm = formSizes(encoding);
    let attributes = 0;
    const sizes: number[] = [];
    const siblings: number[] = [];
    while (!reader.isAtEnd && codes.length < MOST_ABBREVIATIONS && attributes < MOST_IN_ALL) {
      const number = reader.uleb();
      if (number === 0) break;
      const tag = reader.uleb();
      const hasChildren = reader.u8();
      const first = attributes;
      let size = 0;
      let sibling = -1;
      let hasCode = 0;
      let { at } = reader;
      while (at < end) {
        // Nearly all have one byte: a call for each would take as long as all the rest.
        let name = bytes[at] as number;
        let form = bytes[at + 1] as number;
        if (name < 0x80 && form < 0x80) at += 2;
        else {
          reader.at = at;
          name = reader.uleb();
          form = reader.uleb();
          at = reader.at;
        }
        if (name === 0 && form === 0) break;
        let constant = 0;
        if (form === DW_FORM_implicit_const) {
          reader.at = at;
          constant = reader.sleb();
          at = reader.at;
        }
        // Every entry of such an abbreviation would cost as much as all its attributes.
        if (attributes - first === MOST_IN_ONE) at = end + 1;
        if (name === DW_AT_sibling && form === DW_FORM_ref4) sibling = size;
        if (name === DW_AT_low_pc || name === DW_AT_ranges) hasCode = 1;
        const length = sizeOfForm[form] ?? formSize(form, encoding);
        size = size < 0 || length < 0 ? -1 : size + length;
        names[attributes] = name;
        forms[attributes] = form;
        constants[attributes++] = constant;
      }
      reader.at = at;
      if (reader.isBeyondEnd) {
        attributes = first;
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
    firsts.push(attributes);
    this.tag = new Uint16Array(tags);
    this.hasChildren = new Uint8Array(children);
    this.hasCode = new Uint8Array(code);
    this.first = new Uint32Array(firsts);
    this.names = names.slice(0, attributes);
    this.forms = forms.slice(0, attributes);
    this.constants = constants.slice(0, attributes);
    this.sizeOfForm = sizeOfForm;
    this.size = new Int16Array(sizes);
    this.siblingAt = new Int16Array(siblings);
    let largest = 0;
    for (const code of codes) largest = Math.max(largest, code);
    const isTable = largest <= 2 * codes.length + 1024;
    this.#others = isTable ? null : new Map(codes.map((code, index) => [code, index + 1]));
    this.ofCode = new Uint32Array(isTable ? largest + 1 : 0);
    if (isTable) for (let index = 0; index < codes.length; index++) this.ofCode[codes[index] as number] = index + 1;
  }

  /** The abbreviation of a code; -1 where there is none. */
  find(code: number): number {
    return this.#others === null ? ((this.ofCode[code] as number) | 0) - 1 : (this.#others.get(code) ?? 0) - 1;
  }
}

/** Attributes of an abbreviation, and of all of a unit. Real ones have some dozen, and some ten thousand. */
const MOST_IN_ONE = 256;
const MOST_IN_ALL = MOST_ATTRIBUTES - MOST_IN_ONE;

/** The attributes of the unit that is being read, made once: there are thousands of units. */
const names = new Uint16Array(MOST_ATTRIBUTES);
const forms = new Uint16Array(names.length);
const constants = new Int32Array(names.length);
