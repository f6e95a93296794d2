import { ENTRY_DEPTHS } from "../loops/layout.ts";
import { loops, memory } from "../loops.ts";
import { skipForm } from "./forms.ts";
import type { Reader } from "./reader.ts";
import type { Unit } from "./unit.ts";

/** Goes beyond the children of the entry whose attributes end where the reader is. */
export function skipTree(unit: Unit, reader: Reader): void {
  const { abbreviations } = unit;
  for (let depth = 1; depth > 0 && !reader.isAtEnd; ) {
    const code = reader.uleb();
    if (code === 0) {
      depth--;
      continue;
    }
    const abbreviation = abbreviations.find(code);
    if (abbreviation < 0) {
      reader.at = reader.bytes.length + 1;
      return;
    }
    if (!skipEntry(unit, reader, abbreviation)) depth++;
  }
}

/**
 * Goes beyond an entry's attributes, and its children where it tells where they end (DW_AT_sibling).
 * @returns whether it is beyond the children, or there are none
 */
export function skipEntry(unit: Unit, reader: Reader, abbreviation: number): boolean {
  const { hasChildren, siblingAt } = unit.abbreviations;
  if (hasChildren[abbreviation] === 0) {
    skipAttributes(unit, reader, abbreviation);
    return true;
  }
  const at = siblingAt[abbreviation] as number;
  if (at >= 0) {
    const start = reader.at;
    reader.at = start + at;
    const sibling = unit.offset + reader.u32() - reader.base;
    // Only forward, and within the unit.
    const isForward = sibling > start && sibling <= unit.end - reader.base;
    reader.at = isForward ? sibling : start;
    if (isForward) return true;
  }
  skipAttributes(unit, reader, abbreviation);
  return false;
}

/** Goes beyond an entry's attributes. */
export function skipAttributes({ abbreviations, encoding }: Unit, reader: Reader, abbreviation: number): void {
  const size = abbreviations.size[abbreviation] as number;
  if (size >= 0) {
    reader.at += size;
    return;
  }
  const { forms, sizeOfForm } = abbreviations;
  const last = abbreviations.first[abbreviation + 1] as number;
  for (let i = abbreviations.first[abbreviation] as number; i < last; i++) {
    const form = forms[i] as number;
    const length = sizeOfForm[form] as number;
    if (length >= 0) reader.at += length;
    else skipForm(reader, form, encoding);
  }
}

/**
 * Goes beyond entries as long as that needs no look at what they say, in a loop of WebAssembly: a unit has ten thousands.
 * Functions are gone beyond when they are known not to have the code at an address that is sought.
 * @param reader of bytes that are read for the loops, where an entry begins
 * @param depth how deep that lies: what has no `DW_AT_sibling` is gone into
 * @param leastDepth where it would get up to this depth it stops
 * @param isDeep goes into all
 * @param sought an address; NaN for none
 * @returns how deep the entry lies where the reader is then
 */
export function skipEntries(
  unit: Unit,
  reader: Reader,
  depth: number,
  leastDepth: number,
  isDeep: boolean,
  sought: number,
): number {
  const { bytes, littleEndian, base } = reader;
  unit.abbreviations.use();
  depths[0] = depth;
  depths[1] = leastDepth;
  reader.at = loops.skipEntries(
    reader.at,
    bytes.length,
    littleEndian ? 0 : 1,
    unit.offset - base,
    unit.end - base,
    unit.encoding.addressSize,
    unit.abbreviations.ofCode.length,
    isDeep ? 1 : 0,
    sought,
  );
  return depths[0];
}

const depths = new Int32Array(memory, ENTRY_DEPTHS, 2);
