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
    const isForward = sibling > start && sibling <= reader.bytes.length;
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
  const last = abbreviations.first[abbreviation + 1] as number;
  for (let i = abbreviations.first[abbreviation] as number; i < last; i++) {
    skipForm(reader, abbreviations.forms[i] as number, encoding);
  }
}
