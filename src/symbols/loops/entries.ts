import {
  DW_AT_high_pc,
  DW_AT_low_pc,
  DW_AT_ranges,
  DW_AT_sibling,
  DW_FORM_addr,
  DW_FORM_addrx,
  DW_FORM_block1,
  DW_FORM_exprloc,
  DW_FORM_loclistx,
  DW_FORM_ref_udata,
  DW_FORM_ref4,
  DW_FORM_rnglistx,
  DW_FORM_sdata,
  DW_FORM_string,
  DW_FORM_strx,
  DW_FORM_udata,
  DW_TAG_module,
  DW_TAG_namespace,
  DW_TAG_subprogram,
} from "../dwarf/constants";
import {
  ABBREVIATION_FIRST,
  ABBREVIATION_HAS_CHILDREN,
  ABBREVIATION_HAS_CODE,
  ABBREVIATION_OF_CODE,
  ABBREVIATION_SIBLING_AT,
  ABBREVIATION_SIZE,
  ABBREVIATION_TAG,
  ATTRIBUTE_FORMS,
  ATTRIBUTE_NAMES,
  ENTRY_DEPTHS,
  FORM_SIZES,
  MOST_FORMS,
} from "./layout";
import { cursor, fixed, moveTo } from "./numbers";

/**
 * Goes beyond debugging information entries, up to the first that is wanted or that is for the engine to read: a function
 * (of a sought address: one that may have it), the end of the children of what lies at the depth that is not left, what is
 * written in a rare way, what is not wholly in the bytes. Passes over the insides of what tells where its next sibling is,
 * other than namespaces and modules.
 * @see DWARF 5 §2.3
 * @param from position of an entry
 * @param limit end of the bytes
 * @param toUnit what to add to an offset in the unit for its position
 * @param unitEnd position
 * @param codes how many the column of codes has
 * @param isDeep passes over no insides
 * @param sought an address; NaN for none
 * @returns its position, which may lie beyond the bytes
 */
export function skipEntries(
  from: i32,
  limit: i32,
  isBig: bool,
  toUnit: f64,
  unitEnd: f64,
  addressSize: i32,
  codes: i32,
  isDeep: bool,
  sought: f64,
): f64 {
  const leastDepth = load<i32>(ENTRY_DEPTHS + 4);
  let depth = load<i32>(ENTRY_DEPTHS);
  let at = from;
  for (;;) {
    at = passLeaves(at, limit, codes);
    if (at >= limit) break;
    const code = codeThere;
    let next = cursor;
    if (code === 0) {
      // Of a code that is not wholly there the rest seems to be 0.
      if (next > limit || depth - 1 <= leastDepth) break;
      depth--;
      at = next;
      continue;
    }
    const index = code < codes ? load<i32>(ABBREVIATION_OF_CODE + 4 * code) - 1 : -1;
    if (index < 0) break;
    const hasChildren = load<u8>(ABBREVIATION_HAS_CHILDREN + index) !== 0;
    const tag = <i32>load<u16>(ABBREVIATION_TAG + 2 * index);
    sibling = 0;
    if (tag === DW_TAG_subprogram && load<u8>(ABBREVIATION_HAS_CODE + index) !== 0) {
      next = isNaN(sought) ? FAR : skipFunction(index, next, limit, isBig, addressSize, sought);
    } else {
      const siblingAt = <i32>load<i16>(ABBREVIATION_SIBLING_AT + 2 * index);
      if (siblingAt >= 0 && tag !== DW_TAG_namespace && tag !== DW_TAG_module) {
        if (next + siblingAt + 4 > limit) break;
        moveTo(next + siblingAt);
        sibling = fixed(4, isBig);
      }
      const size = <i32>load<i16>(ABBREVIATION_SIZE + 2 * index);
      next = size >= 0 ? next + size : skipAttributes(index, next, limit);
    }
    if (next > limit) break;
    at = next;
    if (!hasChildren) continue;
    // Only forward, and within the unit.
    const target = sibling + toUnit;
    if (sibling > 0 && !isDeep && target > <f64>at && target <= unitEnd) {
      if (target > <f64>limit) {
        store<i32>(ENTRY_DEPTHS, depth);
        return target;
      }
      at = <i32>target;
    } else depth++;
  }
  store<i32>(ENTRY_DEPTHS, depth);
  return <f64>at;
}

/**
 * Goes beyond entries without children that are no functions and as long as all others written alike: most are. Notes the
 * code of the entry where it stops, and moves to what follows that.
 */
function passLeaves(from: i32, limit: i32, codes: i32): i32 {
  let at = from;
  let code = 0;
  let next = from;
  while (at < limit) {
    code = <i32>load<u8>(at);
    next = at + 1;
    if (code >= 0x80) {
      const second = <i32>load<u8>(next++);
      code = second < 0x80 ? (code & 0x7f) | (second << 7) : RARE_CODE;
    }
    if (code >= codes) break;
    const index = load<i32>(ABBREVIATION_OF_CODE + 4 * code) - 1;
    if (index < 0 || load<u8>(ABBREVIATION_HAS_CHILDREN + index) !== 0) break;
    if (load<u8>(ABBREVIATION_HAS_CODE + index) !== 0) break;
    const size = <i32>load<i16>(ABBREVIATION_SIZE + 2 * index);
    if (size < 0 || next + size > limit) break;
    at = next + size;
  }
  codeThere = code;
  moveTo(next);
  return at;
}

/** The code of the entry where leaves have ended. */
let codeThere = 0;

/** Offset in the unit of the next sibling of the entry that was looked at last; 0 where it is not told. */
let sibling: f64 = 0;

/** Goes beyond the attributes of a function; FAR where it has the address, or that is told in a rare way. */
function skipFunction(index: i32, from: i32, limit: i32, isBig: bool, addressSize: i32, sought: f64): i32 {
  const last = load<i32>(ABBREVIATION_FIRST + 4 * index + 4);
  let at = from;
  let low: f64 = NaN;
  let high: f64 = NaN;
  let isSize = false;
  for (let i = load<i32>(ABBREVIATION_FIRST + 4 * index); i < last; i++) {
    const form = <i32>load<u16>(ATTRIBUTE_FORMS + 2 * i);
    const next = skipForm(form, at);
    if (next > limit) return FAR;
    moveTo(at);
    switch (<i32>load<u16>(ATTRIBUTE_NAMES + 2 * i)) {
      case DW_AT_low_pc:
        if (form !== DW_FORM_addr) return FAR;
        low = fixed(addressSize, isBig);
        break;
      case DW_AT_high_pc: {
        const size = sizeOf(form);
        if (size !== 1 && size !== 2 && size !== 4 && size !== 8) return FAR;
        high = fixed(size, isBig);
        isSize = form !== DW_FORM_addr;
        break;
      }
      case DW_AT_sibling:
        if (form !== DW_FORM_ref4) return FAR;
        sibling = fixed(4, isBig);
        break;
      case DW_AT_ranges:
        return FAR;
    }
    at = next;
  }
  if (isSize) high += low;
  return low > sought || sought >= high ? at : FAR;
}

function skipAttributes(index: i32, from: i32, limit: i32): i32 {
  const last = load<i32>(ABBREVIATION_FIRST + 4 * index + 4);
  let at = from;
  for (let i = load<i32>(ABBREVIATION_FIRST + 4 * index); i < last && at <= limit; i++) {
    at = skipForm(<i32>load<u16>(ATTRIBUTE_FORMS + 2 * i), at);
  }
  return at;
}

/**
 * Goes beyond an attribute that begins in the bytes, or where they end; beyond all where it is of a rare form.
 * @see DWARF 5 §7.5.6
 */
function skipForm(form: i32, from: i32): i32 {
  const size = sizeOf(form);
  if (size >= 0) return from + size;
  let at = from;
  switch (form) {
    case DW_FORM_udata:
    case DW_FORM_sdata:
    case DW_FORM_ref_udata:
    case DW_FORM_strx:
    case DW_FORM_addrx:
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
      while (load<u8>(at) >= 0x80) at++;
      return at + 1;
    case DW_FORM_string:
      while (load<u8>(at) !== 0) at++;
      return at + 1;
    case DW_FORM_exprloc:
    case DW_FORM_block1: {
      const length = <i32>load<u8>(at);
      return length < 0x80 || form === DW_FORM_block1 ? at + 1 + length : FAR;
    }
    default:
      return FAR;
  }
}

/** Bytes of a form; -1 where that depends on the value. */
function sizeOf(form: i32): i32 {
  return form < MOST_FORMS ? <i32>load<i16>(FORM_SIZES + 2 * form) : -1;
}

/** A code of more than two bytes: none of the columns has it. */
const RARE_CODE: i32 = 1 << 30;
/** Beyond all bytes, and short of where positions overflow. */
const FAR: i32 = 1 << 30;
