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

/** Entries that may be skipped, by the codes of their abbreviations; -1 for others. */
export interface Skippable {
  /** Bytes of the attributes of those without children. */
  readonly length: Int32Array;
  /** Of those with children: bytes from the first attribute to a DW_AT_sibling of four bytes. */
  readonly sibling: Int32Array;
}

/**
 * Goes beyond entries, with their children, up to the first that can't be skipped or is not wholly in the reader's bytes.
 * A unit has ten thousands, and nothing has been compiled yet at the first question: hence one loop without calls.
 */
export function skipMany(unit: Unit, reader: Reader, { length, sibling }: Skippable): void {
  const { bytes, littleEndian } = reader;
  const toUnit = unit.offset - reader.base;
  const end = unit.end - reader.base;
  const first = littleEndian ? 0 : 3;
  const step = littleEndian ? 1 : -1;
  // A code of two bytes has room there.
  const last = bytes.length - 2;
  let { at } = reader;
  while (at <= last) {
    let code = bytes[at] as number;
    let next = at + 1;
    if (code >= 0x80) {
      const second = bytes[next++] as number;
      if (second >= 0x80) break;
      code = (code & 0x7f) | (second << 7);
    }
    const fixed = length[code] as number;
    if (fixed >= 0) {
      at = next + fixed;
      continue;
    }
    const inside = sibling[code] as number;
    if (!(inside >= 0)) break;
    if (next + inside + 4 > bytes.length) break;
    const place = next + inside + first;
    const distance =
      (bytes[place] as number) |
      ((bytes[place + step] as number) << 8) |
      ((bytes[place + 2 * step] as number) << 16) |
      ((bytes[place + 3 * step] as number) << 24);
    // Only forward, and within the unit; as everywhere else what is not is read entry by entry.
    if (!(distance + toUnit > next && distance + toUnit <= end)) break;
    at = distance + toUnit;
  }
  reader.at = at;
}
