import { ENDED, FOUND, PAUSED, RANGE, RANGE_POSITIONS } from "./layout";
import { cursor, fixed, moveTo } from "./numbers";

/**
 * Goes through the sets of `.debug_aranges` up to the next range that has an address (FOUND), the end of the bytes (PAUSED)
 * or what is no set (ENDED). Sets of other versions, or with segments, are passed over.
 * @see DWARF 5 §6.1.2
 * @param limit end of the bytes
 * @param sought an address; NaN for all
 */
export function nextAddressRange(limit: i32, isBig: bool, sought: f64): i32 {
  let at = load<i32>(RANGE_POSITIONS);
  let end = load<i32>(RANGE_POSITIONS + 4);
  let addressSize = load<i32>(RANGE_POSITIONS + 8);
  let outcome = PAUSED;
  while (outcome === PAUSED) {
    if (addressSize === 8 && !isBig) at = passOver(at, min(end, limit), sought);
    const next = at + 2 * addressSize;
    if (addressSize === 0 || next > end) {
      at = end;
      if (at + LONGEST_HEADER > limit) break;
      moveTo(at);
      let length = fixed(4, isBig);
      let offsetSize = 4;
      if (length === <f64>0xffff_ffff) {
        offsetSize = 8;
        length = fixed(8, isBig);
      }
      if (!(length > 0 && length < LONGEST_SET)) {
        outcome = ENDED;
        break;
      }
      end = cursor + <i32>length;
      const version = fixed(2, isBig);
      store<f64>(RANGE, fixed(offsetSize, isBig));
      addressSize = <i32>fixed(1, isBig);
      const segmentSize = fixed(1, isBig);
      if (version !== 2 || segmentSize !== 0 || (addressSize !== 4 && addressSize !== 8)) addressSize = 0;
      // The first range stands at a multiple of its size from the beginning of the set.
      else at += (cursor - at + 2 * addressSize - 1) & (-2 * addressSize);
      continue;
    }
    if (next > limit) break;
    moveTo(at);
    const low = fixed(addressSize, isBig);
    const size = fixed(addressSize, isBig);
    at = next;
    if (isNaN(sought) ? size > 0 : low <= sought && sought < low + size) {
      store<f64>(RANGE + 8, low);
      store<f64>(RANGE + 16, size);
      outcome = FOUND;
    }
  }
  store<i32>(RANGE_POSITIONS, at);
  store<i32>(RANGE_POSITIONS + 4, end);
  store<i32>(RANGE_POSITIONS + 8, addressSize);
  return outcome;
}

/** Goes beyond ranges of 64 bits, least byte first, that do not have an address. */
function passOver(from: i32, end: i32, sought: f64): i32 {
  let at = from;
  for (; at + 16 <= end; at += 16) {
    const low = <f64>load<i64>(at);
    if (!(sought < low || sought >= low + <f64>load<i64>(at + 8))) break;
  }
  return at;
}

/** Bytes, in 64-bit DWARF. */
const LONGEST_HEADER = 24;
/** Bytes: short of where positions overflow. */
const LONGEST_SET: f64 = 1073741824;
