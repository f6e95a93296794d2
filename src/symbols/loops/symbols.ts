/**
 * The position, from one on, of the first symbol that `Near` may want; behind the last where none is.
 * @see elf(5), "Elf64_Sym"
 * @param isSwapped the half of a number that comes first is the high one
 * @param low and `high`: the halves of the address
 * @param before distance to the nearest symbol before it so far, `behind` to that behind it, which is negative
 */
export function nextNearSymbol(
  from: i32,
  end: i32,
  isSwapped: bool,
  low: f64,
  high: f64,
  before: f64,
  behind: f64,
): i32 {
  const lowHalf = isSwapped ? 4 : 0;
  let at = from;
  for (; at < end; at += ENTRY) {
    const value = at + VALUE;
    const size = at + SIZE;
    const distance = (high - <f64>load<u32>(value + 4 - lowHalf)) * HALF + (low - <f64>load<u32>(value + lowHalf));
    if (distance < 0) {
      if (distance >= behind) break;
    } else if (distance <= before || <f64>load<u32>(size + lowHalf) > distance - before) break;
    else if (load<u32>(size + 4 - lowHalf) !== 0) break;
  }
  return at;
}

const ENTRY = 24;
const VALUE = 8;
const SIZE = 16;
const HALF: f64 = 4294967296;
