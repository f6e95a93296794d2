import {
  DW_AT_low_pc,
  DW_AT_ranges,
  DW_AT_sibling,
  DW_FORM_GNU_ref_alt,
  DW_FORM_GNU_strp_alt,
  DW_FORM_implicit_const,
  DW_FORM_ref4,
} from "../dwarf/constants";
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
  MOST_FORMS,
  MOST_IN_ONE,
  PAUSED,
} from "./layout";
import { cursor, fixed, moveTo, sleb, uleb } from "./numbers";

/**
 * Reads abbreviations into columns, behind those that are there: all up to their end (ENDED), or as far as they are wholly
 * in the bytes (PAUSED).
 * @see DWARF 5 §7.5.3
 * @param end where no attribute is begun any more
 * @param limit end of the bytes
 */
export function readAbbreviations(end: i32, limit: i32, offsetSize: i32): i32 {
  let at = load<i32>(ABBREVIATION_COUNTS);
  let count = load<i32>(ABBREVIATION_COUNTS + 4);
  let attributes = load<i32>(ABBREVIATION_COUNTS + 8);
  let outcome = PAUSED;
  while (at < end) {
    moveTo(at);
    const code = uleb(limit);
    if (code === 0) {
      at = cursor;
      outcome = ENDED;
      break;
    }
    const tag = <i32>uleb(limit);
    const hasChildren = fixed(1, false) !== 0;
    const last = readAttributes(attributes, end, limit, offsetSize);
    if (last < 0) break;
    if (count === MOST_ABBREVIATIONS || last === MOST_ATTRIBUTES || last - attributes > MOST_IN_ONE) {
      outcome = ENDED;
      break;
    }
    store<u32>(ABBREVIATION_CODE + 4 * count, code > <u64>u32.MAX_VALUE ? u32.MAX_VALUE : <u32>code);
    store<u16>(ABBREVIATION_TAG + 2 * count, tag);
    store<u8>(ABBREVIATION_HAS_CHILDREN + count, hasChildren ? 1 : 0);
    store<u8>(ABBREVIATION_HAS_CODE + count, hasCode ? 1 : 0);
    store<i32>(ABBREVIATION_FIRST + 4 * count, attributes);
    store<i16>(ABBREVIATION_SIZE + 2 * count, size);
    store<i16>(ABBREVIATION_SIBLING_AT + 2 * count, siblingAt);
    count++;
    attributes = last;
    at = cursor;
  }
  store<i32>(ABBREVIATION_FIRST + 4 * count, attributes);
  store<i32>(ABBREVIATION_COUNTS, at);
  store<i32>(ABBREVIATION_COUNTS + 4, count);
  store<i32>(ABBREVIATION_COUNTS + 8, attributes);
  return outcome;
}

/**
 * Makes the column of the abbreviations by their codes.
 * @returns how many it has; 0 where the codes are not such as compilers give: from 1 on
 */
export function indexAbbreviations(): i32 {
  const count = load<i32>(ABBREVIATION_COUNTS + 4);
  let largest: u32 = 0;
  for (let index = 0; index < count; index++) largest = max(largest, load<u32>(ABBREVIATION_CODE + 4 * index));
  if (largest > <u32>(2 * count + 1024)) return 0;
  memory.fill(ABBREVIATION_OF_CODE, 0, 4 * (largest + 1));
  for (let index = 0; index < count; index++) {
    store<u32>(ABBREVIATION_OF_CODE + 4 * load<u32>(ABBREVIATION_CODE + 4 * index), index + 1);
  }
  return <i32>largest + 1;
}

/** Of the abbreviation that was read last: whether it has DW_AT_low_pc or DW_AT_ranges, and what the columns say. */
let hasCode = false;
let size = 0;
let siblingAt = 0;

/** Reads up to the end of an abbreviation. Returns where the next one's attributes begin; -1 where it is not wholly there. */
function readAttributes(first: i32, end: i32, limit: i32, offsetSize: i32): i32 {
  hasCode = false;
  size = 0;
  siblingAt = -1;
  let attribute = first;
  while (cursor < end) {
    const name = <i32>uleb(limit);
    const form = <i32>uleb(limit);
    if (name === 0 && form === 0) return attribute;
    const constant = form === DW_FORM_implicit_const ? <i32>sleb(limit) : 0;
    // Every entry of such an abbreviation would cost as much as all its attributes.
    if (attribute - first === MOST_IN_ONE) return attribute + 1;
    if (attribute === MOST_ATTRIBUTES) return attribute;
    if (name === DW_AT_sibling && form === DW_FORM_ref4) siblingAt = size;
    if (name === DW_AT_low_pc || name === DW_AT_ranges) hasCode = true;
    const length = sizeOf(form, offsetSize);
    size = size < 0 || length < 0 ? -1 : size + length;
    store<u16>(ATTRIBUTE_NAMES + 2 * attribute, name);
    store<u16>(ATTRIBUTE_FORMS + 2 * attribute, form);
    store<i32>(ATTRIBUTE_CONSTANTS + 4 * attribute, constant);
    attribute++;
  }
  return -1;
}

function sizeOf(form: i32, offsetSize: i32): i32 {
  if (form === DW_FORM_GNU_ref_alt || form === DW_FORM_GNU_strp_alt) return offsetSize;
  return form >= 0 && form < MOST_FORMS ? <i32>load<i16>(FORM_SIZES + 2 * form) : -1;
}
