import type { Bytes } from "../bytes.ts";
import { DW_UT_skeleton, DW_UT_split_compile, DW_UT_split_type, DW_UT_type } from "./constants.ts";
import type { Encoding } from "./forms.ts";
import { Reader } from "./reader.ts";

/** What stands before a unit's first entry. @see DWARF 5 §7.5.1 */
export interface UnitHeader {
  /** Offset of the unit in its section. */
  readonly offset: number;
  /** Offset of the next one. */
  readonly end: number;
  readonly encoding: Encoding;
  /** DW_UT_…; 0 before DWARF 5. */
  readonly type: number;
  readonly abbreviationsOffset: number;
  /** Of DWARF 5's skeleton and split units: the number that both have. */
  readonly dwoId: bigint | null;
  /** Of type units: what DW_FORM_ref_sig8 names it by, and the offset of the type. */
  readonly signature: bigint | null;
  readonly typeOffset: number;
  /** Offset of its first entry. */
  readonly firstEntry: number;
}

/** The longest header there is, in bytes. */
const LONGEST_HEADER = 64;

/**
 * Reads the header of the unit at an offset of `.debug_info` or `.debug_types`; `null` where none is, or one of a version
 * that is not known.
 * @param isTypes whether it is in `.debug_types`, where DWARF 4 has its type units
 */
export function readUnitHeader(
  section: Bytes,
  littleEndian: boolean,
  offset: number,
  isTypes: boolean,
): { header: UnitHeader | null; end: number } | null {
  const reader = new Reader(section.read(offset, LONGEST_HEADER), littleEndian);
  const { length, offsetSize } = readInitialLength(reader);
  const end = offset + reader.at + length;
  if (reader.isBeyondEnd || !(length > 0) || end > section.size) return null;
  const version = reader.u16();
  let type = 0;
  let addressSize: number;
  let abbreviationsOffset: number;
  if (version >= 5) {
    type = reader.u8();
    addressSize = reader.u8();
    abbreviationsOffset = reader.offset(offsetSize);
  } else {
    abbreviationsOffset = reader.offset(offsetSize);
    addressSize = reader.u8();
  }
  const isType = isTypes || type === DW_UT_type || type === DW_UT_split_type;
  const dwoId = type === DW_UT_skeleton || type === DW_UT_split_compile ? reader.u64() : null;
  const signature = isType ? reader.u64() : null;
  const typeOffset = isType ? reader.offset(offsetSize) : 0;
  const isKnown = version >= 2 && version <= 5 && [1, 2, 4, 8].includes(addressSize) && !reader.isBeyondEnd;
  if (!isKnown) return { header: null, end };
  const encoding = { version, offsetSize, addressSize };
  const firstEntry = offset + reader.at;
  return {
    header: { offset, end, encoding, type, abbreviationsOffset, dwoId, signature, typeOffset, firstEntry },
    end,
  };
}

/** The length of what follows, and by it the format: 64-bit DWARF begins with four bytes of ones. @see DWARF 5 §7.4 */
export function readInitialLength(reader: Reader): { length: number; offsetSize: number } {
  const length = reader.u32();
  if (length === 0xffff_ffff) return { length: reader.i64(), offsetSize: 8 };
  // Other values from 0xffff_fff0 on are reserved.
  return { length: length < 0xffff_fff0 ? length : -1, offsetSize: 4 };
}
