import {
  DW_FORM_addr,
  DW_FORM_addrx,
  DW_FORM_addrx1,
  DW_FORM_addrx2,
  DW_FORM_addrx3,
  DW_FORM_addrx4,
  DW_FORM_block,
  DW_FORM_block1,
  DW_FORM_block2,
  DW_FORM_block4,
  DW_FORM_data1,
  DW_FORM_data2,
  DW_FORM_data4,
  DW_FORM_data8,
  DW_FORM_data16,
  DW_FORM_exprloc,
  DW_FORM_flag,
  DW_FORM_flag_present,
  DW_FORM_GNU_addr_index,
  DW_FORM_GNU_ref_alt,
  DW_FORM_GNU_str_index,
  DW_FORM_GNU_strp_alt,
  DW_FORM_implicit_const,
  DW_FORM_indirect,
  DW_FORM_line_strp,
  DW_FORM_loclistx,
  DW_FORM_ref_addr,
  DW_FORM_ref_sig8,
  DW_FORM_ref_sup4,
  DW_FORM_ref_sup8,
  DW_FORM_ref_udata,
  DW_FORM_ref1,
  DW_FORM_ref2,
  DW_FORM_ref4,
  DW_FORM_ref8,
  DW_FORM_rnglistx,
  DW_FORM_sdata,
  DW_FORM_sec_offset,
  DW_FORM_string,
  DW_FORM_strp,
  DW_FORM_strp_sup,
  DW_FORM_strx,
  DW_FORM_strx1,
  DW_FORM_strx2,
  DW_FORM_strx3,
  DW_FORM_strx4,
  DW_FORM_udata,
} from "./constants.ts";
import type { Reader } from "./reader.ts";

/** What decides how the attributes of a unit are written. */
export interface Encoding {
  /** 2 to 5. */
  readonly version: number;
  /** Bytes: 4, or 8 in 64-bit DWARF. */
  readonly offsetSize: number;
  /** Bytes. */
  readonly addressSize: number;
}

/** How many bytes an attribute of a form has; -1 where that depends on its value. @see DWARF 5 §7.5.6 */
export function formSize(form: number, { version, offsetSize, addressSize }: Encoding): number {
  switch (form) {
    case DW_FORM_flag_present:
    case DW_FORM_implicit_const:
      return 0;
    case DW_FORM_data1:
    case DW_FORM_flag:
    case DW_FORM_ref1:
    case DW_FORM_strx1:
    case DW_FORM_addrx1:
      return 1;
    case DW_FORM_data2:
    case DW_FORM_ref2:
    case DW_FORM_strx2:
    case DW_FORM_addrx2:
      return 2;
    case DW_FORM_strx3:
    case DW_FORM_addrx3:
      return 3;
    case DW_FORM_data4:
    case DW_FORM_ref4:
    case DW_FORM_ref_sup4:
    case DW_FORM_strx4:
    case DW_FORM_addrx4:
      return 4;
    case DW_FORM_data8:
    case DW_FORM_ref8:
    case DW_FORM_ref_sig8:
    case DW_FORM_ref_sup8:
      return 8;
    case DW_FORM_data16:
      return 16;
    case DW_FORM_strp:
    case DW_FORM_line_strp:
    case DW_FORM_strp_sup:
    case DW_FORM_sec_offset:
      return offsetSize;
    case DW_FORM_addr:
      return addressSize;
    case DW_FORM_ref_addr:
      return version <= 2 ? addressSize : offsetSize;
    default:
      // Among the others these numbers, far from theirs, would keep V8 from a jump table.
      return form === DW_FORM_GNU_ref_alt || form === DW_FORM_GNU_strp_alt ? offsetSize : -1;
  }
}

/** What {@link formSize} says of the forms that DWARF knows, by their numbers: quicker for many. */
export function formSizes(encoding: Encoding): Int16Array {
  const { version, offsetSize, addressSize } = encoding;
  const key = (version * 16 + offsetSize) * 256 + addressSize;
  let sizes = knownSizes.get(key);
  if (sizes === undefined) {
    sizes = new Int16Array(DW_FORM_addrx4 + 1);
    for (let form = 0; form < sizes.length; form++) sizes[form] = formSize(form, encoding);
    knownSizes.set(key, sizes);
  }
  return sizes;
}

/** By their encodings: real units have one of a handful. */
const knownSizes = new Map<number, Int16Array>();

/** Goes beyond an attribute's value; to the end of the bytes where the form is unknown and so its size. */
export function skipForm(reader: Reader, form: number, encoding: Encoding): void {
  switch (form) {
    case DW_FORM_udata:
    case DW_FORM_sdata:
    case DW_FORM_ref_udata:
    case DW_FORM_strx:
    case DW_FORM_addrx:
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
      reader.skipLeb();
      return;
    case DW_FORM_string:
      reader.skipString();
      return;
    case DW_FORM_exprloc:
    case DW_FORM_block:
    case DW_FORM_block1:
    case DW_FORM_block2:
    case DW_FORM_block4: {
      const length = blockLength(reader, form);
      reader.at += length;
      return;
    }
    case DW_FORM_indirect: {
      const actual = reader.uleb();
      if (actual === DW_FORM_indirect) reader.at = reader.bytes.length + 1;
      else skipForm(reader, actual, encoding);
      return;
    }
    default: {
      const size = formSize(form, encoding);
      if (size >= 0) reader.at += size;
      else if (isGnuIndex(form)) reader.skipLeb();
      else reader.at = reader.bytes.length + 1;
    }
  }
}

/** Asked for apart from the other forms, as in {@link formSize}. */
function isGnuIndex(form: number): boolean {
  return form === DW_FORM_GNU_addr_index || form === DW_FORM_GNU_str_index;
}

/** Whether an attribute of a form is an expression or a block. */
export function isBlock(form: number): boolean {
  return (
    form === DW_FORM_exprloc ||
    form === DW_FORM_block ||
    form === DW_FORM_block1 ||
    form === DW_FORM_block2 ||
    form === DW_FORM_block4
  );
}

/** Reads the length that stands before a block or an expression. */
export function blockLength(reader: Reader, form: number): number {
  switch (form) {
    case DW_FORM_block1:
      return reader.u8();
    case DW_FORM_block2:
      return reader.u16();
    case DW_FORM_block4:
      return reader.u32();
    default:
      return reader.uleb();
  }
}

/**
 * Reads the number of an attribute as it stands there: an address, a constant, an offset, an index. What has none (blocks,
 * texts) is skipped and gives `null`.
 * @param constant the value of DW_FORM_implicit_const, from the abbreviation
 */
export function readNumber(reader: Reader, form: number, encoding: Encoding, constant: number): number | null {
  switch (form) {
    case DW_FORM_implicit_const:
      return constant;
    case DW_FORM_flag_present:
      return 1;
    case DW_FORM_udata:
    case DW_FORM_ref_udata:
    case DW_FORM_strx:
    case DW_FORM_addrx:
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
      return reader.uleb();
    case DW_FORM_sdata:
      return reader.sleb();
    case DW_FORM_addr:
      return reader.address(encoding.addressSize);
    case DW_FORM_data16:
      reader.at += 16;
      return null;
    case DW_FORM_indirect: {
      const actual = reader.uleb();
      if (actual !== DW_FORM_indirect) return readNumber(reader, actual, encoding, 0);
      reader.at = reader.bytes.length + 1;
      return null;
    }
    default:
      switch (formSize(form, encoding)) {
        case 1:
          return reader.u8();
        case 2:
          return reader.u16();
        case 3:
          return reader.u24();
        case 4:
          return reader.u32();
        case 8:
          return reader.i64();
        default:
          if (isGnuIndex(form)) return reader.uleb();
          skipForm(reader, form, encoding);
          return null;
      }
  }
}
