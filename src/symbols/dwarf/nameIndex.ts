import { DW_FORM_implicit_const, DW_TAG_variable } from "./constants.ts";
import type { DwarfFile } from "./dwarfFile.ts";
import { type Encoding, readNumber, skipForm } from "./forms.ts";
import { Reader } from "./reader.ts";
import { readInitialLength } from "./unitHeader.ts";

/**
 * What `.debug_names` has of variables: for each unit that it indexes where, from the unit's begin on, the entries of its
 * variables with static storage are. Empty where there is no such index. @see DWARF 5 §6.1.1
 */
export function readVariableNames(file: DwarfFile): Map<number, Set<number>> {
  const units = new Map<number, Set<number>>();
  const section = file.sections.get(".debug_names");
  const reader = new Reader(section.read(0, section.size), file.littleEndian);
  while (!reader.isAtEnd) {
    const { length, offsetSize } = readInitialLength(reader);
    const end = reader.at + length;
    if (!(length > 0) || end > reader.bytes.length) break;
    readIndex(reader, end, offsetSize, units);
    reader.at = end;
  }
  return units;
}

/** Reads the index of one or more units, whose length has been read. @see DWARF 5 §6.1.1.4 */
function readIndex(reader: Reader, end: number, offsetSize: number, units: Map<number, Set<number>>): void {
  const version = reader.u16();
  reader.at += 2;
  const unitCount = reader.u32();
  const typeUnitCount = reader.u32();
  const foreignCount = reader.u32();
  const bucketCount = reader.u32();
  const nameCount = reader.u32();
  const abbreviationsSize = reader.u32();
  const augmentationSize = reader.u32();
  const list = reader.at + Math.ceil(augmentationSize / 4) * 4;
  const buckets = list + (unitCount + typeUnitCount) * offsetSize + foreignCount * 8;
  const texts = buckets + bucketCount * 4 + (bucketCount > 0 ? nameCount * 4 : 0);
  const places = texts + nameCount * offsetSize;
  const abbreviationsAt = places + nameCount * offsetSize;
  const pool = abbreviationsAt + abbreviationsSize;
  if (version !== 5 || pool > end) return;

  reader.at = list;
  const offsets: number[] = [];
  for (let unit = 0; unit < unitCount; unit++) offsets.push(reader.offset(offsetSize));
  for (const offset of offsets) if (!units.has(offset)) units.set(offset, new Set());
  reader.at = abbreviationsAt;
  const abbreviations = readAbbreviations(reader, pool);
  const encoding: Encoding = { version, offsetSize, addressSize: 8 };
  // The names of a damaged index may all have the same entries.
  let left = end - pool;
  for (let name = 0; name < nameCount && left > 0; name++) {
    reader.at = places + name * offsetSize;
    const start = pool + reader.offset(offsetSize);
    reader.at = start;
    readEntries(reader, end, abbreviations, encoding, offsets, units);
    left -= reader.at - start;
  }
}

interface Abbreviation {
  readonly tag: number;
  readonly attributes: readonly { readonly index: number; readonly form: number; readonly constant: number }[];
}

function readAbbreviations(reader: Reader, end: number): Map<number, Abbreviation> {
  const abbreviations = new Map<number, Abbreviation>();
  while (reader.at < end) {
    const code = reader.uleb();
    if (code === 0) break;
    const tag = reader.uleb();
    const attributes: { index: number; form: number; constant: number }[] = [];
    while (reader.at < end) {
      const [index, form] = [reader.uleb(), reader.uleb()];
      if (index === 0 && form === 0) break;
      attributes.push({ index, form, constant: form === DW_FORM_implicit_const ? reader.sleb() : 0 });
    }
    abbreviations.set(code, { tag, attributes });
  }
  return abbreviations;
}

/** Reads the entries of a name; those of units that are not in the list, as types have, are left out. */
function readEntries(
  reader: Reader,
  end: number,
  abbreviations: ReadonlyMap<number, Abbreviation>,
  encoding: Encoding,
  offsets: readonly number[],
  units: ReadonlyMap<number, Set<number>>,
): void {
  while (reader.at < end) {
    const abbreviation = abbreviations.get(reader.uleb());
    if (abbreviation === undefined) return;
    // The unit is not told where there is but one.
    let unit: number | null = 0;
    let place: number | null = null;
    for (const { index, form, constant } of abbreviation.attributes) {
      if (index === DW_IDX_compile_unit) unit = readNumber(reader, form, encoding, constant);
      else if (index === DW_IDX_die_offset) place = readNumber(reader, form, encoding, constant);
      else {
        if (index === DW_IDX_type_unit) unit = null;
        skipForm(reader, form, encoding);
      }
    }
    const offset = unit === null ? undefined : offsets[unit];
    if (abbreviation.tag !== DW_TAG_variable || offset === undefined || place === null) continue;
    units.get(offset)?.add(place);
  }
}

const DW_IDX_compile_unit = 1;
const DW_IDX_type_unit = 2;
const DW_IDX_die_offset = 3;
