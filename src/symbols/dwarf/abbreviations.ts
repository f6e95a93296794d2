import type { Bytes } from "../bytes.ts";
import {
  ABBREVIATION_CODE,
  ABBREVIATION_COUNTS,
  ABBREVIATION_FIRST,
  ABBREVIATION_HAS_CHILDREN,
  ABBREVIATION_HAS_CODE,
  ABBREVIATION_OF_CODE,
  ABBREVIATION_SIBLING_AT,
  ABBREVIATION_SIZE,
  ABBREVIATION_TAG,
  ATTRIBUTE_CONSTANTS,
  ATTRIBUTE_FORMS,
  ATTRIBUTE_NAMES,
  ENDED,
  FORM_SIZES,
  MOST_ABBREVIATIONS,
  MOST_ATTRIBUTES,
  MOST_CODES,
  MOST_FORMS,
} from "../loops/layout.ts";
import { loops, memory, readForLoops } from "../loops.ts";
import { type Encoding, formSizes } from "./forms.ts";

/**
 * The abbreviations of a unit, in columns: how its debugging information entries are written. An index into the columns
 * stands for an abbreviation. @see DWARF 5 §7.5.3
 */
export class Abbreviations {
  /** Of all of them. */
  readonly byteLength: number;
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
  constructor(section: Bytes, offset: number, encoding: Encoding) {
    inUse = this;
    this.sizeOfForm = formSizes(encoding);
    columns.formSizes.set(this.sizeOfForm);
    counts.fill(0);
    let start = offset;
    for (;;) {
      const { length } = readForLoops(section, start, PART);
      const isLast = start + length >= section.size;
      const outcome = loops.readAbbreviations(isLast ? length : length - LONG_ATTRIBUTE, length, encoding.offsetSize);
      const at = counts[0] as number;
      start += at;
      if (outcome === ENDED || isLast || at === 0) break;
      counts[0] = 0;
    }
    const [, count, attributes] = counts as unknown as readonly [number, number, number];
    const codes = loops.indexAbbreviations();
    this.byteLength = start - offset;
    this.ofCode = columns.ofCode.slice(0, codes);
    this.tag = columns.tag.slice(0, count);
    this.hasChildren = columns.hasChildren.slice(0, count);
    this.hasCode = columns.hasCode.slice(0, count);
    this.first = columns.first.slice(0, count + 1);
    this.names = columns.names.slice(0, attributes);
    this.forms = columns.forms.slice(0, attributes);
    this.constants = columns.constants.slice(0, attributes);
    this.size = columns.size.slice(0, count);
    this.siblingAt = columns.siblingAt.slice(0, count);
    this.#others =
      codes > 0 ? null : new Map(Array.from(columns.code.subarray(0, count), (code, index) => [code, index]));
  }

  /** Puts them where the loops find them. */
  use(): void {
    if (inUse === this) return;
    inUse = this;
    columns.formSizes.set(this.sizeOfForm);
    columns.ofCode.set(this.ofCode);
    columns.first.set(this.first);
    columns.tag.set(this.tag);
    columns.size.set(this.size);
    columns.siblingAt.set(this.siblingAt);
    columns.names.set(this.names);
    columns.forms.set(this.forms);
    columns.hasChildren.set(this.hasChildren);
    columns.hasCode.set(this.hasCode);
  }

  /** The abbreviation of a code; -1 where there is none. */
  find(code: number): number {
    return this.#others === null ? ((this.ofCode[code] as number) | 0) - 1 : (this.#others.get(code) ?? -1);
  }
}

/** Those that are where the loops find them. */
let inUse: Abbreviations | null = null;

const counts = new Int32Array(memory, ABBREVIATION_COUNTS, 3);
const columns = {
  formSizes: new Int16Array(memory, FORM_SIZES, MOST_FORMS).fill(-1),
  ofCode: new Uint32Array(memory, ABBREVIATION_OF_CODE, MOST_CODES),
  code: new Uint32Array(memory, ABBREVIATION_CODE, MOST_ABBREVIATIONS),
  first: new Uint32Array(memory, ABBREVIATION_FIRST, MOST_ABBREVIATIONS + 1),
  tag: new Uint16Array(memory, ABBREVIATION_TAG, MOST_ABBREVIATIONS),
  size: new Int16Array(memory, ABBREVIATION_SIZE, MOST_ABBREVIATIONS),
  siblingAt: new Int16Array(memory, ABBREVIATION_SIBLING_AT, MOST_ABBREVIATIONS),
  names: new Uint16Array(memory, ATTRIBUTE_NAMES, MOST_ATTRIBUTES),
  forms: new Uint16Array(memory, ATTRIBUTE_FORMS, MOST_ATTRIBUTES),
  constants: new Int32Array(memory, ATTRIBUTE_CONSTANTS, MOST_ATTRIBUTES),
  hasChildren: new Uint8Array(memory, ABBREVIATION_HAS_CHILDREN, MOST_ABBREVIATIONS),
  hasCode: new Uint8Array(memory, ABBREVIATION_HAS_CODE, MOST_ABBREVIATIONS),
};

/** Bytes: few tables are longer. */
const PART = 1 << 15;
/** Bytes: only damaged ones are longer. */
const LONG_ATTRIBUTE = 64;
